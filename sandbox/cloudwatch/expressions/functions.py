"""The functions of metric math that the sandbox knows, by name; every other is refused.

`S` in the vendor's table is a float here, `TS` a Series, `TS[]` a list of them. What the vendor leaves open: MIN, MAX
and STDDEV of an array pass over missing points, STDDEV is that of a population, FILL fills the whole range asked for.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html#metric-math-syntax-functions-list
"""

import warnings
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Protocol

import numpy as np

from sandbox.cloudwatch.expressions.series import Series, UnfitError, Value, times_of
from sandbox.cloudwatch.samples import Column


class Request(Protocol):
    """The range that is asked for."""

    def grid(self, period_s: int) -> Column:
        """The starts of all its periods, in epoch seconds."""

    @property
    def default_period_s(self) -> int:
        """That of the expression's query, or of the metrics."""


Function = Callable[..., Value]


def _each(value: Value, change: Callable[[Series], Series]) -> Value:
    if isinstance(value, list):
        return [change(series) for series in value]
    return change(_series(value))


def _series(value: Any) -> Series:
    if not isinstance(value, Series):
        raise UnfitError("a time series is needed")
    return value


def _array(value: Any) -> list[Series]:
    if not isinstance(value, list):
        raise UnfitError("an array of time series is needed")
    return value


def _number(value: Any) -> float:
    if not isinstance(value, float):
        raise UnfitError("a number is needed")
    return value


def _reducing(reduce: Callable[..., Any], missing: float) -> Function:
    """One number of a series, one series of an array."""

    def function(_: Request, value: Value) -> Value:
        if isinstance(value, list):
            return _over(value, lambda columns: reduce(columns, axis=0), missing)
        values = _series(value).values
        return float(reduce(values)) if len(values) else float("nan")

    return function


