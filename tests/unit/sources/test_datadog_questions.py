"""Queries become what Datadog's endpoints take."""

from datetime import UTC, datetime
from typing import Any

import pytest
from datadog_api_client import Configuration
from datadog_api_client.model_utils import data_to_dict, validate_and_convert_types
from datadog_api_client.v2.model.timeseries_formula_query_request import TimeseriesFormulaQueryRequest

from watchbill.model.series import FORMULA, Series
from watchbill.model.windows import Window
from watchbill.sources.datadog import limits
from watchbill.sources.datadog.questions import needs_v1, v1_arguments, v2_body
from watchbill.sources.fetched import Limit
from watchbill.sources.request import Query

WINDOW = Window(datetime.fromtimestamp(60, UTC), datetime.fromtimestamp(300, UTC))
SERIES = Series("datadog", "datadog_default", "datadoghq.eu", "shop", "rate", FORMULA, 60)
PLAIN = Query("plain", SERIES, "avg:shop.errors{*}.rollup(avg, 60)")


def attributes(*queries: Query) -> dict[str, Any]:
    body = v2_body(queries, WINDOW)
    written = validate_and_convert_types(body, (TimeseriesFormulaQueryRequest,), ["body"], True, True,
                                         configuration=Configuration())
    assert data_to_dict(written) == body
    found: dict[str, Any] = body["data"]["attributes"]
    found["queries"] = [(one["data_source"], one["name"], one["query"]) for one in found["queries"]]
    return found


def test_plain_queries_are_asked_together_without_formulas() -> None:
    assert attributes(PLAIN, PLAIN) == {
        "from": 60_000, "to": 300_000, "interval": 60_000,
        "queries": [("metrics", "q0", PLAIN.text), ("metrics", "q1", PLAIN.text)]}


def test_a_formula_has_queries_of_its_own_and_each_query_a_formula() -> None:
    rate = Query("rate", SERIES, "100 * errors / default_zero(all) + abs(errors)",
                 queries=(("errors", "sum:a{*}"), ("all", "sum:b{*}")))
    found = attributes(PLAIN, rate)
    assert found["queries"] == [("metrics", "q0", PLAIN.text), ("metrics", "q1_errors", "sum:a{*}"),
                                ("metrics", "q1_all", "sum:b{*}")]
    assert [one["formula"] for one in found["formulas"]] == [
        "q0", "100 * q1_errors / default_zero(q1_all) + abs(q1_errors)"]


def test_names_in_quotes_and_of_functions_stay() -> None:
    text = "timeshift(abs, -60) + abs(abs) + anomalies(abs, 'abs', 2)"
    query = Query("x", SERIES, text, queries=(("abs", "avg:a{*}"),))
    assert attributes(query)["formulas"][0]["formula"] == (
        "timeshift(q0_abs, -60) + abs(q0_abs) + anomalies(q0_abs, 'abs', 2)")


@pytest.mark.parametrize(("text", "wanted"), [
    ("avg:shop.errors{*}", False), ("avg:shop.errors{*} by {service}.rollup(sum, 60).fill(null)", False),
    ("sum:a{*} / sum:b{*}", True), ("top(avg:a{*} by {host}, 5, 'mean', 'desc')", True),
    ("anomalies(avg:a{*}, 'basic', 2)", True), ("avg:a{*} * 2", True),
])
def test_what_is_more_than_one_metric_needs_v1(text: str, wanted: bool) -> None:
    assert needs_v1(Query("x", SERIES, text)) is wanted
    assert not needs_v1(Query("x", SERIES, "a / 2", queries=(("a", text),)))


def test_v1_is_asked_in_seconds() -> None:
    assert v1_arguments(PLAIN, WINDOW) == {"_from": 60, "to": 300, "query": PLAIN.text}


def test_limits_are_read_from_headers_of_any_case() -> None:
    headers = {"X-RateLimit-Limit": "600", "x-ratelimit-period": "3600", "X-RateLimit-Remaining": "595",
               "X-RATELIMIT-RESET": "2462", "Content-Type": "application/json"}
    assert limits.told(headers, "v1 query") == Limit("v1 query", 600, 3600.0, 595, 2462.0)
    assert limits.told(headers | {"X-RateLimit-Name": "batch"}, "v1 query") == Limit(
        "batch", 600, 3600.0, 595, 2462.0)


def test_limits_that_are_not_told_or_no_numbers_are_none() -> None:
    assert limits.told({"Content-Type": "application/json"}, "v1 query") is None
    assert limits.told({"X-RateLimit-Limit": "many"}, "v1 query") == Limit("v1 query", None, None, None, None)
