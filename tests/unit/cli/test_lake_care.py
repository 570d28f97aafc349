"""Stories of `watchbill lake gaps`, `verify` and `export`, as they are read in a terminal."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.unit.cli.terminal import Said, watchbill
from watchbill.lake.lake import Lake
from watchbill.model.series import Series
from watchbill.model.windows import Window

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ERRORS = Series("cloudwatch", "123456789012", "eu-west-1", "shop", "errors", "Sum", 60, (("service", "checkout"),))
SCHEMA = pa.schema({"series": pa.int64(), "timestamp": pa.timestamp("ms", "UTC"), "value": pa.float64()})


def minute(count: int) -> datetime:
    return NOON + timedelta(minutes=count)


def collect(home: Path, start: int, end: int, *present: int) -> None:
    lake, window = Lake.open("lake", home=home), Window(minute(start), minute(end))
    rows = [{"series": ERRORS.key, "timestamp": minute(at), "value": at / 2} for at in present]
    lake.write("cloudwatch", window, 0, pa.Table.from_pylist(rows, SCHEMA), [ERRORS], collected_at=window.end)
    lake.write("cloudwatch", window, "whole", SCHEMA.empty_table(), [], collected_at=window.end)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Five minutes with two holes of the source, five that nobody collected, five that are whole."""
    collect(tmp_path, 0, 5, 0, 1, 4)
    collect(tmp_path, 10, 15, *range(10, 15))
    (tmp_path / "include").mkdir()
    return tmp_path


def lake(home: Path, *words: object) -> Said:
    return watchbill("lake", *words, cwd=home, AIRFLOW_HOME=str(home))


def test_what_was_never_collected_is_told_apart_from_what_the_source_had_not(home):
    assert lake(home, "gaps", "--source", "cloudwatch") == Said(1, (
        "source      state          start                 end                   points  series\n"
        "cloudwatch  not collected  2026-03-01T12:05:00Z  2026-03-01T12:10:00Z       -  -\n"
        "cloudwatch  no points      2026-03-01T12:02:00Z  2026-03-01T12:04:00Z       2  "
        "shop.errors Sum 60s {service=checkout} 123456789012 eu-west-1\n"
        "cloudwatch: 8 points present; 2 missing of 1 series, which the source had not; 5m not collected\n"), "")


def test_what_the_source_had_not_is_no_failure(home):
    said = lake(home, "gaps", "--end", "2026-03-01T12:05")
    assert (said.code, said.err) == (0, "")
    assert [line.split()[1] for line in said.out.splitlines()[1:]] == ["no", "3", "nothing"]
    assert lake(home, "gaps", "--source", "datadog") == Said(0, "datadog: nothing was collected there\n", "")


def test_time_before_the_first_collection_is_shown_and_no_failure(home):
    said = lake(home, "gaps", "--source", "cloudwatch", "--start", "2026-03-01", "--end", "2026-03-01T12:01:00+00:00")
    assert said == Said(0, (
        "source      state          start                 end                   points  series\n"
        "cloudwatch  not collected  2026-03-01T00:00:00Z  2026-03-01T12:00:00Z       -       -\n"
        "cloudwatch: 1 point present; 0 missing of 0 series, which the source had not; 12h not collected\n"), "")


def test_gaps_are_json_for_programs(home):
    said = lake(home, "gaps", "--source", "cloudwatch", "--json")
    assert said.code == 1
    assert json.loads(said.out) == {"ok": False, "sources": [{
        "source": "cloudwatch", "start": "2026-03-01T12:00:00Z", "end": "2026-03-01T12:15:00Z", "present": 8,
        "not_collected": [{"start": "2026-03-01T12:05:00Z", "end": "2026-03-01T12:10:00Z",
                           "between_collections": True}],
        "no_points": [{"start": "2026-03-01T12:02:00Z", "end": "2026-03-01T12:04:00Z", "points": 2,
                       "namespace": "shop", "name": "errors", "dimensions": {"service": "checkout"},
                       "statistic": "Sum", "period": 60, "account": "123456789012", "region": "eu-west-1"}]}]}


@pytest.mark.parametrize(("words", "said"), [
    (["--start", "yesterday"], "no time"), (["--source", "graphite"], "'graphite' is not one of"),
    (["--start", "2026-03-02", "--end", "2026-03-01"], "does not come after --start"),
])
def test_a_wrong_question_is_told_and_ends_with_2(home, words, said):
    answer = lake(home, "gaps", *words)
    assert answer.code == 2
    assert said in answer.err


def test_a_sound_lake_is_verified(home):
    assert lake(home, "verify") == Said(0, "5 files opened, 0 damaged\n", "")
    assert json.loads(lake(home, "verify", "--json").out) == {
        "ok": True, "files": 5, "collect_again": [], "faults": []}


