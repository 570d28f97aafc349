"""A metric widget -> the properties of CloudWatch's. Widgets that show no metric stand in to_cloudwatch.py."""

from typing import Any

from watchbill.dashboards.lost import Lost
from watchbill.dashboards.spans import iso
from watchbill.dashboards.to_cloudwatch.lines import Variables, rows
from watchbill.dashboards.to_cloudwatch.reduced import WHOLE, by_math
from watchbill.model.alerts import Severity
from watchbill.model.dashboards import Annotation, Axis, MetricWidget, Threshold
from watchbill.model.dashboards.lines import COLORS
from watchbill.model.dashboards.marks import utc_text

Body = dict[str, Any]

_VIEWS = {"line": "timeSeries", "area": "timeSeries", "bar": "bar", "number": "singleValue", "gauge": "gauge",
          "table": "table", "pie": "pie"}
_COLORS: dict[Severity, str] = {"info": "#1f77b4", "warning": "#ff7f0e", "error": "#d62728", "critical": "#8c0d0e"}


def metric_properties(widget: MetricWidget, region: str, variables: Variables, lost: Lost) -> Body:
    marks = {"horizontal": [_level(each, lost.below("thresholds", at)) for at, each in enumerate(widget.thresholds)],
             "vertical": [_moment(each) for each in widget.annotations]}
    shown = {kind: found for kind, found in marks.items() if found}
    axes = {side: made for side, axis in (("left", widget.axis.left), ("right", widget.axis.right))
            if (made := _axis(axis, side, lost))}
    if widget.thresholds and widget.view == "number":
        lost.lossy("thresholds", reason="CloudWatch does not color a number by its thresholds")
    return {
        "region": widget.region or region,
        "view": _VIEWS[widget.view],
        "stacked": widget.view == "area",
        "metrics": rows(widget, variables, lost),
        **_defaults(widget),
    } | ({"annotations": shown} if shown else {}) | ({"yAxis": axes} if axes else {}) | _aggregated(widget, lost) | (
        {"legend": {"position": widget.legend}} if widget.legend else {}) | _time(widget)


def _defaults(widget: MetricWidget) -> Body:
    """Of all rows. Our period of 5 minutes is CloudWatch's too, and unsaid it follows the span that is shown."""
    return ({"period": widget.period_s} if "period" in widget.model_fields_set else {}) | (
        {"stat": widget.statistic} if widget.statistic else {})


def _time(widget: MetricWidget) -> Body:
    return {"start": iso(widget.start)} if widget.start else {}


def _aggregated(widget: MetricWidget, lost: Lost) -> Body:
    """One value of each line: the newest, or its statistic over all of the time that is shown."""
    if widget.is_over_time or widget.aggregate == "last" or by_math(widget):
        return {}
    if widget.view == "table":
        return {"table": {"summaryColumns": [widget.aggregate.upper()], "showTimeSeriesData": False}}
    for at, line in enumerate(widget.metrics):
        if line.rate is not None:
            lost.impossible("metrics", at, "rate", reason="CloudWatch has no rate of several series over all of a time")
        elif line.metric and line.statistic not in WHOLE[widget.aggregate]:
            lost.lossy("metrics", at, "statistic", reason=f"CloudWatch shows the {line.statistic} of the whole time, "
                       f"not the {widget.aggregate} of its points")
    return {"setPeriodToTimeRange": True}


def _axis(axis: Axis, side: str, lost: Lost) -> Body:
    if axis.scale != "linear":
        lost.lossy("axis", side, "scale", reason="CloudWatch's axes are linear")
    return {key: value for key, value in (("min", axis.min), ("max", axis.max), ("label", axis.label))
            if value not in (None, "")} | ({} if axis.units else {"showUnits": False})


def _level(threshold: Threshold, lost: Lost) -> Any:
    look = ({"yAxis": "right"} if threshold.axis == "right" else {}) | ({} if threshold.visible else {"visible": False})
    color = COLORS.get(threshold.color, threshold.color) if threshold.color else _COLORS[threshold.severity]
    label = {"label": threshold.label} if threshold.label else {}
    line = {"value": threshold.value, "color": color} | label | look
    if threshold.to is not None:
        if threshold.fill:
            lost.lossy("fill", reason="CloudWatch colors a band between its edges")
        return [line, {"value": threshold.to}]
    return line | ({"fill": threshold.fill} if threshold.fill else {})


def _moment(annotation: Annotation) -> Any:
    label = {"label": annotation.label} if annotation.label else {}
    color = {"color": COLORS.get(annotation.color, annotation.color)} if annotation.color else {}
    line = {"value": utc_text(annotation.at)} | label | color | ({} if annotation.visible else {"visible": False})
    if annotation.to is not None:
        return [line, {"value": utc_text(annotation.to)}]
    return line | ({"fill": annotation.fill} if annotation.fill else {})
