"""CloudWatch, over HTTP with the real boto3."""

from typing import Any

import pytest
from botocore.config import Config

from sandbox.credentials import AWS_ACCOUNT, AWS_REGION
from sandbox.faults import Fault
from sandbox.server import Sandbox
from tests.contract.sources.readings import epoch, minutes_ago, points
from tests.sandbox_fixtures import aws_client
from tests.unit.sources.entries import entry
from watchbill.model.failures import SourceError
from watchbill.model.metrics import MetricEntry
from watchbill.model.series import Series
from watchbill.model.targets import Target
from watchbill.model.windows import Window
from watchbill.sources.cloudwatch import fetch, plan
from watchbill.sources.fetched import Fetched
from watchbill.sources.request import Request

GET, LIST = ("cloudwatch", "GetMetricData"), ("cloudwatch", "ListMetrics")


def planned(client: Any, window: Window, *entries: MetricEntry) -> list[Request]:
    return plan(client, entries, Target("cloudwatch", "aws_default"), AWS_ACCOUNT, AWS_REGION, window, window.end)


def collected(sandbox: Sandbox, window: Window, *entries: MetricEntry, **options: Any) -> Fetched:
    client = aws_client(sandbox, "cloudwatch", **options)
    (request,) = planned(client, window, *entries)
    return fetch(client, Request.from_json(request.to_json()), wait=lambda seconds: None)


def series(metric: str = "errors", statistic: str = "Sum", **dimensions: str) -> Series:
    return Series(
        "cloudwatch",
        AWS_ACCOUNT,
        AWS_REGION,
        "shop",
        metric,
        statistic,
        60,
        tuple((dimensions or {"service": "checkout"}).items()),
    )


def test_every_value_comes_with_its_own_time(sandbox: Sandbox) -> None:
    window = minutes_ago(120, 100)
    times = epoch(window)
    sandbox.cloudwatch.put("shop", "errors", {"service": "checkout"}, times, [float(n) for n in range(100)])
    sandbox.cloudwatch.put("shop", "errors", {"service": "checkout"}, times, [0.0] * 100)
    fetched = collected(sandbox, window, entry(statistics=["Sum", "Average", "SampleCount"], unit="Count"))
    assert points(fetched) == {
        series(): [(time, float(n)) for n, time in enumerate(times)],
        series(statistic="Average"): [(time, n / 2) for n, time in enumerate(times)],
        series(statistic="SampleCount"): [(time, 2.0) for time in times],
    }
    assert {one.unit for one in fetched.series} == {"Count"}
    assert (fetched.calls, fetched.warnings) == (1, ())
    assert sandbox.faults.calls == {GET: 1}


def test_the_window_is_half_open_and_neighbours_share_no_point(sandbox: Sandbox) -> None:
    whole = minutes_ago(60, 10)
    sandbox.cloudwatch.put("shop", "errors", {"service": "checkout"}, epoch(whole), [1.0] * 10)
    middle = whole.start + whole.length / 2
    parts = [
        collected(sandbox, part, entry()) for part in (Window(whole.start, middle), Window(middle, whole.end))
    ]
    times = [time for part in parts for rows in points(part).values() for time, _ in rows]
    assert times == epoch(whole)


def test_a_metric_without_points_is_named_all_the_same(sandbox: Sandbox) -> None:
    assert points(collected(sandbox, minutes_ago(10, 5), entry(statistics="Sum"))) == {series(): []}


def test_a_star_reads_every_service_and_its_listing_is_counted(sandbox: Sandbox) -> None:
    window = minutes_ago(30, 5)
    for number in range(600):
        sandbox.cloudwatch.put(
            "shop", "errors", {"service": f"s{number}"}, epoch(window), [float(number)] * 5
        )
    sandbox.cloudwatch.put("shop", "errors", {"service": "s0", "zone": "a"}, epoch(window), [9.0] * 5)
    sandbox.cloudwatch.put("shop", "errors", {}, epoch(window), [9.0] * 5)
    client = aws_client(sandbox, "cloudwatch")
    requests = planned(client, window, entry(dimensions={"service": "*"}, statistics="Sum"))
    assert [len(request.queries) for request in requests] == [500, 100]
    answers = [fetch(client, request) for request in requests]
    found = {one: rows for answer in answers for one, rows in points(answer).items()}
    assert found == {
        series(service=f"s{number}"): [(time, float(number)) for time in epoch(window)]
        for number in range(600)
    }
    assert sandbox.faults.calls == {LIST: 2, GET: 2}
    assert [answer.calls for answer in answers] == [3, 1]


def test_pages_of_one_metric_are_joined(sandbox: Sandbox) -> None:
    window = minutes_ago(120, 100)
    for service in ("checkout", "search"):
        sandbox.cloudwatch.put("shop", "errors", {"service": service}, epoch(window), range(100))
    sandbox.faults.add(Fault(*GET, partial=True))
    sandbox.faults.add(Fault(*GET, partial=True))
    fetched = collected(sandbox, window, entry(statistics="Sum", dimensions={"service": "*"}))
    wanted = [(time, float(n)) for n, time in enumerate(epoch(window))]
    assert points(fetched) == {series(service="checkout"): wanted, series(service="search"): wanted}
    assert fetched.calls == 1 + sandbox.faults.calls[GET]
    assert sandbox.faults.calls[GET] >= 3


