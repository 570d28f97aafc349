"""A line in the words of both clouds: the table of the mapping, case by case."""

from typing import Any

import pytest

from watchbill.dashboards.lost import Lost
from watchbill.dashboards.to_cloudwatch.lines import rows
from watchbill.dashboards.to_datadog.lines import said
from watchbill.dashboards.variables import by_name
from watchbill.model.dashboards import MetricWidget, Variable

ERRORS = {"namespace": "shop", "metric": "errors", "statistic": "Sum"}
CPU = {"namespace": "host", "metric": "cpu.user"}


def _widget(*lines: dict[str, Any], **changes: Any) -> MetricWidget:
    return MetricWidget.model_validate({"type": "metric", "period": "1m", "metrics": list(lines)} | changes)


def _cloudwatch(*lines: dict[str, Any], variables: tuple[Variable, ...] = (), **changes: Any) -> list[Any]:
    lost = Lost()
    made = rows(_widget(*lines, **changes), by_name(variables), lost)
    assert not lost.losses
    return made


def _datadog(*lines: dict[str, Any], variables: tuple[Variable, ...] = (), **changes: Any) -> list[tuple[str, str]]:
    """(query, formula) of each line; no query of its own: ""."""
    lost = Lost()
    made = said(_widget(*lines, **changes), by_name(variables), lost)
    assert not lost.losses
    return [(one.query["query"] if one.query else "", one.formula) for one in made]


@pytest.mark.parametrize(
    ("line", "expression"),
    [
        (CPU | {"dimensions": {"host": "*"}}, "SEARCH('{host,host} MetricName=\"cpu.user\"', 'Average', 60)"),
        (ERRORS | {"dimensions": {"service": ["a", "b"]}},
         "SEARCH('{shop,service} MetricName=\"errors\" service=(\"a\" OR \"b\")', 'Sum', 60)"),
        (ERRORS | {"dimensions": {"service": "!a"}},
         "SEARCH('{shop,service} MetricName=\"errors\" NOT service=\"a\"', 'Sum', 60)"),
        (ERRORS | {"dimensions": {"service": ["!a", "!b"], "zone": "1"}},
         "SEARCH('{shop,service,zone} MetricName=\"errors\" NOT service=\"a\" NOT service=\"b\" zone=\"1\"', "
         "'Sum', 60)"),
        (ERRORS | {"dimensions": {"service": "*", "zone": "a(1)\\b"}},
         "SEARCH('{shop,service,zone} MetricName=\"errors\" zone=\"a\\(1\\)\\\\b\"', 'Sum', 60)"),
        (CPU | {"aggregate_across": "avg"}, 'SELECT AVG("cpu.user") FROM "host"'),
        (ERRORS | {"aggregate_across": "sum", "dimensions": {"service": "*", "zone": "eu", "env": "!test"}},
         "SELECT SUM(\"errors\") FROM \"shop\" WHERE \"zone\" = 'eu' AND \"env\" != 'test' GROUP BY \"service\""),
        (CPU | {"aggregate_across": "sum", "dimensions": {"zone": "eu"}},
         "SUM(SEARCH('Namespace=\"host\" MetricName=\"cpu.user\" zone=\"eu\"', 'Average', 60))"),
        (CPU | {"aggregate_across": "max", "statistic": "p99"},
         "MAX(SEARCH('Namespace=\"host\" MetricName=\"cpu.user\"', 'p99', 60))"),
        (CPU | {"dimensions": {"host": "*"}, "fill": "last"},
         "FILL(SEARCH('{host,host} MetricName=\"cpu.user\"', 'Average', 60), REPEAT)"),
        (ERRORS | {"cloudwatch": "SUM(METRICS())"}, "SUM(METRICS())"),
    ],
)
def test_what_stands_for_several_metrics_is_found_by_cloudwatch(line: dict[str, Any], expression: str) -> None:
    ((row,),) = _cloudwatch(line)
    assert row.pop("period", 60) == 60
    assert row == {"expression": expression}


