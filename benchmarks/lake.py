"""Reading the lake, beside DuckDB over the same points in one Parquet file as DuckDB writes it by default.

The lake is as it stands at noon: thirty days compacted into one file each, today in the files of its five-minute
windows. The one file holds the points in the order in which they were collected.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.benchmark import Benchmark, Given, Side, Size, Work
from watchbill.model.series import Series
from watchbill.model.windows import Window

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

_TODAY = datetime(2026, 3, 2, tzinfo=UTC)
_PERIOD, _HOUR, _DAY = timedelta(minutes=5), timedelta(hours=1), timedelta(days=1)
_LATEST = timedelta(minutes=15)
_BYTES = "bytes a point"
_QUERY = """SELECT series, timestamp, value FROM read_parquet($file)
WHERE timestamp >= $start AND timestamp < $end {only} ORDER BY series, timestamp"""


@contextmanager
def stage(folder: Path, size: Size) -> Iterator[Given]:
    """One metric of many hosts, a point every five minutes. Days are written by the hour, for that is quicker."""
    import duckdb

    from benchmarks.lake_values import values
    from watchbill.lake.lake import Lake

    lake, series = Lake.open("lake", home=folder), _series(size)
    whole = Window(_start(size), _now(size))
    known, tables = values(len(series), whole.length // _PERIOD), []
    for window in (*_split(Window(whole.start, _TODAY), _HOUR), *_split(Window(_TODAY, whole.end), _PERIOD)):
        tables.append(_points(series, window, known, whole.start))
        lake.write("cloudwatch", window, "a", tables[-1], series, collected_at=window.end)
        if window.end <= _TODAY and window.end - _day(window.end) == timedelta(0):
            lake.compact("cloudwatch", window.start.date(), now=whole.end)
    import pyarrow as pa

    points = pa.concat_tables(tables)
    with duckdb.connect() as connection:
        connection.register("points", points)
        connection.execute(f"COPY points TO '{folder}/one.parquet'")
    compacted = list(folder.rglob("compact-*.parquet"))
    ours = sum(path.stat().st_size for path in compacted) / (len(series) * size["days"] * (_DAY // _PERIOD))
    yield {"folder": str(folder), **size, "watchbill_bytes": ours,
           "duckdb_bytes": (folder / "one.parquet").stat().st_size / len(points)}


def _points(series: Sequence[Series], window: Window, known: "np.ndarray[Any, Any]", first: datetime) -> "pa.Table":
    """In the order of a collection: one time after the other, and at each one series after the other."""
    import numpy as np
    import pyarrow as pa

    from benchmarks.parquet import SCHEMA

    start, count = (window.start - first) // _PERIOD, window.length // _PERIOD
    times = int(window.start.timestamp()) * 1000 + 300_000 * np.arange(count)
    columns = [np.tile([one.key for one in series], count), np.repeat(times, len(series)),
               known[:, start:start + count].T.ravel()]
    return pa.table([pa.array(column).cast(kind) for column, kind in zip(columns, SCHEMA.types, strict=True)],
                    schema=SCHEMA)


def _split(whole: Window, step: timedelta) -> list[Window]:
    return [Window(whole.start + number * step, whole.start + (number + 1) * step)
            for number in range(whole.length // step)]


def _series(size: Size) -> list[Series]:
    return [Series("cloudwatch", "123456789012", "eu-west-1", "CWAgent", "cpu_usage_active", "Average", 300,
                   (("host", f"web-{number:04}"),)) for number in range(size["series"])]


def _day(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0)


def _start(size: Size) -> datetime:
    return _TODAY - size["days"] * _DAY


def _now(size: Size) -> datetime:
    return _TODAY + timedelta(minutes=size["live_minutes"])


Question = Callable[[Size], tuple[list[Series], Window]]


def _latest(size: Size) -> tuple[list[Series], Window]:
    return _series(size), Window(_now(size) - _LATEST, _now(size))


def _latest_compacted(size: Size) -> tuple[list[Series], Window]:
    return _series(size), Window(_TODAY - _LATEST, _TODAY)


def _one_series(size: Size) -> tuple[list[Series], Window]:
    return _series(size)[:1], Window(_start(size), _TODAY)


def _by_watchbill(question: Question) -> Side:
    def watchbill(given: Given, _: Path) -> Work:
        from benchmarks.parquet import digest
        from watchbill.lake.lake import Lake

        lake = Lake.open("lake", home=Path(given["folder"]))
        series, window = question(given)
        return Work(lambda _: len(lake.read(series, window)), given["reads"],
                    lambda: digest(lake.read(series, window)),
                    facts=lambda: {_BYTES: f"{given['watchbill_bytes']:.2f}"})
    return watchbill


def _by_duckdb(question: Question) -> Side:
    def duckdb(given: Given, _: Path) -> Work:
        import duckdb

        from benchmarks.parquet import digest

        connection = duckdb.connect()
        series, window = question(given)
        asked = {"file": f"{given['folder']}/one.parquet", "start": window.start, "end": window.end}
        only = f"AND series = {series[0].key}" if len(series) < given["series"] else ""

        def read() -> "pa.Table":
            found: pa.Table = connection.sql(_QUERY.format(only=only), params=asked).to_arrow_table()
            return found
        return Work(lambda _: len(read()), given["reads"], lambda: digest(read()),
                    facts=lambda: {_BYTES: f"{given['duckdb_bytes']:.2f}"})
    return duckdb


def _benchmark(name: str, title: str, question: Question) -> Benchmark:
    return Benchmark(
        name, title, "a read", baseline="DuckDB, one file",
        sides={"DuckDB, one file": _by_duckdb(question), "watchbill": _by_watchbill(question)}, stage=stage,
        full={"series": 1000, "days": 30, "live_minutes": 720, "reads": 20},
        tiny={"series": 3, "days": 1, "live_minutes": 20, "reads": 2})


LATEST = _benchmark("lake-latest", "Lake: the last 15 minutes of 1,000 series", _latest)
LATEST_COMPACTED = _benchmark("lake-latest-compacted", "Lake: the last 15 minutes of 1,000 series, of a compacted day",
                              _latest_compacted)
ONE_SERIES = _benchmark("lake-one-series", "Lake: one of 1,000 series over 30 days", _one_series)
