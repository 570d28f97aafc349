"""What answers of both versions of Datadog's API are read into: a line is one series with its points."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import gcd
from typing import Any, NamedTuple

import orjson

from watchbill.model.datadog_names import tag_key
from watchbill.model.series import Series
from watchbill.sources.request import Query

_NAMES = 10_000  # some 10 MB
_ANSWERS = 32  # of 500 series each, some 4 MB


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


def names(answered: Any, queries: Sequence[Query]) -> Sequence[tuple[int, Series]]:
    """The query, by its number, and the series of each of v2's `series`: a list, or its JSON as bytes."""
    asked = tuple([_Asked(query.series, query.series.tags, query.series.unit, query.group_by) for query in queries])
    return _names_once(answered, asked) if isinstance(answered, bytes) else _names(listed(answered), asked)


def named(query: Query, group_tags: Sequence[str], unit: str) -> Series:
    """The query's series with the answer's groups, their names as declared; the source's unit before ours."""
    series = query.series
    return _named(series, series.tags, query.group_by, tuple(group_tags), unit or series.unit)


class _Asked(NamedTuple):
    """What a query says of a name: two series are equal whatever unit and tags."""

    series: Series
    tags: tuple[tuple[str, str], ...]
    unit: str
    group_by: tuple[str, ...]


@lru_cache(_ANSWERS)
def _names_once(answered: bytes, asked: tuple[_Asked, ...]) -> Sequence[tuple[int, Series]]:
    return _names(listed(orjson.loads(answered)), asked)


def _names(answered: list[Any], asked: tuple[_Asked, ...]) -> Sequence[tuple[int, Series]]:
    found = []
    for one in answered:
        number = one.get("query_index", 0)  # of the formulas, where the request has some
        if not 0 <= number < len(asked):
            raise IndexError(number)
        tags, unit = tuple(listed(one.get("group_tags") or [])), unit_name(one.get("unit"))
        of = asked[number]
        found.append((number, _named(of.series, of.tags, of.group_by, tags, unit or of.unit)))
    return found


@lru_cache(_NAMES)
def _named(series: Series, tags: tuple[tuple[str, str], ...], group_by: tuple[str, ...], group_tags: tuple[str, ...],
           unit: str) -> Series:
    """Each once: the next window of a history brings the same ones."""
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
