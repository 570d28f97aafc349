"""The two clouds that a dashboard is kept on."""

from typing import Annotated, Any, Literal, TypeVar

from pydantic import BeforeValidator, Field, WithJsonSchema

from watchbill.model.declared import Declared

Cloud = Literal["cloudwatch", "datadog"]
CLOUDS: tuple[Cloud, ...] = ("cloudwatch", "datadog")
NAMES: dict[Cloud, str] = {"cloudwatch": "CloudWatch", "datadog": "Datadog"}
"""For people."""


def listed(value: object) -> object:
    """One name may be written without its dash."""
    return [value] if isinstance(value, str) else value


_T = TypeVar("_T")


def some(values: tuple[_T, ...]) -> tuple[_T, ...]:
    """Field(min_length=1) would also complain about a list whose every item is wrong in another way."""
    if not values:
        raise ValueError("write at least one")
    return values


def one_or_more(item: dict[str, Any]) -> WithJsonSchema:
    """What editors are told of a list whose only item may be written without its dash."""
    return WithJsonSchema({"anyOf": [item, {"type": "array", "items": item}]})


Names = Annotated[tuple[str, ...], BeforeValidator(listed), one_or_more({"type": "string"})]
SomeClouds = Annotated[tuple[Cloud, ...], BeforeValidator(listed), one_or_more({"enum": list(CLOUDS)})]


class Override(Declared):
    """A JSON merge patch (RFC 7386) over what is rendered for each cloud: null takes a member away."""

    cloudwatch: dict[str, Any] = Field(default_factory=dict)
    datadog: dict[str, Any] = Field(default_factory=dict)


NO_OVERRIDE = Override()
"""Of all that have none: pydantic would copy it for each."""
