"""Points of many series on equal steps of time: the lake's table in, one column for each series out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc

from watchbill.model.windows import Window, floor_time

MOST_STEPS = 3_000  # of one line: more than a picture has pixels
Folding = Literal["sum", "mean", "min", "max"]
_FOLDINGS: dict[str, Folding] = {"Sum": "sum", "SampleCount": "sum", "Minimum": "min", "Maximum": "max"}


def folding(statistic: str) -> Folding:
    """How points of finer periods become one. Of percentiles the truth is not known any more; their mean comes near."""
    return _FOLDINGS.get(statistic, "mean")


@dataclass(frozen=True)
class Steps:
    """`count` steps of `step_s` seconds from `start` on."""

    start: datetime
    step_s: int
    count: int

    @classmethod
    def of(cls, window: Window, period_s: int) -> "Steps":
        """Whole steps up to the window's end; longer ones where there would be too many."""
        spare = -(-int(window.length.total_seconds()) // (MOST_STEPS * period_s))
        step_s = period_s * max(1, spare)
        start = floor_time(window.start, step_s)
        return cls(start, step_s, max(1, -(-int((window.end - start).total_seconds()) // step_s)))

    @property
    def window(self) -> Window:
        return Window(self.start, self.start + timedelta(seconds=self.step_s * self.count))


def columns(points: pa.Table, keys: Sequence[int], steps: Steps, how: Folding) -> list[Any]:
    """`points`: series, timestamp (ms), value. For each key a column of float64, null where it has no point."""
    start_ms, step_ms = int(steps.start.timestamp() * 1000), steps.step_s * 1000
    whole: Any = pa.array(keys, pa.int64())
    mine = points.filter(pc.is_in(points["series"], value_set=whole))
    moments: Any = mine["timestamp"].cast(pa.timestamp("ms", "UTC")).cast(pa.int64())
    inside: Any = pc.and_(_at_least(moments, start_ms), pc.invert(_at_least(moments, start_ms + step_ms * steps.count)))
    at: Any = pc.divide(pc.subtract(moments, pa.scalar(start_ms)), pa.scalar(step_ms))
    line: Any = pc.index_in(mine["series"], value_set=whole).cast(pa.int64())
    flat: Any = pc.add(pc.multiply(line, pa.scalar(steps.count)), at)
    table = pa.table({"place": flat, "value": mine["value"]}).filter(inside)
    found = table.group_by("place", use_threads=False).aggregate([("value", how)])
    return _spread(found["place"], found[f"value_{how}"].cast(pa.float64()), len(keys), steps.count)


def _at_least(column: Any, least: Any) -> Any:
    return pc.greater_equal(column, least)


def _spread(places: Any, values: Any, lines: int, count: int) -> list[Any]:
    every: Any = pa.array(range(lines * count), pa.int64())
    order = pc.index_in(every, value_set=places.combine_chunks() if isinstance(places, pa.ChunkedArray) else places)
    whole: Any = values.take(order)
    whole = whole.combine_chunks() if isinstance(whole, pa.ChunkedArray) else whole
    if isinstance(whole, pa.ChunkedArray):
        whole = pa.array([], pa.float64())
    return [whole.slice(place * count, count) for place in range(lines)]
