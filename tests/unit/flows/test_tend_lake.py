"""Upkeep: every day that is over becomes one file, and what the lake says stays the same."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests.unit.flows.cloud import NOON, Cloud, entry, is_whole, series
from watchbill.flows.collect_metrics import collect_share, finish_collection, planned_shares
from watchbill.flows.plan_collection import plan_collection
from watchbill.flows.tend_lake import tend_lake
from watchbill.lake.lake import Lake
from watchbill.model.failures import LakeError
from watchbill.model.settings import Settings
from watchbill.model.windows import Window

DAY = timedelta(days=1)
YESTERDAY = Window(NOON - DAY, NOON - DAY + timedelta(hours=2))
TODAY = Window(NOON - timedelta(hours=2), NOON)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Two days in windows of ten minutes."""
    lake, cloud = Lake.open("lake", home=tmp_path), Cloud()
    for day in (YESTERDAY, TODAY):
        for step in range(12):
            window = Window(day.start + step * timedelta(minutes=10), day.start + (step + 1) * timedelta(minutes=10))
            shares = plan_collection([entry("a")], "cloudwatch", window, cloud.open, lake, now=NOON)
            reports = [collect_share(share, cloud.open, lake, now=NOON) for share in shares]
            finish_collection("cloudwatch", window, planned_shares(shares), reports, lake, now=NOON, whole=True)
    return lake


def tend(lake: Lake, *, now: datetime) -> dict:
    return tend_lake(lake, now=now, settings=Settings(), entries=[entry("a")])


def files(lake_folder: Path, day: str) -> int:
    return len(list((lake_folder / "lake" / "points").rglob(f"date={day}/*.parquet")))


def test_yesterday_becomes_one_file_and_today_is_left_alone(lake: Lake, tmp_path: Path):
    before = lake.read([series("a")], Window(NOON - 2 * DAY, NOON)).to_pylist()

    with capture_logs() as logs:
        report = tend(lake, now=NOON)

    assert (report["days"], report["series_files_replaced"]) == (["cloudwatch 2026-03-01"], 0)
    assert logs == [{"event": "lake_tended", "log_level": "info", **report}]
    assert (files(tmp_path, "2026-03-01"), files(tmp_path, "2026-03-02")) == (1, 24)
    assert lake.read([series("a")], Window(NOON - 2 * DAY, NOON)).to_pylist() == before
    assert len(before) == 240
    assert is_whole(lake, YESTERDAY)
    assert not is_whole(lake, Window(YESTERDAY.start - timedelta(minutes=5), YESTERDAY.end))


def test_a_second_time_there_is_nothing_to_do(lake: Lake):
    tend(lake, now=NOON)
    report = tend(lake, now=NOON)
    assert (report["days"], report["series_files_replaced"]) == ([], 0)


def test_after_a_failure_it_goes_on_where_it_stopped(lake: Lake, monkeypatch: pytest.MonkeyPatch):
    later, compact, done = NOON + DAY, Lake.compact, []

    def compact_once(self, source, day, *, now):
        if done:
            raise LakeError("the disk is full")
        done.append(day)
        return compact(self, source, day, now=now)

    monkeypatch.setattr(Lake, "compact", compact_once)
    with pytest.raises(LakeError, match="the disk is full"):
        tend(lake, now=later)
    monkeypatch.undo()

    assert tend(lake, now=later)["days"] == ["cloudwatch 2026-03-02"]
    assert lake.count([series("a")], Window(NOON - 2 * DAY, NOON)) == 240


def test_a_day_is_left_alone_until_it_ended_four_hours_ago(lake: Lake):
    midnight = datetime(NOON.year, NOON.month, NOON.day, tzinfo=NOON.tzinfo) + DAY
    tend(lake, now=NOON)
    assert tend(lake, now=midnight + timedelta(hours=3, minutes=59))["days"] == []
    assert tend(lake, now=midnight + timedelta(hours=4))["days"] == ["cloudwatch 2026-03-02"]
