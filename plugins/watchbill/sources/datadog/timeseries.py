"""The body of Datadog's v2 timeseries endpoint, bytes -> series with their points.

Columnar: all series share `times`, and a series holds null where only another one has a value.
https://docs.datadoghq.com/api/latest/metrics/query-timeseries-data-across-multiple-products/
"""

from collections.abc import Sequence
from itertools import compress
from typing import Any

from watchbill.sources.datadog.columns import loads
from watchbill.sources.datadog.lines import Line, listed, names
from watchbill.sources.errors import Asked, quoted
from watchbill.sources.errors.datadog import nonsense
from watchbill.sources.fetched import packed
from watchbill.sources.request import Query

_NO_TIME_MS = 4_102_444_800_000
"""The year 2100: what says it is later was never measured, and may be more than a datetime holds."""


def read(body: bytes, queries: Sequence[Query], asked: Asked) -> list[Line]:
    """Raises SourceError, retryable: the body is not the vendor's, or it carries the vendor's own error."""
    try:
        answer = loads(body)
        if answer.get("errors"):
            raise asked.error(f"Datadog answered with an error: {quoted(answer['errors'])}",
                              "It is asked again; if this stays, correct include/metrics", retryable=True)
        attributes = answer["data"]["attributes"]
        times, columns = moments(attributes["times"]), listed(attributes["values"])
        return [Line(*name, *without_nulls(times, values))
                for name, values in zip(names(attributes["series"], queries), columns, strict=True)]
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError) as error:
        raise nonsense(asked, type(error).__name__) from None


def moments(times: Any) -> list[int]:
    """Epoch milliseconds as they are. Raises TypeError or ValueError for what is no time of ours."""
    if any(type(time) is not int for time in listed(times)):
        raise TypeError("whole milliseconds were expected")
    if times and not 0 <= min(times) <= max(times) < _NO_TIME_MS:
        raise ValueError("times of this century were expected")
    return times  # type: ignore[no-any-return]


def without_nulls(times: list[int], values: Any) -> tuple[list[int], "memoryview[float]"]:
    """Those with a value; the very same list of times where all have one. Raises TypeError or ValueError.

    `values`: a list of floats and None, or a memoryview of floats.
    """
    if len(times) != len(values):
        raise ValueError("as many times as values were expected")
    if isinstance(values, memoryview):
        return times, values
    values = listed(values)
    try:
        return times, packed(values)  # the fastest way to find a null
    except TypeError:
        there = [value is not None for value in values]
        return list(compress(times, there)), packed([float(value) for value in values if value is not None])
