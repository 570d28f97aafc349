"""Everything that can be declared, whole, in the words of both clouds."""

import json
from typing import Any

from sandbox.cloudwatch.dashboard_body import validate as refused
from sandbox.datadog.dashboard_rules import check
from watchbill.dashboards.lost import Lost
from watchbill.dashboards.to_cloudwatch import to_cloudwatch
from watchbill.dashboards.to_datadog import to_datadog
from watchbill.dashboards.validate import validate
from watchbill.model.dashboards import Dashboard

EVERYTHING: dict[str, Any] = {
    "id": "all", "title": "All", "description": "of it", "tags": ["team:shop", "env:prod"], "start": "2d",
    "variables": [{"name": "service", "dimension": "service", "default": "checkout"}],
    "widgets": [
        {
            "type": "metric", "title": "Levels", "width": 12, "start": "4h", "legend": "right",
            "metrics": [
                {"namespace": "shop", "metric": "errors", "statistic": "Sum", "dimensions": {"service": "$service"}},
                {"namespace": "shop", "metric": "errors", "statistic": "Sum", "axis": "right", "color": "#9467bd"},
            ],
            "axis": {"left": {"min": 0, "max": 10}, "right": {"scale": "log"}},
            "thresholds": [
                {"value": 1, "to": 2, "severity": "info"},
                {"value": 5, "fill": "above", "label": "page"},
            ],
            "annotations": [
                {"at": "2026-11-23T12:00:00Z", "label": "release", "color": "red", "fill": "after"},
                {"at": "2026-11-23T12:00:00+01:00", "to": "2026-11-23T12:00:00Z"},
            ],
        },
        {
            "type": "metric", "view": "gauge",
            "metrics": [{"namespace": "shop", "metric": "errors", "statistic": "Sum"}], "aggregate": "sum",
            "axis": {"left": {"min": 0, "max": 100}},
            "thresholds": [
                {"value": 50, "severity": "critical"},
                {"value": 10, "fill": "below", "severity": "info"},
            ],
        },
        {
            "type": "metric", "view": "table",
            "metrics": [
                {"namespace": "shop", "metric": "errors", "statistic": "Sum", "dimensions": {"service": "*"}},
            ],
            "aggregate": "max", "sort": "desc", "limit": 3,
        },
        {
            "type": "metric", "view": "pie",
            "metrics": [
                {"namespace": "shop", "metric": "errors", "statistic": "Sum", "dimensions": {"service": "*"}},
            ],
        },
        {
            "type": "metric", "view": "bar",
            "metrics": [
                {"namespace": "shop", "metric": "errors", "statistic": "Sum", "dimensions": {"service": "*"}},
            ],
            "aggregate": "avg", "limit": 5,
        },
        {
            "type": "log", "title": "Slow",
            "cloudwatch": {"log_groups": "/shop", "query": "stats count(*) by bin(5m)", "view": "area"},
            "datadog": {
                "query": "service:$service", "view": "bar",
                "compute": {"aggregation": "pc95", "metric": "@duration"},
                "group_by": {"facet": "@http.route", "limit": 5},
            },
        },
        {
            "type": "alarm", "title": "Alarms",
            "cloudwatch": {"alarms": "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:a"},
            "datadog": {"monitors": "tag:(team:shop)"},
        },
        {
            "type": "alarm", "view": "graph",
            "cloudwatch": {"alarms": "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:a"},
            "datadog": {"monitors": 42},
        },
        {
            "type": "group", "title": "Text", "width": 12,
            "widgets": [
                {"type": "text", "markdown": "here", "width": 6, "height": 2},
                {"type": "text", "markdown": "there", "width": 6, "height": 2, "clouds": "datadog"},
            ],
        },
        {
            "type": "raw", "clouds": "cloudwatch", "x": 12, "y": 30,
            "cloudwatch": {
                "type": "custom", "properties": {"endpoint": "arn:aws:lambda:eu-west-1:123456789012:function:f"},
            },
        },
        {
            "type": "raw", "clouds": "datadog", "x": 12, "y": 30,
            "datadog": {"definition": {"type": "iframe", "url": "https://example.com"}},
        },
        {
            "type": "text", "markdown": "Here", "width": 3, "x": 0, "y": 40,
            "override": {
                "cloudwatch": {"properties": {"background": "transparent"}, "height": 1},
                "datadog": {"definition": {"font_size": "14"}, "layout": {"height": 1}},
            },
        },
    ],
    "override": {"cloudwatch": {"periodOverride": "inherit"}, "datadog": {"notify_list": ["a@example.com"]}},
}

