"""A Dashboard -> the body of Datadog's dashboards API, v1. https://docs.datadoghq.com/api/latest/dashboards/"""

import re
from collections.abc import Sequence
from typing import Any

from watchbill.dashboards.datadog_query import query
from watchbill.dashboards.grid import Place, arranged, coarse
from watchbill.model.alerts import Severity
from watchbill.model.dashboards import (
    COLUMNS,
    AlarmWidget,
    Dashboard,
    DatadogLogs,
    DatadogMonitors,
    GroupWidget,
    LogWidget,
    MetricWidget,
    RawWidget,
    TextWidget,
    Threshold,
    Widget,
)
from watchbill.model.failures import DashboardError
from watchbill.model.merge_patch import apply

Body = dict[str, Any]

# A list shows descriptions, but no tags, and titles may repeat: so the description says whose a dashboard is.
_MARKER = re.compile(r"\[watchbill:([A-Za-z0-9_-]+)\]\s*\Z")
_LINES: dict[Severity, str] = {
    "info": "info dashed", "warning": "warning dashed", "error": "error dashed", "critical": "error bold",
}
_LOG_COLUMNS = (("status_line", "auto"), ("timestamp", "auto"), ("host", "auto"), ("service", "auto"),
                ("content", "compact"))  # as Datadog's own editor begins


def to_datadog(dashboard: Dashboard) -> Body:
    """Raises DashboardError for a metric that cannot be said; `validate` finds those with their places."""
    body: Body = apply(dashboard.override.datadog, {
        "title": dashboard.title,
        "description": f"{dashboard.description}\n\n{marker(dashboard.id)}".strip(),
        "layout_type": "ordered",
        "reflow_type": "fixed",
    })
    return body | {"widgets": _widgets([one for one in dashboard.widgets if dashboard.shown(one, "datadog")])}


def marker(dashboard_id: str) -> str:
    return f"Kept by Watchbill from its YAML: changes made here are overwritten. [watchbill:{dashboard_id}]"


def owned(description: str | None) -> str | None:
    """The id of the declaration that this dashboard is kept from; None for anybody else's."""
    found = _MARKER.search(description or "")
    return found[1] if found else None


def _is_shown(widget: Widget) -> bool:
    return isinstance(widget, TextWidget | MetricWidget | GroupWidget) or bool(widget.datadog)


def _widgets(widgets: Sequence[Widget], columns: int = COLUMNS) -> list[Body]:
    shown = [one for one in widgets if one.is_on("datadog") and _is_shown(one)]
    return [apply(one.override.datadog, _placed(place) | _said(one))
            for one, place in zip(shown, arranged(shown, columns), strict=True)]


def _placed(fine: Place) -> Body:
    place = coarse(fine)
    return {"layout": {"x": place.x, "y": place.y, "width": place.width, "height": place.height}}


def _said(widget: Widget) -> Body:
    return dict(widget.datadog or {}) if isinstance(widget, RawWidget) else {"definition": _definition(widget)}


def _definition(widget: Widget) -> Body:
    match widget:
        case TextWidget():
            heading = f"## {widget.title}\n\n" if widget.title else ""  # a note has no title
            return {"type": "note", "content": heading + widget.markdown}
        case LogWidget(datadog=DatadogLogs() as logs):
            return _titled(widget, {"type": "list_stream", "requests": [_log_request(logs)]})
        case GroupWidget():
            return _titled(widget, {"type": "group", "layout_type": "ordered",
                                    "widgets": _widgets(widget.widgets, widget.width)})
        case AlarmWidget(datadog=DatadogMonitors(monitors=monitors)):
            return _titled(widget, {"type": "manage_status", "query": str(monitors)})
        case MetricWidget():
            return _titled(widget, _VIEWS[widget.view](widget))
    raise DashboardError("a log widget without `datadog:` cannot be shown in Datadog")


def _titled(widget: Widget, definition: Body) -> Body:
    return definition | ({"title": widget.title} if widget.title else {})


def _timeseries(widget: MetricWidget) -> Body:
    request = _request(widget) | {"response_format": "timeseries", "display_type": widget.view}
    levels = {"markers": [_level(each) for each in widget.thresholds]} if widget.thresholds else {}
    return {"type": "timeseries", "show_legend": True, "requests": [request]} | levels


def _bars(widget: MetricWidget) -> Body:
    return {"type": "bar_chart", "requests": [_scalars(widget)]}


def _number(widget: MetricWidget) -> Body:
    return {"type": "query_value", "autoscale": True, "requests": [_scalars(widget)]}


_VIEWS = {"line": _timeseries, "area": _timeseries, "bar": _bars, "number": _number, "gauge": _number, "table": _bars,
          "pie": _bars}


def _scalars(widget: MetricWidget) -> Body:
    """CloudWatch shows the newest value of each line: so do we."""
    request = _request(widget)
    queries = [each | {"aggregator": "last"} for each in request["queries"]]
    return request | {"queries": queries, "response_format": "scalar"}


def _request(widget: MetricWidget) -> Body:
    numbered = list(enumerate(widget.metrics, 1))
    return {
        "queries": [{"data_source": "metrics", "name": f"query{at}", "query": query(metric, widget.period_s)}
                    for at, metric in numbered],
        "formulas": [{"formula": f"query{at}"} | ({"alias": metric.label} if metric.label else {})
                     for at, metric in numbered],
    }


def _level(threshold: Threshold) -> Body:
    label = {"label": threshold.label} if threshold.label else {}
    return {"value": f"y = {threshold.value:.15g}", "display_type": _LINES[threshold.severity]} | label


def _log_request(logs: DatadogLogs) -> Body:
    return {
        "response_format": "event_list",
        "columns": [{"field": name, "width": width} for name, width in _LOG_COLUMNS],
        "query": {"data_source": "logs_stream", "query_string": logs.query, "indexes": list(logs.indexes)},
    }
