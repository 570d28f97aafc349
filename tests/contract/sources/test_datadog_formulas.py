"""Datadog's formulas, its older endpoint, groups that are sifted, zeros, and limits: over HTTP with the real client."""

import json
from typing import Any

import pytest

from sandbox.datadog.limits import Limit as Allowed
from sandbox.faults import Fault
from sandbox.server import Sandbox
from tests.contract.sources.readings import epoch, minutes_ago, points
from tests.sandbox_fixtures import datadog_client
from watchbill.model.failures import SourceError
from watchbill.model.series import FORMULA, Series
from watchbill.model.targets import Target
from watchbill.sources.datadog import fetch
from watchbill.sources.fetched import Fetched
from watchbill.sources.request import Query, Request

V1, V2 = ("datadog", "GET /api/v1/query"), ("datadog", "POST /api/v2/query/timeseries")
WINDOW = minutes_ago(60, 3)
TIMES = epoch(WINDOW)
ROLLUP = ".rollup(sum, 60).fill(null)"


def series(metric: str = "rate", statistic: str = FORMULA, **dimensions: str) -> Series:
    named = tuple(dimensions.items())
    return Series("datadog", "datadog_default", "datadoghq.eu", "shop", metric, statistic, 60, named)


def plain(**given: Any) -> Query:
    text = f"sum:shop.errors{{*}} by {{service}}{ROLLUP}"
    return Query("errors", series("errors", "Sum"), text, ("service",), **given)


def top(*groups: str) -> Query:
    return Query("top", series("top", "Sum"), f"top(sum:shop.errors{{*}} by {{service}}{ROLLUP}, 5)", groups)


def v1(*lines: tuple[list[str], list[Any]]) -> dict[str, Any]:
    return {"status": "ok", "series": [
        {"tag_set": tags, "query_index": 0, "unit": None, "interval": 60,
         "pointlist": [[time * 1000.0, value] for time, value in zip(TIMES, values, strict=False)]}
        for tags, values in lines]}


@pytest.fixture
def filled(sandbox: Sandbox) -> Sandbox:
    for service, factor in (("checkout", 1.0), ("search", 2.0)):
        sandbox.datadog.put("shop.errors", {"service": service}, TIMES, [factor, 2 * factor, 3 * factor])
        sandbox.datadog.put("shop.requests", {"service": service}, TIMES, [10.0] * 3)
    return sandbox


def fetched(sandbox: Sandbox, *queries: Query) -> Fetched:
    request = Request(Target("datadog", "datadog_default"), WINDOW, queries)
    return fetch(datadog_client(sandbox), Request.from_json(request.to_json()))


def test_a_formula_and_a_query_are_answered_by_one_call(filled: Sandbox) -> None:
    rate = Query("rate", series(), "errors / all * 100", ("service",), queries=(
        ("errors", f"sum:shop.errors{{*}} by {{service}}{ROLLUP}"),
        ("all", f"sum:shop.requests{{*}} by {{service}}{ROLLUP}")))
    answer = fetched(filled, plain(), rate)
    assert points(answer) == {
        series("errors", "Sum", service="checkout"): list(zip(TIMES, [1.0, 2.0, 3.0], strict=True)),
        series("errors", "Sum", service="search"): list(zip(TIMES, [2.0, 4.0, 6.0], strict=True)),
        series(service="checkout"): list(zip(TIMES, [10.0, 20.0, 30.0], strict=True)),
        series(service="search"): list(zip(TIMES, [20.0, 40.0, 60.0], strict=True)),
    }
    assert (answer.calls, dict(filled.faults.calls)) == (1, {V2: 1})


def test_what_v2_does_not_take_is_asked_of_v1_and_the_rest_of_v2(filled: Sandbox) -> None:
    filled.faults.add(Fault(*V1, body=v1((["service:checkout"], [1, 2, 3]), (["service:search"], [None, 4.5]))))
    answer = fetched(filled, top("service"), plain())
    assert {one: rows for one, rows in points(answer).items() if one.metric == "top"} == {
        series("top", "Sum", service="checkout"): list(zip(TIMES, [1.0, 2.0, 3.0], strict=True)),
        series("top", "Sum", service="search"): [(TIMES[1], 4.5)],
    }
    assert len(answer.series) == 4
    assert (answer.calls, dict(filled.faults.calls)) == (2, {V1: 1, V2: 1})


def test_arithmetic_of_v1_is_one_series(filled: Sandbox) -> None:
    query = Query("rate", series("a / b", "Sum"), f"sum:shop.errors{{*}}{ROLLUP} / sum:shop.requests{{*}}{ROLLUP}")
    filled.faults.add(Fault(*V1, body=v1(([], [0.1, 0.2, 0.3]))))
    assert points(fetched(filled, query)) == {
        series("a / b", "Sum"): list(zip(TIMES, [0.1, 0.2, 0.3], strict=True))}


