"""Tables of points as the files hold them: encoding, decoding, and which collection of a point wins."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from watchbill.lake.files import AT_ONCE, Files, first_line
from watchbill.lake.layout import StoredFile, clip, day_window, digest
from watchbill.lake.opened import check_each, opened
from watchbill.lake.schema import (
    MOMENT,
    NOTE,
    STORED,
    VERSION,
    as_stored,
    check_version,
    with_vanished,
    without_nulls,
)
from watchbill.lake.seal import sealed
from watchbill.model.failures import LakeError
from watchbill.model.windows import Window

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_ORDER: list[tuple[str, Literal["ascending", "descending"]]] = [
    ("series", "ascending"), ("timestamp", "ascending"), ("collected_at", "descending"), ("value", "descending"),
    ("vanished", "ascending")]
_ROWS_A_GROUP = 16_384  # a day of one series at 60 s is 1,440; smaller ones cost more bytes than they spare time
_ROWS_AN_ANSWER = 1 << 17  # CloudWatch's largest has 100,800
_SOUGHT = ["series", "timestamp"]
_SPLIT = "BYTE_STREAM_SPLIT"


@dataclass(frozen=True)
class Wanted:
    """Which rows of a file: those inside the window, of the series with these keys. None is any."""

    window: Window | None = None
    keys: tuple[int, ...] | None = None  # sorted

    def within(self, file: StoredFile) -> "Wanted":
        """The same for the rows of that file: its name says enough where all of it is inside the window."""
        bounds = file.window or (file.day and day_window(file.day))
        whole = self.window and bounds and clip(bounds, self.window) == bounds
        return Wanted(None, self.keys) if whole else self

    def of(self, rows: pa.Table) -> pa.Table:
        """Computed by hand: an expression of a filter takes longer to be planned than such rows to be looked at."""
        if self.window:
            moments = rows["timestamp"]
            start, end = (pa.scalar(ceil_ms(edge), MOMENT) for edge in (self.window.start, self.window.end))
            rows = rows.filter(pc.and_(pc.greater_equal(moments, start), pc.less(moments, end)))
        if self.keys is not None:
            rows = rows.filter(_one_of(rows["series"], self.keys))
        return rows

    def groups(self, held: pq.FileMetaData) -> list[int]:
        """The row groups whose statistics do not rule such rows out."""
        names = held.schema.names
        places = {name: names.index(name) for name in ("series", "timestamp")}
        return [number for number in range(held.num_row_groups) if self._may_be_in(held.row_group(number), places)]

    def _may_be_in(self, group: pq.RowGroupMetaData, places: Mapping[str, int]) -> bool:
        if self.keys is not None:
            series: Any = group.column(places["series"]).statistics
            if series is not None and series.has_min_max:
                at = bisect_left(self.keys, series.min_raw)
                if at == len(self.keys) or self.keys[at] > series.max_raw:
                    return False
        if self.window:
            moments: Any = group.column(places["timestamp"]).statistics
            if moments is not None and moments.has_min_max:
                return bool(moments.max_raw >= ceil_ms(self.window.start)
                            and moments.min_raw < ceil_ms(self.window.end))
        return True


def _one_of(series: Any, keys: Sequence[int]) -> Any:
    if len(keys) == 1:
        return pc.equal(series, pa.scalar(keys[0], pa.int64()))
    return pc.is_in(series, value_set=pa.array(keys, pa.int64()))


EVERYTHING = Wanted()


def ceil_ms(moment: datetime) -> int:
    """The first whole millisecond at or after it, since the epoch."""
    return -((_EPOCH - moment) // _MILLISECOND)


def floor_ms(moment: datetime) -> int:
    """Whole milliseconds since the epoch."""
    return (moment - _EPOCH) // _MILLISECOND


def from_ms(moment: int) -> datetime:
    """A time in plain UTC, as the rest of the house has it."""
    return _EPOCH + moment * _MILLISECOND


def inside(window: Window) -> pc.Expression:
    """Half-open, as windows are."""
    moment = pc.field("timestamp")
    start, end = (pa.scalar(ceil_ms(edge), MOMENT) for edge in (window.start, window.end))
    return (moment >= start) & (moment < end)


def newest(points: pa.Table) -> pa.Table:
    """One row per series and timestamp, sorted by both: the newest `collected_at` wins, then the greater
    value, then the one that has not vanished. That rule gives one result whatever the order and however often
    files are merged.
    """
    points = points.combine_chunks()
    if _is_tidy(points):
        return points
    ordered = points.sort_by([each for each in _ORDER if each[0] in points.column_names])
    changes = [pc.not_equal(column[1:], column[:-1])
               for column in (ordered["series"].combine_chunks(), ordered["timestamp"].combine_chunks())]
    return ordered.filter(pa.concat_arrays([pa.array([True]), pc.or_(*changes)]))


def _is_tidy(points: pa.Table) -> bool:
    """Whether each point comes after the one before it; to see that takes far less than to sort."""
    if len(points) < 2:
        return True
    (series, next_series), (moments, next_moments) = (
        (column[:-1], column[1:]) for column in (points["series"].chunk(0), points["timestamp"].chunk(0)))
    later = pc.and_(pc.equal(series, next_series), pc.less(moments, next_moments))
    return pc.all(pc.or_(later, pc.less(series, next_series))).as_py() is True


def encode(rows: pa.Table, notes: Mapping[str, str] | None = None) -> pa.Buffer:
    """Parquet whose bytes follow from the rows and the notes alone.

    Quick rather than small, since it is compacted as soon as its day has ended: plain columns, and of the values the
    leading bytes together. Without a seal: it is one row group mostly, and parts of that are not read.
    """
    return _encode(rows, notes, {"value": _SPLIT}, dictionary=[], rows_a_group=_ROWS_AN_ANSWER, compression_level=-1,
                   write_statistics=_SOUGHT, write_batch_size=_ROWS_AN_ANSWER)


def encode_tightly(rows: pa.Table, notes: Mapping[str, str] | None = None) -> pa.Buffer:
    """The same in several times the time, smaller, and with less to be read for one series.

    Keys repeat (dictionary), timestamps step evenly (delta), values share leading bytes (byte stream split), or stay as
    they are where that is smaller: counts and rounded ones repeat.
    """
    steps = {"timestamp": "DELTA_BINARY_PACKED"}
    written = [_encode(rows, notes, steps | values, dictionary=["series", "collected_at"], rows_a_group=_ROWS_A_GROUP)
               for values in ({"value": _SPLIT}, {})]
    return sealed(min(written, key=lambda content: content.size))


def _encode(rows: pa.Table, notes: Mapping[str, str] | None, encodings: Mapping[str, str], *,
            dictionary: list[str], rows_a_group: int, **settings: Any) -> pa.Buffer:
    """Every column is said to have no null, which spares each row the mark that it has none."""
    sink = pa.BufferOutputStream()
    rows = pa.Table.from_arrays(rows.columns, schema=without_nulls(rows.schema))
    with pq.ParquetWriter(
        sink, rows.schema, compression="zstd", store_schema=False, write_page_checksum=True,
        use_dictionary=dictionary, column_encoding=dict(encodings),  # type: ignore[arg-type]  # the stub knows bool only
        **settings,
    ) as writer:
        writer.write_table(rows, row_group_size=rows_a_group)
        writer.add_key_value_metadata({NOTE: str(VERSION), **(notes or {})})
    return sink.getvalue()


def load(files: Files, found: Sequence[StoredFile], wanted: Wanted = EVERYTHING,
         columns: Sequence[str] = STORED.names) -> pa.Table:
    """Those rows of these files, as often as they are there. LakeError names a damaged file."""
    opened = [file for file in found if not says_nothing(file)]
    read = partial(_load_one, files, wanted=wanted, columns=columns)
    if len(opened) < 2 or not files.is_bucket:  # threads on a disk cost more than they bring
        tables = [read(file) for file in opened]
    else:
        with ThreadPoolExecutor(min(AT_ONCE, len(opened))) as threads:
            tables = list(threads.map(read, opened))
    return pa.concat_tables([STORED.empty_table().select(list(columns)), *tables])


def says_nothing(file: StoredFile) -> bool:
    """Whether the name tells that there are no rows: it carries the digest of just that content."""
    return file.window is not None and file.path.endswith(f"-{_nothing()}.parquet")


@cache
def _nothing() -> str:
    return digest(memoryview(encode(STORED.empty_table())))


def _load_one(files: Files, file: StoredFile, *, wanted: Wanted, columns: Sequence[str]) -> pa.Table:
    wanted = wanted.within(file)
    try:
        with opened(files, file, wanted.groups) as (parquet, groups):
            check_version(files.full(file.path), parquet.metadata.metadata)
            names = dict.fromkeys([*columns, *(["timestamp"] if wanted.window else ()),
                                   *(["series"] if wanted.keys is not None else ())])
            found = wanted.of(as_stored(parquet.read_row_groups(groups, [*names], use_threads=len(groups) > 1)))
            return (with_vanished(found) if "vanished" in columns else found).select(list(columns))
    except (OSError, ValueError, KeyError, pa.ArrowException) as error:  # KeyError: a column's name is damaged
        check_each(files, [file])
        raise LakeError(f"{files.full(file.path)} cannot be read: {first_line(error)}") from error
