"""GetMetricData and GetMetricStatistics as boto3 sees them: what matches, which buckets, which statistics."""


import numpy as np
import pytest
from botocore.exceptions import ClientError

from tests.contract.sandbox.cloudwatch_server import DAY_S, NOW, Cloud, moment, query

HOUR_AGO = NOW - 3600


def test_a_whole_answer_is_as_the_vendor_gives_it(cloud: Cloud) -> None:
    cloud.put([HOUR_AGO, HOUR_AGO + 60], [10, 20], service="checkout")
    assert cloud.read(query(service="checkout"), start=HOUR_AGO, end=NOW) == {
        "MetricDataResults": [{
            "Id": "q",
            "Label": "latency",
            "Timestamps": [moment(HOUR_AGO + 60), moment(HOUR_AGO)],
            "Values": [20.0, 10.0],
            "StatusCode": "Complete",
        }],
        "Messages": [],
    }  # fmt: skip


def test_scan_by_turns_the_order_round(cloud: Cloud) -> None:
    cloud.put([HOUR_AGO, HOUR_AGO + 60], [10, 20])
    answer = cloud.read(query(), start=HOUR_AGO, end=NOW, ScanBy="TimestampAscending")
    assert answer["MetricDataResults"][0]["Values"] == [10.0, 20.0]


@pytest.mark.parametrize(
    "asked",
    [
        query(),
        query(service="checkout", zone="a"),
        query(service="search"),
        query(Service="checkout"),
        query(namespace="Shop", service="checkout"),
        query(metric="Latency", service="checkout"),
    ],
    ids=["fewer", "more", "another value", "case of a name", "case of a namespace", "case of a metric"],
)
def test_another_metric_is_complete_and_empty(cloud: Cloud, asked: dict) -> None:
    cloud.put([HOUR_AGO], [10], service="checkout")
    [result] = cloud.read(asked, start=HOUR_AGO, end=NOW)["MetricDataResults"]
    assert (result["Timestamps"], result["Values"], result["StatusCode"]) == ([], [], "Complete")


def test_the_order_of_dimensions_does_not_matter(cloud: Cloud) -> None:
    cloud.put([HOUR_AGO], [10], service="checkout", zone="a")
    assert cloud.points("Average", HOUR_AGO, NOW, zone="a", service="checkout") == [(HOUR_AGO, 10.0)]


def test_start_is_inclusive_and_end_exclusive(cloud: Cloud) -> None:
    cloud.put(HOUR_AGO + 60 * np.arange(5), np.arange(5))
    assert cloud.points("Sum", HOUR_AGO + 60, HOUR_AGO + 180) == [(HOUR_AGO + 60, 1.0), (HOUR_AGO + 120, 2.0)]


def test_a_start_within_a_minute_is_rounded_down_to_it(cloud: Cloud) -> None:
    cloud.put([HOUR_AGO], [1])
    assert cloud.points("Sum", HOUR_AGO + 34, NOW) == [(HOUR_AGO, 1.0)]


def test_buckets_are_aligned_to_the_period_and_not_to_the_start(cloud: Cloud) -> None:
    cloud.put(HOUR_AGO + 60 * np.arange(15), np.ones(15))
    assert cloud.points("Sum", HOUR_AGO + 120, HOUR_AGO + 900, period=300) == [
        (HOUR_AGO + 300, 5.0),
        (HOUR_AGO + 600, 5.0),
    ]


def test_seconds_of_a_regular_metric_are_kept_by_the_minute(cloud: Cloud) -> None:
    cloud.put([HOUR_AGO + 1, HOUR_AGO + 59, HOUR_AGO + 60], [1, 3, 5])
    assert cloud.points("Average", HOUR_AGO, NOW) == [(HOUR_AGO, 2.0), (HOUR_AGO + 60, 5.0)]


@pytest.mark.parametrize(
    ("stat", "value"),
    [
        ("SampleCount", 10), ("Average", 14.5), ("Sum", 145), ("Minimum", 1), ("Maximum", 100),
        ("p0", 1), ("p50", 5), ("p90", 9), ("p99", 100), ("p90.5", 100), ("p100", 100),
        ("tm90", 5), ("tc90", 9), ("ts90", 45), ("wm90", 5.4), ("tm100", 14.5),
    ],
)  # fmt: skip
def test_statistics_are_computed_on_the_raw_samples(cloud: Cloud, stat: str, value: float) -> None:
    cloud.put(np.full(10, HOUR_AGO), [100, 9, 8, 7, 6, 5, 4, 3, 2, 1])
    assert cloud.points(stat, HOUR_AGO, NOW) == [(HOUR_AGO, value)]