@pytest.mark.parametrize(
    ("line", "query"),
    [
        (CPU | {"dimensions": {"host": "*"}}, "avg:host.cpu.user{*} by {host}.rollup(avg, 60).fill(null)"),
        (ERRORS | {"dimensions": {"service": ["a", "b"], "zone": "!1"}},
         "sum:shop.errors{service IN (a, b) AND NOT zone:1} by {service,zone}.as_count().rollup(sum, 60).fill(null)"),
        (ERRORS | {"dimensions": {"service": "web-*", "zone": "Eu"}},
         "sum:shop.errors{service:web-*,zone:eu} by {service}.as_count().rollup(sum, 60).fill(null)"),
        (ERRORS | {"dimensions": {"service": ["!a", "!b"]}, "aggregate_across": "sum"},
         "sum:shop.errors{!service:a,!service:b}.as_count().rollup(sum, 60).fill(null)"),
        (CPU | {"aggregate_across": "max", "dimensions": {"host": "*", "zone": "eu-*"}},
         "max:host.cpu.user{zone:eu-*} by {host}.rollup(avg, 60).fill(null)"),
        (ERRORS | {"aggregate_across": "avg"}, "avg:shop.errors{*}.as_count().rollup(sum, 60).fill(null)"),
        (CPU | {"fill": "zero"}, "avg:host.cpu.user{*}.rollup(avg, 60).fill(zero)"),
        (CPU | {"period": "5m", "fill": "linear"}, "avg:host.cpu.user{*}.rollup(avg, 300).fill(linear)"),
        (CPU | {"datadog": "avg:system.cpu.user{*} by {host}"}, "avg:system.cpu.user{*} by {host}"),
    ],
)
def test_what_stands_for_several_metrics_is_a_query_of_datadogs(line: dict[str, Any], query: str) -> None:
    assert _datadog(line) == [(query, "query1")]


def test_one_metric_is_a_row_with_its_looks() -> None:
    line = ERRORS | {"id": "errors", "dimensions": {"service": "a"}, "label": "Errors", "color": "red", "axis": "right",
                     "visible": False, "period": "5m", "region": "us-east-1", "account": "123456789012"}
    assert _cloudwatch(line, CPU) == [
        ["shop", "errors", "service", "a",
         {"id": "errors", "stat": "Sum", "period": 300, "region": "us-east-1", "accountId": "123456789012",
          "label": "Errors", "color": "#d62728", "yAxis": "right", "visible": False}],
        ["host", "cpu.user"],
    ]


def test_what_is_filled_or_a_rate_is_computed_of_a_hidden_row() -> None:
    line = ERRORS | {"id": "errors", "rate": "minute", "fill": "zero", "label": "Errors"}
    assert _cloudwatch(line) == [
        ["shop", "errors", {"id": "errors_0", "visible": False, "stat": "Sum"}],
        [{"expression": "FILL(errors_0 / PERIOD(errors_0) * 60, 0)", "id": "errors", "label": "Errors"}],
    ]
    assert _datadog(line, period="5m") == [
        ("sum:shop.errors{*}.as_count().rollup(sum, 300).fill(zero)", "errors / 5")]


def test_metrics_insights_stands_in_a_row_of_its_own() -> None:
    assert _cloudwatch(ERRORS | {"aggregate_across": "sum", "rate": "second", "fill": 0}) == [
        [{"expression": 'SELECT SUM("errors") FROM "shop"', "id": "e1_0", "visible": False, "period": 60}],
        [{"expression": "FILL(e1_0 / PERIOD(e1_0), 0)"}],
    ]


def test_one_line_of_a_widget_asks_metrics_insights() -> None:
    grouped = ERRORS | {"aggregate_across": "sum", "dimensions": {"service": "*"}}
    lost = Lost()
    made = rows(_widget(CPU | {"aggregate_across": "avg"}, grouped, grouped), {}, lost)
    each = "SEARCH('Namespace=\"shop\" \"service\" MetricName=\"errors\"', 'Sum', 60)"
    assert [row[0]["expression"] for row in made] == [
        "AVG(SEARCH('Namespace=\"host\" MetricName=\"cpu.user\"', 'Average', 60))",
        'SELECT SUM("errors") FROM "shop" GROUP BY "service"', each]
    assert [(one.path, one.reason) for one in lost.losses] == [
        (("metrics", 2, "aggregate_across"),
         "CloudWatch answers one query of groups a widget: each metric is a line")]


