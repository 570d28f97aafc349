"""What to collect: one entry of include/metrics/*.yaml."""

from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator

from watchbill.model.declared import Declared, Duration
from watchbill.model.series import CONNECTIONS, Source


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


class MetricEntry(Declared):
    """The same metrics, read from every source that it names.

    Datadog is asked for `query`, or for what model/datadog_query.py makes of the rest: `shop.errors` for shop's
    errors, `aws.ec2.cpuutilization` for AWS/EC2's CPUUtilization, scoped by the dimensions as tags.
    A dimension's value may be `*`: every value there is, one series each.
    """

    name: str = Field(min_length=1)
    sources: Annotated[tuple[Source, ...], BeforeValidator(_listed), Field(min_length=1)]
    namespace: str = ""
    metrics: Annotated[tuple[str, ...], BeforeValidator(_listed)] = ()
    statistics: Annotated[tuple[str, ...], BeforeValidator(_listed)] = ("Average",)
    dimensions: dict[str, str] = Field(default_factory=dict)
    period: Duration
    unit: str = ""
    query: str = ""  # Datadog only: metric, scope and tags are read from the answer
    connections: dict[Source, str] = Field(default_factory=dict)  # Airflow connection ids

    @property
    def period_s(self) -> int:
        return int(self.period.total_seconds())

    def connection(self, source: Source) -> str:
        return self.connections.get(source, CONNECTIONS[source])

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.query and self.sources != ("datadog",):
            raise ValueError("`query` is Datadog's: write `sources: datadog`, or namespace and metrics")
        if self.query and (self.namespace or self.metrics or self.dimensions):
            raise ValueError("`query` says it all: leave out namespace, metrics and dimensions")
        if not self.query and not (self.namespace and self.metrics):
            raise ValueError("name a `namespace` and `metrics`, or for Datadog a `query`")
        if self.period_s < 1 or self.period_s != self.period.total_seconds():
            raise ValueError("`period` is in whole seconds, at least 1s")
        return self
