"""What a cloud would refuse, or show otherwise than meant: found before any call is made.

What one widget says by itself the model has checked (https://docs.aws.amazon.com/AmazonCloudWatch/latest/
APIReference/CloudWatch-Dashboard-Body-Structure.html); here stands what needs the neighbours or the other cloud.
"""

from collections.abc import Iterator

from watchbill.dashboards.datadog_query import groups, guessed_name, query
from watchbill.dashboards.grid import arranged, coarse, overlapping
from watchbill.model.dashboards import CLOUDS, Cloud, Dashboard, LogWidget, MetricWidget, WidgetMetric
from watchbill.model.failures import DashboardError, Finding

METRICS = 2_500  # of all widgets of a CloudWatch dashboard together
_QUOTES = "'\"\\"  # they would end the words of a SEARCH


def validate(dashboard: Dashboard, cloud: Cloud | None = None) -> list[Finding]:
    """For one cloud, or for all that the dashboard names.

    Findings without file and line; `field` is the dotted path in the dashboard: `widgets.2.metrics.0`.
    """
    asked = [each for each in CLOUDS if each in dashboard.clouds and cloud in (None, each)]
    found = [*_places(dashboard, asked)]
    if "cloudwatch" in asked:
        found += _cloudwatch(dashboard)
    if "datadog" in asked:
        found += _datadog(dashboard)
    return found


def _error(path: str, problem: str, fix: str) -> Finding:
    return Finding("", 0, path, problem, fix)


def _warning(path: str, problem: str, fix: str) -> Finding:
    return Finding("", 0, path, problem, fix, "warning")


def _places(dashboard: Dashboard, clouds: list[Cloud]) -> Iterator[Finding]:
    """Widgets of two clouds may share a place."""
    places = arranged(dashboard.widgets)
    for one, other in overlapping(places):
        here, there = dashboard.widgets[one], dashboard.widgets[other]
        if any(dashboard.shown(here, cloud) and dashboard.shown(there, cloud) for cloud in clouds):
            yield _error(f"widgets.{other}", f"lies over widgets.{one}", "move one of them")


def _cloudwatch(dashboard: Dashboard) -> Iterator[Finding]:
    metrics = list(_metrics(dashboard))
    if len(metrics) > METRICS:
        yield _error("widgets", f"CloudWatch takes {METRICS} metrics a dashboard, not {len(metrics)}",
                     "write two dashboards")
    for at, widget in enumerate(dashboard.widgets):
        if isinstance(widget, LogWidget) and widget.cloudwatch is None:
            yield _left_out(at, "CloudWatch", "cloudwatch")
    for path, metric, _ in metrics:
        words = "".join([metric.namespace, metric.metric, *metric.dimensions, *map(str, metric.dimensions.values())])
        if "*" in metric.dimensions.values() and any(sign in words for sign in _QUOTES):
            yield _error(path, "CloudWatch cannot search for names with quotes", "name the dimension's values")


def _datadog(dashboard: Dashboard) -> Iterator[Finding]:
    yield from _narrow(dashboard)
    for at, widget in enumerate(dashboard.widgets):
        if isinstance(widget, LogWidget) and widget.datadog is None:
            yield _left_out(at, "Datadog", "datadog")
        if isinstance(widget, MetricWidget) and widget.view == "number" and not _is_one_line(widget):
            yield _error(f"widgets.{at}", "a number shows one line only in Datadog",
                         "write one widget each, or `view: bar`")
    for path, metric, widget in _metrics(dashboard):
        yield from _query(path, metric, widget)


def _narrow(dashboard: Dashboard) -> Iterator[Finding]:
    places = arranged(dashboard.widgets)
    for one, other in overlapping([coarse(place) for place in places]):
        if not places[one].overlaps(places[other]):
            yield _error(f"widgets.{other}", f"lies over widgets.{one} on Datadog's 12 columns",
                         "begin at an even column, and make both 2 wide at least")


def _is_one_line(widget: MetricWidget) -> bool:
    metric = widget.metrics[0]
    return len(widget.metrics) == 1 and (bool(metric.datadog) or not groups(metric))


def _query(path: str, metric: WidgetMetric, widget: MetricWidget) -> Iterator[Finding]:
    try:
        query(metric, widget.period_s)
    except DashboardError as error:
        yield _error(path, str(error), "write `datadog:` with a query of its own")
    if name := guessed_name(metric):
        yield _warning(path, f"in Datadog this would be {name}, which is hardly its name there",
                       "write `datadog:`, for example avg:system.cpu.user{*}")


def _left_out(at: int, name: str, key: str) -> Finding:
    return _warning(f"widgets.{at}", f"is not shown in {name}, whose query language is its own",
                    f"write `{key}:` too, or name the other cloud alone in the dashboard's `clouds`")


def _metrics(dashboard: Dashboard) -> Iterator[tuple[str, WidgetMetric, MetricWidget]]:
    for at, widget in enumerate(dashboard.widgets):
        if isinstance(widget, MetricWidget):
            for row, metric in enumerate(widget.metrics):
                yield f"widgets.{at}.metrics.{row}", metric, widget
