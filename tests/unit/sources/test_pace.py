"""History waits for its part of the quotas; live collection never does."""

from datetime import timedelta

from tests.unit.sources.plans import NOW, requests
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
    pace = Pace("cloudwatch", clock.wait, clock)
    for request in requests(500, 1, 14 * 1440, 60):
        pace.before(request, NOW)
    assert len(clock.waited) == 99
    assert set(clock.waited) == {2.24}  # 100,800 points at half of 90,000 a second


def test_small_requests_wait_for_their_part_of_the_calls():
    clock = Clock()
    pace = Pace("cloudwatch", clock.wait, clock)
    small = requests(1, 1, 5, 60)[0]
    for _ in range(3):
        pace.before(small, small.window.end + timedelta(minutes=1))
    assert clock.waited == [0.04, 0.04]


def test_time_that_the_source_took_itself_is_not_waited_for_again():
    clock = Clock()
    pace = Pace("cloudwatch", clock.wait, clock)
    for request in requests(500, 1, 14 * 1440, 60)[:3]:
        pace.before(request, NOW)
        clock.at += 2
    assert clock.waited == [0.24, 0.24]


def test_datadog_is_not_paced_by_what_it_never_promised():
    clock = Clock()
    pace = Pace("datadog", clock.wait, clock)
    for request in requests(500, 1, 14 * 1440, 60):
        pace.before(request, NOW)
    assert clock.waited == []
