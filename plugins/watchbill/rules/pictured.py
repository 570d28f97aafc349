"""Beside the words of an instance: what a picture of it shows, for whoever draws one."""

from watchbill.model.pictured import Pictured
from watchbill.model.rules import Condition
from watchbill.model.series import Series

_COMPARABLE = ("avg", "min", "max", "last")  # with single points; a sum or a count is of another size


def pictured(condition: Condition, series: Series) -> Pictured:
    return Pictured((series,), _zones(condition), series.unit, condition.window)


def _zones(condition: Condition) -> tuple[tuple[float | None, float | None], ...]:
    bound, sign = condition.threshold, condition.comparison
    if condition.aggregate not in _COMPARABLE or sign == "!=":
        return ()
    return ((bound if sign in (">", ">=", "==") else None, bound if sign in ("<", "<=", "==") else None),)
