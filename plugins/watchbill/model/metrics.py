"""What to collect: one entry of include/metrics/*.yaml."""

from collections.abc import Iterator
from datetime import timedelta
from fnmatch import fnmatchcase
from functools import cached_property
from itertools import product
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, Field, field_validator, model_validator

from watchbill.model.declared import Declared, Duration
from watchbill.model.matchers import Matcher
from watchbill.model.series import CONNECTIONS, EXPRESSION, FORMULA, Series, Source
from watchbill.model.targets import Target

ANY = "*"


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _lists(value: Any) -> Any:
    return {name: _listed(one) for name, one in value.items()} if isinstance(value, dict) else value


def _role(value: Any) -> Any:
    return {"role_arn": value} if isinstance(value, str) else value


def _roles(value: Any) -> Any:
    return [_role(one) for one in value] if isinstance(value, list | tuple) else [_role(value)]


class Role(Declared):
    role_arn: str = Field(pattern=r"^arn:[\w-]+:iam::\d{12}:role/.+$")
    external_id: str = ""


class MetricStat(Declared):
    """One metric that an `expression` computes with."""

    metric: str = Field(min_length=1)
    namespace: str = ""  # the entry's, where empty
    statistic: str = "Average"
    dimensions: dict[str, str] = Field(default_factory=dict)


_DAY = timedelta(days=1)


def _keeps_a_day(retention: timedelta) -> timedelta:
    if retention < _DAY:
        raise ValueError("days go whole: keep at least 1d, or leave `retention` out to keep all")
    return retention


Retention = Annotated[Duration, AfterValidator(_keeps_a_day)]
"""How long points are kept; whole days go."""


class Downsample(Declared):
    """Points of days that ended longer ago than `after` are folded to one each `period`."""

    after: Duration
    period: Duration

    @field_validator("period")
    @classmethod
    def _divides_a_day(cls, period: timedelta) -> timedelta:
        if period <= timedelta(0) or _DAY % period:
            raise ValueError("days are folded whole: the period divides a day, such as 5m or 1h")
        return period