CLOUDWATCH = {
    "start": "-P2D",
    "variables": [
        {
            "type": "pattern", "pattern": "@service@", "id": "service", "label": "service", "visible": True,
            "inputType": "select", "search": "{shop,service} MetricName=\"errors\"", "populateFrom": "service",
            "defaultValue": "checkout",
        },
    ],
    "periodOverride": "inherit",
    "widgets": [
        {
            "x": 0, "y": 0, "width": 12, "height": 6, "type": "metric",
            "properties": {
                "region": "eu-west-1", "view": "timeSeries", "stacked": False,
                "metrics": [
                    ["shop", "errors", "service", "@service@", {"stat": "Sum"}],
                    ["shop", "errors", {"stat": "Sum", "color": "#9467bd", "yAxis": "right"}],
                ],
                "annotations": {
                    "horizontal": [
                        [{"value": 1, "color": "#1f77b4"}, {"value": 2}],
                        {"value": 5, "color": "#ff7f0e", "label": "page", "fill": "above"},
                    ],
                    "vertical": [
                        {
                            "value": "2026-11-23T12:00:00.000Z", "label": "release", "color": "#d62728",
                            "fill": "after",
                        },
                        [{"value": "2026-11-23T11:00:00.000Z"}, {"value": "2026-11-23T12:00:00.000Z"}],
                    ],
                },
                "yAxis": {"left": {"min": 0, "max": 10}}, "legend": {"position": "right"}, "start": "-PT4H",
                "title": "Levels",
            },
        },
        {
            "x": 12, "y": 0, "width": 6, "height": 6, "type": "metric",
            "properties": {
                "region": "eu-west-1", "view": "gauge", "stacked": False,
                "metrics": [["shop", "errors", {"stat": "Sum"}]],
                "annotations": {
                    "horizontal": [
                        {"value": 50, "color": "#8c0d0e"},
                        {"value": 10, "color": "#1f77b4", "fill": "below"},
                    ],
                },
                "yAxis": {"left": {"min": 0, "max": 100}}, "setPeriodToTimeRange": True,
            },
        },
        {
            "x": 18, "y": 0, "width": 6, "height": 6, "type": "metric",
            "properties": {
                "region": "eu-west-1", "view": "table", "stacked": False,
                "metrics": [
                    [{"expression": "SORT(SEARCH('{shop,service} MetricName=\"errors\"', 'Sum', 300), "
                                    "MAX, DESC, 3)"}],
                ],
                "table": {"summaryColumns": ["MAX"], "showTimeSeriesData": False},
            },
        },
        {
            "x": 0, "y": 6, "width": 6, "height": 6, "type": "metric",
            "properties": {
                "region": "eu-west-1", "view": "pie", "stacked": False,
                "metrics": [[{"expression": "SEARCH('{shop,service} MetricName=\"errors\"', 'Sum', 300)"}]],
            },
        },
        {
            "x": 6, "y": 6, "width": 6, "height": 6, "type": "metric",
            "properties": {
                "region": "eu-west-1", "view": "bar", "stacked": False,
                "metrics": [
                    [{"expression": "SORT(SEARCH('{shop,service} MetricName=\"errors\"', 'Sum'), AVG, DESC, 5)"}],
                ],
                "setPeriodToTimeRange": True,
            },
        },
        {
            "x": 12, "y": 6, "width": 6, "height": 6, "type": "log",
            "properties": {
                "region": "eu-west-1", "view": "timeSeries", "query": "SOURCE '/shop' | stats count(*) by bin(5m)",
                "stacked": True, "title": "Slow",
            },
        },
        {
            "x": 18, "y": 6, "width": 6, "height": 6, "type": "alarm",
            "properties": {"alarms": ["arn:aws:cloudwatch:eu-west-1:123456789012:alarm:a"], "title": "Alarms"},
        },
        {
            "x": 0, "y": 12, "width": 6, "height": 6, "type": "metric",
            "properties": {
                "annotations": {"alarms": ["arn:aws:cloudwatch:eu-west-1:123456789012:alarm:a"]},
                "view": "timeSeries",
            },
        },
        {"x": 6, "y": 12, "width": 12, "height": 1, "type": "text", "properties": {"markdown": "## Text"}},
        {"x": 6, "y": 13, "width": 6, "height": 2, "type": "text", "properties": {"markdown": "here"}},
        {
            "x": 12, "y": 30, "width": 6, "height": 6, "type": "custom",
            "properties": {"endpoint": "arn:aws:lambda:eu-west-1:123456789012:function:f"},
        },
        {
            "x": 0, "y": 40, "width": 3, "height": 1, "type": "text",
            "properties": {"markdown": "Here", "background": "transparent"},
        },
    ],
}

