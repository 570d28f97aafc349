"""Spans of time in the words of each cloud."""

from datetime import timedelta
from typing import Any

_UNITS = (("week", 604_800), ("day", 86_400), ("hour", 3_600), ("minute", 60))
_ISO = {"day": "P{}D", "hour": "PT{}H", "minute": "PT{}M"}


def iso(span: timedelta) -> str:
    """CloudWatch's `start`, before now: -PT3H, -P7D. Shorter than a minute counts as one."""
    unit, count = _largest(span, "day")
    return f"-{_ISO[unit].format(count)}"


def live(span: timedelta) -> dict[str, Any]:
    """Datadog's, up to now."""
    unit, count = _largest(span, "week")
    return {"type": "live", "unit": unit, "value": count}


def _largest(span: timedelta, most: str) -> tuple[str, int]:
    """The largest unit of which it is a whole number."""
    seconds = max(60, int(span.total_seconds()))
    begin = [unit for unit, _ in _UNITS].index(most)
    return next((unit, seconds // length) for unit, length in _UNITS[begin:]
                if seconds % length == 0 or length == 60)
