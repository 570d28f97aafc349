"""Levels, moments and axes of a CloudWatch widget -> ours, as YAML has them; what they do not say stays an override."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from watchbill.model.alerts import Severity

_COLOR = re.compile(r"#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})")
_SEVERITIES: dict[str, Severity] = {"#1f77b4": "info", "#ff7f0e": "warning", "#d62728": "error", "#8c0d0e": "critical"}
Part = dict[str, Any]


def levels(properties: Mapping[str, Any]) -> list[Part]:
    """Of `annotations.horizontal`; a band is a pair of them."""
    return [*_levels(_listed(properties, "horizontal"))]


def moments(properties: Mapping[str, Any]) -> list[Part]:
    """Of `annotations.vertical`."""
    return [*_moments(_listed(properties, "vertical"))]


def axes(properties: Mapping[str, Any]) -> Part:
    """Of `yAxis`."""
    given = properties.get("yAxis")
    found: Part = {}
    for side in ("left", "right"):
        axis = given.get(side) if isinstance(given, Mapping) else None
        if isinstance(axis, Mapping) and (said := _axis(axis)):
            found[side] = said
    return found


def _axis(axis: Mapping[str, Any]) -> Part:
    said: Part = {name: axis[name] for name in ("min", "max") if _is_number(axis.get(name))}
    if "min" in said and "max" in said and said["max"] <= said["min"]:
        said = {}
    said |= {"label": axis["label"]} if isinstance(axis.get("label"), str) and axis["label"] else {}
    return said | ({"units": False} if axis.get("showUnits") is False else {})


def _listed(properties: Mapping[str, Any], kind: str) -> list[Any]:
    annotations = properties.get("annotations")
    found = annotations.get(kind) if isinstance(annotations, Mapping) else None
    return found if isinstance(found, list) else []


def _levels(given: list[Any]) -> Iterator[Part]:
    for one in given:
        first, last = _ends(one)
        if first is None or not _is_number(first.get("value")):
            continue
        level: Part = {"value": first["value"]}
        if last is not None:
            if not _is_number(last.get("value")) or last["value"] == first["value"]:
                continue
            level = {"value": min(first["value"], last["value"]), "to": max(first["value"], last["value"])}
        level |= _label(first) | _drawn(first)
        level |= {"fill": first["fill"]} if first.get("fill") in ("above", "below") else {}
        yield level | ({"axis": "right"} if first.get("yAxis") == "right" else {})


def _moments(given: list[Any]) -> Iterator[Part]:
    for one in given:
        first, last = _ends(one)
        if first is None or not _is_moment(first.get("value")):
            continue
        moment: Part = {"at": first["value"]}
        if last is not None:
            if not _is_moment(last.get("value")):
                continue
            moment["to"] = last["value"]
        moment |= _label(first) | _drawn(first, severities={})
        yield moment | ({"fill": first["fill"]} if first.get("fill") in ("before", "after") else {})


def _ends(one: Any) -> tuple[Mapping[str, Any] | None, Mapping[str, Any] | None]:
    if isinstance(one, Mapping):
        return one, None
    if isinstance(one, list) and len(one) == 2 and all(isinstance(end, Mapping) for end in one):
        return one[0], one[1]
    return None, None


def _label(one: Mapping[str, Any]) -> Part:
    return {"label": one["label"]} if isinstance(one.get("label"), str) and one["label"] else {}


def _drawn(one: Mapping[str, Any], severities: Mapping[str, Severity] = _SEVERITIES) -> Part:
    said: Part = {"visible": False} if one.get("visible") is False else {}
    color = one.get("color")
    if not isinstance(color, str) or not _COLOR.fullmatch(color):
        return said
    severity = severities.get(color)
    return said | ({"severity": severity} if severity else {"color": color})


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < float("inf")


def _is_moment(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    try:
        return datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False
