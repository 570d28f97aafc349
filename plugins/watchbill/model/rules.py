"""What to judge: include/rules/*.yaml, in the shape of Prometheus' rule files."""

from datetime import timedelta
from typing import Literal

from pydantic import Field

from watchbill.model.declared import Declared, Duration
from watchbill.model.series import Source

Comparison = Literal[">", ">=", "<", "<=", "==", "!="]
Aggregate = Literal["avg", "sum", "min", "max", "last", "count"]
MissingData = Literal["missing", "ignore", "breaching", "notBreaching"]
TEMPLATE_NAMES = ("value", "labels", "threshold", "window")
"""What the templates of a rule may use: the value that was judged (or None), the instance's labels, …"""
TEMPLATE_FILTERS = ("humanize",)  # beside Jinja's own


class Condition(Declared):
    """An aggregate of the points of the last `window`, compared with a threshold.

    Every collected series that matches is judged by itself; one alert instance for each label set.
    """

    source: Source
    namespace: str
    metric: str
    statistic: str = "Average"
    dimensions: dict[str, str] = Field(default_factory=dict)  # "*" or absent: any value
    period: Duration | None = None  # the finest that is collected, where absent
    window: Duration = Field(gt=timedelta(0))  # how far back from the evaluation time points are read
    aggregate: Aggregate = "last"
    comparison: Comparison
    threshold: float = Field(allow_inf_nan=False)


class Rule(Declared):
    """Fires when the condition has held for `for`; labels and annotations are Jinja templates."""

    alert: str = Field(min_length=1)
    condition: Condition
    for_: Duration = Field(alias="for", default="0s", validate_default=True)
    keep_firing_for: Duration = Field(default="0s", validate_default=True)
    treat_missing_data: MissingData = "missing"
    labels: dict[str, str] = Field(default_factory=dict)
    annotations: dict[str, str] = Field(default_factory=dict)


class RuleGroup(Declared):
    """Rules that are evaluated together."""

    name: str = Field(min_length=1)
    interval: Duration | None = None  # the tick, where absent; a finer one is judged moment by moment at each tick
    rules: tuple[Rule, ...]
