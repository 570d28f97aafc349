"""Types that every declaration is made of: strict, frozen, unknown keys refused."""

from datetime import timedelta
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer, WithJsonSchema

from watchbill.model.windows import format_duration, parse_duration


class Declared(BaseModel):
    """A block of YAML. A key that it does not know is an error, never a warning."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=False, defer_build=True)


def _duration(value: Any) -> Any:
    if isinstance(value, str) or (value == 0 and not isinstance(value, bool | float)):
        return parse_duration(str(value))
    if isinstance(value, timedelta):
        return value
    raise ValueError(f"{value!r} is no duration; write for example 30s, 5m, 1h30m or 2d")


Duration = Annotated[
    timedelta, BeforeValidator(_duration), PlainSerializer(format_duration, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": r"^(\d+(ms|s|m|h|d|w|y))+$", "examples": ["1m", "1h30m"]}),
]
"""A span of time in Prometheus' notation."""
