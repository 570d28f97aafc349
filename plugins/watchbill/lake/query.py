"""SQL over the whole lake, for people: the views `points`, one row per point, and `series`. It only reads.

DuckDB sees the files only through Arrow, so a bucket needs no extension; a filter on `timestamp` or `source`
opens only the days that it needs.
"""

import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast

import duckdb
import pyarrow as pa
import pyarrow.dataset as ds

from watchbill.lake.files import Files
from watchbill.lake.layout import StoredFile, day_window, points_folder
from watchbill.lake.listing import on_settled
from watchbill.lake.opened import check_contents
from watchbill.lake.points import inside, says_nothing
from watchbill.lake.schema import STORED
from watchbill.lake.series_table import SeriesTable, as_table
from watchbill.model.failures import LakeError
from watchbill.model.series import SOURCES
from watchbill.model.windows import Window

_FORMAT = ds.ParquetFileFormat(default_fragment_scan_options=ds.ParquetFragmentScanOptions(pre_buffer=True))
_MOST_S = 60
_READING = {duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN}
_SERIES = """CREATE VIEW series AS
SELECT source, namespace, metric AS name, unit, dimensions, statistic, period_s AS period, account, region, tags
FROM series_table"""
# A day with one file holds each point once already; only the others need the newest picked out.
_SOURCE = """SELECT '{source}' AS source, series, timestamp, value,
    coalesce(vanished, false) AS vanished FROM {source}_single
UNION ALL
SELECT source, series, timestamp, last.v, NOT last.there FROM (
    SELECT '{source}' AS source, series, timestamp,
        max({{'c': collected_at, 'v': value, 'there': NOT coalesce(vanished, false)}}) AS last
    FROM {source}_several GROUP BY series, timestamp)"""
_POINTS = """CREATE VIEW points AS
SELECT format('{{:016x}}-{{:x}}', p.series, epoch_ms(p.timestamp) // 1000) AS id, p.timestamp, p.source,
    s.namespace, s.metric AS name, p.value, s.unit, s.dimensions, s.statistic, s.period_s AS period,
    s.account, s.region, s.tags, p.vanished
FROM ({points}) p JOIN series_table s ON s.key = p.series"""


def sql(files: Files, known: SeriesTable, query: str, window: Window | None = None) -> pa.Table:
    """The rows of one SELECT. Raises LakeError for any other statement, a wrong one and a damaged lake.

    With a window, `points` are those inside it, and the query may take no more than a minute and a gigabyte.

    `points`: id, timestamp, source, namespace, name, value, unit, dimensions (map), statistic, period
    (seconds), account, region, tags (map), vanished. `series`: the same without id, timestamp, value and vanished.
    """
    def answer(found: list[StoredFile]) -> pa.Table:
        with tempfile.TemporaryDirectory(prefix="watchbill-sql-") as spill, duckdb.connect() as connection:
            faults: list[LakeError] = []
            _offer(connection, files, known, found, spill, faults, window)
            with _limited(connection, _MOST_S if window else None):
                return _answer(connection, query, faults)

    files.check_versions()
    return on_settled(files, lambda: files.listed("points", recursive=True), answer)


def _offer(connection: duckdb.DuckDBPyConnection, files: Files, known: SeriesTable,
           found: Sequence[StoredFile], spill: str, faults: list[LakeError],
           window: Window | None) -> None:
    """Registers the tables and views, then locks the door: no file, no network, no setting can be reached."""
    for source in SOURCES:
        own = [file for file in found if file.path.startswith(f"{points_folder(source)}/")]
        many = Counter(file.day for file in own)
        connection.register(f"{source}_single", _dataset(files, [f for f in own if many[f.day] == 1], faults))
        connection.register(f"{source}_several", _dataset(files, [f for f in own if many[f.day] > 1], faults))
    series = [one for source in SOURCES for one in known.all(source).values()]
    connection.register("series_table", as_table(series))
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(_SERIES)
    points = "\nUNION ALL\n".join(_SOURCE.format(source=s) for s in SOURCES)
    if window:
        start, end = (edge.isoformat() for edge in (window.start, window.end))
        points = (f"SELECT * FROM ({points}) WHERE timestamp >= TIMESTAMPTZ '{start}' "  # noqa: S608 - our own times
                  f"AND timestamp < TIMESTAMPTZ '{end}'")
        connection.execute("SET memory_limit = '1GB'")
    connection.execute(_POINTS.format(points=points))
    connection.execute("SET temp_directory = ?", [spill])
    connection.execute("SET python_enable_replacements = false")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


class _Checked(ds.FileSystemDataset):
    """Every file is held against its name before Arrow may open it; DuckDB calls `scanner` with its filter."""

    check: Callable[[list[str]], None]  # takes paths as Arrow has them

    def scanner(self, **given: Any) -> ds.Scanner:  # type: ignore[override]  # it gives columns and filter by name
        self.check([fragment.path for fragment in self.get_fragments(given.get("filter"))])
        return super().scanner(**given)


@contextmanager
def _limited(connection: duckdb.DuckDBPyConnection, most_s: float | None) -> Iterator[None]:
    """Ends what takes longer."""
    timer = threading.Timer(most_s or 0, connection.interrupt)
    if most_s:
        timer.start()
    try:
        yield
    except duckdb.InterruptException:
        raise LakeError(f"the query took longer than {most_s:g} s") from None
    finally:
        timer.cancel()


def _dataset(files: Files, found: Sequence[StoredFile], faults: list[LakeError]) -> ds.Dataset:
    """The stored points of these files; a filter on `timestamp` opens only the days that it needs.

    What is wrong with a file is added to `faults`, since DuckDB makes errors of its own of ours.
    """
    sound, by_path = set[str](), {files.full(file.path): file for file in found}

    def check(paths: list[str]) -> None:
        new = [path for path in paths if path not in sound]
        try:
            check_contents(files, [by_path[path] for path in new])
        except LakeError as error:
            faults.append(error)
            raise
        sound.update(new)

    fragments = [
        _FORMAT.make_fragment(files.full(file.path), files.filesystem, file_size=file.size_bytes,
                              partition_expression=inside(day_window(file.day)))
        for file in found if file.day and not says_nothing(file)
    ]
    dataset = _Checked(fragments, STORED, _FORMAT, files.filesystem)
    dataset.check = check
    return dataset


def _answer(connection: duckdb.DuckDBPyConnection, query: str, faults: Sequence[LakeError]) -> pa.Table:
    try:
        statements = connection.extract_statements(query)
        if len(statements) != 1 or statements[0].type not in _READING:
            raise LakeError("the lake answers one SELECT at a time and changes nothing")
        return cast(pa.Table, connection.sql(statements[0]).to_arrow_table())
    except duckdb.InterruptException:
        raise
    except duckdb.Error as error:
        if faults:
            raise faults[0] from error
        reason = " ".join(str(error).split("\nLINE ")[0].split())
        raise LakeError(f"the query failed: {reason}") from error
