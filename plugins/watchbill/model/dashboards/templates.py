"""Widgets that are written once and used many times: files of include/dashboards/templates/.

    templates:
      service-row:
        parameters: {service: , period: 1m}
        widgets: [{type: metric, title: "Errors of ${service}", …}]

A dashboard uses one with `template: service-row` and `with: {service: checkout}`, or for each of several by `for_each`.
"""

import re
from typing import Annotated, Any

from pydantic import Field

from watchbill.model.declared import Declared

NAME = re.compile(r"[a-z_][a-z0-9_]*")
Argument = str | int | float | bool
Name = Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_]*$")]


class DashboardTemplate(Declared):
    """`${parameter}` in a text stands for what it is used with; a parameter without a value has to be given one."""

    parameters: dict[Name, Argument | None] = Field(default_factory=dict)
    widgets: list[Any] = Field(min_length=1)


class DashboardTemplates(Declared):
    templates: dict[str, DashboardTemplate]


class Use(Declared):
    """An item of `widgets` that stands for those of a template."""

    template: str
    with_: dict[Name, Argument] = Field(default_factory=dict, alias="with")
