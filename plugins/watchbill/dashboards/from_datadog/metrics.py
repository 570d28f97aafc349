"""A Datadog widget over metrics -> a metric widget of the model, and what that loses."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from watchbill.dashboards.from_datadog.dimensions import Variables
from watchbill.dashboards.from_datadog.functions import Top
from watchbill.dashboards.from_datadog.marks import axis, span, threshold
from watchbill.dashboards.from_datadog.requests import Lines, NoMetricsError, asked, lines
from watchbill.dashboards.from_datadog.unsaid import unsaid
from watchbill.model.languages.datadog_expression import Binary, Call, Expression, Negative, Selection, leaves

Body = Mapping[str, Any]
VIEWS = {"timeseries": "line", "query_value": "number", "toplist": "bar", "bar_chart": "bar", "query_table": "table",
         "sunburst": "pie", "treemap": "pie", "heatmap": "line", "distribution": "line", "hostmap": "table",
         "scatterplot": "table", "change": "table", "geomap": "table"}
"""Of the kinds of widgets that have requests; what they look like otherwise is told by OTHERWISE."""
OTHERWISE = {
    "heatmap": "is drawn as lines, one for each series, not as a heat map",
    "distribution": "is drawn over time, not as a distribution", "hostmap": "is a table of hosts, not a map",
    "scatterplot": "is a table of both values, not points", "geomap": "is a table of places, not a map",
    "change": "shows the values of now, not how they have changed",
}
_AGGREGATES = {"avg": "avg", "mean": "avg", "last": "last", "sum": "sum", "min": "min", "max": "max"}


@dataclass
class Read:
    """Words for a widget of the model. `broken`: by the row of a line, why no other cloud can show it."""

    words: dict[str, Any] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)
    broken: dict[int, str] = field(default_factory=dict)


def metric_widget(definition: Body, variables: Variables) -> Read:
    """Raises NoMetricsError."""
    shown = asked(_requests(definition))
    found = lines(shown, variables)
    read = Read({"type": "metric", "metrics": found.metrics, "view": _view(definition)}, list(found.lost))
    kind = str(definition.get("type"))
    if kind in OTHERWISE:
        read.lost.append(OTHERWISE[kind])
    _period(found, read)
    _beside(definition, read)
    is_sorted = _reduced(definition, found, read)
    if read.words["view"] not in ("line", "area") and any(_mixes(one.tree) for one in shown):
        is_older = any("q" in one for one in _requests(definition) if isinstance(one, Mapping))
        if is_older or read.words["view"] != "number":
            read.lost.append("computes with points and their aggregates in another order")
    read.lost += unsaid(definition, is_sorted=is_sorted)
    read.broken = dict(found.impossible)
    return read


def _mixes(tree: Expression) -> bool:
    """Whether it multiplies or divides one metric by another: then it matters what is aggregated first."""
    match tree:
        case Binary(sign="*" | "/"):
            both = all(any(isinstance(leaf, Selection) for leaf in leaves(side)) for side in (tree.left, tree.right))
            return both or _mixes(tree.left) or _mixes(tree.right)
        case Binary():
            return _mixes(tree.left) or _mixes(tree.right)
        case Negative():
            return _mixes(tree.of)
        case Call():
            return any(map(_mixes, tree.arguments))
    return False


def _requests(definition: Body) -> list[Any]:
    """Some kinds name their requests: x and y of a scatterplot, fill and size of a map of hosts."""
    requests = definition.get("requests")
    if isinstance(requests, Mapping):
        table = requests.get("table")
        return [table] if isinstance(table, Mapping) else [one for one in requests.values() if one]
    if isinstance(requests, list):
        return requests
    raise NoMetricsError("are not understood")


def _view(definition: Body) -> str:
    """Bars over time are stacked, as areas are."""
    kind = str(definition.get("type"))
    displays = {str(one.get("display_type") or "line") for one in _requests(definition)}
    if kind == "timeseries" and "line" not in displays and displays <= {"area", "bars"}:
        return "area"
    return VIEWS[kind]


def _period(found: Lines, read: Read) -> None:
    """The one that all lines have is the widget's."""
    periods = {line.get("period") for line in found.metrics if "expression" not in line}
    if len(periods) == 1 and (period := periods.pop()) is not None:
        read.words["period"] = period
        for line in found.metrics:
            line.pop("period", None)


