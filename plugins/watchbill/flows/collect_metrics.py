"""Source -> lake: plan a window's requests, collect them share by share, and say what came of it.

Shares and reports are plain JSON, because they travel between tasks.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

import structlog

from watchbill.lake.lake import Lake
from watchbill.model.failures import SourceError
from watchbill.model.metrics import MetricEntry
from watchbill.model.series import Source
from watchbill.model.targets import Target
from watchbill.model.windows import Window
from watchbill.sources.cost import dollars
from watchbill.sources.fetched import POINTS, Fetched
from watchbill.sources.request import Request
from watchbill.sources.shares import shares

OpenReader = Callable[[Target], "Reader"]

log = structlog.get_logger("watchbill")

REACH = timedelta(hours=3)
"""How far back a tick makes up for failed ones: 180 points a series at 60 s, where 201 cost no call more."""

WHOLE = "whole"
"""The share that says that all others of its window are in the lake."""

Json = dict[str, Any]


class Reader(Protocol):
    """One target, as one Airflow connection reaches it."""

    def plan(self, entries: Sequence[MetricEntry], window: Window, now: datetime) -> list[Request]: ...

    def fetch(self, request: Request) -> Fetched: ...


def plan_collection(
    entries: Sequence[MetricEntry], source: Source, window: Window,
    open_reader: OpenReader, *, now: datetime,
) -> list[Json]:
    """The window's requests as shares, each worth a task. Raises SourceError."""
    requests = plan_requests(entries, source, window, open_reader, now=now)
    planned = [[request.to_json() for request in share] for share in shares(requests)]
    log.info("collection_planned", source=source, window=str(window), entries=len(entries),
             series=sum(len(request.queries) for request in requests), requests=len(requests),
             shares=len(planned), calls=sum(request.calls for request in requests))
    return [{"requests": share} for share in planned]


def plan_requests(
    entries: Sequence[MetricEntry], source: Source, window: Window, open_reader: OpenReader, *, now: datetime,
) -> list[Request]:
    """What to ask of the source for the window, of each target that the entries name. Raises SourceError."""
    targets = dict.fromkeys(target for entry in entries for target in entry.targets(source))
    return [request for target in targets for request in open_reader(target).plan(entries, window, now)]


def collect_share(share: Json, open_reader: OpenReader, lake: Lake, *, now: datetime) -> Json:
    """Fetches and writes a share's requests one by one, so that what came before a failure stays.

    Raises SourceError or LakeError; a second run overwrites the same files.
    """
    report: Json = {"points": 0, "keys": [], "calls": 0, "billed_metrics": 0, "warnings": []}
    started = time.monotonic()
    for request in map(Request.from_json, share["requests"]):
        try:
            fetched = open_reader(request.target).fetch(request)
        except SourceError as error:
            log.error("collection_failed", source=request.source, window=str(request.window),
                      error=str(error), retryable=error.retryable, kept=report["points"],
                      **spent([report, {"calls": error.calls, "billed_metrics": error.billed_metrics}]))
            raise
        written = lake.write(request.source, request.window, request.id, fetched.points, fetched.series,
                             collected_at=now)
        report["points"] += written.points
        report["keys"] += [series.key for series in fetched.series]
        report["calls"] += fetched.calls
        report["billed_metrics"] += fetched.billed_metrics
        report["warnings"] += fetched.warnings
    log.info("share_collected", points=report["points"], series=len(report["keys"]), **spent([report]),
             warnings=report["warnings"], duration_s=round(time.monotonic() - started, 3))
    return report


def spent(reports: Iterable[Json]) -> Json:
    """What was really called and, as AWS bills it, paid: retries and pages included, those of planning too."""
    calls, billed = 0, 0
    for report in reports:
        calls += report["calls"]
        billed += report["billed_metrics"]
    return {"calls": calls, "billed_metrics": billed, "dollars": dollars(billed)}


def finish_collection(source: Source, window: Window, reports: Sequence[Json], lake: Lake, *,
                      now: datetime, whole: bool) -> Json:
    """Says what all shares brought and, where they are of every metric (`whole`), marks the window in the lake."""
    if whole:
        mark_collected(source, window, lake, now=now)
    total = {
        "points": sum(report["points"] for report in reports),
        "series": len({key for report in reports for key in report["keys"]}),
        **spent(reports),
    }
    warnings = [warning for report in reports for warning in report["warnings"]]
    log.info("metrics_collected", source=source, window=str(window), **total, warnings=warnings)
    return {"source": source, "window": window.to_json(), **total, "warnings": warnings}


def mark_collected(source: Source, window: Window, lake: Lake, *, now: datetime) -> None:
    """An answer without points, in the name of all shares: this window is whole."""
    lake.write(source, window, WHOLE, POINTS.empty_table(), (), collected_at=now)


def live_window(source: Source, window: Window, lake: Lake) -> Window:
    """The window, begun earlier where an earlier tick of the last hours failed: this one makes up for it."""
    before = collected_windows(source, Window(window.start - REACH, window.start), lake)
    return Window(before[0].end, window.end) if before else window


def collected_windows(source: Source, window: Window, lake: Lake) -> list[Window]:
    """The parts of the window of which every share came in, in order."""
    return lake.coverage(source, window, WHOLE)
