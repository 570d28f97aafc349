"""What the keys in the points' files mean: every series that was ever collected, by source.

A collection adds only what is not known yet, so the table stays small; files are never changed, so what was
read once is kept. It looks only at its own keys: what that takes must not grow with all the others.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from watchbill.lake.files import DamagedError, Files, damaged
from watchbill.lake.layout import StoredFile, series_folder, series_path
from watchbill.lake.listing import on_settled
from watchbill.lake.opened import check_content, footer
from watchbill.lake.points import floor_ms
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
_SAID = pa.schema([_STORED.field(name) for name in ("key", "collected_at", "unit", "tags")])


class SeriesTable:
    """Of the rows for one key the newest unit and the newest tags count that are not empty."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._tables: dict[str, pa.Table] = {}  # by path
        self._read: dict[str, list[dict[str, Any]]] = {}  # their rows
        self._said: dict[Source, tuple[frozenset[str], pa.Table]] = {}  # _SAID of all these paths
        self._named: dict[Source, tuple[frozenset[str], dict[int, Series]]] = {}  # what these paths say together
        self._added: dict[Source, tuple[frozenset[str], list[Any]]] = {}  # last, and where all of them lie

    def all(self, source: Source) -> dict[int, Series]:
        """Every series of the source by its key."""
        paths = frozenset(file.path for file in self._listed(source))
        if source not in self._named or self._named[source][0] != paths:
            found, rows = self._gather(source)
            named = {key: _series(row) for key, row in rows.items()}
            self._named[source] = frozenset(file.path for file in found), named
        return dict(self._named[source][1])

    def rows(self, source: Source) -> pa.Table:
        """The same by columns, one row a series, in no order: key, source, account, region, namespace, metric,
        statistic, period_s, dimensions (map), unit, tags (map).
        """
        tables = on_settled(self._files, lambda: self._listed(source),
                            lambda found: [self._table(file).select(_NAMED.names) for file in found])
        whole = pa.concat_tables([_NAMED.empty_table(), *tables])
        if pc.count_distinct(whole["key"]).as_py() == len(whole):
            return whole
        return as_table(list(self.all(source).values()))

    def add(self, source: Source, series: Iterable[Series], collected_at: datetime) -> int:
        """Bytes written; 0 where all of them were known."""
        series = list(series)
        said = [(one.key, one.unit, one.tags) for one in series]
        if self._said_before(source, said):
            return 0
        known = self._known(source, [one.key for one in series])
        held = self._said[source][0] if source in self._said else frozenset()
        new = [one for one in series if one.key not in known or one.unit not in ("", known[one.key]["unit"])
               or one.tags not in ((), tuple(known[one.key]["tags"]))]
        if new:
            path, size = self._put(source, [_row(one, collected_at) for one in new])
            self._added[source] = held | {path}, said
            return size
        self._added[source] = held, said
        return 0

    def _said_before(self, source: Source, said: list[Any]) -> bool:
        """Whether the same was added last, as the next window of a history does, and the files are still the same."""
        paths, before = self._added.get(source, (frozenset(), []))
        return before == said and paths == frozenset(file.path for file in self._listed(source))

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

    def _known(self, source: Source, keys: Sequence[int]) -> dict[int, dict[str, Any]]:
        """Unit and tags of those of the keys that are in the table."""
        said = on_settled(self._files, lambda: self._listed(source), lambda found: self._all_said(source, found))
        mine = said.filter(pc.is_in(said["key"], value_set=pa.array(keys, pa.int64())))
        return _merged(_rows(mine))

    def _all_said(self, source: Source, found: Sequence[StoredFile]) -> pa.Table:
        paths = frozenset(file.path for file in found)
        held, said = self._said.get(source, (frozenset(), _SAID.empty_table()))
        if not held <= paths:  # compacted or set aside
            held, said = frozenset(), _SAID.empty_table()
        new = {file.path: table for file in found if file.path not in held and (table := self._sound(file))}
        if new:
            said = pa.concat_tables([said, *(table.select(_SAID.names) for table in new.values())])
            self._said[source] = held | new.keys(), said
        return said

    def _sound(self, file: StoredFile) -> pa.Table | None:
        """None where it is damaged: `verify` finds it, and until it is set aside its names are written once more."""
        try:
            return self._table(file)
        except DamagedError:
            return None

    def _gather(self, source: Source) -> tuple[list[StoredFile], dict[int, dict[str, Any]]]:
        """The files and what they say together, by key."""
        def read(found: list[StoredFile]) -> tuple[list[StoredFile], dict[int, dict[str, Any]]]:
            return found, _merged([row for file in found for row in self._decoded(file)])

        return on_settled(self._files, lambda: self._listed(source), read)

    def _listed(self, source: Source) -> list[StoredFile]:
        return self._files.listed(series_folder(source))

    def _decoded(self, file: StoredFile) -> list[dict[str, Any]]:
        if file.path not in self._read:
            self._read[file.path] = _rows(self._table(file))
        return self._read[file.path]

    def _table(self, file: StoredFile) -> pa.Table:
        if file.path not in self._tables:
            content = self._files.read(file.path)
            try:
                check_content(file, content)
                self._tables[file.path] = _decoded(self._files.full(file.path), content)
            except (OSError, ValueError, pa.ArrowException) as error:
                raise damaged(self._files.full(file.path), error) from error
        return self._tables[file.path]

    def _put(self, source: Source, rows: list[dict[str, Any]]) -> tuple[str, int]:
        """Where they lie now, and bytes."""
        content = _encode(sorted(rows, key=lambda row: int(row["key"])))
        path = series_path(source, memoryview(content))
        self._files.put(path, content)
        return path, content.size


def as_table(series: Sequence[Series]) -> pa.Table:
    """key, source, account, region, namespace, metric, statistic, period_s, dimensions (map), unit, tags (map)."""
    rows = [{"key": one.key, **one.to_json(), "dimensions": one.dimensions, "tags": one.tags} for one in series]
    return pa.Table.from_pylist(rows, _NAMED)


def keyed(path: str, content: pa.Buffer) -> dict[int, Series]:
    """The series of one file by the keys beside them. LakeError for a newer version; may raise what Arrow raises."""
    return {row["key"]: _series(row) for row in _rows(_decoded(path, content))}


def _decoded(path: str, content: pa.Buffer) -> pa.Table:
    table = pq.read_table(pa.BufferReader(content))
    check_version(path, table.schema.metadata)
    if version(table.schema.metadata) < 2:
        table = table.add_column(table.num_columns - 1, "tags", pa.array([()] * len(table), _NAMED.field("tags").type))
    return table.cast(_STORED)


def _rows(table: pa.Table) -> list[dict[str, Any]]:
    place = table.column_names.index("collected_at")
    moments = table["collected_at"].cast(pa.int64())
    rows: list[dict[str, Any]] = table.set_column(place, "collected_at", moments).to_pylist()
    return rows


def _merged(rows: list[dict[str, Any]]) -> dict[int, dict[str, Any]]:
    """One row a key, sorted."""
    merged: dict[int, dict[str, Any]] = {}
    for row in sorted(rows, key=lambda row: (row["key"], row["collected_at"], row["unit"], row["tags"])):
        before = merged.get(row["key"], row)
        merged[row["key"]] = {**row, **{name: row[name] or before[name] for name in ("unit", "tags")}}
    return merged


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
