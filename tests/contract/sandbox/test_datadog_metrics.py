"""The sandbox's Datadog metrics through datadog-api-client: submitted, queried in both versions, refused."""

import gzip
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import numpy as np
import pytest
from datadog_api_client.exceptions import ApiException, ForbiddenException
from datadog_api_client.v1.api.authentication_api import AuthenticationApi
from datadog_api_client.v1.api.metrics_api import MetricsApi as MetricsV1
from datadog_api_client.v2.api.metrics_api import MetricsApi as MetricsV2
from datadog_api_client.v2.model.formula_limit import FormulaLimit
from datadog_api_client.v2.model.metric_intake_type import MetricIntakeType
from datadog_api_client.v2.model.metric_payload import MetricPayload
from datadog_api_client.v2.model.metric_point import MetricPoint
from datadog_api_client.v2.model.metric_resource import MetricResource
from datadog_api_client.v2.model.metric_series import MetricSeries
from datadog_api_client.v2.model.metrics_data_source import MetricsDataSource
from datadog_api_client.v2.model.metrics_timeseries_query import MetricsTimeseriesQuery
from datadog_api_client.v2.model.query_formula import QueryFormula
from datadog_api_client.v2.model.timeseries_formula_query_request import TimeseriesFormulaQueryRequest
from datadog_api_client.v2.model.timeseries_formula_request import TimeseriesFormulaRequest
from datadog_api_client.v2.model.timeseries_formula_request_attributes import (
    TimeseriesFormulaRequestAttributes as Attributes,
)
from datadog_api_client.v2.model.timeseries_formula_request_queries import TimeseriesFormulaRequestQueries
from datadog_api_client.v2.model.timeseries_formula_request_type import TimeseriesFormulaRequestType

from sandbox import credentials
from sandbox.datadog.evaluate import step
from sandbox.datadog.limits import Limit
from sandbox.datadog.query import MetricQuery, parse
from sandbox.datadog.refused import Refused
from sandbox.datadog.store import Store
from sandbox.server import Sandbox
from tests.sandbox_fixtures import datadog_client

NOW = datetime.now(UTC).replace(second=0, microsecond=0)
START = int((NOW - timedelta(hours=1)).timestamp()) // 300 * 300
MINUTES = [START + 60 * each for each in range(5)]
KEYS = {"DD-API-KEY": credentials.DATADOG_API_KEY, "DD-APPLICATION-KEY": credentials.DATADOG_APPLICATION_KEY}


def v1(sandbox: Sandbox, query: str, start: int = START, end: int = START + 300) -> Any:
    return MetricsV1(datadog_client(sandbox)).query_metrics(start, end, query).to_dict()


def v2(sandbox: Sandbox, *queries: str, formulas: list[Any] | None = None, **attributes: Any) -> Any:
    """The attributes of an answer; queries are named a, b, …"""
    asked = [
        MetricsTimeseriesQuery(data_source=MetricsDataSource.METRICS, name=name, query=query)
        for name, query in zip("abc", queries, strict=False)
    ]
    options = {"_from": START * 1000, "to": (START + 300) * 1000} | attributes
    if formulas:
        options["formulas"] = formulas
    request = TimeseriesFormulaQueryRequest(
        data=TimeseriesFormulaRequest(
            type=TimeseriesFormulaRequestType.TIMESERIES_REQUEST,
            attributes=Attributes(queries=TimeseriesFormulaRequestQueries(asked), **options),
        )
    )
    answer = MetricsV2(datadog_client(sandbox)).query_timeseries_data(body=request)
    return answer.to_dict()["data"]["attributes"]


def rows(attributes: Any) -> dict[tuple[str, ...], list[float | None]]:
    tags = [tuple(series["group_tags"]) for series in attributes["series"]]
    return dict(zip(tags, attributes["values"], strict=True))


@pytest.fixture
def shop(sandbox: Sandbox) -> Sandbox:
    put = sandbox.datadog.put
    put("shop.latency", {"service": "checkout"}, MINUTES, [10, 20, 30, 40, 50], unit="millisecond")
    put("shop.latency", {"service": "search"}, MINUTES[:3], [1, 2, 3], unit="millisecond")
    put("shop.requests", {"service": "checkout"}, MINUTES, [60] * 5, "request", "count", 60)
    put("shop.errors", {"service": "checkout"}, MINUTES, [0, 6, 0, 12, 0], "error", "count", 60)
    return sandbox


# Keys and limits


