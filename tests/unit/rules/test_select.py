from datetime import timedelta

from tests.unit.rules.points import AT, a_rule, a_series, ago
from watchbill.model.windows import Window
from watchbill.rules.select import judged_window, read_window, select

CHECKOUT, SEARCH = a_series(service="checkout"), a_series(service="search")


def test_a_condition_without_dimensions_takes_every_series_of_its_metric():
    other = a_series(metric="requests", service="checkout")
    assert select(a_rule().condition, [SEARCH, other, CHECKOUT]) == [CHECKOUT, SEARCH]


def test_a_named_dimension_takes_its_series_only():
    assert select(a_rule({"dimensions": {"service": "checkout"}}).condition, [CHECKOUT, SEARCH]) == [CHECKOUT]


def test_a_star_takes_any_value_but_the_dimension_must_be_there():
    bare = a_series()
    assert select(a_rule({"dimensions": {"service": "*"}}).condition, [CHECKOUT, bare]) == [CHECKOUT]


def test_a_dimension_that_is_not_named_may_be_there():
    one = a_series(service="checkout", zone="a")
    assert select(a_rule({"dimensions": {"service": "checkout"}}).condition, [one]) == [one]


def test_a_named_period_takes_series_of_that_period_only():
    coarse = a_series(300, service="checkout")
    assert select(a_rule({"period": "5m"}).condition, [CHECKOUT, coarse]) == [coarse]


def test_the_same_series_told_twice_is_selected_once():
    assert select(a_rule().condition, [CHECKOUT, a_series(service="checkout")]) == [CHECKOUT]


def test_the_window_ends_before_the_period_that_is_still_filling():
    condition = a_rule({"window": "5m"}).condition
    at = AT + timedelta(minutes=3)
    assert judged_window(condition, 300, at) == Window(ago(minutes=5), AT)
    assert judged_window(condition, 60, at) == Window(ago(minutes=2), at)


def test_what_is_read_covers_what_is_judged_at_every_period():
    condition, at = a_rule({"window": "5m"}).condition, AT + timedelta(minutes=3)
    read = read_window(condition, [CHECKOUT, a_series(300)], at)
    judged = [judged_window(condition, period, at) for period in (60, 300)]
    assert all(read.start <= window.start and window.end <= read.end for window in judged)
