"""Datadog beyond one metric query: organisations, v1's arithmetic, v2's formulas, limits and their headers."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from datadog_api_client.exceptions import ApiException, ForbiddenException
from datadog_api_client.v1.api.metrics_api import MetricsApi
from datadog_api_client.v2.model.query_formula import QueryFormula

from sandbox import credentials
from sandbox.datadog.limits import Limit
from sandbox.server import Sandbox
from tests.contract.sandbox.test_datadog_metrics import v2
from tests.sandbox_fixtures import datadog_client

START = int((datetime.now(UTC) - timedelta(hours=1)).timestamp()) // 300 * 300
MINUTES = [START + 60 * each for each in range(5)]
KEYS = {"DD-API-KEY": credentials.DATADOG_API_KEY, "DD-APPLICATION-KEY": credentials.DATADOG_APPLICATION_KEY}
OTHER_KEYS = {"DD-API-KEY": credentials.OTHER_DATADOG_API_KEY,
              "DD-APPLICATION-KEY": credentials.OTHER_DATADOG_APPLICATION_KEY}  # fmt: skip


def v1(sandbox: Sandbox, query: str, keys: dict[str, str] = KEYS) -> httpx.Response:
    params = {"from": START, "to": START + 300, "query": query}
    return httpx.get(f"{sandbox.url}/datadog/api/v1/query", params=params, headers=keys)


def series(sandbox: Sandbox, query: str) -> list[tuple[int, str, list[float | None]]]:
    answer = v1(sandbox, query)
    assert answer.status_code == 200, answer.text
    return [(one["query_index"], one["scope"], [value for _, value in one["pointlist"]])
            for one in answer.json()["series"]]  # fmt: skip


@pytest.fixture
def shop(sandbox: Sandbox) -> Sandbox:
    for service, factor in (("checkout", 1), ("search", 2)):
        tags = {"service": service}
        sandbox.datadog.put("shop.requests", tags, MINUTES, [60 * factor] * 5, type="count", interval_s=60)
        sandbox.datadog.put("shop.errors", tags, MINUTES, [0, 6, 0, 12, 3], type="count", interval_s=60)
    return sandbox


def counted(metric: str, by: str = "") -> str:
    return f"sum:shop.{metric}{{*}}{by}.as_count().rollup(sum, 60)"


# Organisations


def test_every_organisation_holds_its_own(sandbox: Sandbox) -> None:
    sandbox.datadog_of("other").put("m", {}, MINUTES, [1] * 5)
    found = [v1(sandbox, "avg:m{*}", keys).json()["series"] for keys in (KEYS, OTHER_KEYS)]
    assert [len(each) for each in found] == [0, 1]
    assert sandbox.datadog is sandbox.datadog_of("main")


def test_keys_of_two_organisations_do_not_go_together(sandbox: Sandbox) -> None:
    client = datadog_client(sandbox)
    client.configuration.api_key["appKeyAuth"] = credentials.OTHER_DATADOG_APPLICATION_KEY
    with pytest.raises(ForbiddenException):
        MetricsApi(client).query_metrics(START, START + 300, "avg:m{*}")


def test_limits_are_each_organisations_own(sandbox: Sandbox) -> None:
    sandbox.datadog.limits.set("*", Limit(1, 3600))
    assert [v1(sandbox, "avg:m{*}", keys).status_code for keys in (KEYS, KEYS, OTHER_KEYS)] == [200, 429, 200]


# v1


def test_v1_computes_with_queries(shop: Sandbox) -> None:
    assert series(shop, f"100 * {counted('errors')} / {counted('requests')}") == [
        (0, "*", [0, pytest.approx(100 * 12 / 180), 0, pytest.approx(100 * 24 / 180), pytest.approx(100 * 6 / 180)])
    ]
    assert series(shop, f"({counted('errors')} + 1) * -2") == [(0, "*", [-2, -26, -2, -50, -14])]


def test_v1_computes_group_by_group(shop: Sandbox) -> None:
    by = " by {service}"
    assert series(shop, f"{counted('errors', by)} / {counted('requests', by)}") == [
        (0, "service:checkout", [0, 0.1, 0, 0.2, 0.05]), (0, "service:search", [0, 0.05, 0, 0.1, 0.025]),
    ]  # fmt: skip


def test_v1_takes_functions_and_several_queries_at_once(shop: Sandbox) -> None:
    query = f"abs({counted('errors')} - 20), {counted('requests')}, cumsum({counted('errors')})"
    assert series(shop, query) == [
        (0, "*", [20, 8, 20, 4, 14]), (1, "*", [180] * 5), (2, "*", [0, 12, 12, 36, 42]),
    ]  # fmt: skip
    assert series(shop, f"clamp_min({counted('errors')}, 6)") == [(0, "*", [6, 12, 6, 24, 6])]


def test_v1_shows_what_it_computed(shop: Sandbox) -> None:
    [shown] = v1(shop, f"{counted('errors')} / {counted('requests')}").json()["series"]
    assert {key: shown[key] for key in ("metric", "expression", "aggr", "unit", "interval", "length")} == {
        "metric": "(shop.errors / shop.requests)", "expression": "(sum:shop.errors{*} / sum:shop.requests{*})",
        "aggr": None, "unit": None, "interval": 60, "length": 5,
    }  # fmt: skip


@pytest.mark.parametrize("query", ["nosuch(avg:m{*})", "avg:m{*} +", "1 + 1", "avg:m{*} avg:n{*}"])
def test_v1_refuses_what_it_cannot_parse(sandbox: Sandbox, query: str) -> None:
    answer = v1(sandbox, query)
    assert (answer.status_code, "parse" in answer.json()["errors"][0]) == (400, True)


@pytest.mark.parametrize(
    ("scope", "hosts"),
    [
        ("env:prod AND zone:a", ["1"]),
        ("env:prod OR zone:b", ["1", "2", "4"]),
        ("env:prod and (zone:a or zone:b)", ["1", "2"]),
        ("env:test AND NOT zone:a", ["4"]),
        ("zone IN (a, b) AND env:pr*", ["1", "2"]),
        ("zone NOT IN (a,c)", ["2", "4"]),
        ("env:prod,!zone:a", ["2"]),
    ],
)
def test_scopes_may_be_boolean(sandbox: Sandbox, scope: str, hosts: list[str]) -> None:
    for host, env, zone in (("1", "prod", "a"), ("2", "prod", "b"), ("3", "test", "a"), ("4", "test", "b")):
        sandbox.datadog.put("m", {"host": host, "env": env, "zone": zone}, MINUTES, [1] * 5)
    answer = v2(sandbox, f"avg:m{{{scope}}} by {{host}}")
    assert [one["group_tags"] for one in answer["series"]] == [[f"host:{host}"] for host in hosts]


@pytest.mark.parametrize("scope", ["a:b AND !c:d", "a:b OR c:d, e:f"])
def test_the_two_ways_to_write_a_scope_do_not_mix(sandbox: Sandbox, scope: str) -> None:
    answer = v1(sandbox, f"avg:m{{{scope}}}")
    assert (answer.status_code, answer.json()) == (
        400, {"errors": ["Error parsing query: 'AND' and 'OR' cannot be mixed with ','"]},
    )  # fmt: skip


# v2


@pytest.mark.parametrize("query", ["sum:a{*} / sum:b{*}", "abs(sum:a{*})", "100 * sum:a{*}"])
def test_v2_wants_arithmetic_and_functions_in_formulas(sandbox: Sandbox, query: str) -> None:
    with pytest.raises(ApiException) as refused:
        v2(sandbox, query)
    assert (refused.value.status, refused.value.body) == (
        400,
        {"errors": ["Functions are not supported in metrics data source field. Use the formulas payload."]},
    )


def test_v2_takes_one_metric_a_query(sandbox: Sandbox) -> None:
    with pytest.raises(ApiException) as refused:
        v2(sandbox, "sum:a{*}, sum:b{*}")
    assert refused.value.status == 400


def test_v2_answers_each_formula_by_its_index_and_group(shop: Sandbox) -> None:
    by = " by {service}"
    formulas = [QueryFormula(formula="a/b*100"), QueryFormula(formula="abs(a)")]
    answer = v2(shop, counted("errors", by), counted("requests", by), formulas=formulas)
    assert [(one["query_index"], one["group_tags"]) for one in answer["series"]] == [
        (0, ["service:checkout"]), (0, ["service:search"]), (1, ["service:checkout"]), (1, ["service:search"]),
    ]  # fmt: skip
    assert answer["values"][:2] == [[0, 10, 0, 20, 5], [0, 5, 0, 10, 2.5]]


def test_a_group_that_one_query_lacks_is_left_out_of_a_formula(shop: Sandbox) -> None:
    shop.datadog.put("shop.requests", {"service": "new"}, MINUTES, [1] * 5, type="count", interval_s=60)
    by = " by {service}"
    answer = v2(shop, counted("errors", by), counted("requests", by), formulas=[QueryFormula(formula="a / b")])
    assert [one["group_tags"] for one in answer["series"]] == [["service:checkout"], ["service:search"]]


def test_every_answer_says_what_is_left_of_the_limit(shop: Sandbox) -> None:
    shop.datadog.limits.set("*", Limit(3, 60))
    for answer in (v1(shop, counted("errors")), v1(shop, "nonsense")):
        names = {f"x-ratelimit-{name}" for name in ("limit", "period", "remaining", "reset", "name")}
        assert names <= set(answer.headers)
    assert (answer.status_code, answer.headers["x-ratelimit-remaining"], answer.headers["x-ratelimit-limit"]) == (
        400, "1", "3",
    )  # fmt: skip


def test_what_formulas_compute_is_any_order_of_magnitude(shop: Sandbox) -> None:
    formulas: list[Any] = [QueryFormula(formula="log10(clamp_max(b, 100))")]
    assert v2(shop, counted("errors"), counted("requests"), formulas=formulas)["values"] == [[2.0] * 5]
