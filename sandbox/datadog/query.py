"""The grammar of a metric query: text in, `MetricQuery` out.

    avg:system.cpu.user{env:prod,!host:a,service:web*} by {host,az}.as_count().rollup(max, 300).fill(null)

A scope may also be Boolean (scope.py). What lies outside of it is refused in the vendor's words, and here also
arithmetic and functions around a query, which expressions.py reads. So is what contradicts itself: a function said
twice, or both `as_count` and `as_rate`. The order of the functions means nothing.
https://docs.datadoghq.com/metrics/#querying-metrics
"""

import re
from dataclasses import dataclass, field, replace

from sandbox.datadog.refused import Refused
from sandbox.datadog.scope import Takes, has, is_boolean
from sandbox.datadog.scope import parse as parse_scope
from sandbox.datadog.store import Tags

PERCENTILES = ("p50", "p75", "p90", "p95", "p99")
AGGREGATORS = ("avg", "sum", "min", "max", "count", *PERCENTILES)
ROLLUPS = ("avg", "sum", "min", "max", "count")
FILLS = ("linear", "last", "zero", "null")
FILL_S, MOST_FILL_S = 300, 600  # how far, unless said; and at most

_AGGREGATOR = re.compile(rf"({'|'.join(AGGREGATORS)}):")
_METRIC = re.compile(r"[A-Za-z][\w.]*")
_SCOPE = re.compile(r"\{\s*([^{}]*?)\s*\}")
_BY = re.compile(r"\s*by\s*\{\s*([^{}]*?)\s*\}")
_ROLLUP = re.compile(r"\.rollup\(\s*(\w+)\s*(?:,\s*(\d+)\s*)?\)")
_FILL = re.compile(r"\.fill\(\s*(\w+)\s*(?:,\s*(\d+)\s*)?\)")
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
    fill: str | None = None  # how gaps are interpolated; the metric's own way when absent
    fill_s: int = FILL_S
    boolean: Takes | None = field(default=None, compare=False)  # in place of the scope, which then is its text

    def takes(self, tags: Tags) -> bool:
        """Whether a series lies in the scope."""
        if self.boolean is not None:
            return self.boolean(tags)
        return all(
            not has(tags, one[1:]) if one.startswith("!") else has(tags, one)
            for one in self.scope
            if one != "*"
        )


def parse(text: str) -> MetricQuery:
    """Raises `Refused` (400) with the place at which the grammar was left."""
    return _Parser(text.strip()).query()


def leading(text: str, at: int) -> tuple[MetricQuery, int]:
    """The query that begins at a place of a longer text, and where it ends. Raises `Refused` as parse does."""
    parser = _Parser(text, at)
    return parser.leading(), parser.at


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
    def __init__(self, text: str, at: int = 0) -> None:
        self._text, self._at = text, at

    @property
    def at(self) -> int:
        return self._at

    def leading(self) -> MetricQuery:
        first = self._at
        found = self._head()
        while self._text.startswith(".", self._at):
            found = self._function(found)
        return replace(found, text=self._text[first : self._at])

    def query(self) -> MetricQuery:
        found = self._head()
        while self._at < len(self._text):
            found = self._function(found)
        return found

    def _head(self) -> MetricQuery:
        aggregator = self._maybe(_AGGREGATOR)
        metric = self._need(_METRIC, "metric_name")[0]
        inner = self._need(_SCOPE, "scope_expr")[1]
        boolean = self._boolean(inner) if is_boolean(inner) else None
        words = (inner,) if boolean else self._items(inner, _FILTER)
        found = MetricQuery(self._text, metric, aggregator[1] if aggregator else None, words, boolean=boolean)
        if by := self._maybe(_BY):
            found = replace(found, by=self._items(by[1], _KEY))
        return found

    def _function(self, found: MetricQuery) -> MetricQuery:
        at = self._at
        if modifier := self._maybe(_MODIFIER):
            self._check(found.modifier is None, at, "function_expr")
            return replace(found, modifier=modifier[1])
        if fill := self._maybe(_FILL):
            reach_s = int(fill[2] or FILL_S)
            self._check(found.fill is None and fill[1] in FILLS and reach_s <= MOST_FILL_S, at, "fill_expr")
            return replace(found, fill=fill[1], fill_s=reach_s)
        rollup = self._need(_ROLLUP, "function_expr")
        self._check(found.rollup is None and rollup[1] in ROLLUPS and rollup[2] != "0", at, "rollup_expr")
        return replace(found, rollup=rollup[1], rollup_s=int(rollup[2]) if rollup[2] else None)

    def _check(self, is_right: bool, at: int, rule: str) -> None:
        if not is_right:
            self._at = at
            self._fail(rule)

    def _boolean(self, inner: str) -> Takes:
        try:
            return parse_scope(inner)
        except ValueError:
            self._at -= len(inner) + 1
            self._fail("scope_expr")
            raise

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