def test_percentiles_of_each_period_are_its_own(cloud: Cloud) -> None:
    random = np.random.default_rng(7)
    values = random.exponential(100, (30, 40))
    cloud.put(np.repeat(HOUR_AGO + 60 * np.arange(30), 40), values.ravel())
    expected = np.percentile(values, 95, axis=1, method="inverted_cdf")
    assert [value for _, value in cloud.points("p95", HOUR_AGO, NOW)] == pytest.approx(expected)


def test_a_metric_with_negative_values_has_no_percentiles(cloud: Cloud) -> None:
    cloud.put([HOUR_AGO, HOUR_AGO + 60], [-1, 1])
    assert cloud.points("p99", HOUR_AGO, NOW) == []
    assert cloud.points("Minimum", HOUR_AGO, NOW) == [(HOUR_AGO, -1.0), (HOUR_AGO + 60, 1.0)]


@pytest.mark.parametrize(
    ("age_s", "period", "answers"),
    [
        (3 * 3600, 1, True), (3 * 3600 + 1, 1, False), (3 * 3600 + 60, 30, False), (3 * 3600 + 60, 60, True),
        (15 * DAY_S, 60, True), (15 * DAY_S + 60, 60, False), (15 * DAY_S + 300, 300, True),
        (63 * DAY_S, 300, True), (63 * DAY_S + 300, 300, False), (63 * DAY_S + 3600, 3600, True),
        (454 * DAY_S, 3600, True), (454 * DAY_S, 60, False), (456 * DAY_S, 3600, False),
    ],
)  # fmt: skip
def test_a_period_finer_than_is_kept_says_nothing(
    cloud: Cloud, age_s: int, period: int, answers: bool
) -> None:
    at = NOW - age_s
    cloud.store.put("shop", "latency", {}, np.array([at]), np.array([1.0]), storage_resolution_s=1)
    aligned = at // period * period
    assert cloud.points("Sum", at, at + period, period=period) == ([(aligned, 1.0)] if answers else [])


def test_an_old_start_silences_the_new_points_of_the_same_request(cloud: Cloud) -> None:
    cloud.put([HOUR_AGO], [1])
    assert cloud.points("Sum", NOW - 16 * DAY_S, NOW, period=60) == []


def test_what_is_older_than_455_days_is_gone_from_a_longer_request(cloud: Cloud) -> None:
    cloud.put([NOW - 456 * DAY_S, NOW - 400 * DAY_S], [1, 2])
    assert cloud.points("Sum", NOW - 500 * DAY_S, NOW, period=3600) == [(NOW - 400 * DAY_S, 2.0)]


def test_only_high_resolution_metrics_answer_below_a_minute(cloud: Cloud) -> None:
    cloud.put([HOUR_AGO], [1])
    assert cloud.points("Sum", HOUR_AGO, NOW, period=10) == []
    cloud.store.put("shop", "fast", {}, HOUR_AGO + np.arange(20.0), np.ones(20), storage_resolution_s=1)
    points = cloud.points("Sum", HOUR_AGO, NOW, period=10, metric="fast")
    assert points == [(HOUR_AGO, 10.0), (HOUR_AGO + 10, 10.0)]


def test_the_age_is_told_by_the_clock_that_was_passed_in(cloud: Cloud) -> None:
    cloud.put([HOUR_AGO], [1])
    cloud.now = NOW + 20 * DAY_S
    assert cloud.points("Sum", HOUR_AGO, NOW, period=60) == []
    assert cloud.points("Sum", HOUR_AGO, NOW, period=300) == [(HOUR_AGO, 1.0)]


def test_a_unit_asked_for_must_be_the_published_one(cloud: Cloud) -> None:
    cloud.store.put("shop", "latency", {}, np.array([HOUR_AGO]), np.array([7.0]), unit="Milliseconds")
    asked = query()
    asked["MetricStat"]["Unit"] = "Milliseconds"
    assert cloud.read(asked, start=HOUR_AGO, end=NOW)["MetricDataResults"][0]["Values"] == [7.0]
    asked["MetricStat"]["Unit"] = "Seconds"
    assert cloud.read(asked, start=HOUR_AGO, end=NOW)["MetricDataResults"][0]["Values"] == []


def test_labels_tell_metrics_of_one_name_apart(cloud: Cloud) -> None:
    asked = [
        query("a", service="checkout"), query("b", service="search"), query("c", "p99", service="search"),
        query("d", metric="errors"), {**query("e"), "Label": "mine"},
    ]  # fmt: skip
    answer = cloud.read(*asked, start=HOUR_AGO, end=NOW)
    assert [result["Label"] for result in answer["MetricDataResults"]] == [
        "checkout latency Average", "search latency Average", "search latency p99", "errors", "mine",
    ]  # fmt: skip


