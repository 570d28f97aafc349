"""SQL reads the lake and reaches nothing else."""

from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import fs

from tests.unit.lake.faulty_disk import Death, FaultyDisk
from tests.unit.lake.given import a_series, minute, points, window
from watchbill.lake.lake import Lake
from watchbill.model.failures import LakeError

CHECKOUT, DOGS = a_series(service="checkout"), a_series(source="datadog", service="checkout")
DAY_S = 24 * 60


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Two days of CloudWatch in one file each, one of Datadog in two."""
    lake = Lake(fs.LocalFileSystem(), str(tmp_path / "lake"))
    for start in (0, DAY_S):
        given = points((CHECKOUT, {start: 1.0, start + 1: 2.0}))
        lake.write("cloudwatch", window(start, start + 5), 0, given, [CHECKOUT],
                   collected_at=minute(start + 5))
    for start in (0, 2):
        lake.write("datadog", window(start, start + 5), 0, points((DOGS, {2: 10.0 + start})), [DOGS],
                   collected_at=minute(start + 5))
    return lake


def test_several_files_of_a_day_say_each_point_once(lake: Lake) -> None:
    answer = lake.sql("SELECT source, count(*) AS n, sum(value) AS total FROM points GROUP BY 1 ORDER BY 1")
    assert answer.to_pylist() == [{"source": "cloudwatch", "n": 4, "total": 6.0},
                                  {"source": "datadog", "n": 1, "total": 12.0}]


def test_a_filter_on_time_or_source_opens_only_the_days_that_it_needs(lake: Lake, tmp_path: Path) -> None:
    for file in tmp_path.glob("lake/points/*/date=2026-01-31/*"):
        file.write_bytes(b"damaged")
    late = lake.sql("SELECT value FROM points WHERE timestamp >= '2026-02-01' ORDER BY timestamp")
    assert late.to_pylist() == [{"value": 1.0}, {"value": 2.0}]
    with pytest.raises(LakeError, match=r"source=cloudwatch/.* is damaged"):
        lake.sql("SELECT value FROM points WHERE source = 'cloudwatch'")
    with pytest.raises(LakeError, match="is damaged"):
        lake.sql("SELECT value FROM points")


def test_times_are_utc_whatever_the_machine_says(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Seoul")
    answer = lake.sql("SELECT timestamp::VARCHAR AS at, hour(timestamp) AS h FROM points ORDER BY 1 LIMIT 1")
    assert answer.to_pylist() == [{"at": "2026-01-31 12:00:00+00", "h": 12}]


def test_the_series_can_be_asked_for_too(lake: Lake) -> None:
    answer = lake.sql("SELECT name, dimensions['service'] AS service FROM series WHERE source = 'datadog'")
    assert answer.to_pylist() == [{"name": "latency", "service": "checkout"}]
    assert lake.sql("DESCRIBE points").num_rows == 14
    assert lake.sql("EXPLAIN SELECT * FROM points").num_rows == 1


@pytest.mark.parametrize("statement", [
    "COPY points TO '{0}'", "CREATE TABLE t AS SELECT 1", "DROP VIEW points", "ATTACH '{0}' AS other",
    "INSTALL httpfs", "LOAD icu", "SET enable_external_access = true", "PRAGMA version", "SELECT 1; SELECT 2",
    "EXPORT DATABASE '{0}'", "CALL pragma_version()", "INSERT INTO points VALUES (1)", "",
])
def test_any_other_statement_is_refused(lake: Lake, tmp_path: Path, statement: str) -> None:
    with pytest.raises(LakeError, match="one SELECT at a time"):
        lake.sql(statement.format(tmp_path / "out"))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("query", [
    "SELECT * FROM read_csv('{0}')", "SELECT * FROM read_text('{0}')", "SELECT * FROM '{0}'",
    "SELECT * FROM glob('{0}')", "SELECT * FROM read_parquet('s3://elsewhere/x.parquet')",
    "SELECT * FROM 'https://example.com/x.csv'", "SELECT * FROM points, read_blob('{0}')",
    "EXPLAIN ANALYZE COPY (SELECT 1) TO '{0}.copy'",
])
def test_no_file_beyond_the_lake_can_be_reached(lake: Lake, tmp_path: Path, query: str) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("a,b\n1,2\n")
    with pytest.raises(LakeError, match=r"the query failed: (Permission|Catalog) Error") as refusal:
        lake.sql(query.format(secret))
    assert "1,2" not in str(refusal.value)
    assert not Path(f"{secret}.copy").exists()


def test_no_variable_of_the_program_can_be_read(lake: Lake) -> None:
    outside = pa.table({"secret": [1]})
    with pytest.raises(LakeError, match="outside does not exist"):
        lake.sql("SELECT * FROM outside")
    assert outside.num_rows == 1


@pytest.mark.parametrize(("query", "said"), [
    ("SELEC 1", "the query failed: Parser Error: syntax error at or near \"SELEC\""),
    ("SELECT valeu FROM points", "Candidate bindings: .*\"value\""),
    ("SELECT * FROM metrics", "Table with name metrics does not exist"),
    ("SELECT source::INTEGER FROM points", "Conversion Error: Could not convert string"),
])
def test_a_wrong_query_is_told_in_one_line(lake: Lake, query: str, said: str) -> None:
    with pytest.raises(LakeError, match=said) as refusal:
        lake.sql(query)
    assert "\n" not in str(refusal.value)


def test_a_file_that_goes_while_it_is_asked_for_is_looked_for_again(lake: Lake, tmp_path: Path) -> None:
    """As a compaction takes files away after they were listed, and before they are opened."""
    gone: list[Path] = []

    class Hasty(FaultyDisk):
        def open_input_file(self, path: str) -> pa.NativeFile:
            if "points/source=datadog" in path and not gone:
                lake.compact("datadog", minute(0).date(), now=minute(3000))
                gone.append(Path(path))
            return super().open_input_file(path)

    hasty = Lake(fs.PyFileSystem(Hasty(1000, Death())), str(tmp_path / "lake"))
    answer = hasty.sql("SELECT value FROM points WHERE source = 'datadog'")
    assert answer.to_pylist() == [{"value": 12.0}]
    assert not gone[0].exists()
