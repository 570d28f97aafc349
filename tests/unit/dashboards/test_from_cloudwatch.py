import json
from typing import Any

import pytest
import yaml
from hypothesis import given, settings

from tests.unit.dashboards.cloudwatch_bodies import BODIES
from watchbill.dashboards.compare import normalise
from watchbill.dashboards.from_cloudwatch import read
from watchbill.dashboards.reading import Origin, Unsaid
from watchbill.dashboards.to_cloudwatch import to_cloudwatch
from watchbill.dashboards.validate import check_body
from watchbill.dashboards.written import document, written
from watchbill.flows.convert_dashboard import convert_dashboard
from watchbill.model.dashboards import Dashboard
from watchbill.model.failures import DashboardError


def declared(**widget: Any) -> dict[str, Any]:
    """The one widget of a body as YAML says it."""
    body = {"widgets": [{"type": "metric", "x": 0, "y": 0, "width": 12, "height": 6, **widget}]}
    reading = read(body, "shop")
    found: dict[str, Any] = yaml.safe_load(written(reading.dashboard))["widgets"][0]
    return found


def lines(*rows: Any, **properties: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = declared(properties={"region": "eu-west-1", "metrics": rows, **properties})["metrics"]
    return found


def origin(*rows: Any) -> Origin:
    body = {"widgets": [{"type": "metric", "properties": {"region": "eu-west-1", "metrics": rows}}]}
    return read(body, "shop").origins["widgets.0"]


def exact(body: dict[str, Any], dashboard: Dashboard) -> bool:
    rendered = normalise("cloudwatch", to_cloudwatch(dashboard, "us-east-1"))
    return json.dumps(rendered, sort_keys=True) == json.dumps(normalise("cloudwatch", body), sort_keys=True)


@given(BODIES)
@settings(deadline=None, max_examples=150)
def test_every_body_comes_back_as_it_was_and_from_yaml_too(body: dict[str, Any]) -> None:
    dashboard = read(body, "any").dashboard
    assert exact(body, dashboard)
    again = Dashboard.model_validate(yaml.safe_load(written(dashboard)))
    assert exact(body, again)
    assert document(again) == document(dashboard)


@given(BODIES)
@settings(deadline=None, max_examples=60)
def test_whatever_is_converted_is_a_body_that_datadog_takes(body: dict[str, Any]) -> None:
    made = convert_dashboard(body, "datadog", "any").body
    assert [one for one in check_body("datadog", made) if one.severity == "error"] == []


def test_metrics_are_lines_in_our_words() -> None:
    assert lines(["AWS/EC2", "CPUUtilization", "InstanceId", "i-1", {"stat": "p99", "label": "one", "yAxis": "right"}],
                 ["...", "i-2", {"id": "m2", "visible": False, "color": "#d62728", "period": 60}],
                 [{"expression": "m2 * 2"}]) == [
        {"label": "one", "namespace": "AWS/EC2", "metric": "CPUUtilization", "dimensions": {"InstanceId": "i-1"},
         "statistic": "p99", "axis": "right"},
        {"id": "m2", "namespace": "AWS/EC2", "metric": "CPUUtilization", "dimensions": {"InstanceId": "i-2"},
         "period": "1m", "color": "#d62728", "visible": False},
        {"expression": "m2 * 2"}]


def test_a_search_is_a_metric_whose_dimensions_may_be_anything() -> None:
    search = "SEARCH('{AWS/SQS,QueueName} MetricName=\"NumberOfMessagesSent\"', 'Sum', 60)"
    [line] = lines([{"expression": f"FILL({search},0)", "id": "sent"}])
    assert line.pop("cloudwatch", "").startswith("FILL(")  # our renderer spaces it otherwise
    assert line == {"id": "sent", "namespace": "AWS/SQS", "metric": "NumberOfMessagesSent",
                    "dimensions": {"QueueName": "*"}, "statistic": "Sum", "period": "1m", "fill": "zero"}


def test_what_an_expression_searches_for_is_a_line_that_the_other_cloud_needs() -> None:
    text = "FILL(SEARCH('{AWS/RDS,DBClusterIdentifier} MetricName=\"ReadLatency\"', 'p99', 60)*1000, 0)"
    assert lines([{"expression": text, "id": "read"}]) == [
        {"id": "read_1", "namespace": "AWS/RDS", "metric": "ReadLatency", "dimensions": {"DBClusterIdentifier": "*"},
         "statistic": "p99", "period": "1m", "visible": False, "clouds": "datadog"},
        {"id": "read", "expression": "fill(read_1 * 1000, 0)", "cloudwatch": text}]


def test_the_sum_of_a_search_is_one_line() -> None:
    search = "SEARCH('{AWS/ApiGateway,ApiId,Stage} MetricName=\"Count\" Stage=\"v1\"', 'Sum', 60)"
    [line] = lines([{"expression": f"SUM({search})"}])
    assert {name: line[name] for name in ("dimensions", "statistic", "aggregate_across")} == {
        "dimensions": {"Stage": "v1"}, "statistic": "Sum", "aggregate_across": "sum"}


def test_metrics_insights_are_an_aggregated_line() -> None:
    [line] = lines([{"expression": "SELECT MAX(CPUUtilization) FROM \"AWS/EC2\" WHERE Zone = 'a' GROUP BY InstanceId"}])
    assert {name: line.get(name) for name in ("dimensions", "statistic", "aggregate_across")} == {
        "dimensions": {"InstanceId": "*", "Zone": "a"}, "statistic": "Maximum", "aggregate_across": "max"}


M1, M2 = (["shop", f"m{at}", {"id": f"m{at}", "visible": False}] for at in (1, 2))


@pytest.mark.parametrize(("text", "said"), [
    ("m1 - (m2 - 1)", "m1 - (m2 - 1)"), ("(m1 - m2) - 1", "m1 - m2 - 1"), ("-(m1 + 2) ^ 2", "-(m1 + 2) ** 2"),
    ("SUM([m1, m2])", "sum(m1, m2)"), ("AVG(METRICS())", "avg(m1, m2)"), ("SUM(METRICS(\"m2\"))", "m2"),
    ("RATE(m1)/PERIOD(m2)", "rate(m1) / period(m2)"), ("IF(m2 > 0, m1/m2*100, 0)", "fill(m1 / m2 * 100, 0)"),
    ("IF(m2, m1/m2)", "m1 / m2"), ("100 - 100 * m1 / MAX([m1, m2])", "100 - 100 * m1 / m2"),
    ("m1 / MAX([m2, 1])", "m1 / max(m2, 1)"), ("REMOVE_EMPTY(m1)*2", "m1 * 2"),
    ("FILL(m1 + m2, 0)", "fill(m1 + m2, 0)"),
])
def test_metric_math_is_an_expression(text: str, said: str) -> None:
    found = lines(M1, M2, [{"expression": text, "id": "e1"}])[2]
    assert found["expression"] == said


@pytest.mark.parametrize(("text", "why"), [
    ("SUM(m1)", "computes SUM() over all the time of one series"),
    ("m1/MAX(m1)", "computes MAX() over all the time of one series"),
    ("IF(m1 > 5, m1, m2)", "computes with IF()"), ("m1 > 5", "compares or joins by >"),
    ("m1 + other", "computes with other, which is no row of the widget"), ("m1 +", "ends too early"),
    ("STDDEV(m1)", "computes with STDDEV()"), ("SEARCH('errors', 'Sum', 60)",
     "searches without a schema in { }: for whatever has the words"),
])
def test_what_has_no_words_says_why_and_stays_as_it_is(text: str, why: str) -> None:
    row = [{"expression": text, "id": "e1", "label": "it"}]
    assert origin(M1, M2, row).broken == {2: f"line it {why}"}
    assert lines(M1, M2, row)[2] == {"id": "e1", "label": "it", "cloudwatch": text}


def test_what_computes_with_something_that_has_no_words_has_none_itself() -> None:
    hidden = [{"expression": "SUM(m1)", "id": "e1", "visible": False}]
    found = origin(M1, [{"expression": "e1 * 2", "id": "e2"}], hidden)
    assert found.broken == {1: "line e2 computes with e1, which cannot be said"}


def test_what_is_not_shown_is_not_missed() -> None:
    hidden = [{"expression": "SUM(m1)", "id": "e1", "visible": False}]
    assert origin(M1, ["shop", "m3"], hidden) == Origin("metric", "metric")
    assert lines(M1, ["shop", "m3"], hidden)[2] == {
        "id": "e1", "cloudwatch": "SUM(m1)", "visible": False, "clouds": "cloudwatch"}


def test_what_is_said_less_exactly_is_told() -> None:
    search = "SEARCH('{AWS/EC2,InstanceId} MetricName=CPUUtilization', 'Average')"
    [lost] = origin([{"expression": search, "label": "CPU"}]).unsaid
    assert lost == Unsaid("lossy", "line CPU: it is of CPUUtilization only: the search also finds metrics that have "
                                   "the word in their name")


def test_logs_are_read_and_their_placeholders_survive() -> None:
    assert declared(type="log", properties={
        "region": "eu-west-1", "view": "table", "title": "Errors",
        "query": "SOURCE '/aws/lambda/${Name}' | SOURCE 'b' | fields @message\n| limit 5"}) == {
        "type": "log", "title": "Errors", "x": 0, "y": 0, "width": 12, "region": "eu-west-1",
        "cloudwatch": {"log_groups": ["/aws/lambda/${Name}", "b"], "query": "fields @message\n| limit 5"}}


def test_a_kind_that_has_no_words_is_carried_raw() -> None:
    assert declared(type="custom", properties={"endpoint": "arn:aws:lambda:x", "params": {"a": None}}) == {
        "type": "raw", "x": 0, "y": 0, "width": 12,
        "cloudwatch": {"type": "custom", "properties": {"endpoint": "arn:aws:lambda:x", "params": {"a": None}}}}


def test_what_the_model_lacks_is_an_override() -> None:
    said = declared(type="text", properties={"markdown": "# Shop", "background": "transparent"})
    assert said["override"] == {"cloudwatch": {"properties": {"background": "transparent"}}}


@pytest.mark.parametrize("body", [[], {}, {"widgets": {}}, {"widgets": [1]}, {"widgets": [{"type": "text"}]}])
def test_what_is_no_body_is_refused(body: Any) -> None:
    with pytest.raises(DashboardError, match="no body of a CloudWatch dashboard"):
        read(body, "any")


def test_the_widgets_statistic_is_that_of_its_lines() -> None:
    said = declared(properties={"region": "eu-west-1", "stat": "Sum", "period": 60,
                                "metrics": [["shop", "a"], [".", "b"]]})
    assert said.pop("override", None) is None
    assert said == {"type": "metric", "x": 0, "y": 0, "width": 12, "statistic": "Sum", "period": "1m",
                    "region": "eu-west-1", "metrics": [{"namespace": "shop", "metric": "a"},
                                                       {"namespace": "shop", "metric": "b"}]}


def test_a_line_keeps_the_usual_statistic_where_its_widget_has_another() -> None:
    search = "SEARCH('{AWS/SQS,QueueName} MetricName=\"NumberOfMessagesSent\"', 'Average', 60)"
    assert [line.get("statistic") for line in lines([{"expression": search}], ["shop", "a"], stat="p99")] == [
        "Average", None]


def test_a_metric_widget_of_nothing_but_an_alarm_is_an_alarm() -> None:
    arn = "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:cpu"
    reading = read({"widgets": [{"type": "metric", "x": 0, "y": 0, "width": 6, "height": 6, "properties": {
        "view": "timeSeries", "annotations": {"alarms": [arn]}}}]}, "shop")
    assert document(reading.dashboard)["widgets"] == [
        {"type": "alarm", "view": "graph", "x": 0, "y": 0, "cloudwatch": {"alarms": [arn]}}]
    assert reading.origins == {"widgets.0": Origin("alarm graph", "other")}


def test_the_span_and_the_rest_of_the_dashboard_are_kept() -> None:
    said = document(read({"start": "-P14D", "periodOverride": "inherit", "widgets": []}, "shop", "The shop").dashboard)
    assert said == {"id": "shop", "title": "The shop", "clouds": "cloudwatch", "start": "14d",
                    "override": {"cloudwatch": {"periodOverride": "inherit"}}}


def test_what_a_widget_draws_beside_its_lines_is_told_where_no_word_says_it() -> None:
    body = {"widgets": [{"type": "metric", "properties": {
        "region": "eu-west-1", "view": "pie", "metrics": [["shop", "a"]], "annotations": {
            "alarms": ["arn:aws:cloudwatch:x"], "horizontal": [{"value": 5}]}}}]}
    assert [one.what for one in read(body, "shop").origins["widgets.0"].unsaid] == [
        "levels in the view pie have no counterpart", "the thresholds of its alarms are not drawn"]
