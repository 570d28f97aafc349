"""A backfill that was killed goes on by the plan that it had, whatever a `*` stands for by now.

Which series share a request depends on what there is; planned anew, a series that came or went would move others to
requests that the lake does not know, and what is whole would be asked and paid for again.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from watchbill.lake.lake import Lake
from watchbill.model.metrics import MetricEntry
from watchbill.model.series import Source
from watchbill.model.windows import Window
from watchbill.sources.request import Query, Request


def resumed(
    requests: Sequence[Request], entries: Sequence[MetricEntry], source: Source, window: Window, lake: Lake, *,
    keep: bool,
) -> list[Request]:
    """The requests of the earlier plan for these entries and this window, then what it had not.

    `keep`: for the next time. Raises LakeError.
    """
    key = _key(entries, source, window)
    before = [Request.from_json(request) for request in lake.kept(key) or ()]
    known = {_question(request, query) for request in before for query in request.queries}
    more = [replace(request, queries=tuple(query for query in request.queries
                                           if _question(request, query) not in known)) for request in requests]
    if keep and any(request.queries for request in more):
        asking = [replace(request, calls=0, warnings=()) for request in (*before, *more) if request.queries]
        lake.keep(key, [request.to_json() for request in asking])
    return _asking(before, more)


def _asking(before: Sequence[Request], more: Sequence[Request]) -> list[Request]:
    """Those that ask something; the first of them carries what planning the others cost and found out."""
    silent = [request for request in more if not request.queries]
    asking = [request for request in (*before, *more) if request.queries]
    if not asking or not silent:
        return asking or silent
    first, *rest = asking
    return [replace(first, calls=first.calls + sum(request.calls for request in silent),
                    warnings=(*first.warnings, *(each for request in silent for each in request.warnings))), *rest]


def _key(entries: Sequence[MetricEntry], source: Source, window: Window) -> str:
    declared = [entry.model_dump(mode="json", exclude_unset=True) for entry in entries]
    return f"backfill/{source}/{window}/{json.dumps(declared, sort_keys=True)}"


def _question(request: Request, query: Query) -> tuple[Any, ...]:
    """Tells series apart in one plan; a window too long for one request is asked for in several."""
    return request.target, str(request.window), replace(query, entry=""), query.series.key
