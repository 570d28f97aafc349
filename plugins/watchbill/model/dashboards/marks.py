"""What a metric widget draws beside its lines: levels, moments, axes."""

from datetime import UTC, datetime
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, BeforeValidator, Field, model_validator

from watchbill.model.alerts import Severity
from watchbill.model.dashboards.lines import Color
from watchbill.model.declared import Declared

_Finite = Annotated[float, Field(allow_inf_nan=False)]


class Threshold(Declared):
    """A level line across a widget, or with `to` a band; its colour follows from the severity.

    A gauge and a number are coloured by it where the value is `fill` of it.
    """

    value: _Finite
    to: _Finite | None = None
    label: str = ""
    severity: Severity = "warning"
    color: Color | None = None  # the severity's, where absent
    fill: Literal["above", "below"] | None = None
    axis: Literal["left", "right"] = "left"
    visible: bool = True

    @model_validator(mode="after")
    def _upwards(self) -> Self:
        if self.to is not None and self.to <= self.value:
            raise ValueError(f"`to` {self.to:g} is not above `value` {self.value:g}")
        return self


def _moment(value: object) -> object:
    return value.replace("Z", "+00:00") if isinstance(value, str) else value


Moment = Annotated[AwareDatetime, BeforeValidator(_moment)]


class Annotation(Declared):
    """A moment that a vertical line marks, or with `to` a span of time."""

    at: Moment
    to: Moment | None = None
    label: str = ""
    color: Color | None = None
    fill: Literal["before", "after"] | None = None
    visible: bool = True

    @model_validator(mode="after")
    def _forwards(self) -> Self:
        if self.to is not None and self.to <= self.at:
            raise ValueError("`to` is not after `at`")
        return self


class Axis(Declared):
    min: _Finite | None = None
    max: _Finite | None = None
    label: str = ""
    scale: Literal["linear", "log"] = "linear"
    units: bool = True  # whether CloudWatch writes the metrics' unit along it

    @model_validator(mode="after")
    def _upwards(self) -> Self:
        if self.min is not None and self.max is not None and self.max <= self.min:
            raise ValueError(f"`max` {self.max:g} is not above `min` {self.min:g}")
        return self


class Axes(Declared):
    left: Axis = Axis()
    right: Axis = Axis()


def utc_text(moment: datetime) -> str:
    """As CloudWatch writes one: 2026-11-23T12:00:00.000Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
