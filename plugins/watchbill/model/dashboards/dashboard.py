"""What to show: one file of include/dashboards/*.yaml is one dashboard, the same for both clouds.

Positions are on CloudWatch's grid of 24 columns; metrics, statistics and dimensions have CloudWatch's names.
What one cloud says otherwise is written beside it, under that cloud's name; what no word here says is an `override`.
"""

from collections.abc import Iterator
from typing import Annotated, Self

from pydantic import AfterValidator, BeforeValidator, Field, field_validator, model_validator

from watchbill.model.clouds import CLOUDS, NO_OVERRIDE, Cloud, Names, Override, SomeClouds, listed, one_or_more, some
from watchbill.model.dashboards.lines import WidgetMetric
from watchbill.model.dashboards.logs import CloudWatchLogs, DatadogLogs, LogCompute, LogGroup
from watchbill.model.dashboards.marks import Annotation, Axes, Axis, Threshold
from watchbill.model.dashboards.widgets import (
    COLUMNS,
    AlarmWidget,
    CloudWatchAlarms,
    DatadogMonitors,
    GroupWidget,
    LogWidget,
    Member,
    MetricWidget,
    Placed,
    RawWidget,
    TextWidget,
    View,
    Widget,
)
from watchbill.model.declared import Declared, Duration
from watchbill.model.series import CONNECTIONS

__all__ = [
    "CLOUDS", "COLUMNS", "AlarmWidget", "Annotation", "Axes", "Axis", "Cloud", "CloudWatchAlarms", "CloudWatchLogs",
    "Dashboard", "DatadogLogs", "DatadogMonitors", "GroupWidget", "LogCompute", "LogGroup", "LogWidget", "Member",
    "MetricWidget", "Override", "Placed", "RawWidget", "TextWidget", "Threshold", "Variable", "View", "Widget",
    "WidgetMetric", "walk",
]


class Variable(Declared):
    """A choice above the dashboard: `$name` in a dimension stands for what is chosen."""

    name: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,49}$")
    label: str = ""  # CloudWatch shows it in place of the name
    dimension: str = ""  # whose values there are to choose from; a whole `key:value` of Datadog's, where empty
    default: Names = ()  # every value, where empty
    values: Names = ()  # those to choose from; what there is, where empty
    search: str = ""  # CloudWatch: which metrics to look for values in, as {AWS/EC2,InstanceId}


_Connections = Annotated[tuple[Annotated[str, Field(min_length=1)], ...], BeforeValidator(listed), AfterValidator(some),
                         one_or_more({"type": "string"})]
_Tag = Annotated[str, Field(pattern=r"^[^:\s][^:]*:.+$", max_length=200)]
_Tags = Annotated[tuple[_Tag, ...], BeforeValidator(listed), one_or_more({"type": "string"})]


class Existing(Declared):
    """Dashboards that were there before, to be kept from now on: CloudWatch's by name, Datadog's by id."""

    cloudwatch: str = ""
    datadog: str = ""


class Dashboard(Declared):
    """One dashboard, kept on every cloud that `clouds` names."""

    id: str = Field(pattern=r"^[A-Za-z0-9_-]{1,200}$")  # its name for good: a new id is a new dashboard
    title: str = Field(min_length=1, max_length=200)
    description: str = Field("", max_length=1500)
    tags: _Tags = ()  # `team:shop`; of Datadog's keys only team
    clouds: Annotated[SomeClouds, AfterValidator(some)] = CLOUDS
    connections: dict[Cloud, _Connections] = Field(default_factory=dict)  # of Airflow; the usual one, where absent
    adopt: Existing = Existing()
    start: Duration | None = None  # how long a time it shows; each cloud's own, where absent
    variables: Annotated[tuple[Variable, ...], Field(max_length=25)] = ()  # CloudWatch's limit
    widgets: tuple[Widget, ...] = Field(default=(), max_length=500)  # CloudWatch's limit
    override: Override = Field(default_factory=lambda: NO_OVERRIDE)  # over the body without its widgets

    def connections_of(self, cloud: Cloud) -> tuple[str, ...]:
        return self.connections.get(cloud, (CONNECTIONS[cloud],))

    def shown(self, widget: Placed, cloud: Cloud) -> bool:
        """Whether it is meant for that cloud at all."""
        return cloud in self.clouds and widget.is_on(cloud)

    @field_validator("variables")
    @classmethod
    def _named_once(cls, value: tuple[Variable, ...]) -> tuple[Variable, ...]:
        names = [one.name for one in value]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"variable {name} is there twice")
        return value

    @model_validator(mode="after")
    def _on_its_clouds(self) -> Self:
        for at, widget in enumerate(self.widgets):
            for cloud in widget.clouds:
                if cloud not in self.clouds:
                    raise ValueError(f"`widgets` {at}: is for {cloud}, and the dashboard is not")
        return self


Path = tuple[str | int, ...]


def walk(dashboard: Dashboard) -> Iterator[tuple[Path, Widget]]:
    """Every widget with its path; those of a group after it: ("widgets", 2), ("widgets", 2, "widgets", 0)."""
    for at, widget in enumerate(dashboard.widgets):
        yield ("widgets", at), widget
        if isinstance(widget, GroupWidget):
            for inner, member in enumerate(widget.widgets):
                yield ("widgets", at, "widgets", inner), member
