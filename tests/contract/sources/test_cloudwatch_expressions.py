"""Answers of expressions: which series they are, over HTTP with the real boto3."""

from typing import Any

import pytest

from sandbox.credentials import AWS_ACCOUNT, AWS_REGION
from sandbox.faults import Fault
from sandbox.server import Sandbox
from tests.contract.sources.readings import epoch, minutes_ago, points
from tests.contract.sources.test_names import NAMES
from tests.sandbox_fixtures import aws_client
from tests.unit.sources.entries import entry
from watchbill.model.failures import SourceError
from watchbill.model.series import EXPRESSION, Series
from watchbill.model.targets import Target
from watchbill.sources.cloudwatch import fetch, plan
from watchbill.sources.fetched import Fetched
from watchbill.sources.request import Query, Request

GET = ("cloudwatch", "GetMetricData")
WINDOW = minutes_ago(60, 3)
TIMES = epoch(WINDOW)


def series(metric: str = "rate", statistic: str = EXPRESSION, **dimensions: str) -> Series:
    return Series("cloudwatch", AWS_ACCOUNT, AWS_REGION, "shop", metric, statistic, 60, tuple(dimensions.items()))


def search(*groups: str, **given: Any) -> Query:
    return Query("found", series(), "SEARCH('{shop,service} errors', 'Sum', 60)", groups, **given)


def result(name: str, label: str, *values: float, **members: Any) -> dict[str, Any]:
    return {"Id": name, "Label": label, "Timestamps": TIMES[:len(values)], "Values": values,
            "StatusCode": "Complete", **members}


def fetched(sandbox: Sandbox, *queries: Query, pages: Any) -> Fetched:
    for number, page in enumerate(pages):
        more = {"NextToken": f"page {number}"} if number + 1 < len(pages) else {}
        sandbox.faults.add(Fault(*GET, body={"MetricDataResults": page, **more}))
    request = Request(Target("cloudwatch", "aws_default"), WINDOW, queries)
    return fetch(aws_client(sandbox, "cloudwatch"), Request.from_json(request.to_json()), wait=lambda seconds: None)


def test_each_result_of_an_expression_is_the_series_that_its_label_names(sandbox: Sandbox) -> None:
    answer = fetched(sandbox, search("service"), Query("shop", series("errors", "Sum")), pages=[[
        result("m0", "␟checkout␟", 1, 2), result("m1", "errors", 9), result("m0", "␟search␟", 3)]])
    assert points(answer) == {
        series("errors", "Sum"): [(TIMES[0], 9.0)],
        series(service="checkout"): [(TIMES[0], 1.0), (TIMES[1], 2.0)],
        series(service="search"): [(TIMES[0], 3.0)],
    }
    assert (answer.calls, answer.billed_metrics, answer.warnings) == (1, 1 + 2, ())


def test_pages_of_one_id_and_label_are_joined(sandbox: Sandbox) -> None:
    late = {"Timestamps": TIMES[2:], "Values": [5.0]}
    answer = fetched(sandbox, search("service"), pages=[
        [result("m0", "␟a␟", 1, StatusCode="PartialData")],
        [result("m0", "␟a␟", **late), result("m0", "␟b␟", 7)]])
    assert points(answer) == {series(service="a"): [(TIMES[0], 1.0), (TIMES[2], 5.0)],
                              series(service="b"): [(TIMES[0], 7.0)]}
    assert (answer.calls, answer.billed_metrics) == (2, 1 + 2)


def test_math_is_stored_under_the_query_s_own_series_and_billed_by_its_metrics(sandbox: Sandbox) -> None:
    queries = (("a", series("errors", "Sum")), ("b", series("errors", "p99")), ("c", series("requests", "Sum")))
    answer = fetched(sandbox, Query("rate", series(), "a / c", queries=queries), pages=[[result("m0", "any", 1, 2)]])
    assert points(answer) == {series(): [(TIMES[0], 1.0), (TIMES[1], 2.0)]}
    assert answer.billed_metrics == 2


@pytest.mark.parametrize("pages", [
    [[result("m0", "a", 1), result("m0", "b", 2)]],
    [[result("m0", "a", 1), result("m0", "a", 2)]],
    [[result("m0", "a", 1)], [result("m0", "b", 2)]],
])
def test_several_metrics_without_a_dimension_to_tell_them_apart_are_refused(sandbox: Sandbox, pages: Any) -> None:
    with pytest.raises(SourceError, match=r"the expression of found brings more than one metric, called a.*"
                                          r'dimensions: \{InstanceId: "\*"\}') as told:
        fetched(sandbox, search(), pages=pages)
    assert not told.value.retryable


def test_two_results_of_the_same_dimensions_are_refused(sandbox: Sandbox) -> None:
    with pytest.raises(SourceError, match="brings more than one metric for service, called ␟a␟"):
        fetched(sandbox, search("service"), pages=[[result("m0", "␟a␟", 1), result("m0", "␟a␟", 2)]])


def test_groups_that_do_not_match_are_left_out(sandbox: Sandbox) -> None:
    query = search("service", sift=(("service", "=~a.*"), ("service", "!~.*z")))
    answer = fetched(sandbox, query, pages=[[result("m0", f"␟{name}␟", 1) for name in ("ab", "b", "az", "a")]])
    assert points(answer) == {series(service=name): [(TIMES[0], 1.0)] for name in ("ab", "a")}
    assert answer.billed_metrics == 4


def test_a_result_without_the_dimension_is_left_out_and_told(sandbox: Sandbox) -> None:
    answer = fetched(sandbox, search("service"), pages=[[result("m0", "␟␟", 1), result("m0", "␟a␟", 2)]])
    assert points(answer) == {series(service="a"): [(TIMES[0], 2.0)]}
    assert answer.warnings == ("shop/rate{} Expression: ␟␟ lacks one of the dimensions service and was left out",)


