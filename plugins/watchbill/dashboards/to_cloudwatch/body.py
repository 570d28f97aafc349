"""A Dashboard -> CloudWatch's dashboard body.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from watchbill.dashboards.grid import Place, arranged, heading
from watchbill.dashboards.lost import Lost, Path
from watchbill.dashboards.spans import iso
from watchbill.dashboards.to_cloudwatch.lines import Variables
from watchbill.dashboards.to_cloudwatch.metric import metric_properties
from watchbill.dashboards.variables import by_name, cloudwatch_variables, fewer_variables, placed
from watchbill.model.dashboards import (
    AlarmWidget,
    CloudWatchAlarms,
    CloudWatchLogs,
    Dashboard,
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

EVERY_LOG_GROUP = "*"
_LOG_VIEWS = {"table": "table", "line": "timeSeries", "area": "timeSeries", "bar": "bar", "pie": "pie"}


def to_cloudwatch(dashboard: Dashboard, region: str, lost: Lost | None = None) -> Body:
    """`region`: of every widget that names none. What cannot be said is noted in `lost`; without one it raises
    DashboardError."""
    noted = Lost() if lost is None else lost
    writer = _Writer(region, by_name(dashboard.variables), noted)
    shown: list[tuple[Path, Widget]] = [(("widgets", at), one) for at, one in enumerate(dashboard.widgets)
                                        if dashboard.shown(one, "cloudwatch")]
    widgets = list(writer.all(shown))
    variables = cloudwatch_variables(dashboard, noted, json.dumps(widgets)) if dashboard.variables else []
    variables, widgets = fewer_variables(variables, widgets, noted)
    body = ({"start": iso(dashboard.start)} if dashboard.start else {}) | (
        {"variables": variables} if variables else {})
    for one in noted.unsaid if lost is None else ():
        raise DashboardError(f"{'.'.join(map(str, one.path))}: {one.reason}")
    return {**apply(dashboard.override.cloudwatch, body), "widgets": widgets}


@dataclass(frozen=True)
class _Writer:
    region: str
    variables: Variables
    lost: Lost

    def all(self, widgets: Sequence[tuple[Path, Widget]], corner: Place | None = None) -> Iterator[Body]:
        """`corner`: of the group that they stand in, below its heading."""
        columns = corner.width if corner else 24
        left, top = (corner.x, corner.y) if corner else (0, 0)
        for (path, one), inside in zip(widgets, arranged([one for _, one in widgets], columns), strict=True):
            place = inside._replace(x=left + inside.x, y=top + inside.y) if corner else inside
            yield from self._one(path, one, place)

    def _one(self, path: Path, widget: Widget, place: Place) -> Iterator[Body]:
        """None of a widget of the other cloud, and several of a group."""
        override = widget.override.cloudwatch
        if isinstance(widget, GroupWidget):
            if widget.title:
                yield apply(override, _placed(place._replace(height=heading(widget)))
                            | {"type": "text", "properties": {"markdown": f"## {widget.title}"}})
            below = place._replace(y=place.y + heading(widget))
            yield from self.all([((*path, "widgets", at), one) for at, one in enumerate(widget.widgets)
                                 if one.is_on("cloudwatch")], below)
            return
        # An override counts for what cannot be said: only its own words are then shown.
        lost = Lost() if override else self.lost.below(*path)
        said = self.said(widget, lost)
        if said is not None or override:
            made = _placed(place) | (said or {})
            yield apply(override, made) if override else made
        else:
            lost.absent("is not shown in CloudWatch", "write `cloudwatch:` too, or `clouds: datadog`")

    def said(self, widget: Widget, lost: Lost) -> Body | None:
        """The widget without its place; None where it has no words for this cloud."""
        match widget:
            case TextWidget():
                title = f"## {widget.title}\n\n" if widget.title else ""  # a text widget has no title
                return _of("text", {"markdown": placed(title + widget.markdown, self.variables)})
            case MetricWidget():
                properties = metric_properties(widget, self.region, self.variables, lost)
                return _of("metric", self._titled(widget, properties)) if properties["metrics"] else None
            case LogWidget(cloudwatch=CloudWatchLogs() as logs):
                return _of("log", self._titled(widget, self._log(widget, logs, lost)))
            case AlarmWidget(cloudwatch=CloudWatchAlarms(alarms=alarms), view="graph"):
                graph: Body = {"annotations": {"alarms": list(alarms)}, "view": "timeSeries"}
                return _of("metric", self._titled(widget, graph))
            case AlarmWidget(cloudwatch=CloudWatchAlarms(alarms=alarms)):
                return _of("alarm", self._titled(widget, {"alarms": list(alarms)}))
            case RawWidget(cloudwatch=dict() as raw):
                return raw
        return None

    def _titled(self, widget: Widget, properties: Body) -> Body:
        return properties | ({"title": placed(widget.title, self.variables)} if widget.title else {})

    def _log(self, widget: LogWidget, logs: CloudWatchLogs, lost: Lost) -> Body:
        if widget.start:
            lost.lossy("start", reason="CloudWatch's log widgets show the dashboard's time")
        sources = "SOURCE logGroups()" if logs.log_groups == (EVERY_LOG_GROUP,) else " | ".join(
            f"SOURCE '{group}'" for group in logs.log_groups)
        stacked = {"stacked": True} if logs.view == "area" else {}
        return {"region": widget.region or self.region, "view": _LOG_VIEWS[logs.view],
                "query": placed(f"{sources} | {logs.query}", self.variables)} | stacked


def _of(kind: str, properties: Body) -> Body:
    return {"type": kind, "properties": properties}


def _placed(place: Place) -> Body:
    return {"x": place.x, "y": place.y, "width": place.width, "height": place.height}
