"""Queries that people wrote in Datadog's language: what they name, and what has to be added to them.

https://docs.datadoghq.com/metrics/#querying-metrics
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from watchbill.model import datadog_query
from watchbill.model.datadog_names import tag_value

_STATISTICS = {"avg": "Average", "sum": "Sum", "min": "Minimum", "max": "Maximum", "count": "SampleCount"}
_PART = re.compile(
    r"(?:\b(?P<aggregator>avg|sum|min|max|count|p\d{1,2}(?:\.\d{1,2})?):)?(?P<metric>[A-Za-z][\w.]*)"
    r"\{(?P<scope>[^{}]*)\}(?:\s*by\s*\{(?P<by>[^{}]*)\})?"
    r"(?P<modifiers>(?:\.(?:as_count|as_rate|fill|rollup)\([^()]*\))*)"
)
_ROLLUP = re.compile(r"\.rollup\(([^()]*)\)")


@dataclass(frozen=True)
class Part:
    """One metric of a text, with its scope, groups and modifiers: `sum:shop.errors{env:prod} by {service}`."""

    text: str
    metric: str
    statistic: str  # in CloudWatch's words; Datadog's default is avg
    scope: str
    groups: tuple[str, ...]
    modifiers: frozenset[str]  # as_count, as_rate, fill, rollup

    @property
    def dimensions(self) -> tuple[tuple[str, str], ...]:
        """Of the scope only what holds for every series in it: no wildcard, no negation, no OR or IN."""
        if re.search(r"\s(or|in|and|not)\s|[()]", f" {self.scope} ", re.IGNORECASE):
            return ()
        parts = (part.strip().partition(":") for part in self.scope.split(","))
        return tuple((key, tag_value(value)) for key, _, value in parts
                     if value and "*" not in value and not key.startswith("!"))


def parts(text: str) -> list[Part]:
    return [_part(found) for found in _PART.finditer(text)]


def is_plain(text: str) -> bool:
    """Whether it is one metric and no more.

    v2 takes nothing else: functions and arithmetic it answers with 400 "Functions are not supported in metrics data
    source field. Use the formulas payload." v1 takes both. github.com/argoproj/argo-rollouts/issues/2813
    """
    return _PART.fullmatch(text.strip()) is not None


def rollups(text: str) -> Iterator[tuple[str, str]]:
    """The arguments of every `.rollup(…)`, and the seconds among them."""
    for arguments in _ROLLUP.findall(text):
        yield arguments, arguments.split(",")[-1].strip()


def asks_several(text: str) -> bool:
    """Whether commas part it into several queries, each with series of its own."""
    depth = 0
    for sign in text:
        depth += (sign in "{(") - (sign in "})")
        if sign == "," and not depth:
            return True
    return False


def completed(text: str, period_s: int) -> str:
    """Every metric of a query with its time aggregation said, and without points that nobody measured.

    What counts (`as_count`, `as_rate`) is not interpolated anyway, and in arithmetic its gaps are zeros, which
    `fill(null)` might undo. docs.datadoghq.com/dashboards/functions/interpolation
    """
    def said(found: re.Match[str]) -> str:
        part, space = _part(found), found["aggregator"]
        adds_up = space in ("sum", "count") or "as_count" in part.modifiers
        over_time = "sum" if adds_up else space if space in ("min", "max") else "avg"
        own = part.modifiers & {"rollup", "as_rate"}  # as_rate aggregates in its own way
        rollup = "" if own else f".rollup({over_time}, {period_s})"
        fill = "" if part.modifiers & {"fill", "as_count", "as_rate"} else datadog_query.NOT_INTERPOLATED
        return f"{part.text}{rollup}{fill}"
    return _PART.sub(said, text)


def _part(found: re.Match[str]) -> Part:
    aggregator = found["aggregator"] or "avg"
    groups = tuple(name.strip() for name in (found["by"] or "").split(",") if name.strip())
    return Part(found[0], found["metric"], _STATISTICS.get(aggregator, aggregator), found["scope"], groups,
                frozenset(re.findall(r"\.(\w+)\(", found["modifiers"])))