def test_a_key_is_validated(sandbox: Sandbox) -> None:
    assert AuthenticationApi(datadog_client(sandbox)).validate().valid
    url = f"{sandbox.url}/datadog/api/v1/validate"
    wrong, none = httpx.get(url, headers={"DD-API-KEY": "other"}), httpx.get(url)
    assert (wrong.status_code, wrong.json()) == (403, {"errors": ["Forbidden"]})
    assert (none.status_code, none.json()) == (403, {"errors": ["API key required"]})


def test_a_query_needs_the_application_key_too(sandbox: Sandbox) -> None:
    client = datadog_client(sandbox)
    client.configuration.api_key["appKeyAuth"] = "other"
    with pytest.raises(ForbiddenException):
        MetricsV1(client).query_metrics(START, START + 300, "avg:shop.latency{*}")


def test_a_limit_reached_is_a_429_with_headers_that_say_when_it_ends(sandbox: Sandbox) -> None:
    sandbox.datadog.limits.set("GET /api/v1/query", Limit(2, 3600))
    url = f"{sandbox.url}/datadog/api/v1/query"
    params = {"from": START, "to": START + 300, "query": "avg:shop.latency{*}"}
    answers = [httpx.get(url, params=params, headers=KEYS) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer.headers["x-ratelimit-remaining"] for answer in answers] == ["1", "0", "0"]
    assert answers[2].json() == {
        "errors": ["Rate limit of 2 requests in 3600 seconds reached. Please try again later."]
    }
    headers = answers[2].headers
    assert (headers["x-ratelimit-limit"], headers["x-ratelimit-period"]) == ("2", "3600")
    assert 0 < int(headers["x-ratelimit-reset"]) <= 3600


# v1


def test_v1_answers_as_recorded_from_the_vendor(shop: Sandbox) -> None:
    answer = v1(shop, "avg:shop.latency{service:checkout}.rollup(avg, 60)")
    series = answer.pop("series")
    assert answer == {
        "status": "ok",
        "resp_version": 1,
        "res_type": "time_series",
        "query": "avg:shop.latency{service:checkout}.rollup(avg, 60)",
        "from_date": START * 1000,
        "to_date": (START + 300) * 1000,
        "message": "",
        "group_by": [],
        "times": [],
        "values": [],
    }
    pointlist = [point.value if hasattr(point, "value") else point for point in series[0].pop("pointlist")]
    assert pointlist == [[at * 1000.0, 10.0 * (n + 1)] for n, at in enumerate(MINUTES)]
    unit = series[0].pop("unit")
    assert (unit[0]["name"], unit[0]["family"], unit[1]) == ("millisecond", "time", None)
    assert series == [
        {
            "metric": "shop.latency",
            "display_name": "shop.latency",
            "aggr": "avg",
            "scope": "service:checkout",
            "tag_set": [],
            "expression": "avg:shop.latency{service:checkout}",
            "query_index": 0,
            "interval": 60,
            "start": START * 1000,
            "end": (START + 300) * 1000 - 1000,
            "length": 5,
            "attributes": {},
        }
    ]


def test_v1_groups_and_says_null_where_only_a_sister_has_a_value(shop: Sandbox) -> None:
    url = f"{shop.url}/datadog/api/v1/query"
    query = "avg:shop.latency{*} by {service}.rollup(avg, 60), sum:shop.latency{*}.rollup(max, 300)"
    answer = httpx.get(url, params={"from": START, "to": START + 300, "query": query}, headers=KEYS).json()
    lists = [[point[1] for point in one["pointlist"]] for one in answer["series"]]
    places = [(one["query_index"], one["scope"]) for one in answer["series"]]
    assert [(*place, values) for place, values in zip(places, lists, strict=True)] == [
        (0, "service:checkout", [10, 20, 30, 40, 50]),
        (0, "service:search", [1, 2, 3, None, None]),
        (1, "*", [53]),
    ]


def test_v1_wants_seconds(sandbox: Sandbox) -> None:
    with pytest.raises(ApiException) as caught:
        v1(sandbox, "avg:shop.latency{*}", START * 1000, START * 1000 + 300_000)
    assert caught.value.status == 400


# v2


def test_v2_has_one_column_of_times_and_nulls_in_the_others(shop: Sandbox) -> None:
    answer = v2(shop, "avg:shop.latency{*} by {service}.rollup(avg, 60)")
    assert answer["times"] == [at * 1000 for at in MINUTES]
    assert rows(answer) == {
        ("service:checkout",): [10, 20, 30, 40, 50],
        ("service:search",): [1, 2, 3, None, None],
    }
    assert answer["series"][0]["unit"][0]["name"] == "millisecond"


