"""Which of the lake's series a line of a widget draws: the table of series in, those that match out, grouped as asked.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from watchbill.model.dashboards.lines import ANY

Dimensions = Mapping[str, str | tuple[str, ...]]
Choices = Mapping[str, tuple[str, ...]]
"""The values of each variable; none: every value."""


@dataclass(frozen=True)
class Stream:
    """Series that differ in their period only: the seconds and the key of each, best first."""

    labels: Mapping[str, str]
    periods: Sequence[tuple[int, int]]
    unit: str


@dataclass(frozen=True)
class Wanted:
    """A metric in the lake's words. `is_exact`: with these dimensions and no others."""

    namespace: str
    metric: str
    statistic: str
    dimensions: Dimensions
    is_exact: bool
    region: str = ""
    account: str = ""


def select(rows: pa.Table, wanted: Wanted, period_s: int) -> list[Stream]:
    """`rows`: as the lake's table of series. Account and region are labels where streams differ in nothing else."""
    found: dict[tuple[str, str, tuple[tuple[str, str], ...]], list[dict[str, Any]]] = {}
    for row in _named(rows, wanted).to_pylist():
        dimensions = dict(row["dimensions"])
        if _fits(dimensions, wanted):
            place = (row["account"], row["region"], tuple(sorted(dimensions.items())))
            found.setdefault(place, []).append(row)
    alike: dict[tuple[tuple[str, str], ...], int] = {}
    for _, _, pairs in found:
        alike[pairs] = alike.get(pairs, 0) + 1
    return [Stream({**dict(pairs), **({"account": account, "region": region} if alike[pairs] > 1 else {})},
                   _by_fitness(series, period_s), next((row["unit"] for row in series if row["unit"]), ""))
            for (account, region, pairs), series in sorted(found.items(), key=lambda one: one[0])]


def statistics(rows: pa.Table, namespace: str, metric: str) -> list[str]:
    """What there is of the metric."""
    mine: Any = _named(rows, Wanted(namespace, metric, "", {}, is_exact=False))["statistic"]
    return sorted(set(mine.to_pylist()))


def chosen(dimensions: Dimensions, variables: Choices) -> Dimensions:
    """`$name` is what is chosen of it."""
    return {name: _chosen(value, variables) for name, value in dimensions.items()}


def titled(title: str, variables: Choices) -> str:
    """A title may name variables too."""
    for name in sorted(variables, key=len, reverse=True):
        shown = ", ".join(variables[name]) or ANY
        title = title.replace(f"${{{name}}}", shown).replace(f"${name}.value", shown).replace(f"${name}", shown)
    return title


def _chosen(value: str | tuple[str, ...], variables: Choices) -> str | tuple[str, ...]:
    given = (value,) if isinstance(value, str) else value
    found = [each for one in given for each in _values(one, variables)]
    return found[0] if len(found) == 1 else tuple(found)


def _values(value: str, variables: Choices) -> Iterable[str]:
    for name in sorted(variables, key=len, reverse=True):  # $host_name before $host
        for written in (f"${{{name}}}", f"${name}.value", f"${name}"):
            if written in value:
                return [value.replace(written, each) for each in variables[name] or (ANY,)]
    return [value]


def _named(rows: pa.Table, wanted: Wanted) -> pa.Table:
    said = {"namespace": wanted.namespace, "metric": wanted.metric, "statistic": wanted.statistic,
            "region": wanted.region, "account": wanted.account}
    mask: Any = pa.repeat(pa.scalar(True), len(rows))
    for name, value in said.items():
        if value:
            mask = pc.and_(mask, _is(rows[name], value))
    return rows.filter(mask)


def _is(column: Any, value: Any) -> Any:
    return pc.equal(column, value)


def _by_fitness(series: Sequence[Mapping[str, Any]], period_s: int) -> list[tuple[int, int]]:
    """The period itself, then the longest that divides it, then the shortest of the others."""
    def rank(period: int) -> tuple[int, int]:
        return (0, -period) if period_s % period == 0 else (1, period)

    return sorted(((int(row["period_s"]), int(row["key"])) for row in series), key=lambda one: rank(one[0]))


def _fits(dimensions: Mapping[str, str], wanted: Wanted) -> bool:
    if wanted.is_exact and dimensions.keys() != wanted.dimensions.keys():
        return False
    return all(matches(pattern, dimensions.get(name)) for name, pattern in wanted.dimensions.items())


def matches(pattern: str | tuple[str, ...], value: str | None) -> bool:
    """`*`, `web-*`, `!not`, several of which any; as in a widget's dimensions."""
    if isinstance(pattern, tuple):
        refused = [one[1:] for one in pattern if one.startswith("!")]
        taken = [one for one in pattern if not one.startswith("!")]
        return (not taken or any(matches(one, value) for one in taken)) and not any(
            matches(one, value) for one in refused)
    if pattern.startswith("!"):
        return not matches(pattern[1:], value)
    if value is None:
        return False
    return pattern == value or ("*" in pattern and _glob(pattern).fullmatch(value) is not None)


@lru_cache(maxsize=1024)
def _glob(pattern: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, re.sub(r"\*+", "*", pattern).split("*"))), re.DOTALL)