def _beside(definition: Body, read: Read) -> None:
    words, view = read.words, read.words["view"]
    markers = definition.get("markers") or ()
    thresholds = [made for made in map(threshold, markers) if made]
    if len(thresholds) < len(markers) or (thresholds and view not in ("line", "area", "number", "gauge")):
        read.lost.append("leaves out a level line")
    if thresholds and view in ("line", "area", "number", "gauge"):
        words["thresholds"] = thresholds
    axes = {side: axis(definition.get(key)) for side, key in (("left", "yaxis"), ("right", "right_yaxis"))}
    if any(axes.values()) and definition.get("type") == "timeseries":
        words["axis"] = {side: one for side, one in axes.items() if one}
    if definition.get("show_legend") is True and view in ("line", "area"):
        words["legend"] = "right" if definition.get("legend_layout") == "vertical" else "bottom"
    if (start := span(definition.get("time"))) is not None:
        words["start"] = start
    elif definition.get("time"):
        read.lost.append("leaves out its span of time")


def _reduced(definition: Body, found: Lines, read: Read) -> bool:
    """How a line becomes a number, and which lines are shown in which order; whether that order is said."""
    if read.words["view"] in ("line", "area"):
        return _topped(found, read)
    aggregators = {one or "avg" for one in found.aggregators}
    if found.tops:
        aggregators = {found.tops[0].by}
    chosen = [_AGGREGATES[one] for one in sorted(aggregators) if one in _AGGREGATES]
    read.words["aggregate"] = chosen[0] if chosen else "avg"
    if len(aggregators) > 1:
        others = " and ".join(sorted(aggregators))
        read.lost.append(f"takes the {read.words['aggregate']} of all its lines, not {others}")
    elif not chosen:
        read.lost.append(f"takes the avg over time, not {next(iter(aggregators), '')}")
    if _topped(found, read):
        return True
    return _sorted(definition, read)


def _topped(found: Lines, read: Read) -> bool:
    if not found.tops:
        return False
    top: Top = found.tops[0]
    read.words |= {"sort": top.order, "limit": max(1, min(top.most, 500))}
    read.words["aggregate"] = _AGGREGATES.get(top.by, "avg")
    if top.by not in _AGGREGATES:
        read.lost.append(f"chooses its lines by their average, not by {top.by}")
    return True


def _sorted(definition: Body, read: Read) -> bool:
    """Newer widgets say it by `sort` of the request, or by `limit` of a formula."""
    requests = [one for one in _requests(definition) if isinstance(one, Mapping)]
    limits = [formula["limit"] for request in requests for formula in request.get("formulas") or ()
              if isinstance(formula.get("limit"), Mapping)]
    sorts = [request["sort"] for request in requests if isinstance(request.get("sort"), Mapping)]
    if not limits and not sorts:
        if definition.get("type") in ("toplist", "sunburst", "treemap"):
            read.words |= {"sort": "desc"} | ({"limit": 10} if definition.get("type") == "toplist" else {})
        return True
    order = str((limits[0] if limits else {}).get("order") or "desc")
    count = (limits[0] if limits else {}).get("count")
    if sorts:
        by = next((one for one in sorts[0].get("order_by") or () if isinstance(one, Mapping)), {})
        order, count = str(by.get("order") or "desc"), sorts[0].get("count") or count
        if by.get("type") not in (None, "formula"):
            return False
    read.words["sort"] = "asc" if order == "asc" else "desc"
    if isinstance(count, int) and 1 <= count <= 500:
        read.words["limit"] = count
    return True