def test_v2_ends_before_its_end(shop: Sandbox) -> None:
    answer = v2(shop, "avg:shop.latency{service:checkout}.rollup(avg, 60)", to=MINUTES[2] * 1000)
    assert answer["times"] == [at * 1000 for at in MINUTES[:2]]


def test_several_queries_and_formulas_go_in_one_request(shop: Sandbox) -> None:
    names = ("errors", "requests")
    queries = [f"sum:shop.{name}{{*}}.as_count().rollup(sum, 60)" for name in names]
    answer = v2(shop, *queries)
    assert [(one["query_index"], one["group_tags"]) for one in answer["series"]] == [(0, []), (1, [])]
    answer = v2(shop, *queries, formulas=[QueryFormula(formula="a / b * 100")])
    assert answer["values"] == [[0, 10, 0, 20, 0]]


def test_a_formula_divides_by_zero_into_nulls_and_keeps_the_highest_groups(shop: Sandbox) -> None:
    queries = ("sum:shop.requests{*}.rollup(sum, 60)", "sum:shop.errors{*}.rollup(sum, 60)")
    answer = v2(shop, *queries, formulas=[QueryFormula(formula="a / b")])
    assert answer["values"] == [[None, 10, None, 5, None]]
    highest = QueryFormula(formula="a", limit=FormulaLimit(count=1))
    answer = v2(shop, "avg:shop.latency{*} by {service}", formulas=[highest])
    assert list(rows(answer)) == [("service:checkout",)]


def test_a_metric_without_points_gives_no_series(sandbox: Sandbox) -> None:
    assert v2(sandbox, "avg:nothing.here{*}") == {"series": [], "times": [], "values": []}


def test_more_than_1500_points_are_rolled_up_without_a_word(sandbox: Sandbox) -> None:
    times = START - 86_400 * 2 + 60 * np.arange(2880)
    sandbox.datadog.put("long", {}, times, times * 0 + 1)
    answer = v2(sandbox, "avg:long{*}.rollup(avg, 60)", _from=int(times[0]) * 1000, to=START * 1000)
    assert answer["times"][1] - answer["times"][0] == 120_000


def test_v2_refuses_what_the_vendor_refuses(sandbox: Sandbox) -> None:
    url = f"{sandbox.url}/datadog/api/v2/query/timeseries"

    def refused(**changes: Any) -> str:
        query = {"data_source": "metrics", "name": "a", "query": "avg:shop.latency{*}"}
        attributes = {"from": START * 1000, "to": (START + 300) * 1000, "queries": [query]}
        attributes |= changes.pop("attributes", {})
        data = {"type": "timeseries_request", "attributes": attributes} | changes
        answer = httpx.post(url, json={"data": data}, headers=KEYS)
        assert answer.status_code == 400
        return str(answer.json()["errors"][0])

    assert refused(type="x") == 'API input validation failed: Invalid type. Expected "timeseries_request".'
    seconds = {"from": START, "to": START + 300}
    assert refused(attributes=seconds) == "Queries ending outside the retention date are invalid"
    assert "'b' in 'a+b' is not defined" in refused(attributes={"formulas": [{"formula": "a+b"}]})
    assert "[] should be non-empty" in refused(attributes={"queries": []})


# The grammar, and what a query computes


def test_a_query_is_read_whole() -> None:
    text = "p99:shop.latency{service:checkout,!host:a, env:*} by {host,az}.as_count().rollup(max, 60).fill(last, 120)"
    assert parse(text) == MetricQuery(
        text=text,
        metric="shop.latency",
        aggregator="p99",
        scope=("service:checkout", "!host:a", "env:*"),
        by=("host", "az"),
        rollup="max",
        rollup_s=60,
        modifier="as_count",
        fill="last",
        fill_s=120,
    )


