"""First step of judgement: which of the lake's series a condition speaks about, and where to read them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from watchbill.model.rules import Condition
from watchbill.model.series import Series
from watchbill.model.windows import Window, floor_time


def select(condition: Condition, series: Iterable[Series]) -> list[Series]:
    """The series that match, in a stable order; every period of them where the condition names none.

    A dimension with `*` must be there, with any value; one that is not named may be there or not.
    """
    period_s = int(condition.period.total_seconds()) if condition.period else None
    found = {one.key: one for one in series
             if _same_metric(condition, one) and period_s in (None, one.period_s)
             and _matches(condition.dimensions, dict(one.dimensions))}
    return sorted(found.values(), key=lambda one: (one.dimensions, one.account, one.region, one.period_s))


def _same_metric(condition: Condition, one: Series) -> bool:
    return (one.source, one.namespace, one.metric, one.statistic) == (
        condition.source, condition.namespace, condition.metric, condition.statistic)


def _matches(wanted: Mapping[str, str], dimensions: Mapping[str, str]) -> bool:
    return all(name in dimensions and value in ("*", dimensions[name]) for name, value in wanted.items())


def judged_window(condition: Condition, period_s: int, at: datetime) -> Window:
    """The timestamps of the points that are judged at `at`.

    Both clouds stamp a point with the start of its period, so the newest whole one begins a period
    before `at`; the window ends where the period that is still filling begins.
    """
    end = floor_time(at, period_s)
    return Window(end - condition.window, end)


def read_window(condition: Condition, series: Sequence[Series], at: datetime) -> Window:
    """What has to be read from the lake for `read_conditions`, whatever the periods of the series."""
    slack = timedelta(seconds=max((one.period_s for one in series), default=0))
    return Window(at - condition.window - slack, at)


def streams(series: Iterable[Series]) -> dict[tuple[Any, ...], list[Series]]:
    """Series that differ in their period only, finest first: one stream was read at several periods."""
    found: dict[tuple[Any, ...], list[Series]] = {}
    for one in sorted(series, key=lambda each: each.period_s):
        found.setdefault((one.account, one.region, one.dimensions), []).append(one)
    return found
