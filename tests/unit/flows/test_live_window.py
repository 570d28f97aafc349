"""Which window a live tick collects: its own, and what failed ticks before it left out."""

from datetime import UTC, datetime, timedelta

import pytest

from watchbill.flows.coverage import live_window, mark_collected
from watchbill.lake.lake import Lake
from watchbill.model.windows import Window

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
TICK = timedelta(minutes=5)


def tick(number: int) -> Window:
    return Window(NOON + number * TICK, NOON + (number + 1) * TICK)


@pytest.mark.parametrize(("collected", "begins"), [
    ([], 0),  # nothing was ever collected: history is for a backfill
    ([-2, -1], 0),
    ([-3], -2),
    ([-5, -3, -1], -4),
    ([-60], 0),  # longer ago than a tick reaches
])
def test_a_tick_makes_up_for_the_failed_ones_of_the_last_hours(collected, begins, tmp_path) -> None:
    lake = Lake.open("lake", home=tmp_path)
    for number in collected:
        mark_collected("cloudwatch", tick(number), lake, now=tick(number).end)
    assert live_window("cloudwatch", tick(0), lake) == Window(tick(begins).start, tick(0).end)
