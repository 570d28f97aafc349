from datetime import timedelta

import pytest

from tests.unit.rules.points import AT, a_rule, a_series, ago, points
from watchbill.rules.judge import Reading, is_breached, read_conditions

CHECKOUT, SEARCH = a_series(service="checkout"), a_series(service="search")
FIVE = [(CHECKOUT, ago(minutes=5 - place), value) for place, value in enumerate((4.0, 1.0, 2.0, 8.0, 5.0))]
LABELS = {"service": "checkout"}


@pytest.mark.parametrize(("aggregate", "value"), [
    ("avg", 4.0), ("sum", 20.0), ("min", 1.0), ("max", 8.0), ("last", 5.0), ("count", 5.0),
])
def test_each_aggregate_is_taken_over_the_window(aggregate, value):
    rule = a_rule({"aggregate": aggregate})
    assert read_conditions(rule, points(*FIVE), [CHECKOUT], AT) == [Reading(LABELS, value, CHECKOUT)]


def test_the_last_value_is_the_newest_whatever_the_order_of_the_rows():
    assert read_conditions(a_rule(), points(*FIVE[::-1]), [CHECKOUT], AT)[0].value == 5.0


def test_the_point_stamped_with_the_evaluation_time_is_still_filling_and_not_judged():
    rows = points(*FIVE, (CHECKOUT, AT, 999.0))
    assert read_conditions(a_rule({"aggregate": "max"}), rows, [CHECKOUT], AT)[0].value == 8.0


def test_the_point_stamped_with_the_start_of_the_window_is_judged_and_the_one_before_is_not():
    rows = points((CHECKOUT, ago(minutes=5), 1.0), (CHECKOUT, ago(minutes=6), 1.0))
    assert read_conditions(a_rule({"aggregate": "count"}), rows, [CHECKOUT], AT)[0].value == 1.0


def test_five_minute_points_are_whole_when_the_evaluation_falls_between_two_of_them():
    coarse = a_series(300, service="checkout")
    rows = points((coarse, ago(minutes=5), 7.0), (coarse, AT, 999.0))
    assert read_conditions(a_rule(), rows, [coarse], AT + timedelta(minutes=3))[0].value == 7.0


def test_every_matching_series_is_judged_by_itself():
    rows = points((CHECKOUT, ago(minutes=1), 200.0), (SEARCH, ago(minutes=1), 2.0))
    readings = read_conditions(a_rule(), rows, [SEARCH, CHECKOUT], AT)
    assert [(reading.labels, reading.value) for reading in readings] == [
        ({"service": "checkout"}, 200.0), ({"service": "search"}, 2.0)]


def test_a_series_without_points_still_has_a_reading():
    assert read_conditions(a_rule(), points(), [CHECKOUT], AT) == [Reading(LABELS, None, CHECKOUT)]


def test_counting_nothing_gives_zero():
    assert read_conditions(a_rule({"aggregate": "count"}), points(), [CHECKOUT], AT)[0].value == 0.0


def test_the_finest_period_is_judged():
    coarse = a_series(300, service="checkout")
    rows = points((CHECKOUT, ago(minutes=1), 3.0), (coarse, ago(minutes=5), 15.0))
    assert read_conditions(a_rule(), rows, [coarse, CHECKOUT], AT) == [
        Reading({"service": "checkout"}, 3.0, CHECKOUT)]


def test_a_period_given_up_long_ago_does_not_blind_the_rule():
    coarse = a_series(300, service="checkout")
    rows = points((CHECKOUT, ago(days=3), 3.0), (coarse, ago(minutes=5), 15.0))
    assert read_conditions(a_rule(), rows, [coarse, CHECKOUT], AT)[0].value == 15.0


def test_two_accounts_with_the_same_dimensions_do_not_share_an_alert():
    ours, theirs = a_series(service="checkout"), a_series(account="210987654321", service="checkout")
    labels = [reading.labels for reading in read_conditions(a_rule(), points(), [ours, theirs], AT)]
    assert labels == [{"service": "checkout", "account": "123456789012", "region": "eu-west-1"},
                      {"service": "checkout", "account": "210987654321", "region": "eu-west-1"}]


def test_what_was_never_collected_has_a_reading_where_missing_data_breaches():
    rule = a_rule({"dimensions": {"service": "checkout", "zone": "*"}}, treat_missing_data="breaching")
    [reading] = read_conditions(rule, points(), [], AT)
    assert (reading.labels, reading.value) == ({"service": "checkout"}, None)


@pytest.mark.parametrize("policy", ["missing", "ignore", "notBreaching"])
def test_what_was_never_collected_has_no_reading_elsewhere(policy):
    assert read_conditions(a_rule(treat_missing_data=policy), points(), [], AT) == []


@pytest.mark.parametrize(("comparison", "below", "equal", "above"), [
    (">", False, False, True), (">=", False, True, True), ("<", True, False, False),
    ("<=", True, True, False), ("==", False, True, False), ("!=", True, False, True),
])
def test_comparisons(comparison, below, equal, above):
    condition = a_rule({"comparison": comparison, "threshold": 10}).condition
    assert [is_breached(condition, value) for value in (9.0, 10.0, 11.0, None)] == [below, equal, above, None]
