"""One metric of a widget: the streams that were selected and the points that were read of them, as a bundle."""

import math
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from watchbill.graphs.lines.bundles import Bundle, Row
from watchbill.graphs.lines.expressions import over
from watchbill.graphs.lines.places import Place
from watchbill.graphs.lines.selection import Stream
from watchbill.graphs.lines.steps import Steps, columns, folding
from watchbill.model.dashboards.lines import WidgetMetric
from watchbill.model.windows import floor_time

_RATES_S = {"second": 1, "minute": 60, "hour": 3600}


def bundle(line: WidgetMetric, period_s: int, place: Place, streams: Sequence[Stream], points: pa.Table,
           steps: Steps) -> Bundle:
    """`period_s`: the line's. `points`: of all periods of the streams, and of others too."""
    own_s = max(steps.step_s, period_s - period_s % steps.step_s)
    rows = _rows(streams, points, steps, own_s, place.wanted.statistic)
    units = {stream.unit for stream in streams}
    if place.across and rows:
        rows = _across(rows, place)
    if line.fill is not None and line.fill != "none":
        until = _newest(points, steps)
        rows = [Row(row.labels, _filled(_hold(row), line.fill, until), 1) for row in rows]
    if line.rate:
        rows = [Row(row.labels, pc.multiply(row.values, _RATES_S[line.rate] / max(own_s, row.every * steps.step_s)),
                    row.every) for row in rows]
    return Bundle(rows, units.pop() if len(units) == 1 and not line.rate else "")


def _rows(streams: Sequence[Stream], points: pa.Table, steps: Steps, own_s: int, statistic: str) -> list[Row]:
    """Each of the best of its periods that has points: one that was given up long ago cannot hide the others."""
    found: list[Row] = [Row(one.labels, pa.nulls(steps.count, pa.float64())) for one in streams]
    left = list(range(len(streams)))
    for rank in range(max((len(one.periods) for one in streams), default=0)):
        left = [place for place in left if len(streams[place].periods) > rank]
        read = _columns(points, [streams[place].periods[rank][1] for place in left], steps, own_s, statistic)
        for place, values in zip(left, read, strict=True):
            if values.null_count < len(values):
                every = max(own_s, streams[place].periods[rank][0]) // steps.step_s
                found[place] = Row(streams[place].labels, values, max(1, every))
        left = [place for place in left if found[place].values.null_count == steps.count]
    return found


def _columns(points: pa.Table, keys: Sequence[int], steps: Steps, own_s: int, statistic: str) -> list[Any]:
    """Where the line's own period is longer than a step, its points lie that far apart."""
    if own_s == steps.step_s or not keys:
        return columns(points, keys, steps, folding(statistic))
    start = floor_time(steps.start, own_s)
    ratio, ahead = own_s // steps.step_s, int((steps.start - start).total_seconds()) // steps.step_s
    coarse = Steps(start, own_s, -(-(steps.count + ahead) // ratio))
    at: Any = pa.array([(place + ahead) // ratio if (place + ahead) % ratio == 0 else None
                        for place in range(steps.count)], pa.int64())
    return [folded.take(at) for folded in columns(points, keys, coarse, folding(statistic))]


def _across(rows: Sequence[Row], place: Place) -> list[Row]:
    """One line for each group."""
    grouped: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        grouped.setdefault(tuple(row.labels.get(name, "") for name in place.groups), []).append(row)
    return [Row({name: value for name, value in zip(place.groups, key, strict=True) if value},
                over(place.across, [row.values for row in members]), max(row.every for row in members))
            for key, members in grouped.items()]


def _hold(row: Row) -> Any:
    return Bundle([row]).held().rows[0].values


def _newest(points: pa.Table, steps: Steps) -> int:
    """How many steps there are up to the newest point of all: nothing is known of what comes after."""
    last = pc.max(points["timestamp"]).as_py() if len(points) else None
    if last is None:
        return 0
    behind: timedelta = last - steps.start
    return min(steps.count, max(0, behind // timedelta(seconds=steps.step_s) + 1))


def _filled(values: Any, how: str | float, until: int) -> Any:
    if how == "last":
        return _known(pc.fill_null_forward(values), values, until)
    if how == "linear":
        return pa.array(_linear(values.to_pylist()), pa.float64())
    return _known(pc.fill_null(values, 0.0 if how == "zero" else float(how)), values, until)


def _known(filled: Any, values: Any, until: int) -> Any:
    return pa.concat_arrays([filled.slice(0, until), values.slice(until)])


def _linear(values: list[float | None]) -> list[float | None]:
    last: int | None = None
    for place, value in enumerate(values):
        if value is None or not math.isfinite(value):
            continue
        before = values[last] if last is not None else None
        if last is not None and before is not None:
            for between in range(last + 1, place):
                values[between] = before + (value - before) * (between - last) / (place - last)
        last = place
    return values
