"""A live tick asks for a period when it ends and when it has settled, and not in between."""

from datetime import UTC, datetime, timedelta

import pytest

from watchbill.model.windows import Window
from watchbill.sources.ticks import due

MIDNIGHT = datetime(2026, 3, 2, tzinfo=UTC)
TICK = timedelta(minutes=5)
HOUR, DAY = 3600, 86_400


def asking(period_s: int, delay: timedelta, ticks: int) -> list[tuple[int, Window]]:
    """(how many minutes after midnight the tick ends, what it asks for)"""
    windows = ((number, due(Window(MIDNIGHT + (number - 1) * TICK, MIDNIGHT + number * TICK), period_s, delay))
               for number in range(ticks))
    return [(5 * number, window) for number, window in windows if window.length]


@pytest.mark.parametrize(("period_s", "delay", "minutes"), [
    (60, timedelta(minutes=2), [0, 5, 10, 15]),
    (300, timedelta(0), [0, 5, 10, 15]),
    (HOUR, timedelta(0), [0]),
    (HOUR, timedelta(minutes=2), [0, 5]),
    (HOUR, timedelta(minutes=10), [0, 10]),
    (DAY, timedelta(days=3), [0]),
])
def test_in_between_nothing_is_asked(period_s: int, delay: timedelta, minutes: list[int]):
    assert [minute for minute, _ in asking(period_s, delay, 4)] == minutes


def test_what_settles_late_is_read_as_often_as_it_may_change():
    [(_, window)] = asking(DAY, timedelta(days=3), 12 * 24)
    assert window == Window(MIDNIGHT - timedelta(days=4), MIDNIGHT)


def test_every_period_is_asked_for_once_it_has_settled():
    delay = timedelta(minutes=7)
    asked = asking(HOUR, delay, 12 * 24)
    for hour in range(1, 23):
        end = MIDNIGHT + timedelta(hours=hour)
        assert any(window.start < end <= window.end and MIDNIGHT + timedelta(minutes=minute) >= end + delay
                   for minute, window in asked)
