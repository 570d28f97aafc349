"""A metric widget -> the definition of Datadog's: timeseries, bars, a number, a table, a sunburst.

docs.datadoghq.com/dashboards/widgets
"""

from collections.abc import Callable, Sequence
from typing import Any

from watchbill.dashboards.lost import Lost
from watchbill.dashboards.to_datadog.lines import Said, Variables, request, said
from watchbill.model.alerts import Severity
from watchbill.model.dashboards import Axis, MetricWidget, Threshold

Body = dict[str, Any]

_LINES: dict[Severity, str] = {
    "info": "info dashed", "warning": "warning dashed", "error": "error dashed", "critical": "error bold",
}
_COLORS = {"blue": "info dashed", "orange": "warning dashed", "yellow": "warning dashed", "red": "error dashed",
           "green": "ok dashed"}
_VALUES: dict[Severity, str] = {"info": "white_on_green", "warning": "white_on_yellow", "error": "white_on_red",
                                "critical": "white_on_red"}
_LEGENDS: dict[str, Body] = {
    "hidden": {"show_legend": False}, "right": {"show_legend": True, "legend_layout": "vertical"},
    "bottom": {"show_legend": True, "legend_layout": "horizontal"},
}


def metric_definition(widget: MetricWidget, variables: Variables, lost: Lost) -> Body | None:
    """None where Datadog shows none of its lines."""
    lines = said(widget, variables, lost)
    shown = [one for one in lines if one.line.visible]
    return _VIEWS[widget.view](widget, shown, lines, lost) if shown else None


def _timeseries(widget: MetricWidget, shown: Sequence[Said], every: Sequence[Said], lost: Lost) -> Body:
    sides = [(side, [one for one in shown if one.line.axis == side]) for side in ("left", "right")]
    requests = [request(lines, every) | {"response_format": "timeseries", "display_type": widget.view}
                | ({"on_right_yaxis": True} if side == "right" else {}) for side, lines in sides if lines]
    if widget.sort or widget.limit:
        requests = [_top(widget, one) for one in requests]
    markers = [_level(each, lost.below("thresholds", at)) for at, each in enumerate(widget.thresholds)]
    if widget.annotations:
        lost.lossy("annotations", reason="Datadog marks no moments", fix="`override` it with `events`")
    axes = {key: made for key, side, axis in (("yaxis", "left", widget.axis.left),
                                              ("right_yaxis", "right", widget.axis.right))
            if (made := _axis(axis, side, lost))}
    return ({"type": "timeseries"} | _LEGENDS.get(widget.legend or "", {"show_legend": True})
            | {"requests": requests} | ({"markers": markers} if markers else {}) | axes)


def _top(widget: MetricWidget, made: Body) -> Body:
    limit = {"limit": {"count": widget.limit or 100, "order": widget.sort or "desc"}}
    return made | {"formulas": [one | limit for one in made["formulas"]]}


def _bars(widget: MetricWidget, shown: Sequence[Said], every: Sequence[Said], lost: Lost) -> Body:  # noqa: ARG001
    """A top list where an order is asked for: it draws what a bar chart does, sorted."""
    made = _scalars(widget, shown, every)
    kind = "toplist" if widget.sort or widget.limit else "bar_chart"
    return {"type": kind, "requests": [made]}


def _number(widget: MetricWidget, shown: Sequence[Said], every: Sequence[Said], lost: Lost) -> Body:
    if len(shown) > 1 or any(one.line.is_many and not one.line.datadog for one in shown):
        lost.lossy("view", reason="a number shows one line only in Datadog: it is drawn as a table",
                   fix="write one widget each, or `view: table`")
        return _table(widget, shown, every, lost)
    if widget.view == "gauge":
        lost.lossy("view", reason="Datadog shows a gauge as a number, colored by its thresholds")
    formats = sorted((_format(each, lost.below("thresholds", at)) for at, each in enumerate(widget.thresholds)),
                     key=_order)
    made = _values(widget, shown, every) | ({"conditional_formats": formats} if formats else {})
    return {"type": "query_value", "autoscale": True, "requests": [made]}


def _table(widget: MetricWidget, shown: Sequence[Said], every: Sequence[Said], lost: Lost) -> Body:  # noqa: ARG001
    return {"type": "query_table", "requests": [_scalars(widget, shown, every)]}


def _pie(widget: MetricWidget, shown: Sequence[Said], every: Sequence[Said], lost: Lost) -> Body:  # noqa: ARG001
    return {"type": "sunburst", "requests": [_scalars(widget, shown, every)]}


_VIEWS: dict[str, Callable[[MetricWidget, Sequence[Said], Sequence[Said], Lost], Body]] = {
    "line": _timeseries, "area": _timeseries, "bar": _bars, "number": _number, "gauge": _number, "table": _table,
    "pie": _pie,
}


def _scalars(widget: MetricWidget, shown: Sequence[Said], every: Sequence[Said]) -> Body:
    """One value for each line, in order where one is asked for."""
    sort = {"sort": {"count": widget.limit or 100,
                     "order_by": [{"type": "formula", "index": 0, "order": widget.sort or "desc"}]}}
    return _values(widget, shown, every) | (sort if widget.sort or widget.limit else {})


def _values(widget: MetricWidget, shown: Sequence[Said], every: Sequence[Said]) -> Body:
    """The newest of each line, as CloudWatch shows it, or what `aggregate` says."""
    made = request(shown, every)
    queries = [each | {"aggregator": widget.aggregate} for each in made["queries"]]
    return made | {"queries": queries, "response_format": "scalar"}


def _level(threshold: Threshold, lost: Lost) -> Body:
    label = {"label": threshold.label} if threshold.label else {}
    if threshold.axis == "right":
        lost.lossy("axis", reason="Datadog draws levels against the left axis")
    if not threshold.visible:
        lost.lossy("visible", reason="Datadog hides no levels")
    look = _LINES[threshold.severity]
    if threshold.color:
        look = _COLORS.get(threshold.color, look)
        if threshold.color not in _COLORS:
            lost.lossy("color", reason=f"Datadog draws it as {look}")
    return {"value": _range(threshold), "display_type": look} | label


def _range(threshold: Threshold) -> str:
    """`y = 5`, `5 < y < 9`, `y > 5`. docs.datadoghq.com/dashboards/widgets/timeseries/#markers"""
    value = f"{threshold.value:.15g}"
    if threshold.to is not None:
        return f"{value} < y < {threshold.to:.15g}"
    sign = {"above": ">", "below": "<"}.get(threshold.fill or "", "=")
    return f"y {sign} {value}"


def _format(threshold: Threshold, lost: Lost) -> Body:
    """A value is colored where it reaches a threshold, of which most are too high."""
    if threshold.to is not None:
        lost.lossy("to", reason="Datadog colors a value by one limit, not by two")
    if threshold.label:
        lost.lossy("label", reason="Datadog shows no labels of a number's thresholds")
    comparator = "<" if threshold.fill == "below" else ">="
    return {"comparator": comparator, "value": threshold.value, "palette": _VALUES[threshold.severity]}


def _order(made: Body) -> float:
    """The first that fits is taken: the farthest limit first."""
    value = float(made["value"])
    return value if made["comparator"] == "<" else -value


def _axis(axis: Axis, side: str, lost: Lost) -> Body:
    if axis.label:
        lost.lossy("axis", side, "label", reason="Datadog labels no axis of a timeseries")
    found = {"min": axis.min, "max": axis.max}
    return {key: f"{value:.15g}" for key, value in found.items() if value is not None} | (
        {"scale": axis.scale} if axis.scale != "linear" else {})
