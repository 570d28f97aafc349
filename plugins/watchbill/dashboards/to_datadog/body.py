"""A Dashboard -> the body of Datadog's dashboards API, v1. https://docs.datadoghq.com/api/latest/dashboards/"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from watchbill.dashboards.grid import Place, arranged, coarse
from watchbill.dashboards.lost import Lost, Path
from watchbill.dashboards.spans import live
from watchbill.dashboards.to_datadog.lines import Variables
from watchbill.dashboards.to_datadog.logs import log_definition
from watchbill.dashboards.to_datadog.metric import metric_definition
from watchbill.dashboards.variables import by_name, namespaces, template_variables
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
    Widget,
)
from watchbill.model.failures import DashboardError
from watchbill.model.merge_patch import apply

Body = dict[str, Any]

_TEAM = "team:"  # the only tags that a dashboard takes
_MOST_TAGS = 5


def to_datadog(dashboard: Dashboard, lost: Lost | None = None) -> Body:
    """What cannot be said is noted in `lost`; without one it raises DashboardError. Whose it is says who keeps it."""
    noted = Lost() if lost is None else lost
    body = apply(dashboard.override.datadog, _head(dashboard, noted))
    # An automatic layout takes no places.
    writer = _Writer(by_name(dashboard.variables), noted, has_places=body.get("reflow_type") != "auto")
    shown: list[tuple[Path, Widget]] = [(("widgets", at), one) for at, one in enumerate(dashboard.widgets)
                                        if dashboard.shown(one, "datadog")]
    widgets = writer.all(shown)
    for one in noted.unsaid if lost is None else ():
        raise DashboardError(f"{'.'.join(map(str, one.path))}: {one.reason}")
    return {**body, "widgets": widgets}


def _head(dashboard: Dashboard, lost: Lost) -> Body:
    said = {
        "title": dashboard.title,
        "description": dashboard.description,
        "layout_type": "ordered",
        "reflow_type": "fixed",
        "tags": _tags(dashboard, lost),
        "template_variables": template_variables(dashboard, namespaces(dashboard)),
        "default_timeframe": live(dashboard.start) if dashboard.start else None,
    }
    return {name: part for name, part in said.items() if part}


def _tags(dashboard: Dashboard, lost: Lost) -> list[str]:
    teams = [tag for tag in dashboard.tags if tag.startswith(_TEAM)]
    for at, tag in enumerate(dashboard.tags):
        if tag not in teams:
            lost.lossy("tags", at, reason=f"Datadog takes only tags of team: {tag} is on CloudWatch alone")
        elif tag in teams[_MOST_TAGS:]:
            lost.lossy("tags", at, reason=f"Datadog takes {_MOST_TAGS} tags of team: {tag} is left out")
    return teams[:_MOST_TAGS]


@dataclass(frozen=True)
class _Writer:
    variables: Variables
    lost: Lost
    has_places: bool = True

    def all(self, widgets: Sequence[tuple[Path, Widget]], columns: int = COLUMNS) -> list[Body]:
        places = arranged([one for _, one in widgets], columns)
        made = (self._one(path, one, place) for (path, one), place in zip(widgets, places, strict=True))
        return [one for one in made if one is not None]

    def _one(self, path: Path, widget: Widget, place: Place) -> Body | None:
        override = widget.override.datadog
        # An override counts for what cannot be said: only its own words are then shown.
        lost = Lost() if override else self.lost.below(*path)
        said = self.said(widget, path, lost)
        if said is None and not override:
            lost.absent("is not shown in Datadog", "write `datadog:` too, or `clouds: cloudwatch`")
            return None
        made = (_placed(place) if self.has_places else {}) | (said or {})
        return dict(apply(override, made)) if override else made

    def said(self, widget: Widget, path: Path, lost: Lost) -> Body | None:
        """The widget without its place; None where it has no words for this cloud."""
        if isinstance(widget, RawWidget):
            return widget.datadog
        definition = self._definition(widget, path, lost)
        if definition is None:
            return None
        title = {"title": widget.title} if widget.title and not isinstance(widget, TextWidget) else {}
        return {"definition": definition | title | _time(widget)}

    def _definition(self, widget: Widget, path: Path, lost: Lost) -> Body | None:
        match widget:
            case TextWidget():
                title = f"## {widget.title}\n\n" if widget.title else ""  # a note has no title
                return {"type": "note", "content": title + widget.markdown}
            case MetricWidget():
                return metric_definition(widget, self.variables, lost)
            case LogWidget(datadog=DatadogLogs() as logs):
                return log_definition(logs)
            case AlarmWidget(datadog=DatadogMonitors(monitors=monitors), view="graph"):
                return {"type": "alert_graph", "alert_id": str(monitors), "viz_type": "timeseries"}
            case AlarmWidget(datadog=DatadogMonitors(monitors=monitors)):
                query = f"id:{monitors}" if isinstance(monitors, int) else monitors
                return {"type": "manage_status", "query": query}
            case GroupWidget():
                members = [((*path, "widgets", at), one) for at, one in enumerate(widget.widgets)
                           if one.is_on("datadog")]
                return {"type": "group", "layout_type": "ordered", "widgets": self.all(members, widget.width)}
        return None


def _time(widget: Widget) -> Body:
    if not widget.start:
        return {}
    takes = isinstance(widget, MetricWidget | LogWidget) or (isinstance(widget, AlarmWidget) and widget.view == "graph")
    return {"time": live(widget.start)} if takes else {}


def _placed(fine: Place) -> Body:
    place = coarse(fine)
    return {"layout": {"x": place.x, "y": place.y, "width": place.width, "height": place.height}}
