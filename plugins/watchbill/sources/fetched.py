"""What a fetch brings back: answers of a cloud enter column by column, one Arrow table leaves."""

from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from watchbill.model.series import Series
from watchbill.model.windows import Window

_TIME = pa.timestamp("ms", tz="UTC")
_FIELDS: list["pa.Field[Any]"] = [
    pa.field("series", pa.int64(), nullable=False),  # Series.key
    pa.field("timestamp", _TIME, nullable=False),
    pa.field("value", pa.float64(), nullable=False),
]
POINTS = pa.schema(_FIELDS)


@dataclass(frozen=True)
class Fetched:
    """`points`: schema POINTS, inside the window, one row per series and timestamp, sorted by both."""

    points: pa.Table
    series: tuple[Series, ...]  # those asked for by name too, though they may have no points
    calls: int  # HTTP calls, with retried ones and those of planning
    warnings: tuple[str, ...] = ()
    billed_metrics: int = 0  # by all these calls, pages and retries included; zero for Datadog


@dataclass
class Columns:
    """Points on their way into a table. Machine arrays: a million points are 24 MB and no Python objects."""

    series: "array[int]" = field(default_factory=lambda: array("q"))
    timestamps_ms: "array[int]" = field(default_factory=lambda: array("q"))
    values: "array[float]" = field(default_factory=lambda: array("d"))

    def add(self, key: int, timestamps_ms: Iterable[int], values: Iterable[float]) -> None:
        """Points of one series, as many timestamps as values. Raises ValueError or TypeError on nonsense."""
        before = len(self.timestamps_ms)
        self.timestamps_ms.extend(timestamps_ms)
        self.values.extend(values)
        if len(self.timestamps_ms) != len(self.values):
            raise ValueError("as many timestamps as values were expected")
        self.series.extend([key] * (len(self.timestamps_ms) - before))

    def not_finite(self) -> set[int]:
        """Keys of the series with a value that is no number: NaN or infinite."""
        odd = self._points().filter(~pc.is_finite(pc.field("value")))
        return {int(key) for key in odd["series"].unique().to_pylist() if key is not None}

    def outside(self, window: Window) -> set[int]:
        """Keys of the series with a point before or after the window."""
        points = self._points()
        ends: Any = pc.min_max(points["timestamp"].cast(pa.int64())).as_py()  # nearly always spares the filter
        start_ms, end_ms = (round(edge.timestamp() * 1000) for edge in (window.start, window.end))
        if not len(points) or start_ms <= ends["min"] <= ends["max"] < end_ms:
            return set()
        odd = points.filter(~_inside(window))
        return {int(key) for key in odd["series"].unique().to_pylist() if key is not None}

    def table(self, window: Window) -> pa.Table:
        """The finite points inside the window; of several for one series and timestamp, the last added."""
        return _folded(self._points().filter(_inside(window) & pc.is_finite(pc.field("value"))))

    def _points(self) -> pa.Table:
        # From the buffers themselves: pa.array looks at every element, and imports pandas for some inputs.
        buffers: tuple[array[Any], ...] = (self.series, self.timestamps_ms, self.values)
        columns = [pa.Array.from_buffers(kind, len(values), [None, pa.py_buffer(values)])
                   for kind, values in zip(POINTS.types, buffers, strict=True)]
        return pa.Table.from_arrays(columns, schema=POINTS)


def _inside(window: Window) -> pc.Expression:
    time = pc.field("timestamp")
    return (time >= pa.scalar(window.start, _TIME)) & (time < pa.scalar(window.end, _TIME))


def _folded(points: pa.Table) -> pa.Table:
    """Sorted by series and timestamp, each pair once: the sort is stable, so the last of equals came last."""
    points = points.sort_by([("series", "ascending"), ("timestamp", "ascending")])
    keys, times = points["series"].combine_chunks(), points["timestamp"].combine_chunks()
    if len(points) < 2:
        return points
    repeated = pc.and_(pc.equal(keys[:-1], keys[1:]), pc.equal(times[:-1], times[1:]))
    if not pc.any(repeated).as_py():
        return points
    return points.filter(pa.concat_arrays([pc.invert(repeated), pa.array([True])]))
