"""The body of Datadog's v2 timeseries endpoint, bytes -> series with their points.

Columnar: all series share `times`, and a series holds null where only another one has a value.
https://docs.datadoghq.com/api/latest/metrics/query-timeseries-data-across-multiple-products/
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import compress, pairwise
from math import gcd
from typing import Any

import orjson

from watchbill.model.datadog_names import tag_key
from watchbill.model.series import Series
from watchbill.sources.errors import Asked, quoted
from watchbill.sources.errors.datadog import nonsense
from watchbill.sources.request import Query

_NO_TIME_MS = 4_102_444_800_000
"""The year 2100: what says it is later was never measured, and may be more than a datetime holds."""


@dataclass(frozen=True)
class Line:
    """One series of an answer, nulls left out."""

    query: int  # index in the request
    series: Series
    timestamps_ms: list[int]
    values: list[float]


def read(body: bytes, queries: Sequence[Query], asked: Asked) -> list[Line]:
    """Raises SourceError, retryable: the body is not the vendor's, or it carries the vendor's own error."""
    try:
        answer = orjson.loads(body)
        if answer.get("errors"):
            raise asked.error(f"Datadog answered with an error: {quoted(answer['errors'])}",
                              "It is asked again; if this stays, correct include/metrics", retryable=True)
        attributes = answer["data"]["attributes"]
        times, columns = _moments(attributes["times"]), _listed(attributes["values"])
        return [_line(one, times, _listed(values), queries)
                for one, values in zip(_listed(attributes["series"]), columns, strict=True)]
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise nonsense(asked, type(error).__name__) from None


def spacing_ms(lines: Sequence[Line]) -> int:
    """The step that all points of these series sit on; 0 where fewer than two timestamps can tell."""
    times = sorted({time for line in lines for time in line.timestamps_ms})
    return gcd(*(later - earlier for earlier, later in pairwise(times)))


def _moments(times: Any) -> list[int]:
    """Epoch milliseconds as they are. Raises TypeError or ValueError for what is no time of ours."""
    if any(type(time) is not int for time in _listed(times)):
        raise TypeError("whole milliseconds were expected")
    if times and not 0 <= min(times) <= max(times) < _NO_TIME_MS:
        raise ValueError("times of this century were expected")
    return times  # type: ignore[no-any-return]


def _listed(value: Any) -> list[Any]:
    """Text and objects can be gone through too, and would pass for lists."""
    if not isinstance(value, list):
        raise TypeError("a list was expected")
    return value


def _line(one: dict[str, Any], times: list[int], values: list[float | None],
          queries: Sequence[Query]) -> Line:
    if len(times) != len(values):
        raise ValueError("as many times as values were expected")
    there = [value is not None for value in values]
    number = one.get("query_index", 0)
    if not 0 <= number < len(queries):
        raise IndexError(number)
    series = _named(queries[number], _listed(one.get("group_tags") or []), _unit(one.get("unit")))
    return Line(number, series, list(compress(times, there)), [float(v) for v in values if v is not None])


def _named(query: Query, group_tags: Sequence[str], unit: str) -> Series:
    """The query's series with the answer's groups, their names as declared; the source's unit before ours."""
    declared = {tag_key(query.series.namespace, name): name for name in query.group_by}
    dimensions = dict(query.series.dimensions)
    for group_tag in group_tags:
        key, _, value = group_tag.partition(":")
        dimensions[declared.get(key, key)] = value
    return replace(query.series, dimensions=tuple(dimensions.items()), unit=unit or query.series.unit)


def _unit(units: Any) -> str:
    """`byte`, or `byte/second` where there is a per-unit."""
    return "/".join(str(one["name"]) for one in units or () if one)
