"""The scope and groups of a Datadog query -> the dimensions of a line, and what of them cannot be said.

    {env:prod,!host:a,$scope} by {host}  ->  {env: prod, host: ["*", "!a"], …}
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from watchbill.model.dashboards import Variable
from watchbill.model.languages.datadog_expression import Selection
from watchbill.model.languages.datadog_scope import Filter

ANY = "*"
Variables = Mapping[str, Variable]
"""By name."""


@dataclass
class Dimensions:
    """`impossible` says why they cannot be said at all, `lost` what is left out of them."""

    values: dict[str, str | tuple[str, ...]] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)
    impossible: str = ""


@dataclass
class _Tag:
    positive: list[tuple[str, ...]] = field(default_factory=list)  # each: alternatives
    negative: list[str] = field(default_factory=list)
    is_group: bool = False


def dimensions(selection: Selection, variables: Variables) -> Dimensions:
    found = Dimensions()
    tags: dict[str, _Tag] = {}
    try:
        for each in selection.scope:
            _collect(each, variables, tags, found)
    except ValueError as error:
        found.impossible = f"its scope {error}"
        return found
    for key in selection.by:
        tags.setdefault(key, _Tag()).is_group = True
    for key, tag in tags.items():
        value = _value(key, tag, found)
        if value:
            found.values[key] = value
    if len(found.values) > 30:
        found.impossible = "it has more than 30 dimensions"
    return found


def _collect(each: Filter, variables: Variables, tags: dict[str, _Tag], found: Dimensions) -> None:
    key, values = each.key, each.values
    if not key:
        if not values[0].startswith("$"):
            raise ValueError("asks for nothing")
        name = values[0].removeprefix("$")
        variable = variables.get(name)
        if variable is None:
            raise ValueError(f"names the variable ${name}, which the dashboard does not have")
        if not variable.dimension:
            _of_any_tag(variable, found)
            return
        key = variable.dimension
    elif not values:
        raise ValueError(f"has the tag {key} without a value")
    if any("$" in value[1:] or (value.startswith("$") and value[1:] not in variables) for value in values):
        raise ValueError(f"puts a variable inside a value: {key}:{values[0]}")
    tag = tags.setdefault(key, _Tag())
    if each.negated:
        tag.negative.extend(values)
    else:
        tag.positive.append(values)


def _of_any_tag(variable: Variable, found: Dimensions) -> None:
    """A variable without a tag of its own stands for whole conditions."""
    if any(value != ANY for value in variable.default):
        raise ValueError(f"follows ${variable.name}, which may be any tag")
    found.lost.append(f"does not follow ${variable.name}, which may be any tag")


def _value(key: str, tag: _Tag, found: Dimensions) -> str | tuple[str, ...]:
    positive = _positive(key, tag, found)
    if "*" in positive and not tag.is_group:
        found.impossible = f"it asks for whatever has the tag {key}"
    if ANY in tag.negative:
        found.impossible = f"it asks for what has no tag {key}"
    positive = tuple(value for value in positive if value != ANY)
    negative = tuple(f"!{value}" for value in tag.negative)
    patterns = [value for value in (*positive, *tag.negative) if "*" in value or "?" in value]
    if patterns and (not tag.is_group or len(positive) + len(negative) > 1 or negative):
        found.impossible = f"it asks for {key}:{patterns[0]}"
    if len(positive) == 1 and not negative and (patterns or not tag.is_group or not positive[0].startswith("$")):
        return positive[0]  # one value is one group
    words = (*((ANY,) if tag.is_group else ()), *positive, *negative)
    return words[0] if len(words) == 1 else words


def _positive(key: str, tag: _Tag, found: Dimensions) -> tuple[str, ...]:
    """The alternatives of one condition. Where several have to hold, a value says more than a variable."""
    distinct = list(dict.fromkeys(tag.positive))
    plain = [values for values in distinct if values != (ANY,) and not any(value.startswith("$") for value in values)]
    chosen = [values for values in distinct if any(value.startswith("$") for value in values)]
    if len(plain) > 1:
        found.impossible = f"it asks for two values of {key} at once"
    for values in chosen[0 if plain else 1:]:
        found.lost.append(f"does not follow {values[0]}: it has a value of {key} already")
    kept = plain or chosen or distinct
    return kept[0] if kept else ()
