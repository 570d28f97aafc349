"""What a fetch brings back: answers of a cloud enter series by series, one Arrow table leaves."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, chain, pairwise
from math import ceil, isfinite
from operator import itemgetter
from struct import Struct, pack
from struct import error as StructError  # noqa: N812 - the module's own name is lower case
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from watchbill.model.series import Series
from watchbill.model.windows import Window
from watchbill.sources.memory import keep_freed

_TIME = pa.timestamp("ms", tz="UTC")
_FIELDS: list["pa.Field[Any]"] = [
    pa.field("series", pa.int64(), nullable=False),  # Series.key
    pa.field("timestamp", _TIME, nullable=False),
    pa.field("value", pa.float64(), nullable=False),
]
POINTS = pa.schema(_FIELDS)
_TYPES = POINTS.types
_KEY = Struct("<q")
_MANY = 10_000  # for fewer, what Arrow does once in a process to compute anything takes longer than Python's sum


@dataclass(frozen=True)
class Limit:
    """How often a vendor may still be called, as its last answer told; None for what it did not say."""

    name: str
    limit: int | None  # calls a period
    period_s: float | None
    remaining: int | None
    reset_s: float | None  # until the count begins anew


@dataclass(frozen=True)
class Fetched:
    """`points`: schema POINTS, inside the window, one row per series and timestamp, sorted by both."""

    points: pa.Table
    series: tuple[Series, ...]  # those asked for by name too, though they may have no points
    calls: int  # HTTP calls, with retried ones and those of planning
    warnings: tuple[str, ...] = ()
    billed_metrics: int = 0  # by all these calls, pages and retries included; zero for Datadog
    limits: tuple[Limit, ...] = ()  # one a name; none for CloudWatch, which does not tell them


@dataclass(frozen=True)
class _Times:
    """Timestamps, often of many series at once."""

    packed: bytes  # int64
    count: int
    first_ms: int
    last_ms: int
    are_ascending: bool  # strictly

    @classmethod
    def of(cls, timestamps_ms: Sequence[int]) -> "_Times":
        if not timestamps_ms:
            return cls(b"", 0, 0, 0, True)
        return cls(_packed("q", timestamps_ms), len(timestamps_ms), min(timestamps_ms), max(timestamps_ms),
                   all(earlier < later for earlier, later in pairwise(timestamps_ms)))


def _packed(kind: str, values: Sequence[float]) -> bytes:
    try:
        return pack(f"{len(values)}{kind}", *values)
    except StructError as error:
        raise TypeError(str(error)) from None


def packed(values: Sequence[float]) -> "memoryview[float]":
    """Floats, at once and without Python's objects. Raises TypeError where one is no number."""
    return memoryview(_packed("d", values)).cast("d")


def _each_packed(rows: "Sequence[Sequence[float]] | Sequence[memoryview[float]]"
                 ) -> "Sequence[bytes | memoryview[float]]":
    if rows and isinstance(rows[0], memoryview):
        return rows  # type: ignore[return-value]
    doubles = _packed("d", tuple(chain.from_iterable(rows)))
    ends = [0, *accumulate([8 * len(row) for row in rows])]
    return [doubles[start:end] for start, end in pairwise(ends)]


