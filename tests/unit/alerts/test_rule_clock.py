from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from watchbill.alerts.rule_clock import MOST_REPLAYED, due

AT = datetime(2026, 3, 2, 10, 5, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def test_a_rule_that_never_ran_is_judged_once() -> None:
    assert due(None, AT, 5 * MINUTE, 2 * MINUTE) == [AT - 2 * MINUTE]


def test_an_interval_longer_than_the_tick_is_not_due_at_every_tick() -> None:
    last = AT - 5 * MINUTE
    assert due(last, AT, 10 * MINUTE, timedelta(0)) == []
    assert due(last, AT + 5 * MINUTE, 10 * MINUTE, timedelta(0)) == [AT + 5 * MINUTE]


def test_more_than_a_day_of_missed_evaluations_is_cut_at_its_old_end() -> None:
    times = due(AT - timedelta(days=30), AT, 5 * MINUTE, timedelta(0))
    assert (len(times), times[-1]) == (MOST_REPLAYED, AT)


@given(st.integers(-3000, 3000), st.integers(1, 120), st.integers(0, 600))
def test_times_are_in_order_after_the_last_and_an_interval_apart(ago: int, interval: int, delay: int) -> None:
    last, step = AT - ago * MINUTE, interval * MINUTE
    times = due(last, AT, step, timedelta(seconds=delay))
    assert all(time > last for time in times)
    assert all(later - earlier == step for earlier, later in pairwise(times))
    assert due(times[-1] if times else last, AT, step, timedelta(seconds=delay)) == []
