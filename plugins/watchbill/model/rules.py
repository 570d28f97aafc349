"""What to judge: include/rules/*.yaml, in the shape of Prometheus' rule files."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from watchbill.model.alert_expression import alert_names
from watchbill.model.arithmetic import names_in
from watchbill.model.declared import Declared, Duration
from watchbill.model.series import Source
from watchbill.model.windows import format_duration

Comparison = Literal[">", ">=", "<", "<=", "==", "!="]
Aggregate = Literal["avg", "sum", "min", "max", "last", "count", "stddev", "delta", "rate", "increase"]
MissingData = Literal["missing", "ignore", "breaching", "notBreaching"]
TEMPLATE_NAMES = ("value", "labels", "threshold", "window")
"""What the templates of a rule may use: the value that was judged (or None), the instance's labels, …"""
TEMPLATE_FILTERS = ("humanize",)  # beside Jinja's own
_NOTHING = timedelta(0)


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


class Metric(Declared):
    """Which series; every one that matches is judged by itself, and is one alert instance for each label set."""

    source: Source
    namespace: str
    metric: str
    statistic: str = "Average"
    dimensions: dict[str, str] = Field(default_factory=dict)  # "*" or absent: any value
    period: Duration | None = None  # the finest that is collected, where absent

    @property
    def name(self) -> str:
        return f"{self.namespace} {self.metric} {self.statistic}"

    @property
    def sources(self) -> tuple[Source, ...]:
        return (self.source,)

    @property
    def metrics(self) -> "dict[str, Metric]":
        """What is read, by its place below `condition` in the YAML."""
        return {"": self}


class Selector(Metric):
    """An aggregate of the points of the last `window`."""

    window: Duration = Field(gt=_NOTHING)  # how far back from the evaluation time points are read
    aggregate: Aggregate = "last"
    offset: Duration = Field(default=_NOTHING, ge=_NOTHING)  # judged as it was that long ago, as in PromQL

    @property
    def read(self) -> str:
        """In words."""
        then = f" offset {format_duration(self.offset)}" if self.offset else ""
        return f"{self.aggregate} {self.name} over {format_duration(self.window)}{then}"


class Condition(Selector):
    """An aggregate compared with a threshold."""

    type: Literal["threshold"] = "threshold"
    comparison: Comparison
    threshold: float = Field(allow_inf_nan=False)

    @property
    def judged(self) -> str:
        return f"{self.read} {self.comparison} {self.threshold:g}"


class Change(Selector):
    """How much an aggregate differs from itself `offset` ago: by the difference, or by percent of what it was."""

    type: Literal["change"]
    offset: Duration = Field(gt=_NOTHING)
    change: Literal["difference", "percent"] = "percent"
    comparison: Comparison
    threshold: float = Field(allow_inf_nan=False)

    @property
    def judged(self) -> str:
        sign = " %" if self.change == "percent" else ""
        now = self.read.rpartition(" offset ")[0]
        return (f"change of {now} since {format_duration(self.offset)} ago "
                f"{self.comparison} {self.threshold:g}{sign}")


class Range(Selector):
    """An aggregate inside the two thresholds (both belong to it), or outside of them."""

    type: Literal["range"]
    range: Literal["inside", "outside"] = "outside"
    lower: float = Field(allow_inf_nan=False)
    upper: float = Field(allow_inf_nan=False)

    @model_validator(mode="after")
    def _is_a_range(self) -> Self:
        if self.lower > self.upper:
            raise ValueError("`lower` is above `upper`: no value lies between them")
        return self

    @property
    def judged(self) -> str:
        return f"{self.read} {self.range} {self.lower:g} to {self.upper:g}"


class Datapoints(Metric):
    """M of N, as CloudWatch's alarms: that many of the last `evaluation_periods` points breach."""

    type: Literal["datapoints"]
    period: Duration = Field(gt=_NOTHING)
    evaluation_periods: int = Field(ge=1, le=1000)
    datapoints_to_alarm: int = Field(default=0, ge=0)  # all of them, where absent
    comparison: Comparison
    threshold: float = Field(allow_inf_nan=False)

    @model_validator(mode="after")
    def _can_be_reached(self) -> Self:
        if self.datapoints_to_alarm > self.evaluation_periods:
            raise ValueError("`datapoints_to_alarm` is more than evaluation_periods: it could never fire")
        return self

    @property
    def least(self) -> int:
        return self.datapoints_to_alarm or self.evaluation_periods

    @property
    def window(self) -> timedelta:
        return self.period * self.evaluation_periods

    @property
    def judged(self) -> str:
        return (f"{self.least} of {self.evaluation_periods} points of {self.name} every {format_duration(self.period)} "
                f"{self.comparison} {self.threshold:g}")


class Absence(Metric):
    """No point in the last `window`, of a series that had one within `lookback` before; or of any, where none had."""

    type: Literal["absence"]
    window: Duration = Field(gt=_NOTHING)
    lookback: Duration = Field(default="1d", validate_default=True)

    @property
    def judged(self) -> str:
        return f"no point of {self.name} for {format_duration(self.window)}"


class Input(Selector):
    """One operand of an expression."""

    combine: Literal["sum", "avg", "min", "max"] | None = None  # series that `on` makes one
    default: float | None = Field(default=None, allow_inf_nan=False)  # where there is no point