class Columns:
    """Points on their way into a table, packed at once: a million are 16 MB and no Python objects."""

    def __init__(self) -> None:
        self._parts: list[tuple[int, _Times, bytes | memoryview[float]]] = []
        self._seen: set[int] = set()  # keys with points
        self._is_tidy = True  # each series came once and in order
        self._asked: Sequence[int] = ()
        self._times = _Times.of(())
        self._every_times: list[_Times] = []
        self._whole: pa.Table | None = None
        self._whole_is_finite = True

    def __len__(self) -> int:
        return sum(times.count for _, times, _ in self._parts)

    def add(self, key: int, timestamps_ms: Sequence[int], values: "Sequence[float] | memoryview[float]") -> None:
        """Points of one series, as many timestamps as values. Raises ValueError or TypeError on nonsense.

        A memoryview of values is what `packed` returned.
        """
        if len(timestamps_ms) != len(values):
            raise ValueError("as many timestamps as values were expected")
        doubles = values if isinstance(values, memoryview) else _packed("d", values)
        if timestamps_ms:
            times = self._times_of(timestamps_ms)
            self._parts.append((key, times, doubles))
            self._is_tidy = self._is_tidy and key not in self._seen and times.are_ascending
            self._seen.add(key)
        self._whole = None

    def add_all(self, keys: Sequence[int], timestamps_ms: Sequence[Sequence[int]],
                values: "Sequence[Sequence[float]] | Sequence[memoryview[float]]") -> None:
        """Points of many series, as `add` of each in turn, in less time. Where it raises, nothing was added.

        Memoryviews of values, all or none of them, are what `packed` returned.
        """
        if list(map(len, timestamps_ms)) != list(map(len, values)):
            raise ValueError("as many timestamps as values were expected")
        parts: list[tuple[int, _Times, bytes | memoryview[float]]] = []
        last, times = self._asked, self._times
        for key, times_ms, doubles in zip(keys, timestamps_ms, _each_packed(values), strict=True):
            if times_ms:
                if times_ms is not last:
                    last, times = times_ms, self._times_of(times_ms)
                parts.append((key, times, doubles))
        brought = set(keys) if len(parts) == len(keys) else {key for key, _, _ in parts}
        self._is_tidy = (self._is_tidy and len(brought) == len(parts) and brought.isdisjoint(self._seen)
                         and all(times.are_ascending for times in self._every_times))
        self._parts += parts
        self._seen |= brought
        self._whole = None

    def _times_of(self, timestamps_ms: Sequence[int]) -> _Times:
        if timestamps_ms is not self._asked:  # series that come together mostly share their timestamps
            self._asked, self._times = timestamps_ms, _Times.of(timestamps_ms)
            self._every_times.append(self._times)
        return self._times

    def fill(self, key: int, period_s: int, window: Window) -> None:
        """A zero for each period of the window in which nothing was added, not even what is no number."""
        step_ms = period_s * 1000
        first, end = (ceil(edge.timestamp() / period_s) for edge in (window.start, window.end))
        taken = {time_ms // step_ms for part, times, _ in self._parts if part == key
                 for time_ms in memoryview(times.packed).cast("q")}
        missing = [period * step_ms for period in range(first, end) if period not in taken]
        self.add(key, missing, [0.0] * len(missing))

    def not_finite(self) -> set[int]:
        """Keys of the series with a value that is no number: NaN or infinite."""
        if self._are_finite():
            return set()
        odd = self._points().filter(~pc.is_finite(pc.field("value")))
        return {int(key) for key in odd["series"].unique().to_pylist() if key is not None}

    def outside(self, window: Window) -> set[int]:
        """Keys of the series with a point before or after the window."""
        start_ms, end_ms = _edges_ms(window)
        stray = {id(times) for times in self._every_times
                 if not start_ms <= times.first_ms <= times.last_ms < end_ms}
        return {key for key, times, _ in self._parts if id(times) in stray} if stray else set()

    def table(self, window: Window) -> pa.Table:
        """The finite points inside the window; of several for one series and timestamp, the last added."""
        points = self._points()
        if self._is_tidy and self._are_finite() and not self.outside(window):
            return points
        return _folded(points.filter(_inside(window) & pc.is_finite(pc.field("value"))))

    def _are_finite(self) -> bool:
        """Whether that is certain: numbers may also only add up to more than 1e308."""
        self._points()
        return self._whole_is_finite

    def _points(self) -> pa.Table:
        """Sorted by series. From the buffers themselves: pa.array looks at every element, and may import pandas."""
        if self._whole is None:
            if len(self) > _MANY:
                keep_freed()
            parts = sorted(self._parts, key=itemgetter(0))
            keys = b"".join([_KEY.pack(key) * times.count for key, times, _ in parts])
            times = b"".join([times.packed for _, times, _ in parts])
            values = b"".join([values for _, _, values in parts])
            columns = [pa.Array.from_buffers(kind, len(keys) // 8, [None, pa.py_buffer(each)])
                       for kind, each in zip(_TYPES, (keys, times, values), strict=True)]
            self._whole = pa.Table.from_arrays(columns, schema=POINTS)
            self._whole_is_finite = _add_up(columns[-1])
        return self._whole


def _add_up(values: Any) -> bool:
    if len(values) > _MANY:
        return isfinite(pc.sum(values).as_py())
    return isfinite(sum(memoryview(values.buffers()[1]).cast("d")))


def _edges_ms(window: Window) -> tuple[int, int]:
    return round(window.start.timestamp() * 1000), round(window.end.timestamp() * 1000)


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
