"""Third step of judgement: what a condition says of the values that it sees. One function for each type."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, NamedTuple, Protocol

import pyarrow as pa
import pyarrow.compute as pc

from watchbill.model.rules import (
    Absence,
    Aggregate,
    AnyCondition,
    Change,
    Comparison,
    Condition,
    Datapoints,
    Expression,
    Range,
    Selector,
)
from watchbill.rules.arithmetic import evaluate
from watchbill.rules.datapoints import m_of_n
from watchbill.rules.judge import Values
from watchbill.rules.match import Matched
from watchbill.rules.select import absent

_COMPARE: dict[Comparison, Callable[[Any, Any], Any]] = {
    ">": pc.greater, ">=": pc.greater_equal, "<": pc.less, "<=": pc.less_equal, "==": pc.equal, "!=": pc.not_equal,
}
EXTRA_PERIODS = 2
"""CloudWatch looks back further than `evaluation_periods`, so that a few missing points do not decide."""


class Verdict(NamedTuple):
    """What was seen, and of which it breaches (null: no value). A value of null is missing data."""

    values: Values
    breached: Any


class Seen(Protocol):
    """The values of one of the condition's metrics."""

    def __call__(self, name: str, window: timedelta, how: Aggregate, back: timedelta = ...) -> Values: ...


class Reach(NamedTuple):
    """What has to be read of one of the condition's metrics, to judge a time: `length` up to `back` before it."""

    name: str
    length: timedelta
    back: timedelta = timedelta(0)


def reaches(condition: AnyCondition) -> list[Reach]:
    """None where the condition looks at no metric of its own."""
    if isinstance(condition, Change):
        return [Reach("", condition.window), Reach("", condition.window, condition.offset)]
    if isinstance(condition, Datapoints):
        return [Reach("", condition.period * (condition.evaluation_periods + EXTRA_PERIODS))]
    if isinstance(condition, Absence):
        return [Reach("", condition.window + condition.lookback)]
    return [Reach(name, one.window, one.offset) for name, one in condition.metrics.items() if isinstance(one, Selector)]


def compare(sign: Comparison, values: Any, threshold: float) -> Any:
    """Null: there is no value to compare. Not-a-number compares as in Prometheus: only `!=` holds."""
    return _COMPARE[sign](values, threshold)


def judge(condition: AnyCondition, seen: Seen, treat_missing_data: str, matched: Matched | None = None) -> Verdict:
    """`matched`: of an expression, which of its inputs' label sets belong together. Raises RuleError."""
    if isinstance(condition, Condition):
        values = _selected(condition, seen)
        return Verdict(values, compare(condition.comparison, values.column, condition.threshold))
    if isinstance(condition, Range):
        return _range(condition, seen)
    if isinstance(condition, Change):
        return _change(condition, seen)
    if isinstance(condition, Datapoints):
        return _datapoints(condition, seen, treat_missing_data)
    if isinstance(condition, Absence):
        return _absence(condition, seen)
    assert isinstance(condition, Expression)  # noqa: S101 - the others look at no metric
    assert matched is not None  # noqa: S101
    return _expression(condition, seen, matched)


def _selected(selector: Selector, seen: Seen, name: str = "") -> Values:
    return seen(name, selector.window, selector.aggregate, selector.offset)


def _range(condition: Range, seen: Seen) -> Verdict:
    values = _selected(condition, seen)
    below = compare("<", values.column, condition.lower)
    outside: Any = pc.or_(below, compare(">", values.column, condition.upper))
    if condition.range == "outside":
        return Verdict(values, outside)
    inside = pc.and_(compare(">=", values.column, condition.lower), compare("<=", values.column, condition.upper))
    return Verdict(values, inside)


def _change(condition: Change, seen: Seen) -> Verdict:
    now = seen("", condition.window, condition.aggregate)
    before = seen("", condition.window, condition.aggregate, condition.offset).column
    changed: Any = pc.subtract(now.column, before)
    if condition.change == "percent":
        hundredth: Any = pc.abs(pc.divide(before, 100.0))
        changed = pc.divide(changed, hundredth)
    return Verdict(Values(now.streams, changed), compare(condition.comparison, changed, condition.threshold))


def _datapoints(condition: Datapoints, seen: Seen, treat_missing_data: str) -> Verdict:
    """The newest point is the value; the verdict alone says whether data is missing."""
    slots = [seen("", condition.period, "last", back * condition.period)
             for back in range(condition.evaluation_periods + EXTRA_PERIODS)]
    newest = pc.coalesce(*(slot.column for slot in slots))
    breaching = [compare(condition.comparison, slot.column, condition.threshold) for slot in slots]
    verdict = m_of_n(breaching, condition.least, condition.evaluation_periods, treat_missing_data)
    return Verdict(Values(slots[0].streams, newest, missing=pc.is_null(verdict)), verdict)


def _absence(condition: Absence, seen: Seen) -> Verdict:
    """Only of what was there within `lookback`; and of all together where nothing was."""
    points = seen("", condition.window, "count")
    before = seen("", condition.lookback, "count", condition.window)
    awaited: Any = compare(">", pc.add(points.column, before.column), 0.0)
    if not pc.any(awaited).as_py():
        return Verdict(Values(absent(condition), pa.array([0.0])), pa.array([True]))
    column: Any = pc.if_else(awaited, points.column, pa.scalar(None, pa.float64()))
    return Verdict(Values(points.streams, column), compare("==", column, 0.0))


def _expression(condition: Expression, seen: Seen, matched: Matched) -> Verdict:
    read = {name: _selected(one, seen, name).column for name, one in condition.inputs.items()}
    columns: Mapping[str, Any] = {name: matched.column(name, column) for name, column in read.items()}
    found = evaluate(condition.expression, columns, len(matched.label_sets))
    return Verdict(Values(matched.label_sets, found), compare(condition.comparison, found, condition.threshold))
