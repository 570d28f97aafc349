"""Stories of `watchbill lake migrate`, as they are read in a terminal."""

import json
from pathlib import Path

import pytest

from tests.unit.cli.terminal import Said, watchbill
from tests.unit.lake.test_versions import fill, versions


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A lake of the first version with two days, long over."""
    fill(tmp_path / "lake", 1)
    (tmp_path / "include").mkdir()
    return tmp_path


def migrate(home: Path, *words: str) -> Said:
    return watchbill("lake", "migrate", *words, cwd=home, AIRFLOW_HOME=str(home))


PROGRESS = "cloudwatch 2026-01-31 (1 of 2)\ncloudwatch 2026-02-01 (2 of 2)\n"


def test_every_older_day_is_rewritten_once(home: Path) -> None:
    assert migrate(home, "--dry-run") == Said(
        0, "version 2: 2 dates to rewrite, and the series of 1 source; 0 dates left to tend_lake\n", PROGRESS)
    assert versions(home / "lake") == {b"1"}
    assert migrate(home) == Said(
        0, "version 2: 2 dates rewritten, and the series of 1 source; 0 dates left to tend_lake\n", PROGRESS)
    assert versions(home / "lake") == {b"2"}
    assert migrate(home) == Said(
        0, "version 2: 0 dates rewritten, and the series of 0 sources; 0 dates left to tend_lake\n", "")


def test_what_is_rewritten_is_json_for_programs(home: Path) -> None:
    assert json.loads(migrate(home, "--json").out) == {
        "version": 2, "dry_run": False, "series": ["cloudwatch"], "later": [],
        "days": [{"source": "cloudwatch", "date": f"2026-{day}"} for day in ("01-31", "02-01")]}
