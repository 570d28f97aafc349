"""How long to wait, by what Datadog said of its limit."""

import pytest

from watchbill.sources.datadog.limits import told, wait_s
from watchbill.sources.fetched import Limit


def said(remaining: int | None, limit: int | None = 600, reset_s: float | None = 1800, period_s: float | None = 3600,
         name: str = "query") -> Limit:
    return Limit(name, limit, period_s, remaining, reset_s)


@pytest.mark.parametrize(("remaining", "live_s", "history_s"), [
    (599, 0, 0), (301, 0, 0), (300, 0, 1800), (1, 0, 1800), (0, 1800, 1800)])
def test_history_leaves_half_of_the_limit_to_live_collection(remaining: int, live_s: float, history_s: float) -> None:
    limits = [said(remaining)]
    assert (wait_s(limits, history=False), wait_s(limits, history=True)) == (live_s, history_s)


@pytest.mark.parametrize("limits", [[], [said(None)], [said(0, reset_s=None)]])
def test_nothing_is_waited_for_where_nothing_is_known(limits: list[Limit]) -> None:
    assert wait_s(limits, history=True) == 0


def test_where_the_limit_is_not_told_history_waits_when_nothing_remains() -> None:
    assert wait_s([said(1, limit=None)], history=True) == 0
    assert wait_s([said(0, limit=None)], history=True) == 1800


def test_what_has_passed_since_the_answer_came_is_not_waited_for_again() -> None:
    limits = [said(0, 10, 8, 10)]
    assert wait_s(limits, history=False, age_s=3) == 5
    assert wait_s(limits, history=False, age_s=30) == 0


def test_no_wait_is_longer_than_a_period() -> None:
    assert wait_s([said(0, 10, 4000, 10)], history=False) == 10
    assert wait_s([said(0, 10, 4000, None)], history=False) == 4000


def test_of_several_limits_the_longest_wait_counts() -> None:
    assert wait_s([said(0, 10, 8, 10, "v1"), said(0, 600, 90, 3600, "v2"), said(5)], history=False) == 90


def test_the_headers_of_an_answer_are_obeyed() -> None:
    limit = told({"X-RateLimit-Limit": "600", "x-ratelimit-remaining": "0", "X-RateLimit-Reset": "12",
                  "X-RateLimit-Period": "3600"}, "v2 timeseries")
    assert limit is not None
    assert wait_s([limit], history=False) == 12