def _over(array: list[Series], reduce: Callable[[Any], Any], missing: float) -> Series:
    if not array:
        return Series(np.empty(0), np.empty(0), 60)
    times = times_of(array)
    if not len(times):
        return replace(array[0], label="", properties={}, is_metric=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        values = reduce(np.stack([each.at(times, missing) for each in array]))
    return Series.of((times, values), replace(array[0], label="", properties={}))


def _mapping(change: Callable[[Column], Column]) -> Function:
    def mapped(series: Series) -> Series:
        with np.errstate(divide="ignore", invalid="ignore"):
            return Series.of((series.times, change(series.values)), series)

    return lambda _, value: _each(value, mapped)


def _stepping(change: Callable[[Column, Column], Column]) -> Function:
    """From each point and the one before: seconds and differences in."""

    def stepped(series: Series) -> Series:
        return Series.of((series.times[1:], change(np.diff(series.times), np.diff(series.values))), series)

    return lambda _, value: _each(value, stepped)


def _fill(request: Request, value: Value, filler: Any) -> Value:
    def filled(series: Series) -> Series:
        times = np.union1d(request.grid(series.period_s), series.times)
        values = series.at(times, np.nan)
        missing = np.isnan(values)
        if filler == "REPEAT":
            last = np.maximum.accumulate(np.where(missing, -1, np.arange(len(values))))
            values = np.where(last >= 0, values[last], np.nan)
        elif filler == "LINEAR" and len(series.times):
            values = np.interp(times, series.times, series.values, left=np.nan, right=np.nan)
        elif isinstance(filler, Series):
            other = dict(zip(filler.times, filler.values, strict=True))
            values = np.array([other.get(at, np.nan) if gone else found
                               for at, found, gone in zip(times, values, missing, strict=True)])
        elif filler != "LINEAR":
            values = np.where(missing, _number(filler), values)
        there = ~np.isnan(values)
        return replace(series, times=times[there], values=values[there], is_metric=False)

    return _each(value, filled)


def _if(_: Request, condition: Value, then: Value, otherwise: Value | None = None) -> Value:
    if isinstance(condition, float):
        chosen = then if condition else otherwise
        if chosen is None:
            return replace(_series(then), times=np.empty(0), values=np.empty(0))
        return chosen
    asked = _series(condition)
    true = asked.values != 0
    values = np.where(true, _values(then, asked.times, 0.0), _values(otherwise, asked.times, np.nan))
    there = ~np.isnan(values)
    return replace(asked, times=asked.times[there], values=values[there], is_metric=False)


def _values(value: Value | None, times: Column, missing: float) -> Column:
    if value is None:
        return np.full(len(times), np.nan)
    if isinstance(value, float):
        return np.full(len(times), value)
    have = dict(zip(_series(value).times, _series(value).values, strict=True))
    return np.array([have.get(at, missing) for at in times], dtype=np.float64)


def _sort(request: Request, value: Value, function: Any, order: Any, most: float | None = None) -> Value:
    if function not in ("AVG", "SUM", "MIN", "MAX") or order not in ("ASC", "DESC"):
        raise ValueError("SORT takes AVG, MIN, MAX or SUM, and ASC or DESC")
    scores = [(FUNCTIONS[function][2](request, series), series) for series in _array(value) if len(series.times)]
    scores.sort(key=lambda scored: _number(scored[0]), reverse=order == "DESC")
    empty = [series for series in _array(value) if not len(series.times)]
    ordered = [series for _, series in scores] + empty
    return ordered if most is None else ordered[: int(_number(most))]


def _slice(_: Request, value: Value, first: float, end: float | None = None) -> Value:
    return _array(value)[int(_number(first)) : None if end is None else int(_number(end))]


def _one(number: int) -> Function:
    def function(_: Request, value: Value) -> Value:
        if not _array(value):
            raise ValueError("the array of time series is empty")
        return _array(value)[number]

    return function


def _period(_: Request, value: Value) -> Value:
    if not _series(value).is_metric:
        raise ValueError("PERIOD takes a metric, not the result of an expression")
    return float(_series(value).period_s)


def _count(_: Request, value: Value) -> Value:
    if isinstance(value, list):
        return _over(value, lambda columns: (~np.isnan(columns)).sum(axis=0).astype(float), np.nan)
    return float(len(_series(value).times))


def _time_series(request: Request, value: Value) -> Value:
    times = request.grid(request.default_period_s)
    return Series(times, np.full(len(times), _number(value)), request.default_period_s)


FUNCTIONS: dict[str, tuple[int, int, Function]] = {  # fewest and most arguments
    "SUM": (1, 1, _reducing(np.nansum, np.nan)),
    "AVG": (1, 1, _reducing(np.mean, 0.0)),
    "MIN": (1, 1, _reducing(np.nanmin, np.nan)),
    "MAX": (1, 1, _reducing(np.nanmax, np.nan)),
    "STDDEV": (1, 1, _reducing(np.nanstd, np.nan)),
    "ABS": (1, 1, _mapping(np.abs)),
    "CEIL": (1, 1, _mapping(np.ceil)),
    "FLOOR": (1, 1, _mapping(np.floor)),
    "LOG": (1, 1, _mapping(np.log)),
    "LOG10": (1, 1, _mapping(np.log10)),
    "RUNNING_SUM": (1, 1, _mapping(np.cumsum)),
    "DIFF": (1, 1, _stepping(lambda _, differences: differences)),
    "DIFF_TIME": (1, 1, _stepping(lambda seconds, _: seconds)),
    "RATE": (1, 1, _stepping(lambda seconds, differences: differences / seconds)),
    "FILL": (2, 2, _fill),
    "IF": (2, 3, _if),
    "PERIOD": (1, 1, _period),
    "SORT": (3, 4, _sort),
    "SLICE": (2, 3, _slice),
    "FIRST": (1, 1, _one(0)),
    "LAST": (1, 1, _one(-1)),
    "REMOVE_EMPTY": (1, 1, lambda _, value: [series for series in _array(value) if len(series.times)]),
    "METRIC_COUNT": (1, 1, lambda _, value: float(len(_array(value)))),
    "DATAPOINT_COUNT": (1, 1, _count),
    "TIME_SERIES": (1, 1, _time_series),
}
