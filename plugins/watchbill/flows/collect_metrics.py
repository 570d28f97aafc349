"""Source -> lake: collect a plan's shares one by one, and say what came of them.

Shares and reports are plain JSON, because they travel between tasks.
"""

import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

import structlog

from watchbill.flows.coverage import PART, WHOLE, mark_collected
from watchbill.flows.plan_collection import OpenReader, Reader, requests_of, target_of
from watchbill.lake.lake import Lake
from watchbill.model.failures import SourceError
from watchbill.model.series import Source
from watchbill.model.targets import Target
from watchbill.model.windows import Window
from watchbill.sources.cost import dollars
from watchbill.sources.fetched import Limit
from watchbill.sources.pace import Pace
from watchbill.sources.request import Request

log = structlog.get_logger("watchbill")

Json = dict[str, Any]
_COUNTS = ("points", "new", "corrected", "vanished", "calls", "billed_metrics")


def collect_share(share: Json, open_reader: OpenReader, lake: Lake, *, now: datetime,
                  wait: Callable[[float], object] = time.sleep) -> Json:
    """Fetches and writes a share's requests one by one, so that what came before a failure stays.

    Raises SourceError or LakeError; a second run writes nothing that is there. History keeps to its part of the
    quotas and waits for that, `wait` being called with seconds.
    """
    target, started = target_of(share), time.monotonic()
    report: Json = {"asked": target.to_json(), **dict.fromkeys(_COUNTS, 0), "keys": [], "warnings": []}
    try:
        requests = requests_of(share, open_reader, now=now)
        reader = open_reader(target)
        pace = Pace(target.source, live=share["live"], wait=wait)
        for request in requests:
            pace.before(request, now)
            pace.after(_collect(request, reader, lake, report, now=now, live=share["live"]))
    except SourceError as error:
        log.error("collection_failed", source=target.source, connection=str(target), error=str(error),
                  retryable=error.retryable, kept=report["points"],
                  **spent([report, {"calls": error.calls, "billed_metrics": error.billed_metrics}]))
        raise
    log.info("share_collected", source=target.source, connection=str(target), window=_span(requests),
             **{name: report[name] for name in _COUNTS[:4]}, series=len(report["keys"]), **spent([report]),
             warnings=report["warnings"], duration_s=round(time.monotonic() - started, 3))
    return report


def _collect(request: Request, reader: Reader, lake: Lake, report: Json, *, now: datetime,
             live: bool) -> Sequence[Limit]:
    """Adds to the report; what the source told of its limits."""
    try:
        fetched = reader.fetch(request)
    except SourceError as error:
        _spend(request, error.billed_metrics, lake, now)
        raise
    _spend(request, fetched.billed_metrics, lake, now)
    kept = lake.update(request.source, request.window, request.id, fetched.points, fetched.series, collected_at=now,
                       own=live)
    for name, count in (("points", kept.points), ("new", kept.new), ("corrected", kept.changed),
                        ("vanished", kept.vanished), ("calls", fetched.calls),
                        ("billed_metrics", fetched.billed_metrics)):
        report[name] += count
    report["keys"] += [series.key for series in fetched.series]
    report["warnings"] += fetched.warnings
    return fetched.limits


def _spend(request: Request, billed_metrics: int, lake: Lake, now: datetime) -> None:
    """Each try is paid for, so each has a name of its own."""
    lake.spend(request.source, now.date(), uuid.uuid4().hex, billed_metrics)


def _span(requests: Sequence[Request]) -> str:
    if not requests:
        return ""
    return str(Window(min(each.window.start for each in requests), max(each.window.end for each in requests)))


def spent(reports: Iterable[Json]) -> Json:
    """What was really called and, as AWS bills it, paid: retries and pages included, those of planning too."""
    calls, billed = 0, 0
    for report in reports:
        calls += report["calls"]
        billed += report["billed_metrics"]
    return {"calls": calls, "billed_metrics": billed, "dollars": dollars(billed)}


def planned_shares(shares: Iterable[Json]) -> list[Json]:
    """How many shares each target has: what `finish_collection` holds the reports against."""
    count = Counter(map(target_of, shares))
    return [{"asked": target.to_json(), "shares": many} for target, many in count.items()]


def finish_collection(source: Source, window: Window, planned: Sequence[Json], reports: Sequence[Json], lake: Lake, *,
                      now: datetime, whole: bool) -> Json:
    """Says what the shares brought, and marks the window in the lake where they are of every metric (`whole`).

    `planned` as by `planned_shares`: a target lacks what its failed shares did not report. The answer's `collected` is
    true where at least one target has everything.
    """
    came = Counter(Target.from_json(report["asked"]) for report in reports)
    complete = {Target.from_json(one["asked"]): came[Target.from_json(one["asked"])] == one["shares"]
                for one in planned}
    lacking = [str(target) for target, there in complete.items() if not there]
    collected = not lacking or any(complete.values())
    if whole and collected:
        mark_collected(source, window, lake, now=now, share=PART if lacking else WHOLE)
    total = {
        **{name: sum(report[name] for report in reports) for name in _COUNTS[:4]},
        "series": len({key for report in reports for key in report["keys"]}),
        **spent(reports),
    }
    warnings = [warning for report in reports for warning in report["warnings"]]
    log.info("metrics_collected", source=source, window=str(window), **total, lacking=lacking, warnings=warnings)
    return {"source": source, "window": window.to_json(), **total, "lacking": lacking, "collected": collected,
            "warnings": warnings}
