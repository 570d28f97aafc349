"""What to show: one file of include/dashboards/*.yaml is one dashboard, the same for both clouds.

Positions are on CloudWatch's grid of 24 columns; metrics, statistics and dimensions have CloudWatch's names.
What one cloud says otherwise is written beside it, under that cloud's name.
"""

import re
from typing import Annotated, Literal, Self, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, field_validator, model_validator

from watchbill.model.alerts import Severity
from watchbill.model.declared import Declared, Duration

Cloud = Literal["cloudwatch", "datadog"]
CLOUDS: tuple[Cloud, ...] = ("cloudwatch", "datadog")
COLUMNS = 24

_PERCENTILE = re.compile(r"p(\d{1,2}(\.\d{1,10})?|100)")
_STATISTICS = ("Average", "Sum", "Minimum", "Maximum", "SampleCount")
_FINE_PERIODS_S = (1, 5, 10, 20, 30)  # CloudWatch: these, or multiples of 60


_T = TypeVar("_T")


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _some(values: tuple[_T, ...]) -> tuple[_T, ...]:
    # Field(min_length=1) would also complain about a list whose every item is wrong in another way.
    if not values:
        raise ValueError("write at least one")
    return values


_Names = Annotated[tuple[str, ...], BeforeValidator(_listed)]
_LogGroups = Annotated[  # names or ARNs
    tuple[Annotated[str, Field(pattern=r"^[A-Za-z0-9_./#:*-]{1,2048}$")], ...], BeforeValidator(_listed)
]


class WidgetMetric(Declared):
    """One metric of a widget. A dimension's value may be `*`: one line for every value there is."""

    namespace: str = Field(min_length=1, max_length=255)
    metric: str = Field(min_length=1, max_length=255)
    dimensions: dict[str, str] = Field(default_factory=dict, max_length=30)
    statistic: str = "Average"
    label: str = ""
    datadog: str = ""  # Datadog's whole query for this line, where the rule for names finds no such metric

    @field_validator("statistic")
    @classmethod
    def _known(cls, value: str) -> str:
        if value in _STATISTICS or _PERCENTILE.fullmatch(value):
            return value
        raise ValueError(f"{value!r} is no statistic; write {', '.join(_STATISTICS)} or a percentile (p99)")


class Threshold(Declared):
    """A level line across a widget; its colour follows from the severity."""

    value: float = Field(allow_inf_nan=False)
    label: str = ""
    severity: Severity = "warning"


class CloudWatchLogs(Declared):
    """A CloudWatch Logs Insights query over log groups (AWS takes 50 at most)."""

    log_groups: Annotated[_LogGroups, AfterValidator(_some), Field(max_length=50)]
    query: str = Field(min_length=1, max_length=10_000)  # AWS' limit for a query string
    view: Literal["table", "line", "bar"] = "table"  # line and bar need a `stats` in the query


class DatadogLogs(Declared):
    """A Datadog log search, shown as a list of its newest events."""

    query: str = Field(min_length=1)
    indexes: _Names = ()  # all of them, where empty


class Placed(Declared):
    """Where a widget lies: columns 0 to 24 from the left, rows from the top."""

    title: str = ""
    x: int = Field(ge=0, lt=COLUMNS)
    y: int = Field(ge=0)
    width: int = Field(6, ge=1, le=COLUMNS)
    height: int = Field(6, ge=1, le=1000)

    @model_validator(mode="after")
    def _inside(self) -> Self:
        if self.x + self.width > COLUMNS:
            raise ValueError(f"x {self.x} and width {self.width} reach past column {COLUMNS}: "
                             f"make it at most {COLUMNS - self.x} wide")
        return self


class MetricWidget(Placed):
    type: Literal["metric"]
    metrics: Annotated[tuple[WidgetMetric, ...], AfterValidator(_some), Field(max_length=500)]  # AWS' limit
    view: Literal["line", "area", "bar", "number"] = "line"
    period: Duration = Field(default="5m", validate_default=True)
    thresholds: tuple[Threshold, ...] = ()
    region: str = ""  # for CloudWatch only; the connection's region, where absent

    @property
    def period_s(self) -> int:
        return int(self.period.total_seconds())

    @field_validator("period")
    @classmethod
    def _legal(cls, value: Duration) -> Duration:
        seconds = value.total_seconds()
        if seconds in _FINE_PERIODS_S or (seconds >= 60 and seconds % 60 == 0):
            return value
        raise ValueError("CloudWatch knows periods of 1s, 5s, 10s, 20s, 30s and multiples of 1m only")

    @model_validator(mode="after")
    def _levels_need_an_axis(self) -> Self:
        if self.thresholds and self.view in ("bar", "number"):
            raise ValueError(f"view {self.view} draws no thresholds: use line or area, or leave them out")
        return self


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


Widget = Annotated[MetricWidget | LogWidget | TextWidget, Field(discriminator="type")]


class Dashboard(Declared):
    """One dashboard, kept on every cloud that `clouds` names."""

    id: str = Field(pattern=r"^[A-Za-z0-9_-]{1,200}$")  # its name for good: a new id is a new dashboard
    title: str = Field(min_length=1, max_length=200)
    description: str = Field("", max_length=1500)
    clouds: Annotated[tuple[Cloud, ...], BeforeValidator(_listed), AfterValidator(_some)] = CLOUDS
    widgets: tuple[Widget, ...] = Field(default=(), max_length=500)  # CloudWatch's limit
