"""What a cloud is to be asked: made by `plan`, carried through XCom, answered by `fetch`.

A request is one call to the vendor (more where it pages, splits or retries) for series of one target, account,
region and period over one window.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any

from watchbill.model.series import Series, Source
from watchbill.model.targets import Target
from watchbill.model.windows import Window

_SHARED = ("source", "account", "region", "period_s")  # equal in every series of a request, but for linked accounts


@dataclass(frozen=True)
class Query:
    """One question of a request."""

    entry: str  # the entry of include/metrics/*.yaml that asks
    series: Series  # what every series of the answer has in common; without `group_by`, the series itself
    text: str = ""  # in Datadog's query language, or CloudWatch's Expression; empty for one metric of CloudWatch
    group_by: tuple[str, ...] = ()  # dimensions whose values only the answer tells, named as declared
    sift: tuple[tuple[str, str], ...] = ()  # (dimension, `=~…` or `!~…`): which of those values are kept
    queries: tuple[tuple[str, "str | Series"], ...] = ()  # what `text` computes with, by name
    linked: bool = False  # a metric of an account that is linked to the one that is asked
    nil_to_zero: bool = False


@dataclass(frozen=True)
class Request:
    """A request without queries asks nothing: it only carries what planning cost and found out."""

    target: Target
    window: Window
    queries: tuple[Query, ...] = ()
    calls: int = 0  # HTTP calls that planning made; `fetch` adds its own
    warnings: tuple[str, ...] = ()  # what planning found out; `fetch` passes it on

    @property
    def source(self) -> Source:
        return self.target.source

    @property
    def connection(self) -> str:
        return self.target.connection

    @property
    def id(self) -> str:
        """The same questions have the same id whatever the window, so that the lake knows what they brought before."""
        asked = [self.target.to_json(), *([query.series.key, *_rest(query).values()] for query in self.queries)]
        return blake2b(json.dumps(asked, sort_keys=True).encode(), digest_size=8).hexdigest()

    @property
    def points(self) -> int:
        """How many points the answer may hold, a group counted as one series."""
        return sum(self.window.points(query.series.period_s) for query in self.queries)

    def to_json(self) -> dict[str, Any]:
        """What all series share is written once, and what is empty not at all: 500 queries are some 100 kB."""
        rows = [query.series.to_json() for query in self.queries]
        shared = {name: rows[0][name] for name in _SHARED if all(row[name] == rows[0][name] for row in rows)} \
            if rows else {}
        queries = [{"entry": query.entry, "series": {name: value for name, value in row.items() if name not in shared},
                    **{name: value for name, value in _rest(query).items() if value}}
                   for query, row in zip(self.queries, rows, strict=True)]
        return {"target": self.target.to_json(), "window": self.window.to_json(), "shared": shared,
                "queries": queries, "keys": [query.series.key for query in self.queries],
                "calls": self.calls, "warnings": list(self.warnings)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Request":
        queries = tuple(_query({**row, "series": {**data["shared"], **row["series"]}}) for row in data["queries"])
        _remember(queries, data.get("keys", ()))
        return cls(Target.from_json(data["target"]), Window.from_json(data["window"]), queries,
                   data["calls"], tuple(data["warnings"]))


def _remember(queries: Sequence[Query], keys: Sequence[int]) -> None:
    """What planning computed, so that the task need not; unless that was another version, with other keys.

    One key tells: they come from one process, and travel with the words that they are made of.
    """
    if len(keys) == len(queries) and queries and keys[0] == queries[0].series.key:
        for query, key in zip(queries, keys, strict=True):
            query.series.remember(key)


def _rest(query: Query) -> dict[str, Any]:
    """All but the entry and the series."""
    queries = [(name, one if isinstance(one, str) else one.to_json()) for name, one in query.queries]
    return {"text": query.text, "group_by": query.group_by, "sift": query.sift, "queries": queries,
            "linked": query.linked, "nil_to_zero": query.nil_to_zero}


def _query(row: dict[str, Any]) -> Query:
    queries = tuple((name, one if isinstance(one, str) else Series.from_json(one))
                    for name, one in row.get("queries", ()))
    return Query(row["entry"], Series.from_json(row["series"]), row.get("text", ""), tuple(row.get("group_by", ())),
                 tuple((name, value) for name, value in row.get("sift", ())), queries, row.get("linked", False),
                 row.get("nil_to_zero", False))


def with_findings(requests: list[Request], empty: Request, calls: int, warnings: list[str]) -> list[Request]:
    """The requests, the first of them (or `empty`, where there is none) carrying what planning found out."""
    if not calls and not warnings:
        return requests
    first, *rest = requests or [empty]
    return [replace(first, calls=calls, warnings=tuple(warnings)), *rest]
