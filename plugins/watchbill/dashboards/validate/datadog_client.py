"""The model classes of Datadog's client -> the schema of a dashboard as plain data, once for a version of the client.

`python -m watchbill.dashboards.validate.datadog_client` writes datadog_schema.json: importing the client and walking
its classes would cost every check as much as fifty dashboards.

    "WidgetLayout": {"needs": ["height", …], "keys": {"height": {"kind": "int", "inclusive_minimum": 0}, …}}

A kind is one of `PLAIN`'s words, the name of a model, {"each": kind} for a list, {"values": kind} for an object of any
keys, a list of kinds where it may be any of them.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import orjson
from datadog_api_client.model_utils import ModelComposed, ModelNormal, ModelSimple, OpenApiModel, none_type

SCHEMA = Path(__file__).with_name("datadog_schema.json")
PLAIN: Mapping[Any, str] = {
    str: "text", bool: "bool", int: "int", float: "float", dict: "object", list: "list", none_type: "null",
    datetime: "text", date: "text", object: "anything",
}
_ANYTHING = OpenApiModel.additional_properties_type


def schema() -> dict[str, Any]:
    """Every model that a dashboard can be made of, by name."""
    found: dict[str, Any] = {}
    left = [import_module("datadog_api_client.v1.model.dashboard").Dashboard]
    while left:
        model = left.pop()
        if model.__name__ not in found:
            found[model.__name__] = _model(model, left)
    return dict(sorted(found.items()))


def text() -> bytes:
    """A model in each line."""
    lines = [orjson.dumps(name) + b": " + orjson.dumps(model) for name, model in schema().items()]
    return b"{\n" + b",\n".join(lines) + b"\n}\n"


def required(model: type[ModelNormal]) -> set[str]:
    """What its constructor always sets: its own names; the others it takes from a mapping, where they are given."""
    return {key for name, key in model.attribute_map.items() if name in model.__init__.__code__.co_names}


def _model(model: Any, left: list[Any]) -> dict[str, Any]:
    """`left`: the models that it names are added to it."""
    nullable = {"nullable": True} if model._nullable else {}
    if issubclass(model, ModelSimple):
        if model.allowed_values:
            return {"words": sorted(model.allowed_values)} | nullable
        return _limited(model.openapi_types["value"], model.validations.get("value", {}), left) | nullable
    if issubclass(model, ModelComposed):
        return {"one_of": [_kind(each, left) for each in model._composed_schemas["oneOf"]]} | nullable
    kinds, names, musts = model.openapi_types, model.attribute_map, required(model)
    extra = model.additional_properties_type
    if not kinds:
        return {"kind": {"values": "anything" if extra is None else _any(extra, left)}} | nullable
    return {
        "needs": [names[each] for each in kinds if names[each] in musts],
        "keys": {names[each]: _limited(kinds[each], model.validations.get(each, {}), left) for each in kinds},
    } | ({"closed": True} if extra is None else {}) | nullable


def _limited(kinds: Iterable[Any], limits: Mapping[str, Any], left: list[Any]) -> dict[str, Any]:
    return {"kind": _any(kinds, left), **limits}


def _any(kinds: Iterable[Any], left: list[Any]) -> Any:
    """What a property may be: `(str, none_type)`, `([WidgetFormula],)`, `({str: (float,)},)`."""
    kinds = tuple(kinds)
    if kinds == _ANYTHING:
        return "anything"
    said = [_kind(kind, left) for kind in kinds]
    return said[0] if len(said) == 1 else said


def _kind(kind: Any, left: list[Any]) -> Any:
    if isinstance(kind, list):
        return {"each": _any(kind[0] if isinstance(kind[0], tuple) else kind, left)}
    if isinstance(kind, dict):
        return {"values": _any(next(iter(kind.values())), left)}
    if isinstance(kind, type) and issubclass(kind, OpenApiModel):
        left.append(kind)
        return kind.__name__
    return PLAIN.get(kind, "text")  # UUID


if __name__ == "__main__":
    SCHEMA.write_bytes(text())
