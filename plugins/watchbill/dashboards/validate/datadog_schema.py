"""Datadog's own schema as checks: a model class of its client in, a check of its JSON out; made once for each class.

The client itself lets nearly everything through: values that it does not know, keys that it does not know. Its classes
say all that the API's definition says, though, and the API refuses what they do not know.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import cache
from importlib import import_module
from typing import Any

from datadog_api_client.model_utils import (
    ModelComposed,
    ModelNormal,
    ModelSimple,
    OpenApiModel,
    none_type,
)

from watchbill.dashboards.validate import shapes
from watchbill.dashboards.validate.shapes import RIGHT, Check, Found, Problem, later, wrong

_PLAIN: dict[Any, Check] = {
    str: shapes.text(), bool: shapes.boolean, int: shapes.number(whole=True), float: shapes.number(),
    dict: shapes.mapping(shapes.anything), list: shapes.many(shapes.anything), none_type: shapes.nothing,
    datetime: shapes.text(), date: shapes.text(), object: shapes.anything,
}
_ANYTHING = OpenApiModel.additional_properties_type
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
    return _made("dashboard", "Dashboard")(value)


@cache
def _made(module: str, name: str) -> Check:
    return compiled(getattr(import_module(f"datadog_api_client.v1.model.{module}"), name))


@cache
def compiled(model: Any) -> Check:
    """`model`: a class of datadog_api_client.v1.model."""
    if issubclass(model, ModelSimple):
        check = _simple(model)
    elif issubclass(model, ModelComposed):
        check = _one_of(tuple(model._composed_schemas["oneOf"]))
    else:
        check = _object(model)
    return shapes.either(check, shapes.nothing) if model._nullable else check


def _of(kinds: Iterable[Any]) -> Check:
    """What a property may be: `(str, none_type)`, `([WidgetFormula],)`, `({str: (float,)},)`."""
    kinds = tuple(kinds)
    if kinds == _ANYTHING:
        return shapes.anything
    checks = [_one(kind) for kind in kinds]
    return checks[0] if len(checks) == 1 else shapes.either(*checks)


def _one(kind: Any) -> Check:
    if isinstance(kind, list):
        return shapes.many(_of(kind[0] if isinstance(kind[0], tuple) else kind))
    if isinstance(kind, dict):
        return shapes.mapping(_of(next(iter(kind.values()))))
    if kind in _PLAIN:
        return _PLAIN[kind]
    if _is_model(kind):
        return later(lambda: compiled(kind))
    return shapes.text()  # UUID


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, OpenApiModel)


def _simple(model: Any) -> Check:
    if model.allowed_values:
        return shapes.one_of(*model.allowed_values)
    return _limited(_of(model.openapi_types["value"]), model.validations.get("value", {}))


def _object(model: type[ModelNormal]) -> Check:
    kinds, names = model.openapi_types, model.attribute_map
    if not kinds:
        extra = model.additional_properties_type
        return shapes.mapping(shapes.anything if extra in (None, _ANYTHING) else _of(extra))
    checks = {names[each]: _limited(_of(kinds[each]), model.validations.get(each, {})) for each in kinds}
    musts = required(model)
    own = {name: check for name, check in checks.items() if name not in musts}
    editors = dict.fromkeys(_EDITORS.get(model.__name__, ()), shapes.anything)
    is_closed = model.__name__ in _CLOSED or model.__name__.endswith(("WidgetDefinition", "WidgetRequest")) \
        or model.additional_properties_type is None
    return shapes.shape({name: checks[name] for name in checks if name in musts}, {**editors, **own},
                        "error" if is_closed else "typo")


def required(model: type[ModelNormal]) -> set[str]:
    """What its constructor always sets: its own names; the others it takes from a mapping, where they are given."""
    return {key for name, key in model.attribute_map.items() if name in model.__init__.__code__.co_names}


def _limited(check: Check, limits: Mapping[str, Any]) -> Check:
    if not limits:
        return check
    listed = shapes.many(shapes.anything, limits.get("min_items", 0), limits.get("max_items"))
    written = shapes.text(least=limits.get("min_length", 0), most=limits.get("max_length"))
    counted = shapes.number(limits.get("inclusive_minimum"), limits.get("inclusive_maximum"),
                            above=limits.get("exclusive_minimum"), below=limits.get("exclusive_maximum"))
    limit = {list: listed, str: written, int: counted, float: counted}

    def limited(value: Any) -> Found:
        return check(value) or limit.get(type(value), shapes.anything)(value)

    return limited


def _one_of(models: tuple[Any, ...]) -> Check:
    """Of several things, only what is wrong with the one that the value says it is."""
    plain = [_one(model) for model in models if isinstance(model, list) or not _is_tagged(model)]
    tagged = [model for model in models if not isinstance(model, list) and _is_tagged(model)]

    @cache
    def candidates(name: str, word: Any) -> tuple[Check, ...]:
        return tuple(compiled(model) for model in tagged if word in _tags(model).get(name, ()))

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


def _unknown(value: Any, tagged: list[Any]) -> Found:
    if not isinstance(value, dict):
        return wrong(f"should be an object, not {shapes.shown(value)}")
    name = next((each for each in _TAGS if any(each in _tags(model) for model in tagged)), "type")
    words = sorted({word for model in tagged for word in _tags(model).get(name, ())})
    if name not in value:
        return (Problem((name,), "is missing", f"add {name}: one of {', '.join(words)}"),)
    return [each.under(name) for each in shapes.one_of(*words)(value[name])]


def _is_tagged(model: Any) -> bool:
    return bool(_tags(model))


@cache
def _tags(model: Any) -> Mapping[str, frozenset[str]]:
    """The keys that tell what kind of thing it is, with the words that it has there."""
    if not (isinstance(model, type) and issubclass(model, ModelNormal)):
        return {}
    found = {}
    for name in _TAGS:
        kind = _kind(model, name)
        if kind is not None and name in required(model):
            found[name] = frozenset(kind.allowed_values)
    return found


def _kind(model: type[ModelNormal], name: str) -> Any:
    """The class of a key; of `type` without reading all that the model is made of."""
    if name not in model.attribute_map.values():
        return None
    if name == "type":
        try:
            module = import_module(f"{model.__module__}_type")
        except ModuleNotFoundError:
            pass
        else:
            return getattr(module, f"{model.__name__}Type", None)
    kinds = model.openapi_types[next(each for each, key in model.attribute_map.items() if key == name)]
    return kinds[0] if isinstance(kinds[0], type) and issubclass(kinds[0], ModelSimple) else None
