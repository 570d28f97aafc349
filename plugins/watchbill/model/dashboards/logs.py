"""What a log widget asks of each cloud: their query languages have nothing in common, so each has a form of its own."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from watchbill.model.clouds import Names, listed, one_or_more, some
from watchbill.model.declared import Declared, Duration

_LogGroup = Annotated[  # a name or ARN, in which a template may still have its ${…}; counted apart: 30 ms sooner
    str, Field(pattern=r"^([A-Za-z0-9_./#:*-]|\$+\{[^{}'\s]+\})+$", max_length=2048)]
_LogGroups = Annotated[tuple[_LogGroup, ...], BeforeValidator(listed), one_or_more({"type": "string"})]


class CloudWatchLogs(Declared):
    """A CloudWatch Logs Insights query over log groups (AWS takes 50 at most)."""

    log_groups: Annotated[_LogGroups, AfterValidator(some), Field(max_length=50)]
    query: str = Field(min_length=1, max_length=10_000)  # AWS' limit for a query string
    view: Literal["table", "line", "area", "bar", "pie"] = "table"  # all but table need a `stats` in the query


def _computed(value: object) -> object:
    return [value] if isinstance(value, dict) else value


class LogCompute(Declared):
    """`count` of events, or another aggregation of what they measure."""

    aggregation: str = Field("count", min_length=1)  # count, cardinality, avg, sum, min, max, pc99, …
    metric: str = ""  # the measure, as @duration
    interval: Duration | None = None  # between points over time; Datadog's choice, where absent


class LogGroup(Declared):
    """One line or row for each value of a facet, the largest first."""

    facet: str = Field(min_length=1)
    limit: int = Field(10, ge=1, le=1000)
    sort: LogCompute = LogCompute()
    order: Literal["asc", "desc"] = "desc"


class DatadogLogs(Declared):
    """A Datadog search over logs or other events: its newest events as a list, or what is computed of them."""

    query: str = ""
    source: Literal[
        "logs", "rum", "spans", "events", "audit", "security_signals", "profiles", "ci_pipelines", "ci_tests",
    ] = "logs"
    indexes: Names = ()  # all of them, where empty
    storage: Literal["", "hot", "online_archives", "flex_tier"] = ""
    columns: Names = ()  # of a list; those that Datadog's own editor begins with, where empty
    view: Literal["list", "line", "area", "bars", "bar", "number", "table", "pie"] = "list"  # bars over time; bar: top
    compute: Annotated[tuple[LogCompute, ...], BeforeValidator(_computed)] = ()
    group_by: Annotated[tuple[LogGroup, ...], BeforeValidator(_computed)] = ()

    @model_validator(mode="after")
    def _computes(self) -> Self:
        if self.view == "list" and (self.compute or self.group_by):
            raise ValueError("`view` list shows events: write line, bar, number, table or pie to compute")
        return self