def test_the_order_of_the_functions_means_nothing() -> None:
    one = parse("sum:a{*}.as_count().rollup(sum, 60).fill(null)")
    other = parse("sum:a{*}.fill(null).rollup(sum, 60).as_count()")
    assert replace(one, text="") == replace(other, text="")


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("avg:shop.latency", "scope_expr"),
        ("avg:shop.latency{*", "scope_expr"),
        ("avg:shop.latency{}", "scope_expr"),
        ("avg:shop.latency{a:b AND}", "scope_expr"),
        ("avg:shop.latency{a IN b}", "scope_expr"),
        ("median:shop.latency{*}", "scope_expr"),
        ("avg:{*}", "metric_name"),
        ("avg:shop.latency{*}.rollup(p99, 60)", "rollup_expr"),
        ("avg:shop.latency{*}.rollup(avg, 0)", "rollup_expr"),
        ("avg:shop.latency{*}.rollup(avg, 60).rollup(sum, 60)", "rollup_expr"),
        ("avg:shop.latency{*}.as_count().as_rate()", "function_expr"),
        ("avg:shop.latency{*}.as_count().rollup(sum, 60).as_count()", "function_expr"),
        ("avg:shop.latency{*}.as_count(sum)", "function_expr"),
        ("avg:shop.latency{*}.fill(none)", "fill_expr"),
        ("avg:shop.latency{*}.fill(last, 601)", "fill_expr"),
        ("avg:shop.latency{*}.fill(null).fill(zero)", "fill_expr"),
        ("avg:shop.latency{*}.fill()", "function_expr"),
        ("avg:shop.latency{*}.fill(null) by {service}", "function_expr"),
        ("avg:shop.latency{*} / 2", "function_expr"),
        ("anomalies(avg:shop.latency{*}, 'basic', 2)", "scope_expr"),
    ],
)
def test_what_lies_outside_of_the_grammar_is_refused_with_its_place(text: str, rule: str) -> None:
    with pytest.raises(
        Refused, match=rf"Error parsing query: \n unable to parse .*: Rule '{rule}' didn't match"
    ):
        parse(text)


def test_scopes_and_their_negations_choose_series(shop: Sandbox) -> None:
    assert v2(shop, "sum:shop.latency{service:search}.rollup(sum, 300)")["values"] == [[6]]
    assert v2(shop, "sum:shop.latency{!service:search}.rollup(sum, 300)")["values"] == [[150]]
    assert v2(shop, "sum:shop.latency{service:s*}.rollup(sum, 300)")["values"] == [[6]]


@pytest.mark.parametrize(
    ("query", "value"),
    [
        ("avg:shop.latency{*}.rollup(avg, 300)", 16),  # over time 30 and 2, then over series
        ("sum:shop.latency{*}.rollup(avg, 300)", 32),
        ("max:shop.latency{*}.rollup(min, 300)", 10),
        ("count:shop.latency{*}.rollup(avg, 300)", 2),
        ("sum:shop.errors{*}.as_count().rollup(sum, 300)", 18),
        ("sum:shop.errors{*}.as_rate().rollup(sum, 300)", 18 / 300),
        ("avg:shop.latency{service:checkout}.as_count().rollup(avg, 300)", 30),  # does nothing to a gauge
    ],
)
def test_points_are_rolled_up_over_time_and_then_over_series(shop: Sandbox, query: str, value: float) -> None:
    assert v2(shop, query)["values"] == [[pytest.approx(value)]]


def test_a_rate_as_count_is_multiplied_by_its_interval(sandbox: Sandbox) -> None:
    sandbox.datadog.put("hits", {}, [START, START + 10], [2, 3], type="rate", interval_s=10)
    assert v2(sandbox, "sum:hits{*}.as_count().rollup(sum, 300)")["values"] == [[50]]


@pytest.fixture
def gaps(sandbox: Sandbox) -> Sandbox:
    """Two hosts, the second of which is silent in minutes 1, 2 and 4."""
    for name, kind in (("level", "gauge"), ("hits", "count")):
        sandbox.datadog.put(name, {"host": "a"}, MINUTES, [1] * 5, type=kind, interval_s=60)
        sandbox.datadog.put(name, {"host": "b"}, [MINUTES[0], MINUTES[3]], [10, 40], type=kind, interval_s=60)
    return sandbox


@pytest.mark.parametrize(
    ("query", "values"),
    [
        ("sum:level{*}.rollup(avg, 60)", [11, 21, 31, 41, 1]),  # invented: 20 and 30
        ("sum:level{*}.as_count().rollup(sum, 60)", [11, 21, 31, 41, 1]),  # does nothing to a gauge
        ("sum:level{*}.rollup(avg, 60).fill(null)", [11, 1, 1, 41, 1]),
        ("sum:level{*}.fill(null).rollup(avg, 60)", [11, 1, 1, 41, 1]),
        ("sum:level{*}.as_count().rollup(sum, 60).fill(null)", [11, 1, 1, 41, 1]),
        ("sum:level{*}.rollup(avg, 60).fill(last, 60)", [11, 11, 1, 41, 41]),
        ("avg:level{*}.rollup(avg, 60).fill(zero)", [5.5, 0.5, 0.5, 20.5, 0.5]),
        ("sum:hits{*}.rollup(sum, 60)", [11, 21, 31, 41, 1]),
        ("sum:hits{*}.as_count().rollup(sum, 60)", [11, 1, 1, 41, 1]),
        ("sum:hits{*}.as_count().rollup(sum, 60).fill(null)", [11, 1, 1, 41, 1]),
        ("sum:hits{*}.as_count().rollup(sum, 60).fill(last)", [11, 11, 11, 41, 41]),
    ],
)
def test_gaps_are_interpolated_unless_the_query_says_no(gaps: Sandbox, query: str, values: list[float]) -> None:
    assert v2(gaps, query)["values"] == [values]


