"""A dashboard in CloudWatch's words, whole."""

import json

from hypothesis import given

from sandbox.cloudwatch.dashboard_body import validate as refused
from tests.unit.dashboards.made import DASHBOARDS, one, one_metric, shop
from watchbill.dashboards.to_cloudwatch import to_cloudwatch
from watchbill.model.dashboards import Dashboard


def test_the_whole_dashboard() -> None:
    assert to_cloudwatch(shop(), "eu-west-1") == {
        "widgets": [
            {
                "type": "text", "x": 0, "y": 0, "width": 24, "height": 2,
                "properties": {"markdown": "## Checkout\n\nSee *runbook*."},
            },
            {
                "type": "metric", "x": 0, "y": 2, "width": 12, "height": 6,
                "properties": {
                    "title": "Errors", "region": "eu-west-1", "view": "timeSeries", "stacked": False, "period": 60,
                    "metrics": [
                        ["shop", "errors", "service", "checkout", {"stat": "Sum", "label": "checkout"}],
                        [{"expression": "SEARCH('{shop,service} MetricName=\"errors\"', 'Sum', 60)"}],
                    ],
                    "annotations": {"horizontal": [{"value": 50, "color": "#8c0d0e", "label": "page"}]},
                },
            },
            {
                "type": "metric", "x": 12, "y": 2, "width": 12, "height": 6,
                "properties": {
                    "title": "CPU", "region": "us-east-1", "view": "timeSeries", "stacked": True,
                    "metrics": [["AWS/EC2", "CPUUtilization", "InstanceId", "i-1", {"stat": "Maximum"}]],
                },
            },
            {
                "type": "metric", "x": 0, "y": 8, "width": 5, "height": 6,
                "properties": {
                    "region": "eu-west-1", "view": "singleValue", "stacked": False,
                    "metrics": [["CWAgent", "cpu_usage_active", "host", "web-1"]],
                },
            },
            {
                "type": "metric", "x": 5, "y": 8, "width": 7, "height": 6,
                "properties": {
                    "region": "eu-west-1", "view": "bar", "stacked": False,
                    "metrics": [
                        [{"expression": "SEARCH('{shop,service} MetricName=\"latency\"', 'p99', 300)"}],
                    ],
                },
            },
            {
                "type": "log", "x": 12, "y": 8, "width": 12, "height": 6,
                "properties": {
                    "title": "Failures", "region": "eu-west-1", "view": "table",
                    "query": "SOURCE '/shop/checkout' | SOURCE '/shop/search' | "
                             "filter level = 'ERROR' | sort @timestamp desc",
                },
            },
        ]
    }


def test_a_search_names_fixed_dimensions_and_quotes_odd_names() -> None:
    made = one_metric({"namespace": "My App", "metric": "errors",
                       "dimensions": {"The Host": "web 1", "path": "*"}, "label": "all"})
    assert to_cloudwatch(made, "eu-west-1")["widgets"][0]["properties"]["metrics"] == [[{
        "expression": "SEARCH('{\"My App\",\"The Host\",path} MetricName=\"errors\" \"The Host\"=\"web 1\"', "
                      "'Average', 300)",
        "label": "all",
    }]]


def test_a_log_widget_of_the_other_cloud_is_left_out() -> None:
    assert to_cloudwatch(one({"type": "log", "datadog": {"query": "status:error"}}), "eu-west-1") == {"widgets": []}


@given(DASHBOARDS)
def test_cloudwatch_finds_nothing_wrong_with_any_dashboard(made: Dashboard) -> None:
    assert refused(json.dumps(to_cloudwatch(made, "eu-west-1"))) == []
