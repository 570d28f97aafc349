"""The widgets of a dashboard, as both clouds have them or one alone."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from watchbill.model.clouds import NO_OVERRIDE, Cloud, Names, Override, SomeClouds, some
from watchbill.model.dashboards.lines import Period, WidgetMetric
from watchbill.model.dashboards.logs import CloudWatchLogs, DatadogLogs
from watchbill.model.dashboards.marks import Annotation, Axes, Threshold
from watchbill.model.declared import Declared, Duration

COLUMNS = 24
HEADING = 1  # rows that the title of a group takes


class Placed(Declared):
    """Where a widget lies: columns 0 to 24 from the left, rows from the top; without x and y it is laid out by itself.
    """

    title: str = ""
    x: int | None = Field(None, ge=0, lt=COLUMNS)
    y: int | None = Field(None, ge=0)
    width: int = Field(6, ge=1, le=COLUMNS)
    height: int = Field(6, ge=1, le=1000)
    clouds: SomeClouds = ()  # the dashboard's, where empty
    start: Duration | None = None  # a span of time of its own
    override: Override = Field(default_factory=lambda: NO_OVERRIDE)

    def is_on(self, cloud: Cloud) -> bool:
        return not self.clouds or cloud in self.clouds

    @model_validator(mode="after")
    def _inside(self) -> Self:
        if (self.x is None) != (self.y is None):
            raise ValueError(f"`{'y' if self.y is None else 'x'}` is missing: write x and y, or neither")
        if self.start is not None and not isinstance(self, MetricWidget | LogWidget | AlarmWidget):
            raise ValueError("`start` is of widgets that show a time")
        if self.x is not None and self.x + self.width > COLUMNS:
            raise ValueError(f"x {self.x} and width {self.width} reach past column {COLUMNS}: "
                             f"make it at most {COLUMNS - self.x} wide")
        return self


def _is_metric(line: object) -> bool:
    return isinstance(line, dict) and "metric" in line


View = Literal["line", "area", "bar", "number", "gauge", "table", "pie"]
OVER_TIME: tuple[View, ...] = ("line", "area")


class MetricWidget(Placed):
    type: Literal["metric"]
    metrics: Annotated[tuple[WidgetMetric, ...], AfterValidator(some), Field(max_length=500)]  # AWS' limit
    view: View = "line"
    statistic: str = ""  # of the lines that name none
    period: Period = Field(default="5m", validate_default=True)
    thresholds: tuple[Threshold, ...] = ()
    annotations: tuple[Annotation, ...] = ()
    axis: Axes = Axes()
    legend: Literal["bottom", "right", "hidden"] | None = None
    aggregate: Literal["last", "avg", "sum", "min", "max"] = "last"  # a line to the one value that is shown
    sort: Literal["asc", "desc"] | None = None  # of the lines, by that value
    limit: int | None = Field(None, ge=1, le=500)  # so many of them
    region: str = ""  # for CloudWatch only; the connection's region, where absent

    @model_validator(mode="before")
    @classmethod
    def _inherited(cls, given: Any) -> Any:
        """So that whoever reads a line knows its statistic."""
        if not isinstance(given, dict) or not isinstance(given.get("statistic"), str) or not given["statistic"]:
            return given
        lines = given.get("metrics")
        if not isinstance(lines, list | tuple):
            return given
        named = {"statistic": given["statistic"]}
        return {**given, "metrics": [{**named, **line} if _is_metric(line) else line for line in lines]}

    @property
    def period_s(self) -> int:
        return int(self.period.total_seconds())

    def lines(self, cloud: Cloud) -> tuple[WidgetMetric, ...]:
        """Those that this cloud is to know."""
        return tuple(line for line in self.metrics if line.is_on(cloud))

    @property
    def is_over_time(self) -> bool:
        return self.view in OVER_TIME

    @model_validator(mode="after")
    def _whole(self) -> Self:
        for problem in self._problems():
            raise ValueError(problem)
        for row, problem in self._line_problems():
            raise PydanticCustomError("line", problem.replace("{", "{{"), {"inner": ("metrics", row)})
        return self

    def _problems(self) -> Iterator[str]:
        if self.thresholds and self.view in ("bar", "table", "pie"):
            yield f"view {self.view} draws no thresholds: use line or area, or leave them out"
        if self.annotations and not self.is_over_time:
            yield f"`annotations` are moments: view {self.view} has no time"
        if self.view == "gauge" and (self.axis.left.min is None or self.axis.left.max is None):
            yield "`axis` is missing: a gauge reaches from left.min to left.max"
        if not any(line.visible for line in self.metrics):
            yield "`metrics` are all invisible"

    def _line_problems(self) -> Iterator[tuple[int, str]]:
        """A cycle has no beginning, so lines may compute only with what some order of them can reach."""
        if not any(line.id or line.expression for line in self.metrics):
            return
        ids: dict[str, int] = {}
        for row, line in enumerate(self.metrics):
            if line.id and ids.setdefault(line.id, row) != row:
                yield row, f"`id` {line.id} is the {ids[line.id] + 1}. line's already"
        for row, line in enumerate(self.metrics):
            for name in sorted(line.inputs - ids.keys()):
                yield row, f"`expression` names {name}, but no line has that `id`"
        known: set[str] = {line.id for line in self.metrics if not line.expression}
        left = [(row, line) for row, line in enumerate(self.metrics) if line.expression]
        while reached := [one for one in left if one[1].inputs <= known]:
            known.update(line.id for _, line in reached)
            left = [one for one in left if one not in reached]
        for row, _ in left[:1]:
            yield row, "`expression` computes with itself"


class LogWidget(Placed):
    """Each cloud has a query language of its own: write one form for every cloud that is to show it."""

    type: Literal["log"]
    cloudwatch: CloudWatchLogs | None = None
    datadog: DatadogLogs | None = None
    region: str = ""  # for CloudWatch only

    @model_validator(mode="after")
    def _shown_somewhere(self) -> Self:
        if self.cloudwatch is None and self.datadog is None:
            raise ValueError("write `cloudwatch:` (log_groups, query), `datadog:` (query, indexes) or both")
        return self


class TextWidget(Placed):
    type: Literal["text"]
    markdown: str = Field(min_length=1)


class CloudWatchAlarms(Declared):
    alarms: Annotated[Names, AfterValidator(some), Field(max_length=100)]  # ARNs; AWS' limit

    @field_validator("alarms")
    @classmethod
    def _arns(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for one in value:
            if not one.startswith("arn:") and "$" not in one:
                raise ValueError(f"{one!r} is no ARN; write arn:aws:cloudwatch:eu-west-1:123456789012:alarm:NAME")
        return value


class DatadogMonitors(Declared):
    """A search of monitors, as `tag:(team:shop)`, or the id of one."""

    monitors: int | str


class AlarmWidget(Placed):
    """The state of alarms and monitors; a graph shows the metric of one of them with its threshold."""

    type: Literal["alarm"]
    view: Literal["status", "graph"] = "status"
    cloudwatch: CloudWatchAlarms | None = None
    datadog: DatadogMonitors | None = None

    @model_validator(mode="after")
    def _shown_somewhere(self) -> Self:
        if self.cloudwatch is None and self.datadog is None:
            raise ValueError("write `cloudwatch:` (alarms), `datadog:` (monitors) or both")
        if self.view == "graph" and self.cloudwatch and len(self.cloudwatch.alarms) > 1:
            raise ValueError("`view` graph shows one alarm: write one widget each, or view status")
        if self.view == "graph" and self.datadog and isinstance(self.datadog.monitors, str):
            raise ValueError("`view` graph shows one monitor: name its id")
        return self


class RawWidget(Placed):
    """A widget in the vendor's own words, carried as it is: `{type, properties}` of CloudWatch, or Datadog's
    `{definition}`. A place in it counts before ours."""

    type: Literal["raw"]
    cloudwatch: dict[str, Any] | None = None
    datadog: dict[str, Any] | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if not self.cloudwatch and not self.datadog:
            raise ValueError("write `cloudwatch:` (type, properties), `datadog:` (definition) or both")
        if self.datadog and not isinstance(self.datadog.get("definition"), dict):
            raise ValueError("`datadog` needs a `definition`")
        if self.cloudwatch and not isinstance(self.cloudwatch.get("properties"), dict):
            raise ValueError("`cloudwatch` needs a `type` and `properties`")
        return self


Member = Annotated[
    MetricWidget | LogWidget | TextWidget | AlarmWidget | RawWidget, Field(discriminator="type")]


class GroupWidget(Placed):
    """Widgets below one heading, placed from the group's own corner; CloudWatch shows its title as a text."""

    type: Literal["group"]
    width: int = Field(COLUMNS, ge=1, le=COLUMNS)
    height: int = Field(0, ge=0, le=1000)  # what its widgets need, where 0
    widgets: tuple[Member, ...] = Field(default=(), max_length=500)


Widget = Annotated[
    MetricWidget | LogWidget | TextWidget | AlarmWidget | RawWidget | GroupWidget, Field(discriminator="type")]
