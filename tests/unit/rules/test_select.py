from datetime import timedelta

from tests.unit.rules.points import AT, a_rule, a_series, ago, streams
from watchbill.model.windows import Window
from watchbill.rules.select import judged_window, read_window

MINUTES = timedelta(minutes=5)


def selected(rule, series):
    """The keys of what is selected, in the order of the labels."""
    found = streams(rule, *series)
    keys = [[key for _, column in found.periods if (key := column[place].as_py())] for place in range(len(found))]
    return [key for _, key in sorted(zip([sorted(one.items()) for one in found.labels], keys, strict=True))]


def keys(*series):
    return [[one.key] for one in series]


CHECKOUT, SEARCH = a_series(service="checkout"), a_series(service="search")


def test_a_condition_without_dimensions_takes_every_series_of_its_metric():
    other = a_series(metric="requests", service="checkout")
    assert selected(a_rule(), [SEARCH, other, CHECKOUT]) == keys(CHECKOUT, SEARCH)


def test_a_named_dimension_takes_its_series_only():
    assert selected(a_rule({"dimensions": {"service": "checkout"}}), [CHECKOUT, SEARCH]) == keys(CHECKOUT)


def test_a_star_takes_any_value_but_the_dimension_must_be_there():
    bare = a_series()
    assert selected(a_rule({"dimensions": {"service": "*"}}), [CHECKOUT, bare]) == keys(CHECKOUT)


def test_a_dimension_that_is_not_named_may_be_there():
    one = a_series(service="checkout", zone="a")
    assert selected(a_rule({"dimensions": {"service": "checkout"}}), [one]) == keys(one)


def test_a_named_period_takes_series_of_that_period_only():
    coarse = a_series(300, service="checkout")
    assert selected(a_rule({"period": "5m"}), [CHECKOUT, coarse]) == keys(coarse)


def test_series_that_differ_in_their_period_only_are_one_stream_the_finest_first():
    coarse = a_series(300, service="checkout")
    assert selected(a_rule(), [coarse, CHECKOUT, SEARCH]) == [[CHECKOUT.key, coarse.key], [SEARCH.key]]


def test_the_window_ends_before_the_period_that_is_still_filling():
    at = AT + timedelta(minutes=3)
    assert judged_window(MINUTES, 300, at) == Window(ago(minutes=5), AT)
    assert judged_window(MINUTES, 60, at) == Window(ago(minutes=2), at)


def test_what_is_read_covers_what_is_judged_at_every_period():
    at = AT + timedelta(minutes=3)
    read = read_window(MINUTES, [60, 300], at, at)
    judged = [judged_window(MINUTES, period, at) for period in (60, 300)]
    assert all(read.start <= window.start and window.end <= read.end for window in judged)