def test_groups_are_brought_to_the_same_times(gaps: Sandbox) -> None:
    assert rows(v2(gaps, "avg:level{*} by {host}.rollup(avg, 60)"))["host:b",] == [10, 20, 30, 40, None]
    assert rows(v2(gaps, "avg:level{*} by {host}.rollup(avg, 60).fill(null)"))["host:b",] == [10, None, None, 40, None]


def test_percentiles_are_taken_over_all_points_of_a_distribution(sandbox: Sandbox) -> None:
    sandbox.datadog.put("spread", {"host": "a"}, [START, START + 1], [1, 2], type="distribution")
    sandbox.datadog.put("spread", {"host": "b"}, [START, START + 1], [3, 100], type="distribution")
    assert v2(sandbox, "p50:spread{*}.rollup(avg, 300)")["values"] == [[2.5]]
    sandbox.datadog.put("level", {}, [START], [1])
    with pytest.raises(ApiException):
        v2(sandbox, "p50:level{*}")


@pytest.mark.parametrize(
    ("range_s", "asked_s", "step_s"),
    [
        (86_400, None, 300),
        (3600, None, 20),
        (604_800, None, 3600),
        (1200, None, 5),
        (90_000, 60, 60),
        (90_001, 60, 120),
    ],
)
def test_the_step_is_as_asked_or_the_vendor_s_own(range_s: int, asked_s: int | None, step_s: int) -> None:
    assert step(range_s, asked_s) == step_s


def test_of_points_at_one_time_the_last_counts() -> None:
    store = Store(lambda: 0.0)
    store.put("m", {}, [60, 0], [1, 2])
    store.put("m", {}, [60], [3])
    times, values = next(iter(store.metrics["m"].series.values())).between(0, 61)
    assert (times.tolist(), values.tolist()) == ([0, 60], [2, 3])


# Submitting


def test_v2_submission_is_read_back_with_its_host_and_type(sandbox: Sandbox) -> None:
    at = int(NOW.timestamp()) - 120
    series = MetricSeries(
        metric="system.load.1",
        type=MetricIntakeType.GAUGE,
        points=[MetricPoint(timestamp=at, value=0.7)],
        resources=[MetricResource(name="web-1", type="host")],
        tags=["env:prod"],
        unit="percent",
    )
    answer = MetricsV2(datadog_client(sandbox)).submit_metrics(body=MetricPayload(series=[series]))
    assert answer.to_dict() == {"errors": []}
    got = v1(sandbox, "avg:system.load.1{env:prod} by {host}", at - 60, at + 60)
    assert [one["scope"] for one in got["series"]] == ["env:prod,host:web-1"]
    active = MetricsV1(datadog_client(sandbox)).list_active_metrics(at - 60)
    assert active.to_dict()["metrics"] == ["system.load.1"]


def test_v1_submission_takes_gzip(sandbox: Sandbox) -> None:
    at = int(NOW.timestamp())
    body = {"series": [{"metric": "hits", "type": "count", "host": "a", "points": [[at, 3]], "interval": 60}]}
    answer = httpx.post(
        f"{sandbox.url}/datadog/api/v1/series",
        content=gzip.compress(json.dumps(body).encode()),
        headers={"DD-API-KEY": credentials.DATADOG_API_KEY, "Content-Encoding": "gzip"},
    )
    assert (answer.status_code, answer.json()) == (202, {"status": "ok"})
    held = sandbox.datadog.metrics["hits"]
    assert (held.kind, held.interval_s, [sorted(tags) for tags in held.series]) == ("count", 60, [["host:a"]])


def test_old_points_are_taken_and_dropped_in_silence(sandbox: Sandbox) -> None:
    body = {"series": [{"metric": "late", "points": [[int(NOW.timestamp()) - 3700, 1]]}]}
    answer = httpx.post(f"{sandbox.url}/datadog/api/v1/series", json=body, headers=KEYS)
    assert (answer.status_code, sandbox.datadog.dropped, sandbox.datadog.metrics) == (202, 1, {})


def test_a_payload_without_series_is_refused(sandbox: Sandbox) -> None:
    for body in ({}, {"series": []}, {"series": [{"metric": "m", "points": [["now", 1]]}]}):
        assert httpx.post(f"{sandbox.url}/datadog/api/v2/series", json=body, headers=KEYS).status_code == 400
