"""The variables of a CloudWatch body -> ours, as YAML has them. One that changes a property is a choice of values of a
dimension; one that changes a pattern in all texts has no counterpart."""

from collections.abc import Mapping
from typing import Any

_OTHERS = ("region", "accountId")  # properties that are no dimensions


def read_variables(body: Mapping[str, Any]) -> tuple[list[dict[str, Any]], frozenset[str]]:
    """The variables, and the dimensions that they put values in."""
    given = body.get("variables")
    found = [one for one in given if isinstance(one, Mapping) and one.get("type") == "property" and one.get("id")
             and one.get("property")] if isinstance(given, list) else []
    dimensions = frozenset(str(one["property"]) for one in found if one["property"] == one["id"])
    return [_variable(one) for one in found], dimensions - {*_OTHERS}


def _variable(one: Mapping[str, Any]) -> dict[str, Any]:
    said: dict[str, Any] = {"name": one["id"]}
    if one.get("label") and one["label"] != one["id"]:
        said["label"] = one["label"]
    said["dimension"] = one["property"]
    if one.get("defaultValue"):
        said["default"] = one["defaultValue"]
    if values := [value for value in one.get("values") or () if isinstance(value, Mapping) and "value" in value]:
        said["values"] = [value["value"] for value in values]
    if one.get("search"):
        said["search"] = one["search"]
    return said
