"""A big file is not read as a whole, and tells nothing wrong for that: damage is named wherever it is."""

import json
import subprocess
import sys
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import fs

from tests.unit.lake.big_day import SERIES, WHOLE, collect
from tests.unit.lake.given import window
from watchbill.lake.lake import Lake
from watchbill.lake.layout import read_path
from watchbill.lake.opened import opened
from watchbill.lake.seal import SMALL_BYTES, read_seal, sealed


def damage(folder: Path, where: str) -> list[dict[str, str]]:
    done = subprocess.run([sys.executable, "-m", "tests.unit.lake.big_day", str(folder), where],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"the process ended with {done.returncode}: {done.stderr}"
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_damaged_footer_is_told_however_one_asks_and_ends_no_process(tmp_path) -> None:
    answers = damage(tmp_path, "footer")
    assert len(answers) >= 40
    assert {word for answer in answers for word in answer.values()} == {"damaged"}


def test_a_damaged_header_of_a_page_is_told_where_the_page_is_read(tmp_path) -> None:
    answers = damage(tmp_path, "pages")
    assert {word for answer in answers for name in ("read", "sql", "verify") for word in [answer[name]]} == {"damaged"}
    assert {answer[name] for answer in answers for name in ("stats", "coverage")} == {"the truth"}
    assert {answer["one"] for answer in answers} == {"damaged", "the truth"}


def test_other_engines_read_a_sealed_file_as_any_other(tmp_path) -> None:
    file = collect(tmp_path)
    ours = Lake.open("lake", home=tmp_path).read(SERIES, WHOLE)
    assert pq.read_table(file, columns=ours.column_names).cast(ours.schema).equals(ours)
    [(count, total)] = duckdb.sql(f"SELECT count(*), sum(value::DECIMAL(18, 9)) FROM '{file}'").fetchall()
    assert (count, float(total)) == (len(ours), pytest.approx(sum(ours["value"].to_pylist())))


def test_of_a_big_file_only_what_is_wanted_is_read(tmp_path) -> None:
    file = collect(tmp_path)
    lake = Lake(fs.LocalFileSystem(), str(tmp_path / "lake"))
    stored = read_path(str(file.relative_to(tmp_path / "lake")), file.stat().st_size)
    with opened(lake._files, stored, lambda held: [1]) as (parquet, groups):
        assert groups == [1]
        assert len(parquet.read_row_groups(groups)) == 16_384
    with fs.LocalFileSystem().open_input_file(str(file)) as stream:
        seal = read_seal(stream, stored.size_bytes)
        content = seal.fetch(stream, [1, 2, 4]).to_pybytes()
    held = file.read_bytes()
    there = [content[start:end] == held[start:end] for start, end in seal.spans]
    assert there == [False, True, True, False, True, False]


def test_a_big_file_without_a_seal_is_held_against_its_name(tmp_path) -> None:
    """As it was written before there were seals."""
    file = collect(tmp_path)
    lake = Lake.open("lake", home=tmp_path)
    before = lake.read(SERIES, WHOLE)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("watchbill.lake.points.sealed", lambda content: content)
        lake.write("cloudwatch", window(0, 1), "b", before.slice(0, 0), [], collected_at=WHOLE.end)
        file.unlink()
        unsealed = lake.write("cloudwatch", WHOLE, "a", before, SERIES, collected_at=WHOLE.end)
    assert unsealed.bytes > SMALL_BYTES
    assert lake.read(SERIES, WHOLE).equals(before)


def test_a_small_file_has_no_seal() -> None:
    small = pa.py_buffer(b"PAR1 and so on")
    assert sealed(small) is small
