"""Points of a window -> one value for each series: what Arrow knows of itself, and PromQL's functions over time."""

from collections.abc import Callable
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc

from watchbill.model.rules import Aggregate

_PLAIN: dict[Aggregate, Literal["mean", "sum", "min", "max", "count", "last", "stddev"]] = {
    "avg": "mean", "sum": "sum", "min": "min", "max": "max", "count": "count", "last": "last", "stddev": "stddev",
}


def aggregate(points: pa.Table, how: Aggregate) -> pa.Table:
    """series, value: one row for each series that has points enough; they come in the order of time."""
    if how in _PLAIN:
        name = _PLAIN[how]
        # Without threads, because "last" follows the order of the rows.
        grouped = points.group_by("series", use_threads=False).aggregate([("value", name)])
        return _table(grouped["series"], grouped[f"value_{name}"])
    ends = _ends(points)
    changed = _DIFFERING[how](points, ends)
    return _table(ends["series"], changed).filter(pc.greater(ends["value_count"], pa.scalar(1)))


def _table(series: Any, value: Any) -> pa.Table:
    return pa.table({"series": series, "value": value.cast(pa.float64())})


def _ends(points: pa.Table) -> pa.Table:
    moments = points.set_column(points.column_names.index("timestamp"), "timestamp",
                                points["timestamp"].cast(pa.int64()))
    return moments.group_by("series", use_threads=False).aggregate([
        ("value", "first"), ("value", "last"), ("value", "count"), ("timestamp", "first"), ("timestamp", "last")])


def _delta(_: pa.Table, ends: pa.Table) -> Any:
    return pc.subtract(ends["value_last"], ends["value_first"])


def _increase(points: pa.Table, ends: pa.Table) -> Any:
    """Of a counter: one that fell began again from nothing, as in PromQL; nothing is extrapolated."""
    ordered = points.sort_by([("series", "ascending"), ("timestamp", "ascending")]).combine_chunks()
    if len(ordered) < 2:
        return _delta(points, ends)
    series, values = ordered["series"].chunk(0), ordered["value"].chunk(0)
    fell = pc.and_(pc.equal(series[1:], series[:-1]), pc.less(values[1:], values[:-1]))
    lost = pa.table({"series": series[1:], "lost": pc.if_else(fell, values[:-1], 0.0)})
    found = lost.group_by("series", use_threads=False).aggregate([("lost", "sum")])
    places = pc.index_in(ends["series"].combine_chunks(), found["series"].combine_chunks())
    again: Any = found["lost_sum"].combine_chunks().take(places)
    return pc.add(_delta(points, ends), pc.fill_null(again, 0.0))


def _rate(points: pa.Table, ends: pa.Table) -> Any:
    """A second."""
    spans = pc.subtract(ends["timestamp_last"], ends["timestamp_first"]).cast(pa.float64())
    return pc.divide(_increase(points, ends), pc.divide(spans, 1000.0))


_DIFFERING: dict[Aggregate, Callable[[pa.Table, pa.Table], Any]] = {
    "delta": _delta, "increase": _increase, "rate": _rate}
