"""What answers of both versions of Datadog's API are read into: a line is one series with its points."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import gcd
from typing import Any

from watchbill.model.datadog_names import tag_key
from watchbill.model.series import Series
from watchbill.sources.request import Query

_NAMES = 10_000  # some 10 MB


@dataclass(slots=True)
class Line:
    """One series of an answer, nulls left out."""

    query: int  # index in the request
    series: Series
    timestamps_ms: list[int]  # often the same list for all lines of an answer
    values: "Sequence[float] | memoryview[float]"


def spacing_ms(lines: Sequence[Line]) -> int:
    """The step that all points of these series sit on; 0 where fewer than two timestamps can tell."""
    distinct = {id(line.timestamps_ms): line.timestamps_ms for line in lines}
    times = sorted(set().union(*distinct.values()))
    return gcd(*(later - earlier for earlier, later in pairwise(times)))


def listed(value: Any) -> list[Any]:
    """Text and objects can be gone through too, and would pass for lists."""
    if not isinstance(value, list):
        raise TypeError("a list was expected")
    return value


def named(query: Query, group_tags: Sequence[str], unit: str) -> Series:
    """The query's series with the answer's groups, their names as declared; the source's unit before ours."""
    series = query.series
    return _named(series, series.tags, query.group_by, tuple(group_tags), unit or series.unit)


@lru_cache(_NAMES)
def _named(series: Series, tags: tuple[tuple[str, str], ...], group_by: tuple[str, ...], group_tags: tuple[str, ...],
           unit: str) -> Series:
    """Each once: the next window of a history brings the same ones. Two series are equal whatever unit and tags."""
    declared = _declared(series.namespace, group_by)
    dimensions = dict(series.dimensions)
    for group_tag in group_tags:
        key, _, value = group_tag.partition(":")
        dimensions[declared.get(key, key)] = value
    return Series(series.source, series.account, series.region, series.namespace, series.metric, series.statistic,
                  series.period_s, tuple(dimensions.items()), unit, tags)


@lru_cache
def _declared(namespace: str, names: tuple[str, ...]) -> dict[str, str]:
    """Dimensions by the tags that they are; not to be changed."""
    return {tag_key(namespace, name): name for name in names}


def unit_name(units: Any) -> str:
    """`byte`, or `byte/second` where there is a per-unit."""
    return "/".join(str(one["name"]) for one in units or () if one)
