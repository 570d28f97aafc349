"""Datadog's own schema as checks: a model's name in, a check of its JSON out; each made when it is first needed.

The client itself lets nearly everything through: values that it does not know, keys that it does not know. Its classes
say all that the API's definition says, though, and the API refuses what they do not know. datadog_client.py has written
them down in datadog_schema.json.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import orjson

from watchbill.dashboards.validate import shapes
from watchbill.dashboards.validate.shapes import RIGHT, Check, Found, Problem, later, wrong

_PLAIN: Mapping[str, Check] = {
    "text": shapes.text(), "bool": shapes.boolean, "int": shapes.number(whole=True), "float": shapes.number(),
    "object": shapes.mapping(shapes.anything), "list": shapes.many(shapes.anything), "null": shapes.nothing,
    "anything": shapes.anything,
}
# What Datadog's editor writes and its API takes, though its definition does not name it: seen in exports of public
# projects.
_EDITORS: Mapping[str, tuple[str, ...]] = {
    "FormulaAndFunctionEventQueryGroupBy": ("should_exclude_missing", "target"),
    "WidgetRequestStyle": ("order_reverse",),
    "TimeseriesRequestStyle": ("order_reverse",),
    "MonitorSummaryWidgetDefinition": ("show_status", "last_triggered_format"),
    "SplitGraphWidgetDefinition": ("title_size", "title_align"),
}
_EDITORS_WORDS: Mapping[str, frozenset[str]] = {
    "type": frozenset({"custom", "monthly"}), "data_source": frozenset({"traces"}),
}
# Of these the API is known to refuse any other key; of what stands inside of them an unknown key may be the editor's.
_CLOSED = ("Dashboard", "Widget", "WidgetLayout", "DashboardTemplateVariable", "DashboardTemplateVariablePreset",
           "DashboardTemplateVariablePresetValue")
_TAGS = ("type", "data_source", "response_format", "request_type", "viz_type")


def dashboard(value: Any) -> Found:
    """With all of its widgets."""
    return compiled("Dashboard")(value)


@cache
def _models() -> Mapping[str, Mapping[str, Any]]:
    found: Mapping[str, Mapping[str, Any]] = orjson.loads(Path(__file__).with_suffix(".json").read_bytes())
    return found


@cache
def compiled(name: str) -> Check:
    model = _models()[name]
    if "words" in model:
        check = shapes.one_of(*model["words"])
    elif "one_of" in model:
        check = _one_of(model["one_of"])
    elif "keys" in model:
        check = _object(name, model)
    else:
        check = _limited(model)
    return shapes.either(check, shapes.nothing) if model.get("nullable") else check


def _of(kind: Any) -> Check:
    """What a property may be: see datadog_client.py."""
    match kind:
        case str() if kind in _PLAIN:
            return _PLAIN[kind]
        case str() if "words" in _models()[kind]:
            return compiled(kind)
        case str():
            return later(lambda: compiled(kind))  # one may hold others of its kind
        case {"each": inner}:
            return shapes.many(_of(inner))
        case {"values": inner}:
            return shapes.mapping(_of(inner))
    return shapes.either(*map(_of, kind))


def _object(name: str, model: Mapping[str, Any]) -> Check:
    checks = {key: _limited(said) for key, said in model["keys"].items()}
    musts = model["needs"]
    own = {key: check for key, check in checks.items() if key not in musts}
    editors = dict.fromkeys(_EDITORS.get(name, ()), shapes.anything)
    is_closed = name in _CLOSED or name.endswith(("WidgetDefinition", "WidgetRequest")) or "closed" in model
    return shapes.shape({key: checks[key] for key in musts}, {**editors, **own}, "error" if is_closed else "typo")


def _limited(said: Mapping[str, Any]) -> Check:
    """A kind with the limits of its size, if any."""
    kind = said["kind"]
    if len(said) == 1:
        return _of(kind)
    if kind in ("int", "float"):
        return shapes.number(said.get("inclusive_minimum"), said.get("inclusive_maximum"), whole=kind == "int")
    if kind == "text":
        return shapes.text(least=said.get("min_length", 0), most=said.get("max_length"))
    check, listed = _of(kind), shapes.many(shapes.anything, said.get("min_items", 0), said.get("max_items"))
    return lambda value: check(value) or (listed(value) if isinstance(value, list) else RIGHT)


def _one_of(kinds: Sequence[Any]) -> Check:
    """Of several things, only what is wrong with the one that the value says it is."""
    plain = [_of(kind) for kind in kinds if not _tags(kind)]
    tagged = [kind for kind in kinds if _tags(kind)]

    @cache
    def candidates(name: str, word: Any) -> tuple[Check, ...]:
        return tuple(compiled(kind) for kind in tagged if word in _tags(kind).get(name, ()))

    def check(value: Any) -> Found:
        if isinstance(value, dict):
            for name in _TAGS:
                word = value.get(name)
                if isinstance(word, str) and (found := candidates(name, word)):
                    return found[0](value) if len(found) == 1 else shapes.either(*found)(value)
                if isinstance(word, str) and word in _EDITORS_WORDS.get(name, ()) and tagged:
                    return RIGHT
        if plain and not (isinstance(value, dict) and tagged and any(name in value for name in _TAGS)):
            return shapes.either(*plain)(value)
        return _unknown(value, tagged)

    return check


def _unknown(value: Any, tagged: Sequence[str]) -> Found:
    if not isinstance(value, dict):
        return wrong(f"should be an object, not {shapes.shown(value)}")
    name = next((each for each in _TAGS if any(each in _tags(model) for model in tagged)), "type")
    words = sorted({word for model in tagged for word in _tags(model).get(name, ())})
    if name not in value:
        return (Problem((name,), "is missing", f"add {name}: one of {', '.join(words)}"),)
    return [each.under(name) for each in shapes.one_of(*words)(value[name])]


def _tags(kind: Any) -> Mapping[str, Sequence[str]]:
    """The keys that tell what kind of thing it is, with the words that it has there."""
    model = _models().get(kind, {}) if isinstance(kind, str) else {}
    found = {}
    for name in _TAGS:
        if name in model.get("needs", ()):
            first = model["keys"][name]["kind"]
            words = _models().get(first, {}).get("words") if isinstance(first, str) else None
            if words:
                found[name] = words
    return found