def test_a_damaged_file_is_named_set_aside_and_collected_again(home):
    [broken] = home.glob("lake/points/*/*/20260301T120000Z-20260301T120500Z-0-*")
    broken.write_bytes(broken.read_bytes()[:-30])
    path = broken.relative_to(home / "lake").as_posix()
    reading = lake(home, "sql", "SELECT count(*) FROM points")
    assert (reading.code, reading.out) == (1, "")
    assert "is damaged: " in reading.err
    assert "`watchbill lake verify --quarantine` sets it aside" in reading.err

    looked = lake(home, "verify")
    assert looked.code == 1
    [fault, summary] = looked.out.splitlines()
    assert fault.startswith(f"{path}: ")
    assert summary == "5 files opened, 1 damaged; --quarantine sets them aside, to be collected again"
    assert broken.exists()

    moved = lake(home, "verify", "--quarantine")
    assert moved.code == 1
    assert moved.out.splitlines()[1:] == [
        "not collected any more: cloudwatch 2026-03-01T12:00:00Z to 2026-03-01T12:05:00Z",
        "5 files opened, 1 damaged, 1 set aside in quarantine/: collect their time again with backfill_metrics"]
    assert not broken.exists()
    assert (home / "lake/quarantine" / path).exists()

    assert lake(home, "verify").code == 0
    assert lake(home, "sql", "SELECT count(*) AS n FROM points").out == "n\n5\n"
    collect(home, 5, 10, *range(5, 10))
    asked = json.loads(lake(home, "gaps", "--source", "cloudwatch", "--json", "--start", "2026-03-01T12:00Z").out)
    assert asked["sources"][0]["not_collected"] == [
        {"start": "2026-03-01T12:00:00Z", "end": "2026-03-01T12:05:00Z", "between_collections": False}]
    collect(home, 0, 5, *range(5))
    assert lake(home, "gaps").code == 0


def test_what_is_set_aside_is_json_for_programs(home):
    [broken] = home.glob("lake/points/*/*/20260301T121000Z-20260301T121500Z-0-*")
    broken.write_bytes(b"")
    told = json.loads(lake(home, "verify", "--quarantine", "--json").out)
    assert told["collect_again"] == [
        {"source": "cloudwatch", "start": "2026-03-01T12:10:00Z", "end": "2026-03-01T12:15:00Z"}]
    [fault] = told["faults"]
    assert (fault["file"], fault["damaged"], fault["quarantined"]) == (
        broken.relative_to(home / "lake").as_posix(), True, True)


def test_records_are_exported_in_each_format(home):
    assert lake(home, "export", "--format", "csv", "out.csv") == Said(0, "", "8 records of 1 series\n")
    rows = list(csv.DictReader(io.StringIO((home / "out.csv").read_text())))
    assert rows[1] == {
        "id": f"{ERRORS.key:016x}-{int(minute(1).timestamp()):x}", "timestamp": "2026-03-01T12:01:00Z",
        "source": "cloudwatch", "namespace": "shop", "name": "errors", "value": "0.5", "unit": "",
        "dimensions": '{"service":"checkout"}', "statistic": "Sum", "period": "60", "account": "123456789012",
        "region": "eu-west-1", "tags": "{}"}
    lake(home, "export", "--format", "json", "--start", "2026-03-01T12:01Z", "--end", "2026-03-01T12:02Z", "out.json")
    [record] = json.loads((home / "out.json").read_text())
    assert record == rows[1] | {"value": 0.5, "period": 60, "dimensions": {"service": "checkout"},
                                "tags": {}}
    lake(home, "export", "--format", "parquet", "out.parquet")
    assert pq.read_metadata(home / "out.parquet").num_rows == 8


def test_an_export_goes_to_standard_output_too(home):
    said = lake(home, "export", "--format", "json", "--metric", "errors", "--namespace", "shop", "-")
    assert len(json.loads(said.out)) == 8
    assert lake(home, "export", "--format", "json", "--source", "datadog", "-") == Said(
        0, "[\n]\n", "0 records of 0 series\n")


def test_a_file_that_is_there_is_replaced_only_by_force(home):
    (home / "out.csv").write_text("mine")
    assert lake(home, "export", "--format", "csv", "out.csv") == Said(
        1, "", "watchbill: out.csv is there already: name another file, or replace it with --force\n")
    assert (home / "out.csv").read_text() == "mine"
    assert lake(home, "export", "--format", "csv", "--force", "out.csv").code == 0
    assert (home / "out.csv").read_text().startswith('"id"')
    assert lake(home, "export", "--format", "csv", "--force", "include").err == (
        "watchbill: include is a folder: name a file\n")


def test_an_export_that_fails_leaves_what_was_there_and_no_litter(home):
    for broken in home.glob("lake/points/*/*/*-0-*"):
        broken.write_bytes(b"")
    (home / "out.csv").write_text("mine")
    said = lake(home, "export", "--format", "csv", "--force", "out.csv")
    assert (said.code, said.out) == (1, "")
    assert "is damaged" in said.err
    assert sorted(path.name for path in home.iterdir()) == ["include", "lake", "out.csv"]
    assert (home / "out.csv").read_text() == "mine"
    assert lake(home, "export", "--format", "csv", "no/where.csv").err.startswith(
        "watchbill: no/where.csv cannot be written: No such file")
