"""What a cloud is to be asked: made by `plan`, carried through XCom, answered by `fetch`.

A request is one call to the vendor (more where it pages, splits or retries) for series of one source,
connection, account, region and period over one window.
"""

import json
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any

from watchbill.model.series import Series, Source
from watchbill.model.windows import Window

_SHARED = ("source", "account", "region", "period_s")  # equal in every series of a request


@dataclass(frozen=True)
class Query:
    """One question of a request."""

    entry: str  # the entry of include/metrics/*.yaml that asks
    series: Series  # what every series of the answer has in common; without `group_by`, the series itself
    text: str = ""  # in Datadog's query language; CloudWatch needs none
    group_by: tuple[str, ...] = ()  # dimensions whose values only the answer tells, named as declared


@dataclass(frozen=True)
class Request:
    """A request without queries asks nothing: it only carries what planning cost and found out."""

    source: Source
    connection: str
    window: Window
    queries: tuple[Query, ...] = ()
    calls: int = 0  # HTTP calls that planning made; `fetch` adds its own
    warnings: tuple[str, ...] = ()  # what planning found out; `fetch` passes it on

    @property
    def id(self) -> str:
        """The same questions have the same id, so that what a retry writes replaces what it wrote before."""
        asked = json.dumps(replace(self, calls=0, warnings=()).to_json(), sort_keys=True)
        return blake2b(asked.encode(), digest_size=8).hexdigest()

    @property
    def points(self) -> int:
        """How many points the answer may hold, a group counted as one series."""
        return sum(self.window.points(query.series.period_s) for query in self.queries)

    def to_json(self) -> dict[str, Any]:
        """What all series share is written once: 500 queries are about 60 kB."""
        rows = [query.series.to_json() for query in self.queries]
        shared = {name: rows[0][name] for name in _SHARED} if rows else {}
        queries = [
            {"entry": query.entry, "text": query.text, "group_by": list(query.group_by),
             "series": {name: value for name, value in row.items() if name not in _SHARED}}
            for query, row in zip(self.queries, rows, strict=True)
        ]
        return {"source": self.source, "connection": self.connection, "window": self.window.to_json(),
                "shared": shared, "queries": queries, "calls": self.calls, "warnings": list(self.warnings)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Request":
        queries = tuple(
            Query(row["entry"], Series.from_json({**data["shared"], **row["series"]}), row["text"],
                  tuple(row["group_by"]))
            for row in data["queries"]
        )
        return cls(data["source"], data["connection"], Window.from_json(data["window"]), queries,
                   data["calls"], tuple(data["warnings"]))


def with_findings(requests: list[Request], empty: Request, calls: int, warnings: list[str]) -> list[Request]:
    """The requests, the first of them (or `empty`, where there is none) carrying what planning found out."""
    if not calls and not warnings:
        return requests
    first, *rest = requests or [empty]
    return [replace(first, calls=calls, warnings=tuple(warnings)), *rest]
