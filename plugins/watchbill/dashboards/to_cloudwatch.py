"""A Dashboard -> CloudWatch's dashboard body.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from watchbill.dashboards.grid import Place, arranged, heading
from watchbill.model.alerts import Severity
from watchbill.model.dashboards import (
    AlarmWidget,
    CloudWatchAlarms,
    CloudWatchLogs,
    Dashboard,
    GroupWidget,
    LogWidget,
    MetricWidget,
    RawWidget,
    TextWidget,
    Threshold,
    Widget,
    WidgetMetric,
)
from watchbill.model.failures import DashboardError
from watchbill.model.merge_patch import apply

Body = dict[str, Any]

# The body has no room for a remark, and tags can be set on creation only: so the name says whose a dashboard
# is. People find it by that name in the console, which shows no title.
PREFIX = "watchbill-"

_VIEWS = {"line": "timeSeries", "area": "timeSeries", "bar": "bar", "number": "singleValue", "gauge": "gauge",
          "table": "table", "pie": "pie"}
_LOG_VIEWS = {"table": "table", "line": "timeSeries", "area": "timeSeries", "bar": "bar", "pie": "pie"}
_COLORS: dict[Severity, str] = {"info": "#1f77b4", "warning": "#ff7f0e", "error": "#d62728", "critical": "#8c0d0e"}
_PLAIN = re.compile(r"[A-Za-z0-9_./-]+")


def cloudwatch_name(dashboard_id: str) -> str:
    return PREFIX + dashboard_id


def to_cloudwatch(dashboard: Dashboard, region: str) -> Body:
    """`region`: of every widget that names none."""
    shown = [one for one in dashboard.widgets if dashboard.shown(one, "cloudwatch")]
    body: Body = apply(dashboard.override.cloudwatch, {})
    return body | {"widgets": [made for one, place in zip(shown, arranged(shown), strict=True)
                               for made in _widgets(one, place, region)]}


def _widgets(widget: Widget, place: Place, region: str) -> Iterator[Body]:
    """None of a log of the other cloud, and several of a group."""
    if isinstance(widget, GroupWidget):
        yield from _group(widget, place, region)
    elif isinstance(widget, TextWidget | MetricWidget) or widget.cloudwatch:
        yield apply(widget.override.cloudwatch, _placed(place) | _said(widget, region))


def _group(group: GroupWidget, place: Place, region: str) -> Iterator[Body]:
    if group.title:
        yield apply(group.override.cloudwatch, _placed(replace(place, height=heading(group)))
                    | {"type": "text", "properties": {"markdown": f"## {group.title}"}})
    members = [one for one in group.widgets if one.is_on("cloudwatch")]
    for one, inside in zip(members, arranged(members, group.width), strict=True):
        moved = replace(inside, x=place.x + inside.x, y=place.y + heading(group) + inside.y)
        yield from _widgets(one, moved, region)


def _placed(place: Place) -> Body:
    return {"x": place.x, "y": place.y, "width": place.width, "height": place.height}


def _said(widget: Widget, region: str) -> Body:
    if isinstance(widget, RawWidget):
        return dict(widget.cloudwatch or {})
    kind, properties = _properties(widget, region)
    return {"type": kind, "properties": properties}


def _properties(widget: Widget, region: str) -> tuple[str, Body]:
    match widget:
        case TextWidget():
            heading = f"## {widget.title}\n\n" if widget.title else ""  # a text widget has no title
            return "text", {"markdown": heading + widget.markdown}
        case LogWidget(cloudwatch=CloudWatchLogs() as logs):
            shape = {"region": widget.region or region, "view": _LOG_VIEWS[logs.view]}
            return "log", _titled(widget, shape | {"query": _log_query(logs)})
        case MetricWidget():
            return "metric", _titled(widget, _metrics(widget, region))
        case AlarmWidget(cloudwatch=CloudWatchAlarms(alarms=alarms)):
            return "alarm", _titled(widget, {"alarms": list(alarms)})
    raise DashboardError("a log widget without `cloudwatch:` cannot be shown in CloudWatch")


def _titled(widget: Widget, properties: Body) -> Body:
    return properties | ({"title": widget.title} if widget.title else {})


def _metrics(widget: MetricWidget, region: str) -> Body:
    lines = [_level(each) for each in widget.thresholds]
    return {
        "region": widget.region or region,
        "view": _VIEWS[widget.view],
        "stacked": widget.view == "area",
        "period": widget.period_s,
        "metrics": [_line(metric, at, widget.period_s) for at, metric in enumerate(widget.metrics, 1)],
    } | ({"annotations": {"horizontal": lines}} if lines else {})


def _line(metric: WidgetMetric, at: int, period_s: int) -> list[Any]:
    """`[namespace, name, (dimension, value)*, {options}]`, or a search where a dimension may be anything."""
    label = {"label": metric.label} if metric.label else {}
    if metric.cloudwatch or metric.expression:
        return [{"expression": metric.cloudwatch or metric.expression, "id": metric.id or f"e{at}"} | label]
    if any("*" in value for value in metric.dimensions.values()):
        return [{"expression": search(metric, period_s), "id": f"e{at}"} | label]
    pairs = [word for pair in metric.dimensions.items() for word in pair]
    options = ({"id": metric.id} if metric.id else {}) | {"stat": metric.statistic} | label
    return [metric.namespace, metric.metric, *pairs, options]


def search(metric: WidgetMetric, period_s: int) -> str:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html"""
    schema = ",".join(_quoted(word) for word in (metric.namespace, *metric.dimensions))
    fixed = [f'{_quoted(name)}="{value}"' for name, value in metric.dimensions.items() if value != "*"]
    words = " ".join([f'MetricName="{metric.metric}"', *fixed])
    return f"SEARCH('{{{schema}}} {words}', '{metric.statistic}', {period_s})"


def _quoted(word: str) -> str:
    return word if _PLAIN.fullmatch(word) else f'"{word}"'


def _level(threshold: Threshold) -> Body:
    label = {"label": threshold.label} if threshold.label else {}
    return {"value": threshold.value, "color": _COLORS[threshold.severity]} | label


def _log_query(logs: CloudWatchLogs) -> str:
    sources = " | ".join(f"SOURCE '{group}'" for group in logs.log_groups)
    return f"{sources} | {logs.query}"