def test_return_data_false_leaves_a_query_out(cloud: Cloud) -> None:
    answer = cloud.read({**query("a"), "ReturnData": False}, query("b"), start=HOUR_AGO, end=NOW)
    assert [result["Id"] for result in answer["MetricDataResults"]] == ["b"]


def test_a_point_that_only_one_metric_has_meets_a_zero_in_an_expression(cloud: Cloud) -> None:
    cloud.put(HOUR_AGO + 60 * np.arange(3), [1, 2, 3], metric="errors")
    cloud.put(HOUR_AGO + 60 * np.arange(1, 4), [10, 0, 30], metric="requests")
    errors = {**query("e", "Sum", metric="errors"), "ReturnData": False}
    requests = {**query("r", "Sum", metric="requests"), "ReturnData": False}
    rate = {"Id": "rate", "Expression": "100 * e / (r + 0)", "Label": "error rate"}
    [result] = cloud.read(errors, requests, rate, start=HOUR_AGO, end=NOW)["MetricDataResults"]
    assert (result["Label"], result["Timestamps"], result["Values"]) == (
        "error rate", [moment(HOUR_AGO + 180), moment(HOUR_AGO + 60)], [0.0, 20.0],
    )  # fmt: skip
    assert [message["Code"] for message in result["Messages"]] == ["ArithmeticError"]  # divided by zero


@pytest.mark.parametrize(
    ("expressions", "message"),
    [
        ({"e": "MEDIAN(q)"}, "Undefined function MEDIAN"),
        ({"e": "q +"}, "it cannot be parsed"),
        ({"e": "q + nobody"}, "Undefined identifier nobody"),
        ({"e": "1 + 1"}, "The expression must return a time series or an array of time series"),
        ({"e": "f + 1", "f": "e + 1"}, "it refers to itself"),
        ({"e": "q + slow"}, "its metrics have different periods"),
    ],
)
def test_other_expressions_are_refused_by_name(cloud: Cloud, expressions: dict, message: str) -> None:
    asked = [{"Id": name, "Expression": text} for name, text in expressions.items()]
    with pytest.raises(ClientError) as refused:
        cloud.read(query(), query("slow", period=300), *asked, start=HOUR_AGO, end=NOW)
    assert refused.value.response["Error"]["Code"] == "ValidationError"
    assert refused.value.response["Error"]["Message"] == f"Error in expression 'e': {message}."


def test_get_metric_statistics_brings_units_and_no_order(cloud: Cloud) -> None:
    cloud.store.put("shop", "latency", {"service": "checkout"}, HOUR_AGO + 60 * np.arange(3.0),
                    np.array([1.0, 2.0, 3.0]), unit="Milliseconds")
    answer = cloud.client.get_metric_statistics(
        Namespace="shop", MetricName="latency", Dimensions=[{"Name": "service", "Value": "checkout"}],
        StartTime=moment(HOUR_AGO), EndTime=moment(NOW), Period=60, Statistics=["Average", "SampleCount"],
    )  # fmt: skip
    assert answer["Label"] == "latency"
    assert answer["Datapoints"] == [
        {"Timestamp": moment(HOUR_AGO + 60 * minute), "Average": value, "SampleCount": 1.0,
         "Unit": "Milliseconds"}
        for minute, value in ((1, 2.0), (0, 1.0), (2, 3.0))
    ]


def test_get_metric_statistics_gives_percentiles_under_extended(cloud: Cloud) -> None:
    cloud.put([HOUR_AGO], [5])
    answer = cloud.client.get_metric_statistics(
        Namespace="shop", MetricName="latency", StartTime=moment(HOUR_AGO), EndTime=moment(NOW), Period=60,
        ExtendedStatistics=["p99.9"],
    )  # fmt: skip
    assert answer["Datapoints"] == [
        {"Timestamp": moment(HOUR_AGO), "Unit": "None", "ExtendedStatistics": {"p99.9": 5.0}}
    ]


def test_get_metric_statistics_refuses_more_than_1440_points(cloud: Cloud) -> None:
    with pytest.raises(ClientError) as refused:
        cloud.client.get_metric_statistics(
            Namespace="shop", MetricName="latency", StartTime=moment(NOW - 2 * DAY_S), EndTime=moment(NOW),
            Period=60, Statistics=["Sum"],
        )  # fmt: skip
    assert refused.value.response["Error"]["Code"] == "InvalidParameterCombination"
    assert "requested up to 2880 datapoints, which exceeds the limit of 1440" in str(refused.value)