class MetricEntry(Declared):
    """The same metrics, read from every source that it names.

    Datadog is asked for `query`, or for what model/datadog_query.py makes of the rest: `shop.errors` for shop's
    errors, `aws.ec2.cpuutilization` for AWS/EC2's CPUUtilization, scoped by the dimensions as tags.
    A dimension's value may be `*`, every value there is, one series each, or an RE2 expression as `=~prod-.*` or
    `!~test-.*`; CloudWatch metrics may have `*` in their names. An `expression` or `formula` computes one metric:
    `metrics` names what it is stored as, `queries` what it computes with.
    """

    name: str = Field(min_length=1)
    sources: Annotated[tuple[Source, ...], BeforeValidator(_listed), Field(min_length=1)]
    namespace: str = ""
    metrics: Annotated[tuple[str, ...], BeforeValidator(_listed)] = ()
    statistics: Annotated[tuple[str, ...], BeforeValidator(_listed)] = ("Average",)
    dimensions: dict[str, str] = Field(default_factory=dict)
    period: Duration
    unit: str = ""
    datadog_names: dict[str, str | dict[str, str]] = Field(default_factory=dict)  # by metric, where the rule misses
    query: str = ""  # Datadog only: metric, scope and tags are read from the answer
    expression: str = ""  # CloudWatch only: metric math, SEARCH, or Metrics Insights' SELECT
    formula: str = ""  # Datadog only
    queries: dict[str, str | MetricStat] = Field(default_factory=dict)  # by the name in expression or formula
    delay: Duration | None = None  # the source's, where absent
    nil_to_zero: bool = False  # a period without a point is stored as 0
    tags: Annotated[tuple[str, ...], BeforeValidator(_listed)] = ()  # of AWS resources, joined as labels
    connections: Annotated[dict[Source, tuple[str, ...]], BeforeValidator(_lists)] = Field(default_factory=dict)
    regions: Annotated[tuple[str, ...], BeforeValidator(_listed)] = ()  # the connection's own, where empty
    roles: Annotated[tuple[Role, ...], BeforeValidator(_roles)] = ()  # assumed with the connection's credentials
    linked_accounts: Annotated[bool | tuple[str, ...], BeforeValidator(_listed)] = False  # all of them, or these
    retention: Retention | None = None  # the lake's, where absent
    downsample: Downsample | None = None  # the lake's, where absent

    @property
    def period_s(self) -> int:
        return int(self.period.total_seconds())

    def targets(self, source: Source) -> list[Target]:
        """Every account and region to ask, in the order of the declaration; none for a source it does not name."""
        if source not in self.sources:
            return []
        conn_ids = self.connections.get(source, (CONNECTIONS[source],))
        if source != "cloudwatch":
            return [Target(source, conn_id) for conn_id in conn_ids]
        roles = [(role.role_arn, role.external_id) for role in self.roles] or [("", "")]
        return [Target(source, conn_id, region, *role)
                for conn_id, role, region in product(conn_ids, roles, self.regions or ("",))]

    @cached_property
    def matchers(self) -> tuple[Matcher, ...]:
        """One for each dimension. Raises ValueError for a bad expression."""
        return tuple(dimension_matcher(name, value) for name, value in self.dimensions.items())

    def collects(self, series: Series) -> bool:
        """Whether points of that series come by this entry; of a free `query` sources.datadog.queries tells it."""
        if series.source not in self.sources or series.period_s != self.period_s or self.query:
            return False
        has = dict(series.dimensions)
        return (series.namespace == self.namespace and series.statistic in self.stored_statistics
                and any(fnmatchcase(series.metric, name) for name in self.metrics)
                and all(one.name in has and one.matches(has) for one in self.matchers)
                and (bool(self.formula) or has.keys() == self.dimensions.keys()))

    @property
    def stored_statistics(self) -> tuple[str, ...]:
        return (EXPRESSION,) if self.expression else (FORMULA,) if self.formula else self.statistics

    @model_validator(mode="after")
    def _whole(self) -> Self:
        for problem in self._problems():
            raise ValueError(problem)
        return self

    def _problems(self) -> Iterator[str]:
        if self.query and self.sources != ("datadog",):
            yield "`query` is Datadog's: write `sources: datadog`, or namespace and metrics"
        if self.query and (self.namespace or self.metrics or self.dimensions):
            yield "`query` says it all: leave out namespace, metrics and dimensions"
        if not self.query and not (self.namespace and self.metrics):
            yield "name a `namespace` and `metrics`, or for Datadog a `query`"
        if self.period_s < 1 or self.period_s != self.period.total_seconds():
            yield "`period` is in whole seconds, at least 1s"
        yield from self._computed_problems()
        yield from self._cloudwatch_problems()
        for metric in self.datadog_names.keys() - set(self.metrics):
            yield f"`datadog_names` {metric}: is none of the entry's metrics"
        for name, value in self.dimensions.items():
            try:
                dimension_matcher(name, value)
            except ValueError as error:
                yield f"`dimensions` {name}: {error}"

    def _computed_problems(self) -> Iterator[str]:
        for key, text, source in (("expression", self.expression, "cloudwatch"), ("formula", self.formula, "datadog")):
            if text and self.sources != (source,):
                yield f"`{key}` is read from one source: write `sources: {source}`"
            if text and (len(self.metrics) != 1 or ANY in self.metrics[0]):
                yield f"`{key}` makes one metric: name it in `metrics`"
            if text and self.statistics != ("Average",):
                yield f"`{key}` has no `statistics`: they belong to its queries"
        if self.queries and not (self.expression or self.formula):
            yield "`queries` belong to an expression or a formula"
        if self.formula and not (self.queries and all(isinstance(one, str) for one in self.queries.values())):
            yield "`formula` computes with `queries`: write each as avg:system.cpu.user{*} by {host}"

    def _cloudwatch_problems(self) -> Iterator[str]:
        if "datadog" in self.sources and any(ANY in metric for metric in self.metrics):
            yield "`metrics` with * are CloudWatch's: Datadog has to be asked by name"
        if "cloudwatch" not in self.sources:
            for key in ("regions", "roles", "tags", "linked_accounts"):
                if getattr(self, key):
                    yield f"`{key}` is CloudWatch's: leave it out"


def dimension_matcher(name: str, value: str) -> Matcher:
    """`*` is any value, `=~…` and `!~…` are RE2; anything else is the value itself. Raises ValueError."""
    if value == ANY:
        return Matcher(name, "=~", ".*")
    if value.startswith("=~"):
        return Matcher(name, "=~", value[2:])
    if value.startswith("!~"):
        return Matcher(name, "!~", value[2:])
    return Matcher(name, "=", value)


def is_fixed(value: str) -> bool:
    """Whether a dimension's declared value is the value itself."""
    return value != ANY and not value.startswith(("=~", "!~"))
