from datetime import timedelta

import pyarrow as pa
import pytest

from tests.unit.rules.points import AT, a_rule, a_series, ago, points, seen, streams, told, values
from watchbill.rules.conditions import compare
from watchbill.rules.judge import Reader
from watchbill.rules.select import absent

CHECKOUT, SEARCH = a_series(service="checkout"), a_series(service="search")
FIVE = [(CHECKOUT, ago(minutes=5 - place), value) for place, value in enumerate((4.0, 1.0, 2.0, 8.0, 5.0))]
LABELS = {"service": "checkout"}


@pytest.mark.parametrize(("aggregate", "value"), [
    ("avg", 4.0), ("sum", 20.0), ("min", 1.0), ("max", 8.0), ("last", 5.0), ("count", 5.0),
])
def test_each_aggregate_is_taken_over_the_window(aggregate, value):
    assert seen(a_rule({"aggregate": aggregate}), points(*FIVE), [CHECKOUT]) == [(LABELS, value)]


def test_the_last_value_is_the_newest_whatever_the_order_of_the_rows():
    assert seen(a_rule(), points(*FIVE[::-1]), [CHECKOUT])[0][1] == 5.0


def test_the_point_stamped_with_the_evaluation_time_is_still_filling_and_not_judged():
    rows = points(*FIVE, (CHECKOUT, AT, 999.0))
    assert seen(a_rule({"aggregate": "max"}), rows, [CHECKOUT])[0][1] == 8.0


def test_the_point_stamped_with_the_start_of_the_window_is_judged_and_the_one_before_is_not():
    rows = points((CHECKOUT, ago(minutes=5), 1.0), (CHECKOUT, ago(minutes=6), 1.0))
    assert seen(a_rule({"aggregate": "count"}), rows, [CHECKOUT])[0][1] == 1.0


def test_five_minute_points_are_whole_when_the_evaluation_falls_between_two_of_them():
    coarse = a_series(300, service="checkout")
    rows = points((coarse, ago(minutes=5), 7.0), (coarse, AT, 999.0))
    assert seen(a_rule(), rows, [coarse], AT + timedelta(minutes=3))[0][1] == 7.0


def test_every_matching_series_is_judged_by_itself():
    rows = points((CHECKOUT, ago(minutes=1), 200.0), (SEARCH, ago(minutes=1), 2.0))
    assert seen(a_rule(), rows, [SEARCH, CHECKOUT]) == [
        ({"service": "checkout"}, 200.0), ({"service": "search"}, 2.0)]


def test_a_series_without_points_still_has_a_reading():
    found = values(a_rule(), points(), [CHECKOUT])
    assert (found.numbers, found.missing) == ([None], {found.streams.names[0]})
    assert told(a_rule(), points(), [CHECKOUT]) == {"checkout": (None, None)}


def test_counting_nothing_gives_zero():
    assert seen(a_rule({"aggregate": "count"}), points(), [CHECKOUT])[0][1] == 0.0


def test_the_finest_period_is_judged():
    coarse = a_series(300, service="checkout")
    rows = points((CHECKOUT, ago(minutes=1), 3.0), (coarse, ago(minutes=5), 15.0))
    assert seen(a_rule(), rows, [coarse, CHECKOUT]) == [({"service": "checkout"}, 3.0)]


def test_a_period_given_up_long_ago_does_not_blind_the_rule():
    coarse = a_series(300, service="checkout")
    rows = points((CHECKOUT, ago(days=3), 3.0), (coarse, ago(minutes=5), 15.0))
    assert seen(a_rule(), rows, [coarse, CHECKOUT])[0][1] == 15.0


def test_two_accounts_with_the_same_dimensions_do_not_share_an_alert():
    ours, theirs = a_series(service="checkout"), a_series(account="210987654321", service="checkout")
    assert [labels for labels, _ in seen(a_rule(), points(), [ours, theirs])] == [
        {"service": "checkout", "account": "123456789012", "region": "eu-west-1"},
        {"service": "checkout", "account": "210987654321", "region": "eu-west-1"}]


def test_one_stream_without_points_can_stand_for_what_was_never_collected():
    rule = a_rule({"dimensions": {"service": "checkout", "zone": "*"}})
    found = absent(rule.condition)
    read = Reader(points(), [found]).values(found, timedelta(minutes=5), "last", AT)
    assert (found.labels, read.numbers) == ([{"service": "checkout"}], [None])


def test_what_was_never_collected_has_no_reading():
    assert len(streams(a_rule())) == 0
    assert seen(a_rule(), points(), []) == []


def test_rules_that_differ_in_their_threshold_share_what_was_aggregated():
    found = streams(a_rule(), CHECKOUT, SEARCH)
    reader = Reader(points(*FIVE), [found])
    asked = [reader.values(found, timedelta(minutes=5), "max", AT) for _ in range(2)]
    assert asked[0] is asked[1]


def test_selections_that_were_read_together_keep_apart():
    first, second = streams(a_rule(), CHECKOUT, SEARCH), streams(a_rule({"dimensions": {"service": "search"}}), SEARCH)
    reader = Reader(points(*FIVE, (SEARCH, ago(minutes=1), 7.0)), [first, second])
    assert reader.values(second, timedelta(minutes=5), "last", AT).numbers == [7.0]
    assert sorted(reader.values(first, timedelta(minutes=5), "last", AT).numbers) == [5.0, 7.0]


def test_not_a_number_breaches_only_what_is_not_equal():
    rows = points((CHECKOUT, ago(minutes=1), float("nan")))
    breaching = [sign for sign in (">", ">=", "<", "<=", "==", "!=")
                 if told(a_rule({"comparison": sign}), rows, [CHECKOUT])["checkout"][1]]
    assert breaching == ["!="]


@pytest.mark.parametrize(("comparison", "below", "equal", "above"), [
    (">", False, False, True), (">=", False, True, True), ("<", True, False, False),
    ("<=", True, True, False), ("==", False, True, False), ("!=", True, False, True),
])
def test_comparisons(comparison, below, equal, above):
    found = compare(comparison, pa.array([9.0, 10.0, 11.0, None]), 10)
    assert found.to_pylist() == [below, equal, above, None]
