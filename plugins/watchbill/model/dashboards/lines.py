"""A line of a metric widget: a metric of the clouds, or what an expression computes of other lines."""

import re
from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, field_validator, model_validator

from watchbill.model.clouds import Cloud, SomeClouds
from watchbill.model.dashboards import expressions as dashboard_expressions
from watchbill.model.declared import Declared, Duration

ANY = "*"
COLORS = {"blue": "#1f77b4", "orange": "#ff7f0e", "green": "#2ca02c", "red": "#d62728", "purple": "#9467bd",
          "yellow": "#bcbd22", "grey": "#7f7f7f"}
"""By name, as the console of CloudWatch draws them."""
_COLOR = re.compile(r"#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})")
_ID = re.compile(r"[a-z][A-Za-z0-9_]{0,254}")
_STATISTICS = ("Average", "Sum", "Minimum", "Maximum", "SampleCount")
# docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
_STATISTIC = re.compile(
    r"IQM|(p|tm|wm|tc|ts)(\d{1,2}(\.\d{1,10})?|100)|(PR|TM|WM|TC|TS)\([\d.]*%?:[\d.]*%?\)")
_FINE_PERIODS_S = (1, 5, 10, 20, 30)  # CloudWatch: these, or multiples of 60

Across = Literal["none", "avg", "sum", "min", "max", "count"]
Fill = Literal["zero", "last", "linear", "none"]


def _period(value: Duration) -> Duration:
    seconds = value.total_seconds()
    if seconds in _FINE_PERIODS_S or (seconds >= 60 and seconds % 60 == 0):
        return value
    raise ValueError("CloudWatch knows periods of 1s, 5s, 10s, 20s, 30s and multiples of 1m only")


def _color(value: str) -> str:
    if value in COLORS or _COLOR.fullmatch(value):
        return value
    raise ValueError(f"{value!r} is no color; write {', '.join(COLORS)} or #rrggbb")


Period = Annotated[Duration, AfterValidator(_period)]
Color = Annotated[str, AfterValidator(_color)]


def is_fixed(value: str | tuple[str, ...]) -> bool:
    """Of a dimension: one value, or the one that a variable stands for."""
    return isinstance(value, str) and "*" not in value and not value.startswith("!")


def is_each(value: str | tuple[str, ...]) -> bool:
    """Of a dimension: a line for each of its values, or of those that fit a pattern."""
    return ANY in value


class WidgetMetric(Declared):
    """`namespace` and `metric`, or an `expression` over the `id`s of other lines of the widget.

    Of dimensions: `*` is a line for each value, `web-*` for each that begins so, [a, b] either of them, `!a` all but
    that one, `$name` the value of a variable; ["*", $name, "!a"] a line for each of
    what the others leave. With `aggregate_across` none it is the metric with exactly these dimensions, as CloudWatch
    keeps them; with any other all metrics that match, aggregated into one line for each value of a `*`, as Datadog does
    it.
    """

    id: str = ""
    namespace: str = Field("", max_length=255)
    metric: str = Field("", max_length=255)
    dimensions: dict[str, str | tuple[str, ...]] = Field(default_factory=dict, max_length=30)
    statistic: str = "Average"
    period: Period | None = None  # the widget's, where absent
    aggregate_across: Across = "none"
    fill: Fill | float | None = None  # the points where nothing was measured; each cloud's own way, where absent
    rate: Literal["second", "minute", "hour"] | None = None  # a count in each period -> a count in each of these
    expression: str = Field("", max_length=2048)
    cloudwatch: str = ""  # CloudWatch's whole expression for this line
    datadog_name: str = Field("", pattern=r"^([A-Za-z][A-Za-z0-9_.]{0,199})?$")  # the metric's, where the rule misses
    datadog: str = ""  # Datadog's whole query for this line, or its formula over ids
    region: str = ""  # for CloudWatch only; the widget's, where absent
    account: str = Field("", pattern=r"^(\d{12})?$")  # for CloudWatch only
    label: str = ""
    color: Color | None = None
    axis: Literal["left", "right"] = "left"
    visible: bool = True
    clouds: SomeClouds = ()  # all that show the widget, where empty; an input that one cloud alone needs names that one

    @field_validator("statistic")
    @classmethod
    def _known(cls, value: str) -> str:
        if value in _STATISTICS or _STATISTIC.fullmatch(value):
            return value
        raise ValueError(f"{value!r} is no statistic; write {', '.join(_STATISTICS)} or a percentile (p99)")

    @field_validator("id")
    @classmethod
    def _is_id(cls, value: str) -> str:
        if not value or _ID.fullmatch(value):
            return value
        raise ValueError(f"{value!r} is no id: begin with a lower-case letter, then letters, digits and _")

    @field_validator("expression")
    @classmethod
    def _parses(cls, value: str) -> str:
        if value:
            dashboard_expressions.parse(value)
        return value

    def is_on(self, cloud: Cloud) -> bool:
        return not self.clouds or cloud in self.clouds

    @property
    def is_many(self) -> bool:
        """Whether it draws a line for each of several series."""
        if self.aggregate_across == "none":
            return any(not is_fixed(value) for value in self.dimensions.values())
        return any(is_each(value) for value in self.dimensions.values())

    @property
    def period_s(self) -> int | None:
        return int(self.period.total_seconds()) if self.period else None

    @property
    def inputs(self) -> frozenset[str]:
        """The ids that its expression computes with."""
        return dashboard_expressions.names_in(self.expression) if self.expression else frozenset()

    @model_validator(mode="after")
    def _whole(self) -> Self:
        for problem in self._problems():
            raise ValueError(problem)
        return self

    def _problems(self) -> Iterator[str]:
        if bool(self.namespace) != bool(self.metric):
            yield f"`{'metric' if self.namespace else 'namespace'}` is missing: a metric has both"
        if self.expression and self.metric:
            yield "`expression` computes with other lines: give the metric a line and an `id` of its own"
        if not (self.metric or self.expression or self.cloudwatch or self.datadog):
            yield "write a `namespace` and a `metric`, or an `expression`"
        if self.dimensions and not self.metric:
            yield "`dimensions` belong to a metric"
