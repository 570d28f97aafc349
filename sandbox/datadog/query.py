"""The grammar of a metric query: text in, `MetricQuery` out.

    avg:system.cpu.user{env:prod,!host:a,service:web*} by {host,az}.rollup(max, 300).as_count()

What lies outside of it is refused in the vendor's words: functions around a query, AND/OR/IN, arithmetic.
https://docs.datadoghq.com/metrics/#querying-metrics
"""

import re
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from sandbox.datadog.refused import Refused
from sandbox.datadog.store import Tags

PERCENTILES = ("p50", "p75", "p90", "p95", "p99")
AGGREGATORS = ("avg", "sum", "min", "max", "count", *PERCENTILES)
ROLLUPS = ("avg", "sum", "min", "max", "count")

_AGGREGATOR = re.compile(rf"({'|'.join(AGGREGATORS)}):")
_METRIC = re.compile(r"[A-Za-z][\w.]*")
_SCOPE = re.compile(r"\{\s*([^{}]*?)\s*\}")
_BY = re.compile(r"\s*by\s*\{\s*([^{}]*?)\s*\}")
_ROLLUP = re.compile(r"\.rollup\(\s*(\w+)\s*(?:,\s*(\d+)\s*)?\)")
_MODIFIER = re.compile(r"\.(as_count|as_rate)\(\)")
_FILTER = re.compile(r"!?[\w.\-/*]+(?::[\w.\-/:*]*)?$")
_KEY = re.compile(r"[\w.\-/]+$")


@dataclass(frozen=True)
class MetricQuery:
    text: str
    metric: str
    aggregator: str | None = None  # over series; avg when absent
    scope: tuple[str, ...] = ("*",)
    by: tuple[str, ...] = ()
    rollup: str | None = None  # over time
    rollup_s: int | None = None
    modifier: str | None = None

    def takes(self, tags: Tags) -> bool:
        """Whether a series lies in the scope."""
        return all(
            not _has(tags, one[1:]) if one.startswith("!") else _has(tags, one)
            for one in self.scope
            if one != "*"
        )


def parse(text: str) -> MetricQuery:
    """Raises `Refused` (400) with the place at which the grammar was left."""
    return _Parser(text.strip()).query()


def split(text: str) -> list[str]:
    """The queries of `avg:a{x,y}, avg:b{*}`: commas outside of braces and brackets part them."""
    parts, depth = [""], 0
    for character in text:
        depth += (character in "{(") - (character in "})")
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return [part.strip() for part in parts]


class _Parser:
    def __init__(self, text: str) -> None:
        self._text, self._at = text, 0

    def query(self) -> MetricQuery:
        aggregator = self._maybe(_AGGREGATOR)
        metric = self._need(_METRIC, "metric_name")[0]
        scope = self._items(self._need(_SCOPE, "scope_expr")[1], _FILTER)
        found = MetricQuery(self._text, metric, aggregator[1] if aggregator else None, scope)
        if by := self._maybe(_BY):
            found = replace(found, by=self._items(by[1], _KEY))
        while self._at < len(self._text):
            found = self._function(found)
        return found

    def _function(self, found: MetricQuery) -> MetricQuery:
        if modifier := self._maybe(_MODIFIER):
            return replace(found, modifier=modifier[1])
        at = self._at
        rollup = self._need(_ROLLUP, "function_expr")
        if rollup[1] not in ROLLUPS or rollup[2] == "0":
            self._at = at
            self._fail("rollup_expr")
        return replace(found, rollup=rollup[1], rollup_s=int(rollup[2]) if rollup[2] else None)

    def _items(self, inner: str, item: re.Pattern[str]) -> tuple[str, ...]:
        found = tuple(part.strip().lower() for part in inner.split(","))
        if not all(item.match(part) for part in found):
            self._at -= len(inner) + 1
            self._fail("scope_expr")
        return found

    def _maybe(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        match = pattern.match(self._text, self._at)
        self._at = match.end() if match else self._at
        return match

    def _need(self, pattern: re.Pattern[str], rule: str) -> re.Match[str]:
        return self._maybe(pattern) or self._fail(rule)

    def _fail(self, rule: str) -> "re.Match[str]":
        rest, column = self._text[self._at :], self._at + 1
        said = f"Rule '{rule}' didn't match at '{rest[:20]}' (line 1, column {column})."
        raise Refused(400, f"Error parsing query: \n unable to parse {self._text}: {said}")


def _has(tags: Tags, pattern: str) -> bool:
    return any(fnmatchcase(tag, pattern) for tag in tags)
