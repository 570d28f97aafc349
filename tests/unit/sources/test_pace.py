"""History waits for its part of the quotas; live collection never does."""

from datetime import timedelta

import pytest

from tests.unit.sources.plans import NOW, requests
from watchbill.sources.fetched import Limit
from watchbill.sources.pace import Pace


class Clock:
    def __init__(self) -> None:
        self.at, self.waited = 1000.0, list[float]()

    def __call__(self) -> float:
        return self.at

    def wait(self, seconds: float) -> None:
        self.waited.append(round(seconds, 3))
        self.at += seconds


def test_two_weeks_of_five_hundred_metrics_take_twice_the_time_that_the_quota_needs():
    clock = Clock()
    pace = Pace("cloudwatch", live=False, wait=clock.wait, clock=clock)
    for request in requests(500, 1, 14 * 1440, 60):
        pace.before(request, NOW)
    assert len(clock.waited) == 99
    assert set(clock.waited) == {2.24}  # 100,800 points at half of 90,000 a second


def test_small_requests_wait_for_their_part_of_the_calls():
    clock = Clock()
    pace = Pace("cloudwatch", live=False, wait=clock.wait, clock=clock)
    small = requests(1, 1, 5, 60)[0]
    for _ in range(3):
        pace.before(small, small.window.end + timedelta(minutes=1))
    assert clock.waited == [0.04, 0.04]


def test_time_that_the_source_took_itself_is_not_waited_for_again():
    clock = Clock()
    pace = Pace("cloudwatch", live=False, wait=clock.wait, clock=clock)
    for request in requests(500, 1, 14 * 1440, 60)[:3]:
        pace.before(request, NOW)
        clock.at += 2
    assert clock.waited == [0.24, 0.24]


def test_live_collection_waits_for_no_quota():
    clock = Clock()
    pace = Pace("cloudwatch", live=True, wait=clock.wait, clock=clock)
    for request in requests(500, 1, 14 * 1440, 60):
        pace.before(request, NOW)
    assert clock.waited == []


@pytest.mark.parametrize(("live", "remaining", "reset_s", "waits"), [
    (False, 60, 10.0, []), (False, 50, 10.0, [8.0]), (False, 0, 600.0, [598.0]),  # history leaves half of a hundred
    (True, 1, 10.0, []), (True, 0, 10.0, [8.0]), (True, 0, 600.0, []),
])
def test_datadog_says_how_long(live: bool, remaining: int, reset_s: float, waits: list[float]):
    clock = Clock()
    pace = Pace("datadog", live=live, wait=clock.wait, clock=clock)
    request = requests(1, 1, 5, 60)[0]
    pace.before(request, NOW)
    pace.after([Limit("timeseries", 100, 3600.0, remaining, reset_s)])
    clock.at += 2
    pace.before(request, NOW)
    assert clock.waited == waits
