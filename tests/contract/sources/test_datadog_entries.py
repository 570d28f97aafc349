"""Entries for Datadog, planned and fetched over HTTP: formulas, expressions, arithmetic, organisations, live ticks."""

from datetime import timedelta
from typing import Any

import pytest

from sandbox.credentials import DATADOG_KEYS, OTHER_DATADOG
from sandbox.server import Sandbox
from tests.contract.sources.readings import epoch, minutes_ago, points
from tests.sandbox_fixtures import datadog_client, datadog_configuration
from tests.unit.sources.entries import entry, free
from watchbill.model.failures import SourceError
from watchbill.model.metrics import MetricEntry
from watchbill.model.series import FORMULA, Series
from watchbill.model.targets import Target
from watchbill.sources.datadog import fetch, plan
from watchbill.sources.datadog.listing import active_metrics
from watchbill.sources.fetched import Fetched
from watchbill.sources.request import Request

V1, V2 = ("datadog", "GET /api/v1/query"), ("datadog", "POST /api/v2/query/timeseries")
WINDOW = minutes_ago(60, 3)
TIMES = epoch(WINDOW)


@pytest.fixture
def filled(sandbox: Sandbox) -> Sandbox:
    for service, factor in (("checkout", 1.0), ("catalog", 2.0), ("search", 3.0)):
        tags = {"service": service, "env": "prod"}
        sandbox.datadog.put("shop.errors", tags, TIMES, [factor, 2 * factor, 3 * factor], type="count")
        sandbox.datadog.put("shop.requests", tags, TIMES, [10.0] * 3, type="count")
    return sandbox


def collected(sandbox: Sandbox, *entries: MetricEntry, client: Any = None, connection: str = "datadog_default",
              **given: Any) -> list[Fetched]:
    requests = plan(entries, Target("datadog", connection), "datadoghq.eu", WINDOW, WINDOW.end, **given)
    client = client or datadog_client(sandbox)
    return [fetch(client, Request.from_json(request.to_json())) for request in requests]


def series(metric: str, statistic: str, *, account: str = "datadog_default", namespace: str = "shop",
           **dimensions: str) -> Series:
    return Series("datadog", account, "datadoghq.eu", namespace, metric, statistic, 60, tuple(dimensions.items()))


def test_a_formula_is_a_series_for_each_group_under_the_names_of_the_declaration(filled: Sandbox) -> None:
    queries = {name: f"sum:shop.{name}{{env:prod}} by {{service}}.as_count()" for name in ("errors", "requests")}
    (fetched,) = collected(filled, entry(
        sources="datadog", metrics="error_rate", formula="100 * errors / requests", queries=queries, unit="Percent",
        dimensions={"Service": "=~c.*", "env": "prod"}))
    assert points(fetched) == {
        series("error_rate", FORMULA, Service="checkout", env="prod"): list(zip(TIMES, [10, 20, 30], strict=True)),
        series("error_rate", FORMULA, Service="catalog", env="prod"): list(zip(TIMES, [20, 40, 60], strict=True))}
    assert {one.unit for one in fetched.series} == {"Percent"}
    assert (fetched.calls, filled.faults.calls) == (1, {V2: 1})


@pytest.mark.parametrize(("value", "kept"), [
    ("=~c.*", {"checkout", "catalog"}), ("!~c.*", {"search"}), ("*", {"checkout", "catalog", "search"})])
def test_a_dimension_takes_the_values_that_fit(filled: Sandbox, value: str, kept: set[str]) -> None:
    (fetched,) = collected(filled, entry(statistics="Sum", dimensions={"service": value}))
    assert {dict(one.dimensions)["service"] for one in fetched.series} == kept
    assert all(len(rows) == 3 for rows in points(fetched).values())


def test_arithmetic_in_a_free_query_comes_in_the_entrys_period_from_the_older_endpoint(filled: Sandbox) -> None:
    text = "sum:shop.errors{*}.as_count() / sum:shop.requests{*}.as_count()"
    plain, arithmetic = collected(filled, free(text, name="ratio"), free("sum:shop.errors{*}.as_count()", name="sum"))
    (found,) = points(arithmetic).items()
    assert found[0] == series(text, "Sum")
    assert [value for _, value in found[1]] == pytest.approx([0.2, 0.4, 0.6])
    assert [time for time, _ in found[1]] == TIMES
    assert list(points(plain)) == [series("errors", "Sum")]
    assert filled.faults.calls == {V1: 1, V2: 1}


def test_two_organisations_are_asked_each_with_its_own_keys(filled: Sandbox) -> None:
    filled.datadog_of(OTHER_DATADOG).put("shop.errors", {"service": "checkout"}, TIMES, [7.0] * 3, type="count")
    configuration = datadog_configuration(filled)
    configuration.api_key["apiKeyAuth"], configuration.api_key["appKeyAuth"] = DATADOG_KEYS[OTHER_DATADOG]
    clients = {"datadog_default": datadog_client(filled), "datadog_us": type(datadog_client(filled))(configuration)}
    both = entry(statistics="Sum", connections={"datadog": list(clients)})
    found = {conn_id: points(collected(filled, both, client=client, connection=conn_id)[0])
             for conn_id, client in clients.items()}
    assert found == {
        conn_id: {series("errors", "Sum", account=conn_id, service="checkout"): list(zip(TIMES, values, strict=True))}
        for conn_id, values in (("datadog_default", [1, 2, 3]), ("datadog_us", [7, 7, 7]))}


@pytest.mark.parametrize("unit", ["percent", "byte/second", "request"])
def test_a_unit_is_the_one_that_comes_with_the_series(sandbox: Sandbox, unit: str) -> None:
    sandbox.datadog.put("shop.errors", {"service": "checkout"}, TIMES, [1.0] * 3, unit=unit)
    (fetched,) = collected(sandbox, entry(unit="Bytes"))
    assert [one.unit for one in fetched.series] == [unit]


def test_a_live_tick_brings_what_came_late_without_a_call_more(sandbox: Sandbox) -> None:
    late = [TIMES[0] - 120 * 60, *TIMES]
    sandbox.datadog.put("shop.errors", {"service": "checkout"}, late, [1.0, 2.0, 3.0, 4.0], type="count")
    whole = [TIMES[0] + 60 * minute for minute in range(-198, 3)]
    sandbox.datadog.put("shop.requests", {"service": "checkout"}, whole, [1.0] * len(whole), type="count")
    wanted = entry(metrics=["errors", "requests"], statistics="Sum")
    (history,) = collected(sandbox, wanted)
    (live,) = collected(sandbox, wanted, settle=timedelta(0))
    assert [len(rows) for rows in points(history).values()] == [3, 3]
    assert [len(rows) for rows in points(live).values()] == [4, 201]
    assert live.calls == history.calls == 1


def test_a_key_that_may_not_list_metrics_is_told_which_scope_it_lacks(sandbox: Sandbox) -> None:
    sandbox.allow(None, datadog={"timeseries_query"})
    with pytest.raises(SourceError, match="the application key needs the metrics_read permission"):
        active_metrics(datadog_client(sandbox), "datadoghq.eu", "datadog_default", "shop.", WINDOW.start)
    sandbox.allow(None, datadog={"dashboards_read"})
    with pytest.raises(SourceError, match="the application key needs the timeseries_query permission"):
        collected(sandbox, entry())
