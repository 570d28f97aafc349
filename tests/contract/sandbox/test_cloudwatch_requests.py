"""What CloudWatch refuses, how it pages, and what the sandbox's faults make of it."""

import http.client
import json
import time
from typing import Any

import numpy as np
import pytest
from botocore import UNSIGNED
from botocore.exceptions import ClientError

from sandbox.cloudwatch.errors import throttling
from sandbox.faults import Fault
from tests.contract.sandbox.cloudwatch_server import DAY_S, NOW, Cloud, moment, query

HOUR_AGO = NOW - 3600
RANGE = {"start": HOUR_AGO, "end": NOW}


def refusal(call: Any, *given: Any, **named: Any) -> tuple[int, str, str]:
    with pytest.raises(ClientError) as refused:
        call(*given, **named)
    answer = refused.value.response
    return answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"], answer["Error"]["Message"]


def all_pages(cloud: Cloud, *queries: dict[str, Any], start: float, end: float, **request: Any) -> list[dict]:
    return list(cloud.client.get_paginator("get_metric_data").paginate(
        MetricDataQueries=list(queries), StartTime=moment(start), EndTime=moment(end), **request
    ))  # fmt: skip


def joined(pages: list[dict]) -> dict[str, list[float]]:
    values: dict[str, list[float]] = {}
    for page in pages:
        for result in page["MetricDataResults"]:
            values.setdefault(result["Id"], []).extend(result["Values"])
    return values


def statuses(page: dict) -> list[tuple[str, str]]:
    return [(result["Id"], result["StatusCode"]) for result in page["MetricDataResults"]]


def answered(cloud: Cloud, body: bytes) -> http.client.HTTPResponse:
    """GetMetricData without botocore, which would check the body, and take its time to read the answer."""
    connection = http.client.HTTPConnection(cloud.url.removeprefix("http://"))
    connection.request("POST", "/", body, {
        "X-Amz-Target": "GraniteServiceVersion20100801.GetMetricData",
        "Content-Type": "application/x-amz-json-1.0",
        "Authorization": "AWS4-HMAC-SHA256 Credential=AKIASANDBOX0WATCHBIL/20260310/eu-west-1/monitoring/"
                         "aws4_request, SignedHeaders=host, Signature=" + "0" * 64,
    })  # fmt: skip
    return connection.getresponse()


def test_a_request_without_signature_is_refused(cloud: Cloud) -> None:
    client = cloud.connect(signature_version=UNSIGNED)
    assert refusal(client.list_metrics) == (
        403, "MissingAuthenticationToken", "Missing Authentication Token",
    )  # fmt: skip


def test_an_unknown_access_key_is_refused(cloud: Cloud) -> None:
    client = cloud.connect(key="AKIAIOSFODNN7EXAMPLE")
    assert refusal(client.list_metrics) == (
        403, "InvalidClientTokenId", "The security token included in the request is invalid.",
    )  # fmt: skip


def test_every_region_has_metrics_of_its_own(cloud: Cloud) -> None:
    cloud.put([HOUR_AGO], [1])
    assert len(cloud.client.list_metrics()["Metrics"]) == 1
    assert cloud.connect(region="us-east-1").list_metrics()["Metrics"] == []


def test_an_operation_that_is_not_served_is_refused(cloud: Cloud) -> None:
    status, code, _ = refusal(cloud.client.describe_anomaly_detectors)
    assert (status, code) == (400, "UnknownOperationException")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", "SerializationException"),
        (b"{}", "MissingParameter"),
        (b'{"MetricDataQueries": 1, "StartTime": 1, "EndTime": 2}', "SerializationException"),
    ],
)
def test_a_malformed_body_is_refused_by_name(cloud: Cloud, body: bytes, code: str) -> None:
    answer = answered(cloud, body)
    told = json.loads(answer.read())
    assert (answer.status, answer.headers["x-amzn-query-error"]) == (400, f"{code};Sender")
    assert set(told) == {"__type", "message"}


