"""What CloudWatch is told where a variable begins with everything, where a line narrows its own groups, and where a
line becomes one number."""

import json
from typing import Any

import pytest

from watchbill.dashboards.losses import losses
from watchbill.dashboards.to_cloudwatch import to_cloudwatch
from watchbill.model.dashboards import Dashboard

ERRORS = {"namespace": "shop", "metric": "errors", "statistic": "Sum", "aggregate_across": "sum"}
LOAD = {"namespace": "shop", "metric": "load", "aggregate_across": "sum"}


VARIABLES = ({"name": "env", "dimension": "env"},)


def declared(*lines: dict[str, Any], variables: Any = VARIABLES, **widget: Any) -> Dashboard:
    return Dashboard.model_validate({"id": "a", "title": "A", "variables": variables,
                                     "widgets": [{"type": "metric", "metrics": lines, **widget}]})


def rows(*lines: dict[str, Any], **more: Any) -> list[Any]:
    return to_cloudwatch(declared(*lines, **more), "eu-west-1")["widgets"][0]["properties"]["metrics"]


def said(*lines: dict[str, Any], **more: Any) -> list[str]:
    return [row[-1].get("expression", "") for row in rows(*lines, **more)]


def told(*lines: dict[str, Any], **more: Any) -> list[tuple[str, str]]:
    made = declared(*lines, **more)
    return [(one.kind, one.reason) for one in losses(made.widgets[0], "cloudwatch", made.variables)]


def test_an_open_variable_is_a_comparison_that_begins_with_everything():
    line = {**ERRORS, "dimensions": {"env": "$env", "host": "*"}}
    body = to_cloudwatch(declared(line), "eu-west-1")
    assert said(line) == ['SELECT SUM("errors") FROM "shop" WHERE "env" @env=@ GROUP BY "host"']
    assert body["variables"] == [{
        "type": "pattern", "pattern": "@env=@", "id": "env_is", "label": "env (= 'value')", "visible": True,
        "inputType": "input", "defaultValue": "!= '*'"}]
    assert told(line) == []


def test_an_open_variable_of_a_search_is_a_condition_that_begins_with_everything():
    line = {**LOAD, "dimensions": {"env": "$env"}}
    assert said(line) == ["SUM(SEARCH('Namespace=\"shop\" MetricName=\"load\" @env:@', 'Average', 300))"]
    assert to_cloudwatch(declared(line), "eu-west-1")["variables"] == [{
        "type": "pattern", "pattern": "@env:@", "id": "env_has", "label": "env (env=value)", "visible": True,
        "inputType": "input", "defaultValue": "NOT nothing"}]


def test_an_open_variable_with_known_values_is_chosen_from_them_and_from_everything():
    line = {**ERRORS, "dimensions": {"env": "$env"}}
    variable = to_cloudwatch(declared(line, variables=[{"name": "env", "dimension": "env", "values": ["it's"]}]),
                             "eu-west-1")["variables"][0]
    assert (variable["inputType"], variable["values"], variable["defaultValue"]) == (
        "select", [{"label": "*", "value": "!= '*'"}, {"label": "it's", "value": r"= 'it\'s'"}], "!= '*'")


def test_a_variable_with_a_default_stands_for_a_value():
    line = {**ERRORS, "dimensions": {"env": "$env"}}
    assert said(line, variables=[{"name": "env", "dimension": "env", "default": "prod"}]) == [
        'SELECT SUM("errors") FROM "shop" WHERE "env" = \'@env@\'']


def test_what_an_open_variable_stands_for_cannot_be_left_out():
    assert told({**ERRORS, "dimensions": {"env": "!$env"}}) == [
        ("lossy", "CloudWatch cannot leave out what $env stands for")]


def test_a_dimension_may_be_narrowed_and_be_a_line_for_each_of_the_rest():
    assert said({**ERRORS, "dimensions": {"host": ("*", "$env", "!a")}}) == [
        'SELECT SUM("errors") FROM "shop" WHERE "host" @env=@ AND "host" != \'a\' GROUP BY "host"']


