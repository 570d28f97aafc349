"""What expressions compute with: numbers, time series, and arrays of time series."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from sandbox.cloudwatch.samples import Column
from sandbox.cloudwatch.statistics import Points


class UnfitError(ValueError):
    """A value of another kind than an operator or function takes."""


@dataclass(frozen=True)
class Series:
    """Points ascending in time, and what a label can tell of them."""

    times: Column  # epoch seconds
    values: Column
    period_s: int
    label: str = ""
    properties: Mapping[str, str] = field(default_factory=dict)  # by the names that PROP knows
    is_metric: bool = False  # and no result of an expression
    has_lost: bool = False  # points that were no numbers

    @classmethod
    def of(cls, points: Points, like: "Series") -> "Series":
        """With other points; what are no numbers (after a division by zero) is dropped."""
        times, values = points
        there = np.isfinite(values)
        return replace(like, times=times[there], values=values[there], is_metric=False,
                       has_lost=like.has_lost or not bool(there.all()))

    def at(self, times: Column, missing: float) -> Column:
        """The values at these times, of which it has all of its own."""
        values = np.full(len(times), missing)
        values[np.searchsorted(times, self.times)] = self.values
        return values


Value = float | Series | list[Series]
Binary = Callable[[Column, Column], Column]


def times_of(series: Sequence[Series]) -> Column:
    """Every time at which one of them has a point."""
    return np.unique(np.concatenate([each.times for each in series])) if series else np.empty(0)


def joined(operation: Binary, left: Value, right: Value) -> Value:
    """Two values; a point that only one of two series has meets a 0, as documented."""
    if isinstance(left, list) and isinstance(right, list):
        if len(left) != len(right):
            raise ValueError("the arrays of time series have different lengths")
        return [_pair(operation, one, other) for one, other in zip(left, right, strict=True)]
    if isinstance(left, list):
        return [_with(operation, one, right, one) for one in left if not isinstance(right, list)]
    if isinstance(right, list):
        return [_with(operation, left, one, one) for one in right]
    if isinstance(left, Series):
        return _with(operation, left, right, left)
    if isinstance(right, Series):
        return _with(operation, left, right, right)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return float(operation(np.array(left), np.array(right)))


def _with(operation: Binary, left: float | Series, right: float | Series, like: Series) -> Series:
    if isinstance(left, Series) and isinstance(right, Series):
        return replace(_pair(operation, left, right), label=like.label, properties=like.properties)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        if isinstance(left, Series):
            return Series.of((left.times, operation(left.values, np.full_like(left.values, right))), left)
        assert isinstance(right, Series)
        return Series.of((right.times, operation(np.full_like(right.values, left), right.values)), right)


def _pair(operation: Binary, left: Series, right: Series) -> Series:
    times = times_of([left, right])
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        values = operation(left.at(times, 0.0), right.at(times, 0.0))
    return Series.of((times, values), left)
