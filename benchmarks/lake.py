"""Reading the lake, beside DuckDB over the same points in one Parquet file as pyarrow writes it by default.

The lake is as it stands at noon: yesterday compacted into one file, today in the files of its five-minute
windows. The one file holds the points in the order in which they were collected.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.benchmark import Benchmark, Given, Size, Work
from watchbill.model.series import Series
from watchbill.model.windows import Window

if TYPE_CHECKING:
    import pyarrow as pa

_TODAY = datetime(2026, 3, 2, tzinfo=UTC)
_LIVE = timedelta(minutes=5)
_QUERY = """SELECT series, timestamp, value FROM read_parquet($file)
WHERE timestamp >= $start AND timestamp < $end {only} ORDER BY series, timestamp"""


@contextmanager
def stage(folder: Path, size: Size) -> Iterator[Given]:
    """One metric of many hosts, a point a minute."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from watchbill.lake.lake import Lake

    lake, series = Lake.open("lake", home=folder), _series(size)
    yesterday, today = Window(_TODAY - timedelta(days=1), _TODAY), Window(_TODAY, _now(size))
    written = []
    for window in (*_split(yesterday, timedelta(hours=12)), *_split(today, _LIVE)):
        written.append(_points(series, window))
        lake.write("cloudwatch", window, 0, written[-1], series, collected_at=window.end)
    lake.compact("cloudwatch", yesterday.start.date(), now=_TODAY)
    pq.write_table(pa.concat_tables(written), folder / "one.parquet")
    yield {"folder": str(folder), **size}


def _points(series: Sequence[Series], window: Window) -> "pa.Table":
    """In the order of a collection: one five-minute window after the other, and in each one series after the other."""
    import numpy as np
    import pyarrow as pa

    from benchmarks.parquet import SCHEMA

    parts = _split(window, _LIVE)
    starts_ms = np.array([int(part.start.timestamp()) * 1000 for part in parts]).reshape(-1, 1, 1)
    shape = (len(parts), len(series), _LIVE // timedelta(minutes=1))
    keys = np.array([one.key for one in series]).reshape(1, -1, 1)
    times = starts_ms + 60_000 * np.arange(shape[-1])
    values = np.random.default_rng(int(window.start.timestamp())).normal(50, 15, shape)
    columns = [np.broadcast_to(column, shape).ravel() for column in (keys, times, values)]
    return pa.table([pa.array(column).cast(kind) for column, kind in zip(columns, SCHEMA.types, strict=True)],
                    schema=SCHEMA)


def _split(whole: Window, step: timedelta) -> list[Window]:
    return [Window(whole.start + number * step, whole.start + (number + 1) * step)
            for number in range(whole.length // step)]


def _series(size: Size) -> list[Series]:
    return [Series("cloudwatch", "123456789012", "eu-west-1", "CWAgent", "cpu_usage_active", "Average", 60,
                   (("host", f"web-{number:04}"),)) for number in range(size["series"])]


def _now(size: Size) -> datetime:
    return _TODAY + timedelta(minutes=size["live_minutes"])


def _latest(size: Size) -> tuple[list[Series], Window]:
    return _series(size), Window(_now(size) - timedelta(minutes=15), _now(size))


def _one_series(size: Size) -> tuple[list[Series], Window]:
    return _series(size)[:1], Window(_now(size) - timedelta(days=1), _now(size))


Question = Callable[[Size], tuple[list[Series], Window]]


def _by_watchbill(question: Question) -> Callable[[Given, Path], Work]:
    def watchbill(given: Given, _: Path) -> Work:
        from benchmarks.parquet import digest
        from watchbill.lake.lake import Lake

        lake = Lake.open("lake", home=Path(given["folder"]))
        series, window = question(given)
        return Work(lambda _: len(lake.read(series, window)), given["reads"],
                    lambda: digest(lake.read(series, window)))
    return watchbill


def _by_duckdb(question: Question) -> Callable[[Given, Path], Work]:
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
        return Work(lambda _: len(read()), given["reads"], lambda: digest(read()))
    return duckdb


def _benchmark(name: str, title: str, question: Question) -> Benchmark:
    return Benchmark(
        name, title, "a read", baseline="DuckDB, one file",
        sides={"DuckDB, one file": _by_duckdb(question), "watchbill": _by_watchbill(question)}, stage=stage,
        full={"series": 1000, "live_minutes": 720, "reads": 10}, tiny={"series": 3, "live_minutes": 20, "reads": 2})


LATEST = _benchmark("lake-latest", "Lake: the last 15 minutes of 1,000 series", _latest)
ONE_SERIES = _benchmark("lake-one-series", "Lake: one of 1,000 series over a day", _one_series)