def test_an_expression_that_finds_nothing_is_no_failure(sandbox: Sandbox) -> None:
    assert points(fetched(sandbox, search("service"), pages=[[]])) == {}
    answer = fetched(sandbox, search(), pages=[[]])
    assert points(answer) == {series(): []}
    assert (answer.calls, answer.billed_metrics) == (1, 1)


def test_a_failed_group_is_asked_for_again_with_its_expression(sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault(*GET, body={"MetricDataResults": [
        result("m0", "␟a␟", 1), result("m0", "␟b␟", StatusCode="InternalError")]}))
    answer = fetched(sandbox, search("service"), pages=[[result("m0", "␟a␟", 1), result("m0", "␟b␟", 2)]])
    assert points(answer) == {series(service="a"): [(TIMES[0], 1.0)], series(service="b"): [(TIMES[0], 2.0)]}
    assert answer.calls == 2


def test_periods_without_a_point_become_zero_where_that_is_asked_for(sandbox: Sandbox) -> None:
    odd = {"Timestamps": TIMES[:2], "Values": ["NaN", 4.0]}
    answer = fetched(sandbox, search("service", nil_to_zero=True),
                     Query("shop", series("errors", "Sum"), nil_to_zero=True), Query("shop", series("all", "Sum")),
                     pages=[[result("m0", "␟a␟", 1), result("m0", "␟b␟", **odd), result("m1", "x"), result("m2", "x")]])
    first, second, third = TIMES
    assert points(answer) == {
        series("errors", "Sum"): [(first, 0.0), (second, 0.0), (third, 0.0)],
        series("all", "Sum"): [],
        series(service="a"): [(first, 1.0), (second, 0.0), (third, 0.0)],
        series(service="b"): [(second, 4.0), (third, 0.0)],
    }
    assert answer.warnings == ("shop/rate{service=b} Expression: values that are no finite number were left out",)


def test_what_is_forbidden_is_not_taken_for_zero(sandbox: Sandbox) -> None:
    answer = fetched(sandbox, Query("a", series("a"), nil_to_zero=True), Query("b", series("b")),
                     pages=[[result("m0", "x", StatusCode="Forbidden"), result("m1", "x", 1)]])
    assert points(answer) == {series("a"): [], series("b"): [(TIMES[0], 1.0)]}


def test_a_request_of_expressions_that_aws_forbids_is_an_error(sandbox: Sandbox) -> None:
    with pytest.raises(SourceError, match="AWS forbids every metric"):
        fetched(sandbox, search("service"), pages=[[result("m0", "␟a␟", StatusCode="Forbidden")]])


def test_a_label_that_is_no_text_is_no_answer(sandbox: Sandbox) -> None:
    with pytest.raises(SourceError, match="a result without sense"):
        fetched(sandbox, search("service"), pages=[[result("m0", 5)]])  # type: ignore[arg-type]


@pytest.mark.parametrize("name", NAMES)
def test_every_value_that_a_dimension_may_have_is_read_from_a_label(sandbox: Sandbox, name: str) -> None:
    answer = fetched(sandbox, search("service", "zone"), pages=[
        [result("m0", f"␟{name}␟a␟", 1), result("m0", f"␟a␟{name}␟", 2)]])
    assert points(answer) == {series(service=name, zone="a"): [(TIMES[0], 1.0)],
                              series(service="a", zone=name): [(TIMES[0], 2.0)]}


@pytest.mark.parametrize("expression", [
    "SEARCH('{shop,service} MetricName=\"errors\"', 'Sum', 60)",
    "SELECT SUM(errors) FROM SCHEMA(shop, service) GROUP BY service",
])
def test_what_is_declared_is_found_group_by_group(sandbox: Sandbox, expression: str) -> None:
    for number, service in enumerate(["checkout", "search", "check out, 2"]):
        sandbox.cloudwatch.put("shop", "errors", {"service": service}, TIMES, [number] * 3)
    declared = entry(sources="cloudwatch", metrics="rate", dimensions={"service": "=~check.*"}, expression=expression)
    client, target = aws_client(sandbox, "cloudwatch"), Target("cloudwatch", "aws_default")
    (request,) = plan(client, [declared], target, AWS_ACCOUNT, AWS_REGION, WINDOW, WINDOW.end)
    assert points(fetch(client, request)) == {
        series(service=service): [(time, value) for time in TIMES]
        for service, value in (("checkout", 0.0), ("check out, 2", 2.0))}


def test_declared_math_is_computed(sandbox: Sandbox) -> None:
    for metric, value in (("errors", 3.0), ("requests", 60.0)):
        sandbox.cloudwatch.put("shop", metric, {"service": "checkout"}, TIMES, [value] * 3)
    metrics = {name: {"metric": metric, "statistic": "Sum", "dimensions": {"service": "checkout"}}
               for name, metric in (("failed", "errors"), ("all", "requests"))}
    declared = [entry(name=name, sources="cloudwatch", metrics=name, dimensions={}, expression=text, queries=metrics)
                for name, text in (("rate", "100 * failed / all"), ("sum", "SUM(METRICS())"))]
    client, target = aws_client(sandbox, "cloudwatch"), Target("cloudwatch", "aws_default")
    found = {}
    for request in plan(client, declared, target, AWS_ACCOUNT, AWS_REGION, WINDOW, WINDOW.end):
        found |= points(fetch(client, request))
    assert found == {series("rate"): [(time, 5.0) for time in TIMES], series("sum"): [(time, 63.0) for time in TIMES]}