def test_the_500th_query_is_taken_and_the_501st_refused(cloud: Cloud) -> None:
    queries = [query(f"q{number}") for number in range(501)]
    assert len(cloud.read(*queries[:500], **RANGE)["MetricDataResults"]) == 500
    assert refusal(cloud.read, *queries, **RANGE) == (
        400, "ValidationError", "The collection MetricDataQueries must not have a size greater than 500.",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("queries", "message"),
    [
        ([query("q"), query("q")], "The values for parameter id in MetricDataQueries are not unique."),
        ([query("Q1"), query("1q")],
         "The value Q1 for parameter MetricDataQueries.member.1.Id is not matching the expected pattern "
         "^[a-z][a-zA-Z0-9_]*$.\n"
         "The value 1q for parameter MetricDataQueries.member.2.Id is not matching the expected pattern "
         "^[a-z][a-zA-Z0-9_]*$."),
        ([query(stat="Median")],
         "The value Median for parameter MetricDataQueries.member.1.MetricStat.Stat is not supported."),
        ([query(stat="p101")],
         "The value p101 for parameter MetricDataQueries.member.1.MetricStat.Stat is not supported."),
        ([query(period=45)],
         "The value 45 for parameter MetricDataQueries.member.1.MetricStat.Period must be in the set "
         "[ 1, 5, 10, 20, 30 ] or a multiple of 60."),
        ([{"Id": "q"}], "Exactly one of the parameters MetricDataQueries.member.1.MetricStat and "
                        "MetricDataQueries.member.1.Expression must be specified."),
        ([], "The collection MetricDataQueries must not be empty."),
    ],
)  # fmt: skip
def test_queries_are_refused_by_name(cloud: Cloud, queries: list[dict], message: str) -> None:
    assert refusal(cloud.read, *queries, **RANGE) == (400, "ValidationError", message)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"start": NOW, "end": NOW}, "The parameter StartTime must not equal parameter EndTime."),
        ({"start": NOW, "end": NOW - 1}, "The parameter StartTime must be less than the parameter EndTime."),
        ({**RANGE, "MaxDatapoints": 100_801},
         "The value 100801 for parameter MaxDatapoints is not in 1 to 100800."),
        ({**RANGE, "ScanBy": "Newest"}, "The value Newest for parameter ScanBy is invalid."),
    ],
)  # fmt: skip
def test_ranges_are_refused_by_name(cloud: Cloud, asked: dict, message: str) -> None:
    assert refusal(cloud.read, query(), **asked) == (400, "ValidationError", message)


@pytest.mark.parametrize("scan", ["TimestampAscending", "TimestampDescending"])
def test_pages_of_one_id_join_to_the_whole(cloud: Cloud, scan: str) -> None:
    for number, service in enumerate("abc"):
        cloud.put(HOUR_AGO + 60 * np.arange(10), 10 * number + np.arange(10), service=service)
    queries = [query("a", service="a"), query("none"), query("b", service="b"), query("c", service="c")]
    pages = all_pages(cloud, *queries, **RANGE, ScanBy=scan, MaxDatapoints=7)
    assert [statuses(page) for page in pages] == [
        [("a", "PartialData")],
        [("a", "Complete"), ("none", "Complete"), ("b", "PartialData")],
        [("b", "Complete"), ("c", "PartialData")],
        [("c", "PartialData")],
        [("c", "Complete")],
    ]
    [whole] = all_pages(cloud, *queries, **RANGE, ScanBy=scan)
    assert joined(pages) == joined([whole])
    assert sum(map(len, joined([whole]).values())) == 30


def test_a_page_that_is_full_at_the_end_of_a_query_goes_on_with_the_next(cloud: Cloud) -> None:
    cloud.put([HOUR_AGO], [1], service="a")
    cloud.put([HOUR_AGO], [2], service="b")
    pages = all_pages(cloud, query("a", service="a"), query("b", service="b"), **RANGE, MaxDatapoints=1)
    assert [statuses(page) for page in pages] == [[("a", "Complete")], [("b", "Complete")]]


def test_points_that_arrive_between_pages_shift_nothing(cloud: Cloud) -> None:
    cloud.put(HOUR_AGO + 60 * np.arange(4), [0, 1, 2, 3])
    first = cloud.read(query(), **RANGE, MaxDatapoints=2)
    cloud.put([HOUR_AGO + 60 * 10], [10])
    second = cloud.read(query(), **RANGE, MaxDatapoints=2, NextToken=first["NextToken"])
    assert first["MetricDataResults"][0]["Values"] == [3.0, 2.0]
    assert second["MetricDataResults"][0]["Values"] == [1.0, 0.0]
    assert "NextToken" not in second


