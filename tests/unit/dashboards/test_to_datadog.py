"""A dashboard in Datadog's words, whole."""

import pytest
from datadog_api_client import ApiClient, Configuration
from hypothesis import given

from sandbox.datadog.dashboard_rules import check
from tests.unit.dashboards.made import DASHBOARDS, one, shop
from watchbill.dashboards.live.datadog import DatadogCloud
from watchbill.dashboards.ownership import owned
from watchbill.dashboards.to_datadog import to_datadog
from watchbill.model.dashboards import Dashboard


def test_the_whole_dashboard() -> None:
    assert to_datadog(shop()) == {
        "title": "The shop",
        "description": "How checkout does",
        "layout_type": "ordered",
        "reflow_type": "fixed",
        "widgets": [
            {
                "definition": {"type": "note", "content": "## Checkout\n\nSee *runbook*."},
                "layout": {"x": 0, "y": 0, "width": 12, "height": 2},
            },
            {
                "definition": {
                    "type": "timeseries", "title": "Errors", "show_legend": True,
                    "requests": [{
                        "response_format": "timeseries",
                        "display_type": "line",
                        "queries": [
                            {"data_source": "metrics", "name": "query1",
                             "query": "sum:shop.errors{service:checkout}.as_count().rollup(sum, 60).fill(null)"},
                            {"data_source": "metrics", "name": "query2",
                             "query": "sum:shop.errors{*} by {service}.as_count().rollup(sum, 60).fill(null)"},
                        ],
                        "formulas": [{"formula": "query1", "alias": "checkout"}, {"formula": "query2"}],
                    }],
                    "markers": [{"value": "y = 50", "display_type": "error bold", "label": "page"}],
                },
                "layout": {"x": 0, "y": 2, "width": 6, "height": 6},
            },
            {
                "definition": {
                    "type": "timeseries", "title": "CPU", "show_legend": True,
                    "requests": [{
                        "response_format": "timeseries",
                        "display_type": "area",
                        "queries": [{
                            "data_source": "metrics", "name": "query1",
                            "query": "max:aws.ec2.cpuutilization.maximum{host:i-1}.rollup(max, 300).fill(null)",
                        }],
                        "formulas": [{"formula": "query1"}],
                    }],
                },
                "layout": {"x": 6, "y": 2, "width": 6, "height": 6},
            },
            {
                "definition": {
                    "type": "query_value", "autoscale": True,
                    "requests": [{
                        "response_format": "scalar",
                        "queries": [{"data_source": "metrics", "name": "query1", "aggregator": "last",
                                     "query": "avg:system.cpu.user{host:web-1}"}],
                        "formulas": [{"formula": "query1"}],
                    }],
                },
                "layout": {"x": 0, "y": 8, "width": 2, "height": 6},
            },
            {
                "definition": {
                    "type": "bar_chart",
                    "requests": [{
                        "response_format": "scalar",
                        "queries": [{"data_source": "metrics", "name": "query1", "aggregator": "last",
                                     "query": "p99:shop.latency{*} by {service}.rollup(avg, 300).fill(null)"}],
                        "formulas": [{"formula": "query1"}],
                    }],
                },
                "layout": {"x": 2, "y": 8, "width": 4, "height": 6},
            },
            {
                "definition": {
                    "type": "list_stream", "title": "Failures",
                    "requests": [{
                        "response_format": "event_list",
                        "columns": [{"field": "status_line", "width": "auto"}, {"field": "timestamp", "width": "auto"},
                                    {"field": "host", "width": "auto"}, {"field": "service", "width": "auto"},
                                    {"field": "content", "width": "compact"}],
                        "query": {"data_source": "logs_stream", "query_string": "service:checkout status:error",
                                  "indexes": ["main"]},
                    }],
                },
                "layout": {"x": 6, "y": 8, "width": 6, "height": 6},
            },
        ],
    }


def test_a_log_widget_of_the_other_cloud_is_left_out() -> None:
    made = one({"type": "log", "cloudwatch": {"log_groups": "/shop", "query": "fields @message"}})
    assert to_datadog(made)["widgets"] == []


def test_a_number_has_no_order_for_datadog_refuses_one() -> None:
    made = one({"type": "metric", "view": "number", "sort": "asc", "limit": 5,
                "metrics": [{"namespace": "shop", "metric": "errors", "statistic": "Sum"}]})
    body = to_datadog(made)
    check(body)
    assert set(body["widgets"][0]["definition"]["requests"][0]) == {"queries", "formulas", "response_format"}


def kept(dashboard: Dashboard) -> str:
    """Its description as a sync puts it."""
    return str(DatadogCloud(ApiClient(Configuration())).render(dashboard)["description"])


@pytest.mark.parametrize(
    ("description", "owner"),
    [
        (None, None),
        ("", None),
        ("[watchbill:shop] was here", None),
        (kept(shop()), "shop"),
        (kept(shop(description="")), "shop"),
        (kept(shop(description="like [watchbill:other]")), "shop"),
        (kept(shop()) + "\n ", "shop"),
    ],
)
def test_only_the_mark_at_the_end_of_the_description_makes_a_dashboard_ours(
    description: str | None, owner: str | None
) -> None:
    assert owned(description, "watchbill") == owner


@given(DASHBOARDS)
def test_datadog_finds_nothing_wrong_with_any_dashboard(made: Dashboard) -> None:
    check(to_datadog(made))
