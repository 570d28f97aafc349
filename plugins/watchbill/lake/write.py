"""From a source's answer to files: one per UTC day, written whole, again and again with the same result."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from watchbill.lake.files import Files, first_line
from watchbill.lake.layout import clip, collected_path, day_window, in_utc
from watchbill.lake.points import Wanted, ceil_ms, encode, floor_ms, newest
from watchbill.lake.schema import MOMENT, POINTS, with_vanished
from watchbill.lake.series_table import SeriesTable
from watchbill.model.failures import LakeError
from watchbill.model.series import Series, Source
from watchbill.model.windows import Window, utc


@dataclass(frozen=True, slots=True)
class Written:
    points: int  # one per series and timestamp
    files: int  # of points; a day without points has one too
    bytes: int  # on disk, of points and of series that were new


def write(files: Files, known: SeriesTable, source: Source, window: Window, share: int | str,
          points: pa.Table, series: Sequence[Series], *, collected_at: datetime) -> Written:
    """Takes series (Series.key), timestamp and value; every point inside the window, of a series named here.

    A day of the window without points is recorded too: "collected, and there was none". Raises LakeError
    before anything is written for points that cannot be kept, and when the disk or the bucket refuses; days
    that were written by then stay, and writing again completes them.
    """
    window = in_utc(window)
    stored = as_answered(source, window, points, series, collected_at)
    return put(files, known, source, window, share, stored, series, collected_at=collected_at)


def put(files: Files, known: SeriesTable, source: Source, window: Window, share: int | str,
        stored: pa.Table, series: Sequence[Series], *, collected_at: datetime, objects: bool = False) -> Written:
    """Sorted rows to a file for each day of the window, empty ones too. See StoredFile for `objects`."""
    contents = list(_days(source, window, share, stored, objects=objects))
    new_bytes = known.add(source, series, collected_at)  # first: a point must never be without its name
    for path, content in contents:
        files.put(path, content)
    return Written(len(stored), len(contents), new_bytes + sum(content.size for _, content in contents))


def as_answered(source: Source, window: Window, points: pa.Table, series: Sequence[Series],
                collected_at: datetime) -> pa.Table:
    """The answer as rows to store, one per series and timestamp, sorted. Raises LakeError for a wrong one."""
    rows = _checked(source, window, points, series)
    return newest(with_vanished(rows.append_column("collected_at", _stamps(collected_at, len(rows)))))


def _stamps(collected_at: datetime, count: int) -> Any:
    """The same moment as often; in a quarter of pa.repeat's time."""
    packed = floor_ms(utc(collected_at)).to_bytes(8, sys.byteorder, signed=True) * count
    return pa.Array.from_buffers(MOMENT, count, [None, pa.py_buffer(packed)])


def _days(source: Source, window: Window, share: int | str, stored: pa.Table, *,
          objects: bool) -> Iterator[tuple[str, pa.Buffer]]:
    days: list[date] = [day for day in window.days() if clip(window, day_window(day))]
    for day in days:
        content = encode(stored if len(days) == 1 else Wanted(day_window(day)).of(stored))
        yield collected_path(source, day, window, share, memoryview(content), objects=objects), content


def _checked(source: Source, window: Window, points: pa.Table, series: Sequence[Series]) -> pa.Table:
    """The points in the lake's types. Raises LakeError for what would be lost or never found again."""
    try:
        rows = points.select(POINTS.names).cast(POINTS)
    except (KeyError, ValueError, pa.ArrowException) as error:
        raise LakeError(f"points need the columns {POINTS.names}: {first_line(error)}") from error
    if any(column.null_count for column in rows.columns):
        raise LakeError("a point without series, timestamp or value cannot be kept")
    strangers = {one.source for one in series} - {source}
    if strangers:
        raise LakeError(f"series of {', '.join(sorted(strangers))} cannot be kept as {source}")
    found = {key for chunk in rows["series"].chunks for key in _runs(chunk)}
    unnamed = found - {one.key for one in series}
    if unnamed:
        raise LakeError(f"{len(unnamed)} series have points and no name, the first key is {min(unnamed)}")
    if outside := _outside(rows, window):
        raise LakeError(f"{outside} of {len(rows)} points lie outside of the window {window}")
    return rows


def _runs(keys: Any) -> list[Any]:
    """Each once for as long as it goes on: an answer comes series by series."""
    return pc.run_end_encode(keys).values.to_pylist()  # type: ignore[attr-defined,no-any-return]  # not in the stub


def _outside(rows: pa.Table, window: Window) -> int:
    bounds: Any = pc.min_max(rows["timestamp"].cast(pa.int64()))
    first, last = bounds["min"].as_py(), bounds["max"].as_py()
    if first is None or ceil_ms(window.start) <= first <= last < ceil_ms(window.end):
        return 0
    return len(rows) - len(Wanted(window).of(rows))
