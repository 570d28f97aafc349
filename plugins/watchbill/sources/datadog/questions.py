"""Queries of one request -> what Datadog's two endpoints take."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from watchbill.model.windows import Window
from watchbill.sources.datadog.texts import is_plain
from watchbill.sources.request import Query

_WORD = re.compile(r"'[^']*'|\"[^\"]*\"|\b(?P<name>[A-Za-z_]\w*)\b(?!\s*\()")


def needs_v1(query: Query) -> bool:
    """Functions and arithmetic in a query's own text: v2 takes them in formulas only."""
    return not query.queries and not is_plain(query.text)


def v2_body(queries: Sequence[Query], window: Window) -> dict[str, Any]:
    """One formula for each query as soon as one has a formula: `query_index` counts formulas then, else queries.

    As the client's models would write it, in a tenth of their time; a test holds it against them.
    """
    asked: list[tuple[str, str]] = []
    formulas: list[str] = []
    for number, query in enumerate(queries):
        inner = {name: f"q{number}_{name}" for name, _ in query.queries}
        asked += [(inner[name], str(text)) for name, text in query.queries] or [(f"q{number}", query.text)]
        formulas.append(_renamed(query.text, inner) if inner else f"q{number}")
    more = {"formulas": [{"formula": text} for text in formulas]} if any(query.queries for query in queries) else {}
    return {"data": {"type": "timeseries_request", "attributes": {
        "from": _ms(window.start), "to": _ms(window.end), "interval": queries[0].series.period_s * 1000,
        "queries": [{"data_source": "metrics", "name": name, "query": text} for name, text in asked], **more,
    }}}


def v1_arguments(query: Query, window: Window) -> dict[str, Any]:
    """In seconds."""
    return {"_from": _ms(window.start) // 1000, "to": -(-_ms(window.end) // 1000), "query": query.text}


def _renamed(formula: str, names: dict[str, str]) -> str:
    """Names outside of quotes; a name before a bracket is a function."""
    return _WORD.sub(lambda found: names.get(found["name"] or "", found[0]), formula)


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
