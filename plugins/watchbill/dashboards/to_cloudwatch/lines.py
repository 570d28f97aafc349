"""The lines of a metric widget -> the rows of CloudWatch's `metrics`.

`[namespace, name, (dimension, value)*, {options}]` for one metric, `[{expression, id, …}]` for all else: what is found,
filled, turned into a rate or computed.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from watchbill.dashboards.formulas import Input, cloudwatch_math, fresh
from watchbill.dashboards.lost import Lost
from watchbill.dashboards.to_cloudwatch.finds import Found, Order, can_select, finds
from watchbill.dashboards.to_cloudwatch.reduced import by_math, is_arithmetic, is_reduced, reduced
from watchbill.dashboards.variables import narrowed, placed
from watchbill.model.cloudwatch_math import is_select
from watchbill.model.dashboards import MetricWidget, Variable
from watchbill.model.dashboards.lines import COLORS, WidgetMetric

Row = list[Any]
Variables = Mapping[str, Variable]

_AS_ABOVE = frozenset({".", "..."})
_FILLS = {"zero": "0", "last": "REPEAT", "linear": "LINEAR"}
_SECONDS = {"second": 1, "minute": 60, "hour": 3600}
_BY = {"avg": "AVG", "sum": "SUM", "min": "MIN", "max": "MAX", "last": "AVG"}


class _Named(NamedTuple):
    """A line with what CloudWatch calls it."""

    line: WidgetMetric
    id: str
    period_s: int
    statistic: str  # what a row has that names none
    lost: Lost

    @property
    def is_computed(self) -> bool:
        """Whether its own metric is only where it begins."""
        return self.line.rate is not None or self.line.fill not in (None, "none")


def rows(widget: MetricWidget, variables: Variables, lost: Lost) -> list[Row]:
    """In the order of the declaration; a line that cannot be said is left out and noted."""
    named = _named(widget, variables, lost)
    inputs = {one.line.id: Input(one.id, one.line.is_many, one.period_s) for one in named if one.line.id}
    order = _order(widget, lost)
    selects = _selecting([one.line for one in named])
    are_values = by_math(widget)
    is_whole_time = is_reduced(widget) and not are_values
    made: list[Row] = []
    for one in named:
        of_line = list(_rows(one, order, inputs, variables, may_select=one.line is selects, is_timed=not is_whole_time))
        is_value = of_line and one.line.visible and are_values
        if is_value and one.line.expression and is_arithmetic(one.line.expression):
            values = {name: replace(given, text=f"{widget.aggregate.upper()}({given.text})")
                      for name, given in inputs.items()}
            made.append([_options(one, f"TIME_SERIES({cloudwatch_math(one.line.expression, values, one.lost)})")])
        else:
            made += reduced(of_line, one.id, widget.aggregate) if is_value else of_line
    return made


def _selecting(lines: Sequence[WidgetMetric]) -> WidgetMetric | None:
    """The one line that may ask Metrics Insights: one with groups, which nothing else can make, before any other."""
    if any(is_select(line.cloudwatch) for line in lines):
        return None
    able = [line for line in lines if line.metric and not line.cloudwatch and can_select(line)]
    return next((line for line in able if line.is_many), able[0] if able else None)


def _named(widget: MetricWidget, variables: Variables, lost: Lost) -> list[_Named]:
    declared = {line.id for line in widget.metrics}
    found = []
    for at, line in enumerate(widget.metrics):
        if line.is_on("cloudwatch"):
            name = line.id or fresh(f"e{at + 1}", declared)
            found.append(_Named(narrowed(line, variables), name, line.period_s or widget.period_s,
                                widget.statistic or "Average", lost.below("metrics", at)))
    return found


def _order(widget: MetricWidget, lost: Lost) -> Order | None:
    if widget.sort is None and widget.limit is None:
        return None
    if widget.aggregate == "last":
        lost.lossy("sort" if widget.sort else "limit", fix="write `aggregate`: avg, sum, min or max",
                   reason="CloudWatch sorts by the average, not by the newest value")
    return Order(_BY[widget.aggregate], "ASC" if widget.sort == "asc" else "DESC", widget.limit)


def _rows(one: _Named, order: Order | None, inputs: Mapping[str, Input], variables: Variables, *,
          may_select: bool, is_timed: bool) -> Iterator[Row]:
    """`is_timed`: it has points in periods, and not one value of all the time."""
    line = one.line
    if line.cloudwatch:
        yield [_options(one, placed(line.cloudwatch, variables))]
    elif line.expression:
        text = cloudwatch_math(line.expression, inputs, one.lost)
        if text is not None:
            yield [_options(one, text)]
    elif not line.metric:
        one.lost.impossible(reason="has only words of Datadog", fix="write `cloudwatch:` too, or its `clouds`")
    elif line.aggregate_across == "none" and not line.is_many:
        yield from _plain(one, variables)
    else:
        found = finds(line, one.period_s if is_timed else None, order, variables, one.lost, may_select=may_select)
        yield from _several(one, found, {"period": one.period_s} if is_timed else {})


def _several(one: _Named, found: Found, period: dict[str, int]) -> Iterator[Row]:
    """A SELECT stands in a row of its own: what is computed of it names that."""
    text = found.text
    is_rate = one.line.rate is not None and not found.is_many  # the time that is chosen may change its period
    is_apart = is_rate or (found.is_select and one.is_computed)
    if is_apart:
        text = f"{one.id}_0"
        yield [{"expression": found.text, "id": text, "visible": False} | (period if found.is_select else {})
               | _place(one.line)]
    made = _options(one, _filled(one.line, _per(one.line, text, f"PERIOD({text})" if is_rate else str(one.period_s))))
    yield [made | period if found.is_select and not one.is_computed else made]


def _plain(one: _Named, variables: Variables) -> Iterator[Row]:
    line = one.line
    words = [word for name, value in line.dimensions.items() for word in (name, placed(str(value), variables))]
    row = [line.namespace, line.metric, *words]
    if not _AS_ABOVE.isdisjoint(row):
        one.lost.impossible(reason="CloudWatch reads '.' and '...' in a row as what stands in the row above",
                            fix="write `cloudwatch:`, a SEARCH that finds it")
        return
    stat = {} if line.statistic == one.statistic else {"stat": line.statistic}
    stat |= ({"period": one.period_s} if line.period else {}) | _place(line)
    if not one.is_computed:
        options = ({"id": one.id} if line.id else {}) | stat | _look(line)
        yield [*row, *([options] if options else [])]
        return
    base = f"{one.id}_0"
    yield [*row, {"id": base, "visible": False} | stat]
    yield [_options(one, _filled(line, _per(line, base, f"PERIOD({base})")))]


def _per(line: WidgetMetric, text: str, period: str) -> str:
    """A count in each period -> a count in each second, minute or hour."""
    if line.rate is None:
        return text
    times = "" if line.rate == "second" else f" * {_SECONDS[line.rate]}"
    return f"{text} / {period}{times}"


def _filled(line: WidgetMetric, text: str) -> str:
    if line.fill in (None, "none"):
        return text
    value = _FILLS[line.fill] if isinstance(line.fill, str) else f"{line.fill:.15g}"
    return f"FILL({text}, {value})"


def _options(one: _Named, expression: str) -> dict[str, Any]:
    period = {"period": one.period_s} if one.line.period and not one.line.metric else {}
    name = {"id": one.id} if one.line.id else {}
    return {"expression": expression} | name | period | _place(one.line) | _look(one.line)


def _place(line: WidgetMetric) -> dict[str, Any]:
    return ({"region": line.region} if line.region else {}) | ({"accountId": line.account} if line.account else {})


def _look(line: WidgetMetric) -> dict[str, Any]:
    return (({"label": line.label} if line.label else {})
            | ({"color": COLORS.get(line.color, line.color)} if line.color else {})
            | ({"yAxis": "right"} if line.axis == "right" else {})
            | ({} if line.visible else {"visible": False}))
