"""What a plan costs, before it is carried out."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.targets import CLOUDWATCH, SECOND
from tests.unit.sources.plans import NOW, requests
from watchbill.model.series import Series
from watchbill.model.targets import Target
from watchbill.model.windows import Window
from watchbill.sources.billing import billed
from watchbill.sources.cost import Cost, by_target, dollars, estimate
from watchbill.sources.request import Query, Request

DAY = 1440
DATADOG = Request(Target("datadog", "datadog_default"), Window(NOW - timedelta(hours=1), NOW), (
    Query("shop", Series("datadog", "datadog_default", "datadoghq.eu", "shop", "errors", "Sum", 60), "…", ("host",)),))


def test_two_weeks_of_five_hundred_metrics_are_half_a_cent():
    cost = estimate(requests(500, 1, 14 * DAY, 60), NOW)
    assert cost == Cost(calls=100, billed_metrics=500, points=10_080_000, expected_s=112)
    assert cost.dollars == 0.005
    assert str(cost) == ("100 calls, 500 billed metrics for $0.00500, at most 10,080,000 points, in 1m52s at the "
                         "earliest")


def test_the_same_in_a_window_a_day_would_be_fourteen_times_as_much():
    days = [requests(500, 1, DAY, 60, start=NOW - timedelta(days=number + 1)) for number in range(14)]
    cost = estimate([each for day in days for each in day], NOW)
    assert (cost.billed_metrics, cost.points) == (14 * 500, 10_080_000)


def test_points_of_the_last_three_hours_may_come_twice_as_fast():
    assert estimate(requests(500, 1, 180, 60), NOW).expected_s == 500 * 180 / 180_000
    assert estimate(requests(500, 1, 181, 60), NOW).expected_s == 500 * 181 / 90_000


def test_many_small_calls_wait_for_the_quota_of_calls():
    [request] = requests(1, 1, 5, 60)
    assert estimate([request] * 500, NOW).expected_s == 500 / 50


@pytest.mark.parametrize(("statistics", "each"), [(1, 1), (5, 1), (6, 2), (10, 2), (11, 3)])
def test_five_statistics_of_a_metric_in_a_request_are_billed_as_one(statistics: int, each: int):
    [request] = requests(3, statistics, 5, 60)
    assert billed(request.queries) == 3 * each
    assert estimate([request, request], NOW).billed_metrics == 2 * 3 * each


def test_other_dimensions_namespaces_and_periods_are_other_metrics():
    one = Series("cloudwatch", "1", "eu-west-1", "shop", "errors", "Sum", 60)
    others = [replace(one, namespace="b"), replace(one, period_s=300), replace(one, dimensions=(("a", "b"),))]
    assert billed([Query("shop", each) for each in (one, replace(one, statistic="Average"), *others)]) == 4


def test_each_account_and_region_has_its_own_quotas_and_connections_of_one_share_them():
    here = requests(500, 1, 14 * DAY, 60)
    elsewhere = [replace(each, target=SECOND, queries=tuple(
        replace(query, series=replace(query.series, region="us-east-1")) for query in each.queries)) for each in here]
    assert estimate([*here, *elsewhere], NOW).expected_s == 112
    assert estimate([*here, *(replace(each, target=SECOND) for each in here)], NOW).expected_s == 224
    assert list(by_target([*here, *elsewhere], NOW)) == [here[0].target, SECOND]
    assert by_target([*here, *elsewhere], NOW)[SECOND] == estimate(here, NOW)


def test_datadog_has_no_price_and_no_time_that_could_be_promised():
    cost = estimate([DATADOG], NOW)
    assert cost == Cost(calls=1, billed_metrics=0, points=60, expected_s=None)
    assert str(cost) == "1 call, 0 billed metrics for $0.00000, at most 60 points"
    assert cost.expected_time == "-"


def test_a_request_that_asks_nothing_costs_nothing():
    empty = Request(CLOUDWATCH, Window(NOW, NOW), calls=3, warnings=("nothing is there",))
    assert estimate([empty], NOW) == estimate([], NOW) == Cost(0, 0, 0, 0.0)
    assert by_target([empty], NOW) == {}


def test_a_thousand_metrics_are_a_cent():
    assert dollars(1000) == 0.01
    assert Cost(1, 1, 1, 0).price == "$0.00001"