@pytest.mark.parametrize(("fault", "retryable", "words"), [
    ({"status": 400, "body": {"errors": ["odd"]}}, False, "Datadog answered 400: odd"),
    ({"status": 500}, True, "Datadog answered 500"),
    ({"body": {"status": "error", "error": "slow"}}, True, "Datadog answered with an error: slow"),
    ({"body": "<html>"}, True, "the answer is not Datadog's"), ({"cut": True}, True, "the connection broke"),
    ({"partial": True, "body": v1(([], [1]))}, True, "the connection broke"),
])
def test_trouble_with_v1_is_told(sandbox: Sandbox, fault: dict[str, Any], retryable: bool, words: str) -> None:
    sandbox.faults.add(Fault(*V1, **fault))
    with pytest.raises(SourceError) as told:
        fetched(sandbox, top("service"))
    assert words in str(told.value)
    assert (told.value.retryable, told.value.calls) == (retryable, 1)
    assert sandbox.faults.calls == {V1: 1}


def test_groups_that_do_not_match_are_left_out(filled: Sandbox) -> None:
    answer = fetched(filled, plain(sift=(("service", "!~check.*"),)))
    assert [one.dimensions for one in answer.series] == [(("service", "search"),)]
    assert len(answer.points) == 3


def test_periods_without_a_point_become_zero_where_that_is_asked_for(sandbox: Sandbox) -> None:
    sandbox.datadog.put("shop.errors", {"service": "checkout"}, TIMES[1:2], [4.0])
    silent = Query("none", series("none", "Sum"), f"sum:shop.none{{*}}{ROLLUP}", nil_to_zero=True)
    assert points(fetched(sandbox, plain(nil_to_zero=True), silent)) == {
        series("errors", "Sum", service="checkout"): list(zip(TIMES, [0.0, 4.0, 0.0], strict=True)),
        series("none", "Sum"): [(time, 0.0) for time in TIMES],
    }


def test_what_the_last_answer_told_of_limits_is_passed_on(filled: Sandbox) -> None:
    filled.datadog.limits.set(V2[1], Allowed(7, 3600))
    filled.faults.add(Fault(*V1, body=v1(), headers={"X-RateLimit-Remaining": "3", "X-RateLimit-Name": "v1"}))
    two, one = sorted(fetched(filled, plain(), top("service")).limits, key=lambda limit: limit.limit or 0, reverse=True)
    assert (two.limit, two.period_s, two.remaining) == (7, 3600.0, 6)
    assert 0 < (two.reset_s or 0) <= 3600
    assert (one.name, one.remaining) == ("v1", 3)


def test_a_429_says_when_to_come_back(filled: Sandbox) -> None:
    filled.datadog.limits.set(V1[1], Allowed(0, 60))
    with pytest.raises(SourceError, match="The rate limit is used up") as told:
        fetched(filled, top("service"))
    assert told.value.retryable
    assert 0 < (told.value.retry_after_s or 0) <= 60


def test_odd_points_of_v1_are_left_out_told_or_stored_once(sandbox: Sandbox) -> None:
    start = WINDOW.start.timestamp()
    pairs = [[1000 * (start + offset), value] for offset, value in (
        (60, 1.0), (0, "NaN"), (60, 2.0), (120, 3.0), (-86_400, 9.0), (86_400, 9.0), (180, 9.0))]
    sandbox.faults.add(Fault(*V1, body={"status": "ok", "series": [{"tag_set": [], "pointlist": pairs}]}, times=None))
    answer = fetched(sandbox, top())
    assert points(answer) == {series("top", "Sum"): [(TIMES[1], 2.0), (TIMES[2], 3.0)]}
    assert answer.warnings == ("shop.top: values that are no finite number were left out",
                               "shop.top: points outside of the window were left out")


def test_ten_megabytes_of_v1_are_read_whole(sandbox: Sandbox) -> None:
    lines = [([f"service:{number}-{'x' * 200}"], [number, number / 7, 0.5]) for number in range(30_000)]
    body = v1(*lines)
    assert len(json.dumps(body)) > 10_000_000
    sandbox.faults.add(Fault(*V1, body=body))
    answer = fetched(sandbox, top("service"))
    assert (len(answer.series), len(answer.points)) == (30_000, 90_000)
    assert sum(answer.points["value"].to_pylist()) == pytest.approx(sum(sum(values) for _, values in lines))