REQUESTS = {"id": "requests", "namespace": "shop", "metric": "requests", "statistic": "Sum", "visible": False}


@pytest.mark.parametrize(
    ("expression", "math", "formula"),
    [
        ("100 * errors / requests", "100 * errors / requests", "100 * errors / requests"),
        ("(errors - (requests - 1)) / 2", "(errors - (requests - 1)) / 2", "(errors - (requests - 1)) / 2"),
        ("-errors * -2", "(-errors) * (-2)", "(-errors) * (-2)"),
        ("errors / (requests / 2)", "errors / (requests / 2)", "errors / (requests / 2)"),
        ("abs(errors)", "ABS(errors)", "abs(errors)"),
        ("sum(errors, requests)", "SUM([errors, requests])", "(errors + requests)"),
        ("avg(errors, requests * 2)", "AVG([errors, requests * 2])", "((errors + requests * 2) / 2)"),
        ("max(errors, 5)", "MAX([errors, 5])", "clamp_min(errors, 5)"),
        ("min(errors, 5)", "MIN([errors, 5])", "clamp_max(errors, 5)"),
        ("max(errors)", "errors", "errors"),
        ("rate(errors) + diff(requests)", "RATE(errors) + DIFF(requests)", "per_second(errors) + diff(requests)"),
        ("cumsum(errors)", "RUNNING_SUM(errors)", "cumsum(errors)"),
        ("fill(errors, 0)", "FILL(errors, 0)", "default_zero(errors)"),
        ("errors / period(errors)", "errors / PERIOD(errors)", "errors / 60"),
        ("log10(errors)", "LOG10(errors)", "log10(errors)"),
    ],
)
def test_arithmetic_is_said_in_both_languages(expression: str, math: str, formula: str) -> None:
    lines = (ERRORS | {"id": "errors", "visible": False}, REQUESTS, {"expression": expression})
    assert _cloudwatch(*lines)[2] == [{"expression": math}]
    assert _datadog(*lines)[2] == ("", formula)


def test_a_formula_of_a_formula_is_written_out_for_datadog() -> None:
    lines = ({"id": "rate", "expression": "errors + requests"}, {"expression": "100 * rate"},
             ERRORS | {"id": "errors"}, REQUESTS)
    assert [formula for _, formula in _datadog(*lines)] == [
        "errors + requests", "100 * (errors + requests)", "errors", "requests"]
    assert _cloudwatch(*lines)[1] == [{"expression": "100 * rate"}]


def test_many_lines_are_summed_up_by_cloudwatch() -> None:
    lines = (ERRORS | {"id": "errors", "dimensions": {"service": "*"}}, {"expression": "sum(errors)"})
    assert _cloudwatch(*lines)[1] == [{"expression": "SUM(errors)"}]
    lost = Lost()
    said(_widget(*lines), {}, lost)
    assert [(one.path, one.kind, one.reason) for one in lost.losses] == [
        (("metrics", 1, "expression"), "impossible", "Datadog has no sum() over the lines of one query")]


def test_the_first_lines_are_sorted_and_cut() -> None:
    lines = (ERRORS | {"dimensions": {"service": "*"}},
             ERRORS | {"dimensions": {"service": "*"}, "aggregate_across": "sum"})
    assert [row[0]["expression"] for row in _cloudwatch(*lines, aggregate="sum", limit=5)] == [
        "SORT(SEARCH('{shop,service} MetricName=\"errors\"', 'Sum', 60), SUM, DESC, 5)",
        'SELECT SUM("errors") FROM "shop" GROUP BY "service" ORDER BY SUM() DESC LIMIT 5',
    ]


VARIABLES = (Variable(name="service", dimension="service"), Variable(name="env", dimension="environment"),
             Variable(name="scope"))


