"""A parsed query over the store: rolled up over time within each series, interpolated, aggregated over the series.

https://docs.datadoghq.com/dashboards/functions/rollup/, …/metrics/custom_metrics/type_modifiers/ and
…/metrics/guide/interpolation-the-fill-modifier-explained/
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sandbox.datadog.interpolate import fill_method, interpolated
from sandbox.datadog.query import PERCENTILES, MetricQuery
from sandbox.datadog.refused import Refused
from sandbox.datadog.store import Floats, Metric, Store, Tags

POINTS = 1500  # a series and query; beyond, the step grows without a word
STEPS = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 28800, 43200, 86400)
DEFAULT_POINTS = 300  # gives 300 s for a day, as recorded, 20 s for an hour, 3600 s for a week
FINEST_DEFAULT_S = 5

Buckets = NDArray[np.int64]
_NO_BUCKETS, _NO_VALUES = np.empty(0, np.int64), np.empty(0)
Reduce = Callable[[Buckets, Floats], tuple[Buckets, Floats]]


@dataclass(frozen=True)
class Line:
    """One group's values: bucket starts in epoch seconds, ascending."""

    group: tuple[str, ...]  # tags "key:value", in the order of `by`
    times_s: Buckets
    values: Floats


@dataclass(frozen=True)
class Answer:
    query: MetricQuery
    step_s: int
    unit: str | None
    lines: list[Line]


def evaluate(store: Store, query: MetricQuery, start_s: float, end_s: float, asked_s: int | None) -> Answer:
    """Buckets that begin in [start, end); `asked_s` is a step that the request, not the query, asks for."""
    step_s = step(end_s - start_s, query.rollup_s or asked_s)
    with store.lock:
        metric = store.metrics.get(query.metric)
        if metric is None:
            return Answer(query, step_s, None, [])
        lines = _lines(metric, query, start_s, end_s, step_s)
    return Answer(query, step_s, metric.unit, [line for line in lines if line.times_s.size])


def step(range_s: float, asked_s: int | None) -> int:
    """Seconds a bucket: as asked, or the vendor's default; coarser when that would be over 1,500 points."""
    if asked_s is None:
        return next((s for s in STEPS if s >= FINEST_DEFAULT_S and range_s / s <= DEFAULT_POINTS), STEPS[-1])
    if range_s / asked_s <= POINTS:
        return asked_s
    return next((s for s in STEPS if range_s / s <= POINTS and s > asked_s), STEPS[-1])


def _groups(metric: Metric, query: MetricQuery) -> dict[tuple[str, ...], list[Tags]]:
    groups: dict[tuple[str, ...], list[Tags]] = {}
    for tags in metric.series:
        if not query.takes(tags):
            continue
        group = tuple(_tag(tags, key) for key in query.by)
        groups.setdefault(group, []).append(tags)
    return groups


def _tag(tags: Tags, key: str) -> str:
    """The tag of a key; a series without one is grouped as N/A, as the vendor shows it."""
    return next((tag for tag in sorted(tags) if tag.startswith(f"{key}:")), f"{key}:N/A")


def _lines(metric: Metric, query: MetricQuery, start_s: float, end_s: float, step_s: int) -> list[Line]:
    over_time, over_series = _reducers(metric, query, step_s)
    first, last = -(-start_s // step_s) * step_s, -(-end_s // step_s) * step_s

    def rolled_up(tags: Tags) -> tuple[Buckets, Floats]:
        times, values = metric.series[tags].between(first, last)
        return over_time((times // step_s).astype(np.int64), values) if times.size else (_NO_BUCKETS, _NO_VALUES)

    groups = {group: [rolled_up(tags) for tags in chosen] for group, chosen in sorted(_groups(metric, query).items())}
    shared = np.unique(np.concatenate([part[0] for parts in groups.values() for part in parts] or [_NO_BUCKETS]))
    method = fill_method(metric, query)
    reach = query.fill_s // step_s
    lines = []
    for group, parts in groups.items():
        buckets, values = _joined([interpolated(*part, shared, method, reach) for part in parts])
        buckets, values = over_series(buckets, values) if buckets.size else (buckets, values)
        lines.append(Line(group, buckets * step_s, values))
    return lines


def _reducers(metric: Metric, query: MetricQuery, step_s: int) -> tuple[Reduce, Reduce]:
    aggregator = query.aggregator or "avg"
    if metric.kind == "distribution":  # all points of a bucket are one population
        return (lambda buckets, values: (buckets, values)), _by(aggregator)
    if aggregator in PERCENTILES:
        raise Refused(400, f"Error parsing query: {aggregator} needs percentiles of a distribution metric")
    is_sum = query.modifier == "as_count" or (metric.kind == "count" and query.rollup is None)
    in_time = _by("sum" if is_sum and metric.kind != "gauge" else query.rollup or "avg")
    scale = _scale(metric, query, step_s)

    def over_time(buckets: Buckets, values: Floats) -> tuple[Buckets, Floats]:
        return in_time(buckets, values * scale)

    return over_time, _by(aggregator)


def _scale(metric: Metric, query: MetricQuery, step_s: int) -> float:
    """From a rate per second to a count and back; the modifiers do nothing to a gauge."""
    if metric.kind == "rate" and query.modifier == "as_count":
        return metric.interval_s
    if metric.kind == "count" and query.modifier == "as_rate":
        return 1 / step_s
    return 1


def _joined(parts: list[tuple[Buckets, Floats]]) -> tuple[Buckets, Floats]:
    buckets = np.concatenate([part[0] for part in parts])
    values = np.concatenate([part[1] for part in parts])
    order = np.argsort(buckets, kind="stable")
    return buckets[order], values[order]


def _by(name: str) -> Reduce:
    """Reduces the values of each bucket; buckets ascend."""

    def reduce(buckets: Buckets, values: Floats) -> tuple[Buckets, Floats]:
        found, starts, counts = np.unique(buckets, return_index=True, return_counts=True)
        if name == "count":
            return found, counts.astype(np.float64)
        if name == "avg":
            return found, np.add.reduceat(values, starts) / counts
        if name in PERCENTILES:
            share = float(name[1:])
            return found, np.array([np.percentile(part, share) for part in np.split(values, starts[1:])])
        return found, {"sum": np.add, "min": np.minimum, "max": np.maximum}[name].reduceat(values, starts)

    return reduce
