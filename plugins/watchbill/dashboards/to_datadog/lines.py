"""The lines of a metric widget -> queries and formulas of Datadog: each metric is a query, each line a formula.

docs.datadoghq.com/dashboards/querying, docs.datadoghq.com/dashboards/functions
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from watchbill.dashboards.formulas import Input, datadog_formula, fresh
from watchbill.dashboards.lost import Lost
from watchbill.dashboards.to_datadog.palettes import palette
from watchbill.dashboards.to_datadog.query import query
from watchbill.model.dashboards import MetricWidget, Variable
from watchbill.model.dashboards.lines import WidgetMetric

Body = dict[str, Any]
Variables = Mapping[str, Variable]

# docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/graph-dynamic-labels.html; any other ${…} is of a template.
_CHANGING = re.compile(r"\$\{!?(LABEL|PROP\(|DATAPOINT_COUNT|(AVG|SUM|MIN|MAX|FIRST|LAST)(_TIME)?(_RELATIVE)?\})")
_SECONDS = {"second": 1, "minute": 60, "hour": 3600}


class Said(NamedTuple):
    """A line: the query that it needs of its own, and the formula that shows it."""

    line: WidgetMetric
    formula: str
    names: frozenset[str]  # of the queries that the formula computes with
    query: Body | None
    lost: Lost

    @property
    def shown(self) -> Body:
        """As a formula of a request."""
        changes = _CHANGING.search(self.line.label)
        if changes:
            self.lost.lossy("label", reason="Datadog has no labels that change with the series")
        made: Body = {"formula": self.formula}
        if self.line.label and not changes:
            made["alias"] = self.line.label
        if self.line.color:
            made["style"] = {"palette": palette(self.line.color, self.lost), "palette_index": 0}
        return made


def said(widget: MetricWidget, variables: Variables, lost: Lost) -> list[Said]:
    """In the order of the declaration, without those that cannot be said, which are noted."""
    lines = [(at, line) for at, line in enumerate(widget.metrics) if line.is_on("datadog")]
    taken = {line.id for line in widget.metrics}
    done: dict[int, Said] = {}
    inputs: dict[str, Input] = {}
    names: dict[str, frozenset[str]] = {}
    for at, line in _by_need(lines):
        name = line.id or fresh(f"query{at + 1}", taken)
        made = _line(widget, line, name, inputs, names, variables, lost.below("metrics", at))
        if made is not None:
            done[at] = made
            if line.id:
                period_s = line.period_s or widget.period_s
                inputs[line.id] = Input(made.formula, line.is_many, period_s)
                names[line.id] = made.names
    return [done[at] for at in sorted(done)]


def _by_need(lines: Sequence[tuple[int, WidgetMetric]]) -> list[tuple[int, WidgetMetric]]:
    """Each after those that it computes with."""
    ordered: list[tuple[int, WidgetMetric]] = []
    left = list(lines)
    own = {line.id for _, line in lines}
    while left:
        known = {line.id for _, line in ordered}
        ready = [one for one in left if not one[1].expression or one[1].inputs & own <= known]
        ordered += ready or left
        left = [one for one in left if one not in ready] if ready else []
    return ordered


def _line(widget: MetricWidget, line: WidgetMetric, name: str, inputs: Mapping[str, Input],
          names: Mapping[str, frozenset[str]], variables: Variables, lost: Lost) -> Said | None:
    if line.datadog and not line.metric and "{" not in line.datadog:
        needed = frozenset(each for each in inputs if each in line.datadog)
        return Said(line, line.datadog, frozenset().union(*(names[each] for each in needed)), None, lost)
    if line.expression and not line.datadog:
        formula = datadog_formula(line.expression, inputs, lost)
        if formula is None:
            return None
        return Said(line, formula, frozenset().union(*(names[each] for each in line.inputs)), None, lost)
    if not (line.metric or line.datadog):
        lost.impossible(reason="has only words of CloudWatch", fix="write `datadog:` too, or its `clouds`")
        return None
    period_s = line.period_s or widget.period_s
    text = query(line, period_s, variables, lost)
    if text is None:
        return None
    asked = {"data_source": "metrics", "name": name, "query": text}
    return Said(line, _per(line, name, period_s), frozenset({name}), asked, lost)


def _per(line: WidgetMetric, name: str, period_s: int) -> str:
    """A count in each period -> a count in each second, minute or hour."""
    if line.rate is None or line.datadog or _SECONDS[line.rate] == period_s:
        return name
    return f"{name} / {period_s / _SECONDS[line.rate]:.15g}"


def request(lines: Sequence[Said], every: Sequence[Said]) -> Body:
    """The formulas of these lines, with all queries that they need."""
    needed = frozenset().union(*(one.names for one in lines))
    return {"queries": [one.query for one in every if one.query and one.query["name"] in needed],
            "formulas": [one.shown for one in lines]}
