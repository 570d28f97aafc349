"""How long to wait, by what Datadog said of its limit."""

import pytest

from watchbill.sources.datadog.limits import RateLimit, rate_limit, wait_s


def test_the_headers_tell_the_limit_in_any_case() -> None:
    headers = {"x-ratelimit-limit": "600", "X-RateLimit-Remaining": "299", "X-RATELIMIT-RESET": "1800",
               "X-RateLimit-Period": "3600"}
    assert rate_limit(headers) == RateLimit(600, 299, 1800, 3600)


@pytest.mark.parametrize("headers", [
    {}, None, {"X-RateLimit-Limit": "600"},
    {"X-RateLimit-Limit": "many", "X-RateLimit-Remaining": "2", "X-RateLimit-Reset": "3"}])
def test_headers_that_tell_no_limit_are_none(headers: object) -> None:
    assert rate_limit(headers) is None


@pytest.mark.parametrize(("remaining", "live_s", "history_s"), [
    (599, 0, 0), (301, 0, 0), (300, 0, 1800), (1, 0, 1800), (0, 1800, 1800)])
def test_history_leaves_half_of_the_limit_to_live_collection(remaining: int, live_s: float, history_s: float) -> None:
    last = RateLimit(600, remaining, 1800, 3600)
    assert (wait_s(last, history=False), wait_s(last, history=True)) == (live_s, history_s)


def test_nothing_is_waited_for_where_nothing_is_known() -> None:
    assert wait_s(None, history=True) == 0


def test_what_has_passed_since_the_headers_came_is_not_waited_for_again() -> None:
    last = RateLimit(10, 0, 8, 10)
    assert wait_s(last, history=False, age_s=3) == 5
    assert wait_s(last, history=False, age_s=30) == 0


def test_no_wait_is_longer_than_a_period() -> None:
    assert wait_s(RateLimit(10, 0, 4000, 10), history=False) == 10


def test_a_limit_of_one_call_lets_history_go_on_once_a_period() -> None:
    assert wait_s(RateLimit(1, 1, 5, 10), history=True) == 0
    assert wait_s(RateLimit(1, 0, 5, 10), history=True) == 5