class Expression(Declared):
    """Arithmetic between series of any source, matched by their labels (`on`, or all of them), against a threshold."""

    type: Literal["expression"]
    inputs: dict[str, Input] = Field(min_length=1)
    expression: str
    on: Annotated[tuple[str, ...], BeforeValidator(_listed)] | None = None
    comparison: Comparison
    threshold: float = Field(allow_inf_nan=False)

    @model_validator(mode="after")
    def _knows_its_inputs(self) -> Self:
        try:
            used = names_in(self.expression)
        except ValueError as error:
            raise ValueError(f"`expression` {error}") from None
        if unknown := sorted(used - self.inputs.keys()):
            raise ValueError(f"`expression` names {unknown[0]}, which is none of its inputs")
        if unused := sorted(self.inputs.keys() - used):
            raise ValueError(f"`inputs` {unused[0]}: is not used in the expression")
        return self

    @property
    def sources(self) -> tuple[Source, ...]:
        return tuple(sorted({one.source for one in self.inputs.values()}))

    @property
    def metrics(self) -> dict[str, Metric]:
        return dict(self.inputs)

    @property
    def window(self) -> timedelta:
        return max(one.window for one in self.inputs.values())

    @property
    def judged(self) -> str:
        return f"{' '.join(self.expression.split())} {self.comparison} {self.threshold:g}"


class Composite(Declared):
    """Other alerts: `Errors and not (Deploying or "Planned work")`; a name is true while such an alert fires."""

    type: Literal["composite"]
    expression: str
    on: Annotated[tuple[str, ...], BeforeValidator(_listed)] = ()  # an instance for each value of these labels
    sources: ClassVar[tuple[Source, ...]] = ()  # those of its alerts
    metrics: ClassVar[dict[str, Metric]] = {}
    window: ClassVar[timedelta] = _NOTHING

    @model_validator(mode="after")
    def _names_alerts(self) -> Self:
        try:
            alert_names(self.expression)
        except ValueError as error:
            raise ValueError(f"`expression` {error}") from None
        return self

    @property
    def judged(self) -> str:
        return " ".join(self.expression.split())


class Sql(Declared):
    """Rows of a SELECT over the points of the last `window`: `value` and labels. Each fires, or those that breach."""

    type: Literal["sql"]
    query: str = Field(min_length=1)
    sources: Annotated[tuple[Source, ...], BeforeValidator(_listed), Field(min_length=1)]
    window: Duration = Field(gt=_NOTHING)
    comparison: Comparison | None = None
    threshold: float | None = Field(default=None, allow_inf_nan=False)
    metrics: ClassVar[dict[str, Metric]] = {}

    @model_validator(mode="after")
    def _compares_or_does_not(self) -> Self:
        if (self.comparison is None) != (self.threshold is None):
            raise ValueError("`comparison` and threshold go together; without both every row fires")
        return self

    @property
    def judged(self) -> str:
        compared = f" {self.comparison} {self.threshold:g}" if self.threshold is not None else ""
        return f"sql over {format_duration(self.window)}{compared}"


def _typed(value: Any) -> Any:
    """Without a type it is a threshold."""
    return {"type": "threshold", **value} if isinstance(value, dict) else value


AnyCondition = Annotated[
    Annotated[Condition | Change | Range | Datapoints | Absence | Expression | Composite | Sql,
              Field(discriminator="type")], BeforeValidator(_typed)]


class Rule(Declared):
    """Fires when the condition has held for `for`; labels and annotations are Jinja templates."""

    alert: str = Field(min_length=1)
    condition: AnyCondition
    for_: Duration = Field(alias="for", default="0s", validate_default=True)
    keep_firing_for: Duration = Field(default="0s", validate_default=True)
    treat_missing_data: MissingData = "missing"
    labels: dict[str, str] = Field(default_factory=dict)
    annotations: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _may_miss_data(self) -> Self:
        if self.condition.type in ("absence", "composite") and self.treat_missing_data != "missing":
            raise ValueError(f"`treat_missing_data` has no meaning for type: {self.condition.type}")
        return self


class RuleGroup(Declared):
    """Rules that are evaluated together."""

    name: str = Field(min_length=1)
    interval: Duration | None = None  # the tick, where absent; a finer one is judged moment by moment at each tick
    rules: tuple[Rule, ...]


def named(groups: Iterable[RuleGroup]) -> dict[str, tuple[RuleGroup, Rule]]:
    """Every rule by the name of its own, `group/alert`."""
    return {f"{group.name}/{rule.alert}": (group, rule) for group in groups for rule in group.rules}


def members(rule: Rule, rules: Mapping[str, tuple[RuleGroup, Rule]]) -> dict[str, list[str]]:
    """The rules behind each alert that a composite names, by alert; none for any other rule."""
    if not isinstance(rule.condition, Composite):
        return {}
    return {alert: [name for name, (group, one) in rules.items() if alert in (one.alert, f"{group.name}/{one.alert}")]
            for alert in alert_names(rule.condition.expression)}


def family(name: str, rules: Mapping[str, tuple[RuleGroup, Rule]]) -> list[str]:
    """The rule, and before it every rule that it is composed of. Raises ValueError where it is composed of itself."""
    found: dict[str, None] = {}

    def visit(one: str, above: tuple[str, ...]) -> None:
        if one in above:
            raise ValueError(f"is composed of itself: {' of '.join((*above[above.index(one):], one))}")
        for below in members(rules[one][1], rules).values():
            for each in below:
                visit(each, (*above, one))
        found[one] = None

    visit(name, ())
    return list(found)