@pytest.mark.parametrize("token", ["nonsense", "", "bnVsbA=="])
def test_a_token_of_nobody_is_refused(cloud: Cloud, token: str) -> None:
    assert refusal(cloud.read, query(), **RANGE, NextToken=token)[:2] == (400, "InvalidNextToken")


def test_a_token_of_another_request_is_refused(cloud: Cloud) -> None:
    cloud.put(HOUR_AGO + 60 * np.arange(4), [0, 1, 2, 3])
    token = cloud.read(query(), **RANGE, MaxDatapoints=2)["NextToken"]
    refused = refusal(cloud.read, query("other"), **RANGE, MaxDatapoints=2, NextToken=token)
    assert refused[1] == "InvalidNextToken"


def test_a_request_holds_100800_points_and_no_more(cloud: Cloud) -> None:
    cloud.put(NOW - 14 * DAY_S + 60 * np.arange(14 * 1440), np.ones(14 * 1440))
    queries = [query(f"q{number}") for number in range(6)]
    pages = all_pages(cloud, *queries, start=NOW - 14 * DAY_S, end=NOW)
    assert [sum(map(len, joined([page]).values())) for page in pages] == [100_800, 20_160]
    assert [len(values) for values in joined(pages).values()] == [20_160] * 6


def test_a_metric_of_an_account_that_is_not_linked_is_forbidden(cloud: Cloud) -> None:
    [result] = cloud.read({**query(), "AccountId": "999999999999"}, **RANGE)["MetricDataResults"]
    assert (result["StatusCode"], result["Values"]) == ("Forbidden", [])


def test_a_partial_fault_gives_half_and_a_token_for_the_rest(cloud: Cloud) -> None:
    cloud.put(HOUR_AGO + 60 * np.arange(10), np.arange(10))
    cloud.faults.add(Fault("cloudwatch", "GetMetricData", partial=True))
    pages = all_pages(cloud, query(), **RANGE)
    assert [statuses(page) for page in pages] == [[("q", "PartialData")], [("q", "Complete")]]
    assert [len(page["MetricDataResults"][0]["Values"]) for page in pages] == [5, 5]
    assert joined(pages) == {"q": [9.0, 8, 7, 6, 5, 4, 3, 2, 1, 0]}


@pytest.mark.parametrize("status", ["InternalError", "Forbidden"])
def test_a_partial_fault_can_fail_every_other_result(cloud: Cloud, status: str) -> None:
    cloud.put([HOUR_AGO], [1])
    cloud.faults.add(Fault("cloudwatch", "GetMetricData", partial=True, body=status))
    results = cloud.read(query("a"), query("b"), **RANGE)["MetricDataResults"]
    assert [result["StatusCode"] for result in results] == [status, "Complete"]
    assert [result["Values"] for result in results] == [[], [1.0]]
    assert results[0]["Messages"][0]["Code"] == status


def test_throttling_is_said_as_the_vendor_says_it_and_passes(cloud: Cloud) -> None:
    cloud.faults.add(throttling("ListMetrics"))
    assert refusal(cloud.client.list_metrics) == (400, "Throttling", "Rate exceeded")
    assert cloud.client.list_metrics()["Metrics"] == []


def test_calls_are_counted_by_operation_whatever_comes_of_them(cloud: Cloud) -> None:
    cloud.client.list_metrics()
    cloud.read(query(), **RANGE)
    refusal(cloud.read, query("Q"), **RANGE)
    assert cloud.faults.calls == {("cloudwatch", "ListMetrics"): 1, ("cloudwatch", "GetMetricData"): 2}


def test_a_million_points_are_stored_and_answered_in_seconds(cloud: Cloud) -> None:
    times = NOW - 14 * DAY_S + 60 * np.arange(14 * 1440)
    for host in range(50):
        cloud.put(times, np.random.default_rng(host).random(len(times)), host=str(host))
    began = time.perf_counter()
    for host in range(50):
        request = {"MetricDataQueries": [query(stat="p99", host=str(host))], "ScanBy": "TimestampDescending",
                   "StartTime": NOW - 14 * DAY_S, "EndTime": NOW}  # fmt: skip
        answer = json.loads(answered(cloud, json.dumps(request).encode()).read())
        assert len(answer["MetricDataResults"][0]["Values"]) == 20_160
    assert time.perf_counter() - began < 5
