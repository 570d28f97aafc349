"""Last step of judgement: what an instance is called and what people read about it.

Labels and annotations are Jinja templates in a sandbox. They are rendered from numbers and from names
that come from outside, and never stop an alert: one that fails goes out as it was written.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from json.encoder import encode_basestring_ascii
from math import isfinite
from typing import Any

from watchbill.model.alerts import GRAPH, fingerprint
from watchbill.model.json import as_json
from watchbill.model.rules import AnyCondition, Range, Rule
from watchbill.model.windows import format_duration
from watchbill.rules.judge import Reading, Values
from watchbill.rules.label_sets import ORIGIN, Labels
from watchbill.rules.pictured import pictured
from watchbill.rules.templates import is_template, plain, render_text


@dataclass(frozen=True, slots=True)
class Described:
    """An instance in words. `errors` says which template failed and how; its text went out as written."""

    labels: dict[str, str]  # the alert's identity: the dimensions, the rule's labels, alertname
    annotations: dict[str, str]
    metadata: dict[str, Any]  # JSON: what was compared with what
    errors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """Many instances in the same words, as JSON, with the fingerprints of their labels; by columns."""

    places: list[int]
    fingerprints: list[str]
    labels: list[str]
    annotations: list[str]
    metadata: list[str]  # without the picture
    series: list[str]  # of the picture, the insides of an object: one text for all alerts of the same series
    errors: tuple[str, ...] = ()


_Shape = tuple[str, ...]
_Saying = Callable[[Values, list[int]], Said]


class Words:
    """The words of one rule, for as many of its instances as there are."""

    def __init__(self, rule: Rule) -> None:
        self._rule = rule
        self._numbers = {"threshold": threshold(rule.condition), "window": format_duration(rule.condition.window)}
        self._condition = rule.condition.judged

    def describe(self, reading: Reading) -> Described:
        """A label that renders to nothing is left out, as in Prometheus."""
        errors: list[str] = []
        names = {"labels": reading.labels, "value": reading.value, **self._numbers}
        own = _rendered("labels", self._rule.labels, names, errors)
        labels = {name: value for name, value in {**reading.labels, **own}.items() if value}
        labels["alertname"] = self._rule.alert
        names["labels"] = labels
        annotations = _rendered("annotations", self._rule.annotations, names, errors)
        return Described(labels, annotations, self._metadata(reading), tuple(errors))

    def say(self, values: Values, places: Iterable[int]) -> Iterator[Said]:
        """What `describe` says of the instances at these places, without the way there where all of it is plain."""
        alike: dict[_Shape, list[int]] = {}
        for place in places:
            alike.setdefault(values.streams.shapes[place], []).append(place)
        for shape, group in alike.items():
            saying = self._saying(shape)
            try:
                yield saying(values, group) if saying else self._say_each(values, group)
            except KeyError:  # Jinja says in its own words what is not there
                yield self._say_each(values, group)

    def _say_each(self, values: Values, places: list[int]) -> Said:
        words = [self.describe(values.reading(place)) for place in places]
        metadata = [{name: word for name, word in one.metadata.items() if name != GRAPH} for one in words]
        return Said(places, [fingerprint(one.labels) for one in words], [as_json(one.labels) for one in words],
                    [as_json(one.annotations) for one in words], list(map(as_json, metadata)),
                    [values.streams.origin(place)[1] for place in places],
                    tuple(dict.fromkeys(error for one in words for error in one.errors)))

    def _metadata(self, reading: Reading) -> dict[str, Any]:
        """What was seen, what it was compared with, and what a picture shows."""
        value, series = reading.value, reading.series or {}
        seen = value if value is None or isfinite(value) else str(value)
        told = {name: word for name in ORIGIN if (word := series.get(name))}
        return {"value": seen, "condition": self._condition, **told,
                GRAPH: pictured(self._rule.condition, reading.series)}

    @cached_property
    def picture(self) -> str:
        """What pictures of all its alerts have in common, as the insides of a JSON object."""
        common = pictured(self._rule.condition, None)
        return as_json({name: word for name, word in common.items() if name not in ("unit", "series")})[1:-1]

    @cached_property
    def _fixed(self) -> dict[str, str] | None:
        """The labels that the rule gives, where they are the same for all."""
        own = self._rule.labels
        if any(is_template(text) or not text for text in own.values()) or "alertname" in own:
            return None
        return {**own, "alertname": self._rule.alert}

    def _saying(self, shape: _Shape) -> _Saying | None:
        """Of instances whose labels have these names; None where it takes the long way."""
        fixed = self._fixed
        if fixed is None or list(shape) != sorted(shape) or not shape or not fixed.keys().isdisjoint(shape):
            return None
        texts = {name: plain(text, self._numbers, fixed) for name, text in self._rule.annotations.items()}
        annotations = {name: text for name, text in texts.items() if text is not None}
        if len(annotations) < len(texts):
            return None
        rest, condition = as_json(fixed)[1:], f',"condition":{as_json(self._condition)}'

        def saying(values: Values, places: list[int]) -> Said:
            streams, numbers = values.streams, values.numbers
            labels = [streams.labels[place] for place in places]
            seen = [numbers[place] for place in places]
            told = {name: text(labels, seen) for name, text in annotations.items()}
            return Said(
                places, list(_fingerprints(shape, fixed, labels)),
                [f"{{{inner},{rest}" for inner in map(streams.inner, places)], _objects(told, len(places)),
                [f'{{"value":{value}{condition}{streams.origin(place)[0]}}}' for place, value
                 in zip(places, map(values.in_json, places), strict=True)],
                [streams.origin(place)[1] for place in places])

        return saying


def _objects(columns: Mapping[str, list[str]], rows: int) -> list[str]:
    """A JSON object of each row."""
    if not columns:
        return ["{}"] * rows
    form = "{" + ",".join(f"{as_json(name).replace('%', '%%')}:%s" for name in columns) + "}"
    return [form % row for row in zip(*(map(encode_basestring_ascii, column) for column in columns.values()),
                                      strict=True)]


def _fingerprints(shape: _Shape, fixed: Mapping[str, str], labels: list[Labels]) -> Iterator[str]:
    """As model.alerts.fingerprint makes them, with a hole for each value that differs."""
    whole = dict.fromkeys(shape, "%s") | {name: value.replace("%", "%%") for name, value in fixed.items()}
    form = "\xff".join(f"{name.replace('%', '%%')}\xff{whole[name]}" for name in sorted(whole))
    for one in labels:
        words = (form % tuple(one.values())).encode("utf-8", "surrogatepass")
        yield blake2b(words, digest_size=8).hexdigest()


def render(rule: Rule, reading: Reading) -> Described:
    """Labels, annotations and metadata of one instance."""
    return Words(rule).describe(reading)


def threshold(condition: AnyCondition) -> float | str | None:
    """What templates call so: the two of a range in words, and None where there is none."""
    if isinstance(condition, Range):
        return f"{condition.lower:g} to {condition.upper:g}"
    return getattr(condition, "threshold", None)


def _rendered(kind: str, templates: Mapping[str, str], names: Mapping[str, Any], errors: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, text in templates.items():
        try:
            found[name] = render_text(text, names)
        except Exception as error:  # noqa: BLE001 - a template may raise anything; the alert matters more
            errors.append(f"{kind}.{name}: {type(error).__name__}: {error}")
            found[name] = text
    return found