def test_two_weeks_of_minutes_come_whole(sandbox: Sandbox) -> None:
    window = minutes_ago(14 * 1440, 14 * 1440)
    times = epoch(window)
    sandbox.cloudwatch.put("shop", "errors", {"service": "checkout"}, times, range(len(times)))
    assert points(collected(sandbox, window, entry(statistics="Sum"))) == {
        series(): [(time, float(n)) for n, time in enumerate(times)]
    }


def test_what_failed_inside_is_asked_for_again_alone(sandbox: Sandbox) -> None:
    window = minutes_ago(60, 5)
    for metric in ("errors", "requests"):
        sandbox.cloudwatch.put("shop", metric, {"service": "checkout"}, epoch(window), [1.0] * 5)
    sandbox.faults.add(Fault(*GET, partial=True, body="InternalError"))
    fetched = collected(sandbox, window, entry(statistics="Sum", metrics=["errors", "requests"]))
    wanted = [(time, 1.0) for time in epoch(window)]
    assert points(fetched) == {series(): wanted, series("requests"): wanted}
    assert fetched.calls == 2


def test_what_keeps_failing_inside_fails_the_request_as_a_whole(sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault(*GET, partial=True, body="InternalError", times=None))
    client, waited = aws_client(sandbox, "cloudwatch"), []
    (request,) = planned(client, minutes_ago(60, 5), entry(metrics=["errors", "requests"]))
    with pytest.raises(
        SourceError, match=r"failed 3 times for 1 of 2 metrics, as shop/errors\{service=checkout\}"
    ) as told:
        fetch(client, request, wait=waited.append)
    assert told.value.retryable
    assert waited == [2.0, 4.0]
    assert sandbox.faults.calls == {GET: 3}


def test_a_forbidden_metric_is_a_warning_and_the_others_are_kept(sandbox: Sandbox) -> None:
    window = minutes_ago(60, 5)
    for metric in ("errors", "requests"):
        sandbox.cloudwatch.put("shop", metric, {"service": "checkout"}, epoch(window), [1.0] * 5)
    sandbox.faults.add(Fault(*GET, partial=True, body="Forbidden"))
    fetched = collected(sandbox, window, entry(statistics="Sum", metrics=["errors", "requests"]))
    assert points(fetched) == {series(): [], series("requests"): [(time, 1.0) for time in epoch(window)]}
    assert fetched.warnings == (
        "shop/errors{service=checkout} Sum: CloudWatch says Forbidden Access to this metric is denied",
        "shop/errors{service=checkout} Sum: AWS forbids reading it",
    )


def test_a_request_of_forbidden_metrics_only_is_an_error(sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault(*GET, partial=True, body="Forbidden"))
    with pytest.raises(SourceError, match="AWS forbids every metric of this request") as told:
        collected(sandbox, minutes_ago(60, 5), entry())
    assert not told.value.retryable


def test_messages_nonfinite_values_and_duplicates_are_told_and_folded(sandbox: Sandbox) -> None:
    window = minutes_ago(60, 3)
    first, second, third = epoch(window)
    result = {
        "Id": "m0",
        "Label": "errors",
        "StatusCode": "Complete",
        "Timestamps": [first, second, second, third],
        "Values": [1.0, 2.0, 3.0, "NaN"],
        "Messages": [{"Code": "ArithmeticError", "Value": "one was odd"}],
    }
    sandbox.faults.add(
        Fault(
            *GET,
            body={
                "MetricDataResults": [result],
                "Messages": [{"Code": "MaxMetricsExceeded", "Value": "too many."}],
            },
        )
    )
    fetched = collected(sandbox, window, entry(statistics="Sum"))
    assert points(fetched) == {series(): [(first, 1.0), (second, 3.0)]}
    assert fetched.warnings == (
        "CloudWatch in eu-west-1 (connection aws_default), GetMetricData for shop: "
        "CloudWatch says MaxMetricsExceeded too many",
        "shop/errors{service=checkout} Sum: CloudWatch says ArithmeticError one was odd",
        "shop/errors{service=checkout} Sum: values that are no finite number were left out",
    )


def test_a_request_without_queries_asks_nothing_and_tells_what_planning_found(sandbox: Sandbox) -> None:
    fetched = collected(sandbox, minutes_ago(10, 5), entry(dimensions={"service": "*"}))
    assert points(fetched) == {}
    assert fetched.calls == 1
    assert fetched.warnings == (
        "shop: CloudWatch in eu-west-1 lists no metric shop/errors with exactly the dimensions service",
    )
    assert sandbox.faults.calls == {LIST: 1}


def test_calls_that_botocore_repeats_are_counted(sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault(*GET, status=503))
    sandbox.faults.add(Fault(*GET, cut=True))
    again = Config(retries={"mode": "standard", "total_max_attempts": 4})
    assert collected(sandbox, minutes_ago(60, 5), entry(), config=again).calls == 3
    assert sandbox.faults.calls == {GET: 3}


def test_a_client_is_left_as_it_was(sandbox: Sandbox) -> None:
    client, window = aws_client(sandbox, "cloudwatch"), minutes_ago(60, 5)
    (request,) = planned(client, window, entry())
    assert [fetch(client, request).calls for _ in range(3)] == [1, 1, 1]
