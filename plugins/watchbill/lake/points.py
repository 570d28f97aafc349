"""Tables of points as the files hold them: encoding, decoding, and which collection of a point wins."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from watchbill.lake.files import Files, damaged, first_line
from watchbill.lake.layout import StoredFile, day_window
from watchbill.model.failures import LakeError
from watchbill.model.windows import Window

MOMENT = pa.timestamp("ms", "UTC")
_COLUMNS: dict[str, pa.DataType] = {"series": pa.int64(), "timestamp": MOMENT, "value": pa.float64()}
POINTS = pa.schema(_COLUMNS)
STORED = POINTS.append(pa.field("collected_at", MOMENT))

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_ROWS_A_GROUP = 65_536  # a day of one series at 60 s is 1,440: few groups are opened for it
_FORMAT = ds.ParquetFileFormat(default_fragment_scan_options=ds.ParquetFragmentScanOptions(
    page_checksum_verification=True, pre_buffer=True))


def ceil_ms(moment: datetime) -> "pa.TimestampScalar[Any, Any]":
    """The first whole millisecond at or after it."""
    return pa.scalar(-((_EPOCH - moment) // _MILLISECOND), MOMENT)


def floor_ms(moment: datetime) -> int:
    """Whole milliseconds since the epoch."""
    return (moment - _EPOCH) // _MILLISECOND


def from_ms(moment: int) -> datetime:
    """A time in plain UTC, as the rest of the house has it."""
    return _EPOCH + moment * _MILLISECOND


def inside(window: Window) -> pc.Expression:
    """Half-open, as windows are."""
    moment = ds.field("timestamp")
    return (moment >= ceil_ms(window.start)) & (moment < ceil_ms(window.end))


def of_series(keys: Sequence[int]) -> pc.Expression:
    """The bounds beside the list let Parquet's statistics pass row groups by."""
    series = ds.field("series")
    bounds = (series >= min(keys)) & (series <= max(keys))
    return bounds & series.isin(pa.array(keys, pa.int64()))


def newest(points: pa.Table) -> pa.Table:
    """One row per series and timestamp, sorted by both: the newest `collected_at` wins, then the greater
    value. That rule gives one result whatever the order and however often files are merged.
    """
    ordered = points.sort_by([("series", "ascending"), ("timestamp", "ascending"),
                              ("collected_at", "descending"), ("value", "descending")])
    if len(ordered) < 2:
        return ordered
    changes = [pc.not_equal(column[1:], column[:-1])
               for column in (ordered["series"].combine_chunks(), ordered["timestamp"].combine_chunks())]
    return ordered.filter(pa.concat_arrays([pa.array([True]), pc.or_(*changes)]))


def encode(rows: pa.Table, notes: Mapping[str, str] | None = None) -> pa.Buffer:
    """Parquet whose bytes follow from the rows and the notes alone.

    Keys repeat (dictionary), timestamps step evenly (delta), values share leading bytes (byte stream split).
    """
    sink = pa.BufferOutputStream()
    with pq.ParquetWriter(
        sink, rows.schema, compression="zstd", store_schema=False, write_page_checksum=True,
        use_dictionary=["series", "collected_at"],  # type: ignore[arg-type]  # the stub knows bool only
        column_encoding={"timestamp": "DELTA_BINARY_PACKED", "value": "BYTE_STREAM_SPLIT"},
    ) as writer:
        writer.write_table(rows, row_group_size=_ROWS_A_GROUP)
        writer.add_key_value_metadata(dict(notes or {}))
    return sink.getvalue()


def dataset(files: Files, found: Sequence[StoredFile]) -> ds.Dataset:
    """The stored points of these files; a filter on `timestamp` opens only the days that it needs."""
    fragments = [
        _FORMAT.make_fragment(files.full(file.path), files.filesystem, file_size=file.size_bytes,
                              partition_expression=inside(day_window(file.day)))
        for file in found if file.day
    ]
    return ds.FileSystemDataset(fragments, STORED, _FORMAT, files.filesystem)


def load(files: Files, found: Sequence[StoredFile], rows: pc.Expression | None = None,
         columns: list[str] | None = None) -> pa.Table:
    """The stored points of these files, as often as they are there. LakeError names a damaged file."""
    try:
        return dataset(files, found).to_table(columns=columns, filter=rows)
    except (OSError, pa.ArrowException) as error:
        check_each(files, found)
        raise LakeError(f"{files.root} cannot be read: {first_line(error)}") from error


def check_each(files: Files, found: Sequence[StoredFile]) -> None:
    """Raises LakeError naming the first file that is unreadable or damaged."""
    for file in found:
        content = files.read(file.path)
        try:
            pq.read_table(pa.BufferReader(content), page_checksum_verification=True).cast(STORED)
        except (OSError, ValueError, pa.ArrowException) as error:
            raise damaged(files.full(file.path), error) from error


def footer(files: Files, file: StoredFile) -> pq.FileMetaData:
    """Counts, bounds and notes without the rows."""
    try:
        return pq.read_metadata(files.full(file.path), filesystem=files.filesystem)
    except (OSError, pa.ArrowException) as error:
        check_each(files, [file])
        raise LakeError(f"{files.full(file.path)} cannot be read: {first_line(error)}") from error