DATADOG = {
    "title": "All",
    "description": "of it",
    "layout_type": "ordered", "reflow_type": "fixed", "tags": ["team:shop"],
    "template_variables": [{"name": "service", "prefix": "service", "defaults": ["checkout"]}],
    "default_timeframe": {"type": "live", "unit": "day", "value": 2}, "notify_list": ["a@example.com"],
    "widgets": [
        {
            "layout": {"x": 0, "y": 0, "width": 6, "height": 6},
            "definition": {
                "type": "timeseries", "show_legend": True, "legend_layout": "vertical",
                "requests": [
                    {
                        "queries": [
                            {
                                "data_source": "metrics", "name": "query1",
                                "query": "sum:shop.errors{$service}.as_count().rollup(sum, 300).fill(null)",
                            },
                        ],
                        "formulas": [{"formula": "query1"}], "response_format": "timeseries",
                        "display_type": "line",
                    },
                    {
                        "queries": [
                            {
                                "data_source": "metrics", "name": "query2",
                                "query": "sum:shop.errors{*}.as_count().rollup(sum, 300).fill(null)",
                            },
                        ],
                        "formulas": [{"formula": "query2", "style": {"palette": "purple", "palette_index": 0}}],
                        "response_format": "timeseries", "display_type": "line", "on_right_yaxis": True,
                    },
                ],
                "markers": [
                    {"value": "1 < y < 2", "display_type": "info dashed"},
                    {"value": "y > 5", "display_type": "warning dashed", "label": "page"},
                ],
                "yaxis": {"min": "0", "max": "10"}, "right_yaxis": {"scale": "log"}, "title": "Levels",
                "time": {"type": "live", "unit": "hour", "value": 4},
            },
        },
        {
            "layout": {"x": 6, "y": 0, "width": 3, "height": 6},
            "definition": {
                "type": "query_value", "autoscale": True,
                "requests": [
                    {
                        "queries": [
                            {
                                "data_source": "metrics", "name": "query1",
                                "query": "sum:shop.errors{*}.as_count().rollup(sum, 300).fill(null)",
                                "aggregator": "sum",
                            },
                        ],
                        "formulas": [{"formula": "query1"}], "response_format": "scalar",
                        "conditional_formats": [
                            {"comparator": ">=", "value": 50, "palette": "white_on_red"},
                            {"comparator": "<", "value": 10, "palette": "white_on_green"},
                        ],
                    },
                ],
            },
        },
        {
            "layout": {"x": 9, "y": 0, "width": 3, "height": 6},
            "definition": {
                "type": "query_table",
                "requests": [
                    {
                        "queries": [
                            {
                                "data_source": "metrics", "name": "query1",
                                "query": "sum:shop.errors{*} by {service}.as_count().rollup(sum, 300).fill(null)",
                                "aggregator": "max",
                            },
                        ],
                        "formulas": [{"formula": "query1"}], "response_format": "scalar",
                        "sort": {"count": 3, "order_by": [{"type": "formula", "index": 0, "order": "desc"}]},
                    },
                ],
            },
        },
        {
            "layout": {"x": 0, "y": 6, "width": 3, "height": 6},
            "definition": {
                "type": "sunburst",
                "requests": [
                    {
                        "queries": [
                            {
                                "data_source": "metrics", "name": "query1",
                                "query": "sum:shop.errors{*} by {service}.as_count().rollup(sum, 300).fill(null)",
                                "aggregator": "last",
                            },
                        ],
                        "formulas": [{"formula": "query1"}], "response_format": "scalar",
                    },
                ],
            },
        },
        {
            "layout": {"x": 3, "y": 6, "width": 3, "height": 6},
            "definition": {
                "type": "toplist",
                "requests": [
                    {
                        "queries": [
                            {
                                "data_source": "metrics", "name": "query1",
                                "query": "sum:shop.errors{*} by {service}.as_count().rollup(sum, 300).fill(null)",
                                "aggregator": "avg",
                            },
                        ],
                        "formulas": [{"formula": "query1"}], "response_format": "scalar",
                        "sort": {"count": 5, "order_by": [{"type": "formula", "index": 0, "order": "desc"}]},
                    },
                ],
            },
        },
        {
            "layout": {"x": 6, "y": 6, "width": 3, "height": 6},
            "definition": {
                "type": "toplist",
                "requests": [
                    {
                        "response_format": "scalar",
                        "queries": [
                            {
                                "data_source": "logs", "name": "query1", "search": {"query": "service:$service"},
                                "indexes": ["*"], "compute": {"aggregation": "pc95", "metric": "@duration"},
                                "group_by": [
                                    {
                                        "facet": "@http.route", "limit": 5,
                                        "sort": {"aggregation": "count", "order": "desc"},
                                    },
                                ],
                            },
                        ],
                        "formulas": [{"formula": "query1"}],
                        "sort": {"count": 5, "order_by": [{"type": "formula", "index": 0, "order": "desc"}]},
                    },
                ],
                "title": "Slow",
            },
        },
        {
            "layout": {"x": 9, "y": 6, "width": 3, "height": 6},
            "definition": {"type": "manage_status", "query": "tag:(team:shop)", "title": "Alarms"},
        },
        {
            "layout": {"x": 0, "y": 12, "width": 3, "height": 6},
            "definition": {"type": "alert_graph", "alert_id": "42", "viz_type": "timeseries"},
        },
        {
            "layout": {"x": 3, "y": 12, "width": 6, "height": 3},
            "definition": {
                "type": "group", "layout_type": "ordered",
                "widgets": [
                    {
                        "layout": {"x": 0, "y": 0, "width": 3, "height": 2},
                        "definition": {"type": "note", "content": "here"},
                    },
                    {
                        "layout": {"x": 3, "y": 0, "width": 3, "height": 2},
                        "definition": {"type": "note", "content": "there"},
                    },
                ],
                "title": "Text",
            },
        },
        {
            "layout": {"x": 6, "y": 30, "width": 3, "height": 6},
            "definition": {"type": "iframe", "url": "https://example.com"},
        },
        {
            "layout": {"x": 0, "y": 40, "width": 1, "height": 1},
            "definition": {"type": "note", "content": "Here", "font_size": "14"},
        },
    ],
}