def test_a_variable_is_a_pattern_of_cloudwatch_and_a_tag_of_datadogs() -> None:
    line = ERRORS | {"dimensions": {"service": "$service", "host": "web-$env", "zone": "!$env"}}
    assert _cloudwatch(line | {"dimensions": {"service": "$service", "host": "web-$env"}}, variables=VARIABLES) == [
        ["shop", "errors", "service", "@service@", "host", "web-@env@", {"stat": "Sum"}]]
    assert _datadog(line | {"aggregate_across": "sum"}, variables=VARIABLES) == [
        ("sum:shop.errors{$service,host:web-$env.value,!zone:$env.value}.as_count().rollup(sum, 60).fill(null)",
         "query1")]


def test_a_variable_of_whole_tags_narrows_only_what_datadog_shows() -> None:
    line = ERRORS | {"dimensions": {"scope": "$scope", "service": "a"}}
    assert _cloudwatch(line, variables=VARIABLES) == [["shop", "errors", "service", "a", {"stat": "Sum"}]]
    assert _datadog(line, variables=VARIABLES)[0][0].startswith("sum:shop.errors{$scope,service:a}")


def test_a_line_of_one_cloud_is_not_asked_of_the_other() -> None:
    lines = (ERRORS | {"clouds": "cloudwatch"}, {"datadog": "avg:x{*}", "clouds": "datadog"},
             ERRORS | {"datadog": "errors * 2", "id": "errors"})
    assert _cloudwatch(*lines) == [["shop", "errors", {"stat": "Sum"}], ["shop", "errors", {"id": "errors",
                                                                                            "stat": "Sum"}]]
    assert [query for query, _ in _datadog(*lines)] == ["avg:x{*}", "errors * 2"]


def test_a_formula_in_datadogs_words_computes_with_queries() -> None:
    lines = (ERRORS | {"id": "errors"}, {"datadog": "anomalies(errors, 'basic', 3)", "clouds": "datadog"})
    assert [formula for _, formula in _datadog(*lines)] == ["errors", "anomalies(errors, 'basic', 3)"]


@pytest.mark.parametrize(
    ("line", "changes", "cloudwatch", "datadog"),
    [
        (CPU | {"dimensions": {"host": "web-*"}}, {},
         [("lossy", "CloudWatch searches for whole words: web-* finds every value that has them, wherever they stand")],
         []),
        (CPU | {"aggregate_across": "sum", "dimensions": {"host": "*"}}, {},
         [("lossy", "CloudWatch cannot take the sum of Average by host: each metric is a line")], []),
        (CPU | {"aggregate_across": "count"}, {},
         [("lossy", "CloudWatch counts the metrics of the whole time, not of each period")], []),
        (CPU | {"statistic": "tm99"}, {}, [], [("impossible", "Datadog keeps no tm99 of host")]),
        (CPU | {"fill": 7}, {}, [],
         [("lossy", "Datadog fills gaps with 0, the last value or a straight line, not with a number")]),
        (CPU, {"limit": 3}, [("lossy", "CloudWatch sorts by the average, not by the newest value")], []),
        ({"datadog": "avg:x{*}"}, {}, [("impossible", "has only words of Datadog")], []),
        ({"cloudwatch": "METRICS()"}, {}, [], [("impossible", "has only words of CloudWatch")]),
    ],
)
def test_what_is_lost_is_told(line: dict[str, Any], changes: dict[str, Any], cloudwatch: list[tuple[str, str]],
                              datadog: list[tuple[str, str]]) -> None:
    widget = _widget(line, **changes)
    in_cloudwatch, in_datadog = Lost(), Lost()
    rows(widget, {}, in_cloudwatch)
    said(widget, {}, in_datadog)
    assert [(one.kind, one.reason) for one in in_cloudwatch.losses] == cloudwatch
    assert [(one.kind, one.reason) for one in in_datadog.losses] == datadog


@pytest.mark.parametrize("line", [ERRORS | {"metric": "..."}, ERRORS | {"dimensions": {"service": "."}}])
def test_what_a_row_would_take_from_the_row_above_is_told(line: dict[str, Any]) -> None:
    lost = Lost()
    assert rows(_widget(ERRORS, line), {}, lost) == [["shop", "errors", {"stat": "Sum"}]]
    (loss,) = lost.losses
    assert (loss.path, loss.kind) == (("metrics", 1), "impossible")
    assert "the row above" in loss.reason
