"""What the keys in the points' files mean: every series that was ever collected, by source.

A collection adds only what is not known yet, so the table stays small; files are never changed, so what was
read once is kept.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from watchbill.lake.files import Files, damaged
from watchbill.lake.layout import StoredFile, series_folder, series_path
from watchbill.lake.listing import on_settled
from watchbill.lake.points import floor_ms, footer
from watchbill.lake.schema import MOMENT, NOTE, VERSION, check_version, version
from watchbill.model.series import Series, Source

_COLUMNS: dict[str, pa.DataType] = {
    "key": pa.int64(), "source": pa.string(), "account": pa.string(), "region": pa.string(),
    "namespace": pa.string(), "metric": pa.string(), "statistic": pa.string(), "period_s": pa.int64(),
    "dimensions": pa.map_(pa.string(), pa.string()), "unit": pa.string(),
    "tags": pa.map_(pa.string(), pa.string()),
}
_NAMED = pa.schema(_COLUMNS)
_STORED = _NAMED.append(pa.field("collected_at", MOMENT))


class SeriesTable:
    """Of the rows for one key the newest unit and the newest tags count that are not empty."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._read: dict[str, list[dict[str, Any]]] = {}  # rows by path
        self._named: dict[Source, tuple[frozenset[str], dict[int, Series]]] = {}  # what these paths say together

    def all(self, source: Source) -> dict[int, Series]:
        """Every series of the source by its key."""
        paths = frozenset(file.path for file in self._listed(source))
        if source not in self._named or self._named[source][0] != paths:
            found, rows = self._gather(source)
            named = {key: _series(row) for key, row in rows.items()}
            self._named[source] = frozenset(file.path for file in found), named
        return dict(self._named[source][1])

    def add(self, source: Source, series: Iterable[Series], collected_at: datetime) -> int:
        """Bytes written; 0 where all of them were known."""
        known = self._rows(source)
        new = [one for one in series if one.key not in known or one.unit not in ("", known[one.key]["unit"])
               or one.tags not in ((), tuple(known[one.key]["tags"]))]
        return self._put(source, [_row(one, collected_at) for one in new]) if new else 0

    def compact(self, source: Source, *, now: datetime) -> int:
        """Makes one file of all; how many files it replaced. Death in between leaves rows twice, no fewer."""
        self._files.sweep(series_folder(source), now)
        found, rows = self._gather(source)
        if not found or (len(found) < 2 and not self._old(found)):
            return 0
        content = _encode(list(rows.values()))
        kept = series_path(source, memoryview(content))
        self._files.put(kept, content)
        replaced = [file.path for file in found if file.path != kept]
        self._files.delete(replaced)
        return len(replaced)

    def is_old(self, source: Source) -> bool:
        """Whether a file of an older version is among them."""
        return on_settled(self._files, lambda: self._listed(source), self._old)

    def _old(self, found: Sequence[StoredFile]) -> bool:
        return any(version(footer(self._files, file).metadata) < VERSION for file in found)

    def _rows(self, source: Source) -> dict[int, dict[str, Any]]:
        return self._gather(source)[1]

    def _gather(self, source: Source) -> tuple[list[StoredFile], dict[int, dict[str, Any]]]:
        """The files and what they say together, by key."""
        def read(found: list[StoredFile]) -> tuple[list[StoredFile], dict[int, dict[str, Any]]]:
            every = [row for file in found for row in self._decoded(file)]
            every.sort(key=lambda row: (row["key"], row["collected_at"], row["unit"], row["tags"]))
            merged: dict[int, dict[str, Any]] = {}
            for row in every:
                before = merged.get(row["key"], row)
                merged[row["key"]] = {**row, **{name: row[name] or before[name] for name in ("unit", "tags")}}
            return found, merged

        return on_settled(self._files, lambda: self._listed(source), read)

    def _listed(self, source: Source) -> list[StoredFile]:
        return self._files.listed(series_folder(source))

    def _decoded(self, file: StoredFile) -> list[dict[str, Any]]:
        if file.path not in self._read:
            self._read[file.path] = self._decode(file)
        return self._read[file.path]

    def _decode(self, file: StoredFile) -> list[dict[str, Any]]:
        content = self._files.read(file.path)
        try:
            return _decoded(self._files.full(file.path), content)
        except (OSError, ValueError, pa.ArrowException) as error:
            raise damaged(self._files.full(file.path), error) from error

    def _put(self, source: Source, rows: list[dict[str, Any]]) -> int:
        content = _encode(sorted(rows, key=lambda row: int(row["key"])))
        self._files.put(series_path(source, memoryview(content)), content)
        return content.size


def as_table(series: Sequence[Series]) -> pa.Table:
    """key, source, account, region, namespace, metric, statistic, period_s, dimensions (map), unit, tags (map)."""
    rows = [{"key": one.key, **one.to_json(), "dimensions": one.dimensions, "tags": one.tags} for one in series]
    return pa.Table.from_pylist(rows, _NAMED)


def keyed(path: str, content: pa.Buffer) -> dict[int, Series]:
    """The series of one file by the keys beside them. LakeError for a newer version; may raise what Arrow raises."""
    return {row["key"]: _series(row) for row in _decoded(path, content)}


def _decoded(path: str, content: pa.Buffer) -> list[dict[str, Any]]:
    table = pq.read_table(pa.BufferReader(content), page_checksum_verification=True)
    check_version(path, table.schema.metadata)
    if version(table.schema.metadata) < 2:
        table = table.add_column(table.num_columns - 1, "tags", pa.array([()] * len(table), _NAMED.field("tags").type))
    table = table.cast(_STORED)
    moments = table["collected_at"].cast(pa.int64())
    rows: list[dict[str, Any]] = table.set_column(len(_COLUMNS), "collected_at", moments).to_pylist()
    return rows


def _row(series: Series, collected_at: datetime) -> dict[str, Any]:
    return {"key": series.key, **series.to_json(), "dimensions": series.dimensions,
            "tags": series.tags, "collected_at": floor_ms(collected_at)}


def _series(row: dict[str, Any]) -> Series:
    words = {name: row[name] for name in row if name not in ("key", "collected_at", "dimensions", "tags")}
    return Series(**words, dimensions=tuple(row["dimensions"]), tags=tuple(row["tags"]))


def _encode(rows: list[dict[str, Any]]) -> pa.Buffer:
    sink = pa.BufferOutputStream()
    with pq.ParquetWriter(sink, _STORED, compression="zstd", store_schema=False, write_page_checksum=True) as writer:
        writer.write_table(pa.Table.from_pylist(rows, _STORED))
        writer.add_key_value_metadata({NOTE: str(VERSION)})
    return sink.getvalue()
