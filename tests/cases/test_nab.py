"""Recorded CloudWatch metrics, gaps and duplicates and all, through the sandbox and the flows into a lake."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from sandbox.server import Sandbox
from tests.cases.replay import FOLDER, PERIOD_S, STEP, STRETCH, Clock, CloudWatch, House, Recording, recordings
from tests.sandbox_fixtures import aws_client
from watchbill.lake.lake import Lake
from watchbill.model.windows import Window

RECORDINGS = recordings()
POINTS_OF_A_TICK = 201
"""Of each series: as many as a full request holds."""

MOST_LIVE_WINDOWS = 1_500
"""Of all files together; each takes some 40 ms."""

pytestmark = [
    pytest.mark.cases,
    pytest.mark.skipif(not RECORDINGS, reason=f"no recorded metrics (timestamp,value) under {FOLDER}"),
    pytest.mark.parametrize("recording", RECORDINGS, ids=lambda one: str(one.path.relative_to(FOLDER))),
]

Cloud = tuple[Sandbox, Clock]
Open = Callable[[Recording], House]


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    clock = Clock()
    with Sandbox(clock=clock) as running:
        yield running, clock


@pytest.fixture
def house(cloud: Cloud, tmp_path: Path) -> Open:
    """An empty lake beside a CloudWatch that holds one recording."""
    sandbox, clock = cloud

    def opened(recording: Recording) -> House:
        sandbox.cloudwatch.reset()
        times, values = zip(*recording.rows, strict=True)
        sandbox.cloudwatch.put("Recorded", recording.path.stem, {"file": recording.path.name}, times, values)
        lake = Lake.open("lake", home=tmp_path)
        return House(recording, CloudWatch(aws_client(sandbox, "cloudwatch")), clock, lake)

    return opened


def assert_equal(held: dict[datetime, float], wanted: dict[datetime, float]) -> None:
    assert list(held) == list(wanted)
    assert list(held.values()) == pytest.approx(list(wanted.values()), rel=1e-12, abs=0)


def test_a_backfill_of_the_whole_range_holds_what_the_file_holds(recording: Recording, house: Open) -> None:
    one = house(recording)
    holes = one.backfill(recording.window)
    assert_equal(one.points(), recording.reduced)
    gaps = recording.window.points(PERIOD_S) - len(recording.reduced)
    assert sum(holes.values()) == gaps
    assert one.lake.collected("cloudwatch", recording.window)
    counted = one.lake.sql("SELECT count(*) AS points, count(DISTINCT id) AS ids FROM points").to_pylist()
    assert counted == [{"points": len(recording.reduced), "ids": len(recording.reduced)}]


def test_live_windows_hold_what_the_file_holds_and_a_backfill_adds_the_rest(recording: Recording, house: Open) -> None:
    one = house(recording)
    stretches = recording.stretches(max(1, MOST_LIVE_WINDOWS // len(RECORDINGS) // STRETCH))
    for stretch in stretches:
        for number in range(STRETCH):
            start = stretch.start + number * STEP
            one.collect(Window(start, start + STEP))
    read_again = (POINTS_OF_A_TICK - 1) * STEP  # by the first tick of each stretch, before its own
    assert_equal(one.points(), recording.within(*(Window(each.start - read_again, each.end) for each in stretches)))
    assert all(one.lake.collected("cloudwatch", stretch, "whole") for stretch in stretches)
    one.backfill(recording.window)
    assert_equal(one.points(), recording.reduced)


def test_the_second_backfill_of_a_range_changes_nothing(recording: Recording, house: Open) -> None:
    one = house(recording)
    last = Window(max(recording.window.start, recording.window.end - timedelta(days=3)), recording.window.end)
    one.backfill(last)
    held, before = one.points(), one.lake.stats()
    one.backfill(last)
    assert (one.points(), one.lake.stats()) == (held, before)
    assert_equal(held, recording.within(last))
