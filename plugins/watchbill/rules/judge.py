"""Second step of judgement: the points of the selected series become one reading each."""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc

from watchbill.model.rules import Aggregate, Comparison, Condition, Rule
from watchbill.model.series import Series
from watchbill.model.windows import Window
from watchbill.rules.select import judged_window, select, streams

_COMPARE: dict[Comparison, Callable[[float, float], bool]] = {
    ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le,
    "==": operator.eq, "!=": operator.ne,
}
_ARROW_NAMES: dict[Aggregate, Literal["mean", "sum", "min", "max", "count", "last"]] = {
    "avg": "mean", "sum": "sum", "min": "min", "max": "max", "count": "count", "last": "last",
}


@dataclass(frozen=True)
class Reading:
    """What a condition saw of one stream of points."""

    labels: Mapping[str, str]  # the dimensions; account and region too where streams differ in nothing else
    value: float | None  # None: no point in the window
    series: Series


def read_conditions(rule: Rule, points: pa.Table, series: Sequence[Series], at: datetime) -> list[Reading]:
    """One reading for each stream that matches, without points too: the policy for missing data decides.

    `points`: series (int64), timestamp (timestamp UTC), value (float64), at least those of `read_window`.
    Of several periods the finest that has points counts, so that a period given up long ago cannot blind
    the rule. Where nothing was ever collected and missing data breaches, one reading stands for the absent.
    """
    condition = rule.condition
    selected = select(condition, series)
    values = _values(condition, points, selected, at)
    chosen = [next((one for one in periods if one.key in values), periods[0])
              for periods in streams(selected).values()]
    if not chosen and rule.treat_missing_data == "breaching":
        chosen = [_absent(condition)]
    empty = 0.0 if condition.aggregate == "count" else None
    labels = _labels(chosen)
    return [Reading(labels[one.key], values.get(one.key, empty), one) for one in chosen]


def is_breached(condition: Condition, value: float | None) -> bool | None:
    """None: there is no value to compare. Not-a-number compares as in Prometheus: only `!=` holds."""
    return None if value is None else _COMPARE[condition.comparison](value, condition.threshold)


def _values(
    condition: Condition, points: pa.Table, series: Sequence[Series], at: datetime,
) -> dict[int, float]:
    by_period: dict[int, list[int]] = {}
    for one in series:
        by_period.setdefault(one.period_s, []).append(one.key)
    found: dict[int, float] = {}
    for period_s, keys in by_period.items():
        found |= _aggregate(points, keys, judged_window(condition, period_s, at), condition.aggregate)
    return found


def _aggregate(points: pa.Table, keys: list[int], window: Window, how: Aggregate) -> dict[int, float]:
    """One value for each series that has points in the window; grouped once, however many there are."""
    when = pc.field("timestamp")
    inside = points.filter(pc.field("series").isin(keys) & (when >= window.start) & (when < window.end))
    if how == "last":
        inside = inside.sort_by("timestamp")
    name = _ARROW_NAMES[how]
    # Without threads, because "last" follows the order of the rows.
    grouped = inside.group_by("series", use_threads=False).aggregate([("value", name)])
    return {row["series"]: float(row[f"value_{name}"]) for row in grouped.to_pylist()}


def _absent(condition: Condition) -> Series:
    named = tuple((name, value) for name, value in condition.dimensions.items() if value != "*")
    period_s = int(condition.period.total_seconds()) if condition.period else 0
    return Series(condition.source, "", "", condition.namespace, condition.metric, condition.statistic,
                  period_s, named)


def _labels(chosen: Sequence[Series]) -> dict[int, dict[str, str]]:
    """Two accounts may have the same dimensions; they must not share an alert."""
    alike: dict[tuple[tuple[str, str], ...], int] = {}
    for one in chosen:
        alike[one.dimensions] = alike.get(one.dimensions, 0) + 1
    return {one.key: dict(one.dimensions) | ({"account": one.account, "region": one.region}
                                             if alike[one.dimensions] > 1 else {}) for one in chosen}
