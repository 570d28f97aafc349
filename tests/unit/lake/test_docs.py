"""docs/lake.md is true: what can run here is run on a lake as it is written, and the rest is held to its files."""

import re
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from tests.unit.lake.given import a_series, minute, points, window
from watchbill.lake.lake import Lake

DOCS = (Path(__file__).parents[3] / "docs/lake.md").read_text()
ONE = a_series(unit="Milliseconds", service="checkout")
HIVE = {"int64": "bigint", "double": "double", "bool": "boolean", "string": "string",
        "timestamp[ms, tz=UTC]": "timestamp", "map<string, string": "map<string, string>"}
DAY = minute(0).date()


def snippet(language: str) -> str:
    [text] = re.findall(rf"```{language}\n(.*?)```", DOCS, re.DOTALL)
    return text


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A lake with a point that was corrected, a unit that came late and a day that is compacted."""
    lake = Lake.open(str(tmp_path), home=tmp_path)
    nameless = a_series(service="checkout")
    lake.write("cloudwatch", window(0, 5), 0, points((nameless, {0: 9.0, 1: 2.0})), [nameless], collected_at=minute(5))
    lake.write("cloudwatch", window(0, 4), 0, points((ONE, {0: 1.0})), [ONE], collected_at=minute(6))
    lake.write("cloudwatch", window(1440, 1445), 0, points((ONE, {1440: 3.0})), [ONE], collected_at=minute(1445))
    lake.write("cloudwatch", window(1441, 1446), 0, points((ONE, {1441: 4.0})), [ONE], collected_at=minute(1446))
    lake.compact("cloudwatch", minute(1440).date(), now=minute(3000))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_duckdb_reads_the_files_as_the_page_says(folder: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        found = connection.sql(snippet("sql")).fetchall()
    assert [(*row[:3], row[3].minute, *row[4:]) for row in found] == [
        ("shop", "latency", "checkout", at % 60, value, "Milliseconds")
        for at, value in ((0, 1.0), (1, 2.0), (1440, 3.0), (1441, 4.0))]


def test_pyarrow_reads_the_files_as_the_page_says(folder: Path) -> None:
    given: dict = {}
    exec(snippet("python"), given)
    rows = sorted(given["records"].to_pylist(), key=lambda row: row["timestamp"])
    assert [(row["value_last"], row["metric_max"], row["unit_max"]) for row in rows] == [
        (1.0, "latency", "Milliseconds"), (2.0, "latency", "Milliseconds")]


def test_pandas_takes_the_records(folder: Path) -> None:
    pytest.importorskip("pandas", reason="pandas is not among the product's needs")
    given: dict = {}
    exec(snippet("python"), given)
    assert list(given["records"].to_pandas()["value_last"]) == [1.0, 2.0]


@pytest.mark.parametrize(("table", "pattern"), [("watchbill_points", "points/*/*/*.parquet"),
                                                ("watchbill_series", "series/*/*.parquet")])
def test_athenas_tables_have_the_columns_of_the_files(folder: Path, table: str, pattern: str) -> None:
    [body] = re.findall(rf"EXTERNAL TABLE {table} \(\n(.*?)\n\)", snippet("athena"), re.DOTALL)
    told = dict(re.findall(r"`?(\w+)`? (.+?),?$", body, re.MULTILINE))
    for path in folder.glob(pattern):
        schema = pq.read_schema(path)
        held = {field.name: HIVE[str(field.type).split(" ('")[0]] for field in schema if field.name != "source"}
        assert told == held


def test_athenas_partitions_lie_where_the_files_lie(folder: Path) -> None:
    templates = re.findall(r"'storage.location.template' = 's3://BUCKET/PREFIX/(.*?)'", snippet("athena"))
    places = [template.replace("${source}", "cloudwatch").replace("${date}", str(DAY)) for template in templates]
    assert len(places) == 2
    assert all(list((folder / place).glob("*.parquet")) for place in places)


def test_athenas_view_makes_one_record_of_each_point(folder: Path) -> None:
    [view] = re.findall(r"CREATE VIEW watchbill_records AS\n(.*?);", snippet("athena"), re.DOTALL)
    with duckdb.connect() as connection:
        connection.sql("CREATE VIEW watchbill_points AS FROM read_parquet('points/*/*/*.parquet', "
                       "hive_partitioning = true)")
        connection.sql("CREATE VIEW watchbill_series AS FROM read_parquet('series/*/*.parquet')")
        rows = connection.sql(f"SELECT value, unit FROM ({view}) ORDER BY timestamp").fetchall()
    assert rows == [(value, "Milliseconds") for value in (1.0, 2.0, 3.0, 4.0)]


def test_the_encodings_are_those_that_the_page_names(folder: Path) -> None:
    used: set[str] = set()
    for path in folder.glob("points/*/*/*.parquet"):
        held = pq.read_metadata(path)
        for group in range(held.num_row_groups):
            for column in range(held.num_columns):
                used.update(held.row_group(group).column(column).encodings)
                assert held.row_group(group).column(column).compression == "ZSTD"
    unusual = used - {"PLAIN", "RLE", "RLE_DICTIONARY", "PLAIN_DICTIONARY"}
    assert unusual == {"DELTA_BINARY_PACKED", "BYTE_STREAM_SPLIT"}
    assert all(f"`{name}`" in DOCS for name in unusual)
