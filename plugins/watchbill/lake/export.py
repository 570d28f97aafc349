"""From the lake to one file for somebody else: records day by day, as CSV, Parquet or JSON.

Never more than a few million points are held at a time: a day is taken in bundles of series.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import accumulate, groupby
from typing import IO, Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from watchbill.lake.files import Files
from watchbill.lake.layout import clip, day_window, in_utc
from watchbill.lake.points import from_ms
from watchbill.lake.read import read
from watchbill.lake.schema import MOMENT
from watchbill.lake.series_table import as_table
from watchbill.lake.upkeep import days
from watchbill.model.series import SOURCES, Series
from watchbill.model.windows import Window

_COLUMNS: dict[str, pa.DataType] = {
    "id": pa.string(), "timestamp": MOMENT, "source": pa.string(), "namespace": pa.string(), "name": pa.string(),
    "value": pa.float64(), "unit": pa.string(), "dimensions": pa.map_(pa.string(), pa.string()),
    "statistic": pa.string(), "period": pa.int64(), "account": pa.string(), "region": pa.string(),
    "tags": pa.map_(pa.string(), pa.string()),
}
RECORDS = pa.schema(_COLUMNS)

_AT_ONCE = 1_000_000  # points
_ROWS = 16_384  # in Python's own objects
_DAY_S = 86_400
_MAPS = ("dimensions", "tags")
_EVER = Window(datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC))

Writer = Callable[[Iterable[pa.Table], IO[bytes]], int]
"""Tables of RECORDS to a stream; how many records."""


def export(files: Files, series: Sequence[Series], start: datetime | None, end: datetime | None) -> Iterator[pa.Table]:
    """One row a point, in the order of days, then of series, then of time. No table is empty."""
    window = in_utc(Window(start or _EVER.start, end or _EVER.end))
    for source in SOURCES:
        own = [one for one in series if one.source == source]
        for day in days(files, source) if own else ():
            part = clip(day_window(day), window)
            for bundle in _bundles(own) if part else ():
                records = _records(read(files, bundle, part or window), bundle)
                if len(records):
                    yield records


def _bundles(series: Sequence[Series]) -> Iterator[list[Series]]:
    """Neighbours by key, which lie side by side in compacted files; each with about a million points a day."""
    ordered = sorted(series, key=lambda one: one.key)
    ends = accumulate(_DAY_S // one.period_s + 1 for one in ordered)
    numbered = zip((end // _AT_ONCE for end in ends), ordered, strict=True)
    for _, bundle in groupby(numbered, key=lambda pair: pair[0]):
        yield [one for _, one in bundle]


def _records(points: pa.Table, series: Sequence[Series]) -> pa.Table:
    names = as_table(series)
    place = pc.index_in(points["series"], value_set=names["key"].combine_chunks())
    named = names.take(place)
    moments = points["timestamp"].combine_chunks().dictionary_encode()
    keys = pa.array([f"{one.key:016x}-" for one in series])
    # As model.series.point_id has it: hexadecimal, which Arrow cannot write itself.
    each: list[Any] = moments.dictionary.cast(pa.int64()).to_pylist()
    seconds = pa.array([f"{moment // 1000:x}" for moment in each], pa.string())
    ids = pc.binary_join_element_wise(keys.take(place), seconds.take(moments.indices), pa.scalar(""))  # type: ignore[call-overload]
    return pa.table([ids, points["timestamp"], named["source"], named["namespace"], named["metric"], points["value"],
                     named["unit"], named["dimensions"], named["statistic"], named["period_s"], named["account"],
                     named["region"], named["tags"]], schema=RECORDS)


def write_parquet(tables: Iterable[pa.Table], out: IO[bytes]) -> int:
    """Written by this for everybody: the encodings that every reader knows."""
    count = 0
    with pq.ParquetWriter(out, RECORDS, compression="zstd", store_schema=False) as writer:
        for table in tables:
            writer.write_table(table)
            count += len(table)
    return count


def write_csv(tables: Iterable[pa.Table], out: IO[bytes]) -> int:
    """RFC 4180 with a header: timestamps in ISO 8601, dimensions and tags as JSON objects."""
    count = 0
    plain = pa.schema([pa.field(field.name, pa.string() if field.name in ("timestamp", *_MAPS) else field.type)
                       for field in RECORDS])
    with pa_csv.CSVWriter(out, plain) as writer:
        for batch in _slices(tables):
            texts = _texted(batch)
            writer.write_table(pa.table([texts.get(name, batch[name]) for name in RECORDS.names], schema=plain))
            count += len(batch)
    return count


def write_json(tables: Iterable[pa.Table], out: IO[bytes]) -> int:
    """One array, a record on each line. A value that is no finite number is null."""
    count = 0
    out.write(b"[")
    for batch in _slices(tables):
        texts = _texted(batch)
        columns: list[list[Any]] = [texts.get(name, batch[name]).to_pylist() for name in RECORDS.names]
        for place in map(RECORDS.names.index, _MAPS):
            columns[place] = [orjson.Fragment(text) for text in columns[place]]
        for values in zip(*columns, strict=True):
            out.write((b",\n" if count else b"\n") + orjson.dumps(dict(zip(RECORDS.names, values, strict=True))))
            count += 1
    out.write(b"\n]\n")
    return count


WRITERS: Mapping[str, Writer] = {"csv": write_csv, "parquet": write_parquet, "json": write_json}


def _slices(tables: Iterable[pa.Table]) -> Iterator[pa.RecordBatch]:
    """Python's own objects take many times the room of Arrow's: few are made at a time."""
    return (batch for table in tables for batch in table.to_batches(max_chunksize=_ROWS))


def _texted(batch: pa.RecordBatch) -> "dict[str, pa.Array[Any]]":
    """The columns that neither CSV nor JSON has a type for."""
    return {"timestamp": _texts(batch["timestamp"].cast(pa.int64()), _iso),
            **{name: _texts(batch[name], _object) for name in _MAPS}}


def _texts(column: "pa.Array[Any]", text: Callable[[Any], str]) -> "pa.Array[Any]":
    """Each different value is put in words once: they repeat from row to row."""
    known: dict[Any, str] = {}
    out = []
    for value in column.to_pylist():
        key = tuple(value) if isinstance(value, list) else value
        if key not in known:
            known[key] = text(value)
        out.append(known[key])
    return pa.array(out, pa.string())


def _iso(moment_ms: int) -> str:
    return from_ms(moment_ms).isoformat().replace("+00:00", "Z")


def _object(pairs: list[tuple[str, str]]) -> str:
    return orjson.dumps(dict(pairs)).decode()