@pytest.mark.parametrize(("namespace", "dimensions", "source"), [
    ("AWS/EC2", {}, 'SCHEMA("AWS/EC2", "InstanceId")'),
    ("AWS/EC2", {"InstanceType": "*"}, 'SCHEMA("AWS/EC2", "InstanceType")'),
    ("AWS/ECS", {"ServiceName": "*"}, 'SCHEMA("AWS/ECS", "ClusterName", "ServiceName")'),
    ("AWS/Nobody", {}, '"AWS/Nobody"'),
])
def test_metrics_of_aws_are_counted_by_one_set_of_dimensions(namespace: str, dimensions: Any, source: str):
    [text] = said({"namespace": namespace, "metric": "m", "aggregate_across": "avg", "dimensions": dimensions})
    assert text.startswith(f'SELECT AVG("m") FROM {source}')


def test_a_part_of_a_word_cannot_be_found():
    assert ("impossible", "CloudWatch finds no parts of words: 5*") in told(
        {**ERRORS, "dimensions": {"status": "5*"}})


def test_two_sets_of_series_are_not_computed_with_each_other():
    each = {"dimensions": {"host": "*"}, "visible": False}
    assert ("impossible", "CloudWatch has no arithmetic of the series of two groups") in told(
        {**ERRORS, **each, "id": "a"}, {**ERRORS, **each, "metric": "requests", "id": "b"}, {"expression": "a / b"})


def test_one_line_becomes_the_aggregate_of_its_points():
    assert rows({**LOAD, "label": "Load"}, view="number", aggregate="max") == [
        [{"expression": "SUM(SEARCH('Namespace=\"shop\" MetricName=\"load\"', 'Average', 300))", "id": "e1",
          "visible": False}],
        [{"expression": "TIME_SERIES(MAX(e1))", "id": "e1_v", "label": "Load"}]]
    assert told(LOAD, view="number", aggregate="max") == []


def test_a_sum_over_all_of_the_time_is_asked_for_all_of_the_time():
    widget = to_cloudwatch(declared(ERRORS, view="number", aggregate="sum"), "eu-west-1")["widgets"][0]["properties"]
    assert widget["setPeriodToTimeRange"] is True
    assert widget["metrics"] == [[{"expression": 'SELECT SUM("errors") FROM "shop"'}]]


def test_a_rate_follows_the_period_that_the_graph_has():
    assert said({**ERRORS, "rate": "second"}) == ['SELECT SUM("errors") FROM "shop"', "e1_0 / PERIOD(e1_0)"]


def test_a_ratio_of_one_number_divides_the_aggregates_of_its_lines():
    hidden = {"visible": False, "dimensions": {}}
    assert said({**ERRORS, **hidden, "id": "a"}, {**ERRORS, **hidden, "metric": "requests", "id": "b"},
                {"expression": "a / b * 100"}, view="number", aggregate="sum")[-1] == (
        "TIME_SERIES(SUM(a) / SUM(b) * 100)")


def test_metrics_are_not_counted_by_groups():
    assert ("impossible", "CloudWatch cannot count metrics by host") in told(
        {**LOAD, "aggregate_across": "count", "dimensions": {"host": "*"}})


def test_more_variables_than_cloudwatch_takes_stay_as_they_begin():
    names = [f"v{at}" for at in range(20)]
    both = [{**ERRORS, "dimensions": {name: f"${name}" for name in names}},
            {**LOAD, "dimensions": {name: f"${name}" for name in names}}]
    body = to_cloudwatch(declared(*both, variables=[{"name": name, "dimension": name} for name in names]), "eu-west-1")
    text = json.dumps(body["widgets"])
    assert len(body["variables"]) == 25
    assert sum(pattern in text for name in names for pattern in (f"@{name}=@", f"@{name}:@")) == 25
    assert "NOT nothing" in text or "!= '*'" in text


def test_an_open_variable_that_is_a_part_of_a_value_begins_with_the_first_that_there_is():
    line = {**ERRORS, "dimensions": {"env": "web-$env"}}
    [variable] = to_cloudwatch(declared(line), "eu-west-1")["variables"]
    assert (variable["pattern"], variable["inputType"], variable["defaultValue"]) == ("@env@", "select", "__FIRST")
