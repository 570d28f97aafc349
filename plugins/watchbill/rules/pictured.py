"""Beside the words of an instance: what a picture of it shows, for whoever draws one, as model.pictured has it."""

from collections.abc import Mapping
from typing import Any

from watchbill.model.rules import AnyCondition, Condition, Datapoints, Range

_COMPARABLE = ("avg", "min", "max", "last")  # with single points; a sum or a count is of another size


def pictured(condition: AnyCondition, series: Mapping[str, Any] | None) -> dict[str, Any]:
    """`series`: what was judged, as Series.to_json; None: it was never collected."""
    return {"zones": zones(condition), "window_s": condition.window.total_seconds(),
            "unit": series["unit"] if series else "", "series": [dict(series)] if series else []}


def zones(condition: AnyCondition) -> list[list[float | None]]:
    """Values that alert as they stand in the lake: [low, high], None where there is no bound."""
    if isinstance(condition, Datapoints):
        return judged_zones(condition)
    if not isinstance(condition, Condition | Range) or condition.aggregate not in _COMPARABLE:
        return []
    return judged_zones(condition)


def judged_zones(condition: AnyCondition) -> list[list[float | None]]:
    """The same of the values that are compared, whatever was computed of points before."""
    if isinstance(condition, Range):
        low, high = condition.lower, condition.upper
        return [[low, high]] if condition.range == "inside" else [[None, low], [high, None]]
    bound, sign = getattr(condition, "threshold", None), getattr(condition, "comparison", "!=")
    if bound is None or sign == "!=":
        return []
    return [[bound if sign in (">", ">=", "==") else None, bound if sign in ("<", "<=", "==") else None]]
