"""What a Datadog widget draws beside its lines -> thresholds, axes, spans of time of the model."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

Body = Mapping[str, Any]
_NUMBER = r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?"
_LEVEL = re.compile(rf"\s*y\s*=\s*({_NUMBER})\s*")
_BAND = re.compile(rf"\s*({_NUMBER})\s*<=?\s*y\s*<=?\s*({_NUMBER})\s*")
_ABOVE = re.compile(rf"\s*y\s*(>=?|<=?)\s*({_NUMBER})\s*")
_SPAN = re.compile(r"(\d+)(mo|[mhdwy])")
_UNITS_S = {"m": 60, "h": 3_600, "d": 86_400, "w": 604_800, "mo": 2_592_000, "y": 31_536_000}
_WORDS = {"minute": "m", "hour": "h", "day": "d", "week": "w", "month": "mo", "year": "y"}
_SEVERITIES = {"error": "error", "warning": "warning", "info": "info", "ok": "info"}


def threshold(marker: Any) -> dict[str, Any] | None:
    """Words for Threshold; None where it says something else."""
    if not isinstance(marker, Mapping):
        return None
    words = _level(str(marker.get("value", "")))
    if words is None:
        return None
    kind = str(marker.get("display_type") or "").split(" ")[0]
    words["severity"] = _SEVERITIES.get(kind, "info")
    if isinstance(marker.get("label"), str) and marker["label"].strip():
        words["label"] = marker["label"].strip()
    return words


def _level(text: str) -> dict[str, Any] | None:
    if (level := _LEVEL.fullmatch(text)) is not None:
        return {"value": float(level[1])}
    if (band := _BAND.fullmatch(text)) is not None and float(band[1]) < float(band[2]):
        return {"value": float(band[1]), "to": float(band[2])}
    if (open_band := _ABOVE.fullmatch(text)) is not None:
        return {"value": float(open_band[2]), "fill": "above" if open_band[1][0] == ">" else "below"}
    return None


def axis(given: Any) -> dict[str, Any]:
    """Words for Axis; what is not a number, `auto` above all, is left to the cloud."""
    if not isinstance(given, Mapping):
        return {}
    words: dict[str, Any] = {}
    for end in ("min", "max"):
        if re.fullmatch(_NUMBER, str(given.get(end, ""))):
            words[end] = float(given[end])
    if "min" in words and "max" in words and words["max"] <= words["min"]:
        del words["max"]
    if isinstance(given.get("label"), str) and given["label"]:
        words["label"] = given["label"]
    if given.get("scale") == "log":
        words["scale"] = "log"
    return words


def span(time: Any) -> timedelta | None:
    """How long a time it shows; None where that is the dashboard's, or no plain span that ends now."""
    if not isinstance(time, Mapping):
        return None
    value, unit = time.get("value"), _WORDS.get(str(time.get("unit")))
    if time.get("type") == "live" and isinstance(value, int) and value > 0 and unit:
        return timedelta(seconds=value * _UNITS_S[unit])
    found = _SPAN.fullmatch(str(time.get("live_span", "")))
    return timedelta(seconds=int(found[1]) * _UNITS_S[found[2]]) if found and int(found[1]) else None
