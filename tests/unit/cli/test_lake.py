"""Stories of `watchbill lake`, as they are read in a terminal."""

import json
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from tests.unit.cli.terminal import Said, watchbill
from watchbill.lake.lake import Lake
from watchbill.model.series import Series
from watchbill.model.windows import Window

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
SERIES = Series("cloudwatch", "123456789012", "eu-west-1", "shop", "errors", "Sum", 60,
                (("service", "check\x1bout"),), "Count")
SCHEMA = pa.schema({"series": pa.int64(), "timestamp": pa.timestamp("ms", "UTC"), "value": pa.float64()})


@pytest.fixture
def home(tmp_path):
    """An AIRFLOW_HOME with two points in its lake, and declarations beside it."""
    rows = [{"series": SERIES.key, "timestamp": START + timedelta(minutes=minute), "value": 2.5 * minute}
            for minute in (1, 2)]
    lake = Lake.open("lake", home=tmp_path)
    lake.write("cloudwatch", Window(START, START + timedelta(minutes=5)), 0, pa.Table.from_pylist(rows, SCHEMA),
               [SERIES], collected_at=START + timedelta(minutes=6))
    (tmp_path / "include").mkdir()
    return tmp_path


def test_the_lake_is_counted(home):
    said = watchbill("lake", "stats", cwd=home, AIRFLOW_HOME=str(home))
    assert (said.code, said.err) == (0, "")
    head, cloudwatch, datadog = said.out.splitlines()
    assert head.split() == ["source", "series", "points", "files", "bytes", "first", "last"]
    assert cloudwatch.split()[:3] == ["cloudwatch", "1", "2"]
    assert cloudwatch.split()[5:] == ["2026-03-01T12:01:00Z", "2026-03-01T12:02:00Z"]
    assert datadog.split() == ["datadog", "0", "0", "0", "0", "-", "-"]


def test_counts_are_numbers_for_programs(home):
    said = watchbill("lake", "stats", "--json", "--lake", "lake", cwd=home)
    row = json.loads(said.out)[0]
    assert (row["source"], row["points"], row["first"]) == ("cloudwatch", 2, "2026-03-01T12:01:00Z")


def test_sql_is_answered_in_a_table(home):
    query = "SELECT name, timestamp, value, dimensions FROM points ORDER BY timestamp"
    assert watchbill("lake", "sql", query, cwd=home, AIRFLOW_HOME=str(home)) == Said(0, (
        "name    timestamp             value  dimensions\n"
        'errors  2026-03-01T12:01:00Z    2.5  {"service": "check\\u001bout"}\n'
        'errors  2026-03-01T12:02:00Z    5.0  {"service": "check\\u001bout"}\n'), "")


def test_sql_may_come_from_standard_input_and_go_out_as_json(home):
    said = watchbill("lake", "sql", "-", "--json", cwd=home, stdin="SELECT dimensions, value FROM points LIMIT 1",
                     AIRFLOW_HOME=str(home))
    assert json.loads(said.out) == [{"dimensions": {"service": "check\x1bout"}, "value": 2.5}]


def test_sql_that_is_wrong_is_a_sentence(home):
    said = watchbill("lake", "sql", "SELECT nonsense FROM points", cwd=home, AIRFLOW_HOME=str(home))
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith("watchbill: ")
    assert "Traceback" not in said.err


def test_the_lake_can_only_be_read(home):
    said = watchbill("lake", "sql", "DROP VIEW points", cwd=home, AIRFLOW_HOME=str(home))
    assert (said.code, said.out) == (1, "")


def test_a_lake_in_the_wrong_place_is_no_empty_lake(home):
    said = watchbill("lake", "stats", cwd=home, AIRFLOW_HOME="/nowhere")
    assert said == Said(1, "", "watchbill: there is no lake in /nowhere/lake: set AIRFLOW_HOME, or name it "
                               "with --lake\n")
