"""What is exported is what the lake holds, in three formats, wherever it lies."""

import csv
import io
import json
from dataclasses import replace
from datetime import timedelta

import orjson
import pyarrow.parquet as pq
import pytest

from tests.unit.lake.given import a_series, minute, points, window
from watchbill.lake import export
from watchbill.lake.export import RECORDS, WRITERS, write_csv, write_json, write_parquet
from watchbill.lake.lake import Lake

ODD = replace(a_series(metric='la,"tency', unit="Milliseconds", service="check\nout", zone="=1+1 — ü"),
              tags=(("own\ner", "a,b"),))
DOGS = a_series(source="datadog", period_s=300)
DAYS = {0.0: 1.5, 1.0: 2.0, 1440.0: -0.25}


@pytest.fixture
def filled(lake: Lake) -> Lake:
    """Two days of one series, the first collected twice; one point of another source."""
    lake.write("cloudwatch", window(0, 2880), 0, points((ODD, DAYS)), [ODD], collected_at=minute(2880))
    lake.write("cloudwatch", window(0, 5), 0, points((ODD, {1.0: 3.0})), [ODD], collected_at=minute(2881))
    lake.write("datadog", window(0, 5), 0, points((DOGS, {0.0: 7.0})), [DOGS], collected_at=minute(5))
    return lake


def written(form: str, lake: Lake, **edges) -> bytes:
    out = io.BytesIO()
    WRITERS[form](lake.export(lake.series(), **edges), out)
    return out.getvalue()


def expected(lake: Lake) -> list[dict]:
    return list(lake.records(lake.series(), window(0, 2880)))


def test_parquet_holds_the_records(filled: Lake) -> None:
    found = pq.read_table(io.BytesIO(written("parquet", filled)))
    assert found.schema.equals(RECORDS)
    rows = [row | {name: dict(row[name]) for name in ("dimensions", "tags")} for row in found.to_pylist()]
    assert sorted(rows, key=lambda row: row["id"]) == sorted(expected(filled), key=lambda row: row["id"])
    assert len(rows) == 4


def test_json_is_one_array_with_a_record_on_each_line(filled: Lake) -> None:
    text = written("json", filled).decode()
    rows = json.loads(text)
    assert len(text.splitlines()) == len(rows) + 2
    wanted = [row | {"timestamp": f"{row['timestamp']:%Y-%m-%dT%H:%M:%SZ}"} for row in expected(filled)]
    assert sorted(rows, key=lambda row: row["id"]) == sorted(wanted, key=lambda row: row["id"])


def test_csv_has_a_header_and_quotes_what_needs_it(filled: Lake) -> None:
    rows = list(csv.DictReader(io.StringIO(written("csv", filled).decode(), newline="")))
    wanted = {row["id"]: row for row in expected(filled)}
    assert [row["id"] for row in rows if row["source"] == "cloudwatch"] == [
        f"{ODD.key:016x}-{int(minute(at).timestamp()):x}" for at in (0, 1, 1440)]
    for row in rows:
        record = wanted[row["id"]]
        assert [orjson.loads(row[name]) for name in ("dimensions", "tags")] == [record["dimensions"], record["tags"]]
        assert row["timestamp"] == f"{record['timestamp']:%Y-%m-%dT%H:%M:%SZ}"
        assert (float(row["value"]), int(row["period"])) == (record["value"], record["period"])
        assert {name: row[name] for name in ("namespace", "name", "unit", "statistic", "account", "region")} == {
            name: record[name] for name in ("namespace", "name", "unit", "statistic", "account", "region")}


@pytest.mark.parametrize("form", WRITERS)
def test_edges_are_half_open_and_an_empty_export_is_a_sound_file(filled: Lake, form: str) -> None:
    read = {"csv": lambda text: len(text.decode().split("\r\n" if b"\r\n" in text else "\n")) > 0,
            "json": json.loads, "parquet": lambda content: pq.read_table(io.BytesIO(content))}
    out = io.BytesIO()
    assert WRITERS[form](filled.export([ODD], minute(1), minute(1440)), out) == 1
    assert read[form](out.getvalue())
    empty = io.BytesIO()
    assert WRITERS[form](filled.export([], None, None), empty) == 0
    assert read[form](empty.getvalue()) is not None


def test_a_day_is_taken_in_bundles_of_series(filled: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    many = [a_series(service=str(number)) for number in range(7)]
    filled.write("cloudwatch", window(0, 5), "many", points(*((one, {0: 1.0, 4: 2.0}) for one in many)), many,
                 collected_at=minute(5))
    whole = sorted(json.loads(written("json", filled)), key=lambda row: row["id"])
    monkeypatch.setattr(export, "_AT_ONCE", 3000)
    tables = list(filled.export(many))
    assert len(tables) > 2
    assert sorted(json.loads(written("json", filled)), key=lambda row: row["id"]) == whole


def test_a_value_that_is_no_number_is_null_in_json(lake: Lake) -> None:
    lake.write("cloudwatch", window(0, 5), 0, points((ODD, {0.0: float("nan")})), [ODD], collected_at=minute(5))
    assert json.loads(written("json", lake))[0]["value"] is None


def test_the_writers_leave_their_stream_open(filled: Lake) -> None:
    for write in (write_csv, write_json, write_parquet):
        out = io.BytesIO()
        write(filled.export(filled.series(), minute(0), minute(0) + timedelta(days=1)), out)
        assert not out.closed