LOST_BY_CLOUDWATCH = [
    (("widgets", 0, "axis", "right", "scale"), "CloudWatch's axes are linear"),
    (("widgets", 4, "metrics", 0, "statistic"),
     "CloudWatch shows the Sum of the whole time, not the avg of its points"),
]
LOST_BY_DATADOG = [
    (("tags", 1), "Datadog takes only tags of team: env:prod is on CloudWatch alone"),
    (("widgets", 0, "annotations"), "Datadog marks no moments"),
    (("widgets", 1, "view"), "Datadog shows a gauge as a number, colored by its thresholds"),
]


def _made() -> Dashboard:
    return Dashboard.model_validate(EVERYTHING)


def test_everything_in_cloudwatchs_words() -> None:
    lost = Lost()
    body = to_cloudwatch(_made(), "eu-west-1", lost)
    assert body == CLOUDWATCH
    assert [(one.path, one.reason) for one in lost.losses] == LOST_BY_CLOUDWATCH
    assert refused(json.dumps(body)) == []


def test_everything_in_datadogs_words() -> None:
    lost = Lost()
    body = to_datadog(_made(), lost)
    assert body == DATADOG
    assert [(one.path, one.reason) for one in lost.losses] == LOST_BY_DATADOG
    check(body)


def test_what_is_lost_is_all_that_a_check_has_to_say() -> None:
    told = [(one.path, one.problem) for one in validate(_made())]
    assert sorted(told, key=str) == sorted([*LOST_BY_CLOUDWATCH, *LOST_BY_DATADOG], key=str)
