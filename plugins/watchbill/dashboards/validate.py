"""What a cloud would refuse, or show otherwise than meant: found before any call is made.

What one widget says by itself the model has checked. Here stands what needs the neighbours or the other cloud, and then
the rendered bodies are checked whole, as the clouds check them: overrides and raw widgets are written by hand.
"""

from collections.abc import Iterator, Sequence

from watchbill.dashboards.datadog_query import groups, guessed_name, query
from watchbill.dashboards.grid import arranged, coarse, overlapping
from watchbill.dashboards.losses import losses
from watchbill.dashboards.to_cloudwatch import to_cloudwatch
from watchbill.dashboards.to_datadog import to_datadog
from watchbill.dashboards.validate_cloudwatch import check_cloudwatch
from watchbill.dashboards.validate_shapes import Path, Problem
from watchbill.dashboards.validate_trace import Body, Trace
from watchbill.model.clouds import NAMES
from watchbill.model.dashboards import CLOUDS, Cloud, Dashboard, MetricWidget, WidgetMetric, walk
from watchbill.model.failures import DashboardError

_REGION = "us-east-1"  # only its form counts: which one it is, the connection says
_QUOTES = "'\"\\"  # they would end the words of a SEARCH


def validate(dashboard: Dashboard, cloud: Cloud | None = None) -> list[Problem]:
    """For one cloud, or for all that the dashboard names. Paths are those of the dashboard: ("widgets", 2, "title")."""
    asked = [each for each in CLOUDS if each in dashboard.clouds and cloud in (None, each)]
    found = [*_places(dashboard, asked)]
    if "cloudwatch" in asked:
        found += _cloudwatch(dashboard)
    if "datadog" in asked:
        found += _datadog(dashboard)
    for each in asked:
        found += _rendered(dashboard, each, found)
    return found


def check_body(cloud: Cloud, body: Body) -> list[Problem]:
    """What is wrong with a body of that cloud, whoever wrote it; paths are the body's."""
    if cloud == "cloudwatch":
        return check_cloudwatch(body)
    from watchbill.dashboards.validate_datadog import check_datadog  # its schema is the client's, which is large

    return check_datadog(body)


def _render(dashboard: Dashboard, cloud: Cloud) -> Body:
    return to_cloudwatch(dashboard, _REGION) if cloud == "cloudwatch" else to_datadog(dashboard)


def _rendered(dashboard: Dashboard, cloud: Cloud, told: Sequence[Problem]) -> Iterator[Problem]:
    """What is wrong with the body, but for the places of which something as bad is told already."""
    errors = {problem.path for problem in told if problem.severity == "error"}
    try:
        wrong = check_body(cloud, _render(dashboard, cloud))
    except DashboardError as error:
        if not errors:
            yield Problem((), str(error))
        return
    if wrong:
        known = {problem.path for problem in told}
        trace = Trace(dashboard, cloud, lambda each: _render(each, cloud))
        found = [_declared(problem, trace.declared(problem.path), cloud) for problem in wrong]
        yield from dict.fromkeys(each for each in found
                                 if each.path not in (errors if each.severity == "error" else known))


def _declared(problem: Problem, path: Path, cloud: Cloud) -> Problem:
    said = f"{NAMES[cloud]} refuses it" if problem.severity == "error" else f"in {NAMES[cloud]}"
    key = next((part for part in reversed(problem.path) if isinstance(part, str)), "")
    named = "" if key in (*path, "widgets") else f"{key} "  # of the vendor's, where ours is called otherwise
    return Problem(path, f"{said}: {named}{problem.problem}", problem.fix, problem.severity)


def _places(dashboard: Dashboard, clouds: list[Cloud]) -> Iterator[Problem]:
    """Widgets of two clouds may share a place. The clouds take it, and move them apart as they like."""
    places = arranged(dashboard.widgets)
    for one, other in overlapping(places):
        here, there = dashboard.widgets[one], dashboard.widgets[other]
        if any(dashboard.shown(here, cloud) and dashboard.shown(there, cloud) for cloud in clouds):
            yield Problem(("widgets", other), f"lies over widgets[{one}]", "move one of them", "warning")


def _cloudwatch(dashboard: Dashboard) -> Iterator[Problem]:
    yield from _lost(dashboard, "cloudwatch")
    for path, metric, _ in _metrics(dashboard):
        words = "".join([metric.namespace, metric.metric, *metric.dimensions, *map(str, metric.dimensions.values())])
        if "*" in metric.dimensions.values() and any(sign in words for sign in _QUOTES):
            yield Problem(path, "CloudWatch cannot search for names with quotes", "name the dimension's values")


def _datadog(dashboard: Dashboard) -> Iterator[Problem]:
    yield from _narrow(dashboard)
    yield from _lost(dashboard, "datadog")
    for path, widget in walk(dashboard):
        if isinstance(widget, MetricWidget) and widget.view == "number" and not _is_one_line(widget):
            yield Problem(path, "a number shows one line only in Datadog", "write one widget each, or `view: bar`")
    for path, metric, widget in _metrics(dashboard):
        yield from _query(path, metric, widget)


def _lost(dashboard: Dashboard, cloud: Cloud) -> Iterator[Problem]:
    for path, widget in walk(dashboard):
        if dashboard.shown(widget, cloud):
            for loss in losses(widget, cloud, dashboard.variables):
                told = f"{'loses in' if loss.kind == 'lossy' else 'is not shown in'} {NAMES[cloud]}: {loss.reason}"
                yield Problem((*path, *loss.path), told, loss.fix, "warning")


def _narrow(dashboard: Dashboard) -> Iterator[Problem]:
    places = arranged(dashboard.widgets)
    for one, other in overlapping([coarse(place) for place in places]):
        if not places[one].overlaps(places[other]):
            yield Problem(("widgets", other), f"lies over widgets[{one}] on Datadog's 12 columns",
                          "begin at an even column, and make both 2 wide at least", "warning")


def _is_one_line(widget: MetricWidget) -> bool:
    metric = widget.metrics[0]
    return len(widget.metrics) == 1 and (bool(metric.datadog) or not groups(metric))


def _query(path: Path, metric: WidgetMetric, widget: MetricWidget) -> Iterator[Problem]:
    try:
        query(metric, widget.period_s)
    except DashboardError as error:
        yield Problem(path, str(error), "write `datadog:` with a query of its own")
    if name := guessed_name(metric):
        yield Problem(path, f"in Datadog this would be {name}, which is hardly its name there",
                      "write `datadog:`, for example avg:system.cpu.user{*}", "warning")


def _metrics(dashboard: Dashboard) -> Iterator[tuple[Path, WidgetMetric, MetricWidget]]:
    for path, widget in walk(dashboard):
        if isinstance(widget, MetricWidget):
            for row, metric in enumerate(widget.metrics):
                yield (*path, "metrics", row), metric, widget
