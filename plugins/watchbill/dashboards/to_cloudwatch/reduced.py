"""How each line of a widget without time becomes one value in CloudWatch.

The statistic over all of the time that is shown (`setPeriodToTimeRange`) is right for one metric whose statistic is the
aggregate. For any other single line metric math reduces its points: TIME_SERIES(MAX(e1)).
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

import ast
from typing import Any

from watchbill.dashboards.to_cloudwatch.finds import can_select
from watchbill.model.dashboards import MetricWidget
from watchbill.model.dashboards.expressions import parse
from watchbill.model.dashboards.lines import WidgetMetric

Row = list[Any]

WHOLE = {"avg": ("Average",), "sum": ("Sum", "SampleCount"), "min": ("Minimum",), "max": ("Maximum",)}
"""Of which statistics the value over all of the time is the aggregate of the points."""
_LOOK = ("label", "color", "yAxis")


def is_reduced(widget: MetricWidget) -> bool:
    return not widget.is_over_time and widget.aggregate != "last" and widget.view != "table"


def by_math(widget: MetricWidget) -> bool:
    """Whether its lines are reduced by metric math: single ones, where the time that is shown would not do."""
    if not is_reduced(widget):
        return False
    lines = widget.lines("cloudwatch")
    shown = [line for line in lines if line.visible]
    if any(line.cloudwatch or not (line.metric or line.expression) or is_many(line, widget) for line in shown):
        return False
    return not all(_is_whole(line, widget.aggregate, alone=len(lines) == 1) for line in shown)


def is_many(line: WidgetMetric, widget: MetricWidget) -> bool:
    """Also of an expression: one series computed with many is many."""
    if not line.expression:
        return line.is_many or bool(line.cloudwatch)
    by_id = {one.id: one for one in widget.metrics if one.id}
    return any(is_many(by_id[name], widget) for name in line.inputs)


def is_arithmetic(expression: str) -> bool:
    """Of values as of series: then the lines that it computes with are reduced first, as in Datadog."""
    return not any(isinstance(node, ast.Call) for node in ast.walk(parse(expression)))


def _is_whole(line: WidgetMetric, aggregate: str, *, alone: bool) -> bool:
    return bool(line.metric) and line.rate is None and line.statistic in WHOLE[aggregate] and (
        line.aggregate_across == "none" or (alone and can_select(line)))


def reduced(rows: list[Row], row_id: str, aggregate: str) -> list[Row]:
    """Of one line: its points out of sight, and their aggregate in their place."""
    *before, last = rows
    *words, options = last if isinstance(last[-1], dict) else (*last, {})
    hidden = {name: value for name, value in options.items() if name not in _LOOK} | {"id": row_id, "visible": False}
    look = {name: options[name] for name in _LOOK if name in options}
    value = {"expression": f"TIME_SERIES({aggregate.upper()}({row_id}))", "id": f"{row_id}_v"} | look
    return [*before, [*words, hidden], [value]]
