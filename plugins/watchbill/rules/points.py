"""Points of many series, ready to be looked at again and again: the lake's table in, the rows of a window out."""

from bisect import bisect_left
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from watchbill.model.windows import Window

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


class Points:
    """In the order of time, so that the rows of a window are one slice."""

    def __init__(self, rows: pa.Table) -> None:
        """`rows`: series (int64), timestamp (UTC, in ms), value (float64)."""
        self._rows = rows.sort_by("timestamp").combine_chunks()
        counted: Any = pc.value_counts(self._rows["timestamp"].cast(pa.timestamp("ms", "UTC")).cast(pa.int64()))
        self._moments: list[int] = counted.field("values").to_pylist()
        self._starts = [0, *pc.cumulative_sum(counted.field("counts")).to_pylist()]

    def within(self, window: Window) -> pa.Table:
        """Start inclusive, end exclusive; in the order of time."""
        first, last = (self._starts[bisect_left(self._moments, _ms(edge))] for edge in (window.start, window.end))
        return self._rows.slice(first, last - first)


def _ms(moment: datetime) -> int:
    """The first whole millisecond at or after it."""
    return -((_EPOCH - moment) // _MILLISECOND)
