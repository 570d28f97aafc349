"""History -> lake, by hand: one plan over a long window, the same shares as live, then a count.

A backfill goes long and thin: few requests with many points each, since CloudWatch bills by the
metric requested. Its price is told before, and what it really came to afterwards. It never wakes the judge.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog

from watchbill.flows.collect_metrics import OpenReader, mark_collected, plan_collection, plan_requests, spent
from watchbill.lake.lake import Lake
from watchbill.model.failures import LakeError
from watchbill.model.metrics import MetricEntry
from watchbill.model.series import Series, Source
from watchbill.model.targets import Target
from watchbill.model.windows import Window
from watchbill.sources.cost import Cost, by_target, estimate
from watchbill.sources.request import Request

log = structlog.get_logger("watchbill")


@dataclass(frozen=True)
class Estimate:
    """What a backfill would come to."""

    series: int  # a group of Datadog's, which only the answer tells, counts as one
    targets: dict[Target, Cost]
    total: Cost
    warnings: tuple[str, ...]  # what planning found out


def estimate_backfill(entries: Sequence[MetricEntry], source: Source, window: Window, open_reader: OpenReader, *,
                      now: datetime) -> Estimate:
    """Plans and collects nothing: only the metrics behind a `*` are listed, which is free. Raises SourceError."""
    return _estimate(plan_requests(entries, source, window, open_reader, now=now), now)


def plan_backfill(entries: Sequence[MetricEntry], source: Source, window: Window, open_reader: OpenReader, *,
                  now: datetime, dry_run: bool) -> list[dict[str, Any]]:
    """The shares to collect; none for a dry run, which only says what a real one would do."""
    shares = plan_collection(entries, source, window, open_reader, now=now)
    requests = [Request.from_json(request) for share in shares for request in share["requests"]]
    found = _estimate(requests, now)
    costs = {str(target): cost.to_json() for target, cost in found.targets.items()}
    log.info("backfill_planned", source=source, window=str(window), dry_run=dry_run, shares=len(shares),
             requests=len(requests), series=found.series, **found.total.to_json(), targets=costs,
             warnings=list(found.warnings))
    for target, cost in found.targets.items():
        log.info("backfill_cost", summary=f"{source} through {target}: {cost}")
    return [] if dry_run else shares


def _estimate(requests: Sequence[Request], now: datetime) -> Estimate:
    series = {query.series for request in requests for query in request.queries}
    return Estimate(len(series), by_target(requests, now), estimate(requests, now),
                    tuple(warning for request in requests for warning in request.warnings))


def verify_backfill(source: Source, window: Window, reports: Iterable[dict[str, Any]], lake: Lake, *,
                    now: datetime, whole: bool) -> dict[str, Any]:
    """Counts in the lake what the shares say they wrote, and names the series with holes.

    A hole is a period without a point: the source had none. Raises LakeError when points are not there
    that were collected.
    """
    collected = list(reports)
    keys = {key for report in collected for key in report["keys"]}
    series = [each for each in lake.series(source=source) if each.key in keys]
    counts = Counter(lake.read(series, window)["series"].to_pylist())
    there, claimed = sum(counts.values()), sum(report["points"] for report in collected)
    if there < claimed:
        raise LakeError(f"{claimed} points of {window} were collected from {source}, but the lake holds {there}: "
                        "run the backfill again")
    holes = {label(each): missing for each in series
             if (missing := window.points(each.period_s) - counts[each.key]) > 0}
    if whole:
        mark_collected(source, window, lake, now=now)
    total = {"series": len(series), "points": there, **spent(collected), "holes": holes}
    log.info("backfill_verified", source=source, window=str(window), **total)
    return {"source": source, "window": window.to_json(), **total}


def label(series: Series) -> str:
    """`shop.errors Sum 60s {service=checkout}`: a series in one line of a log."""
    scope = ",".join(f"{name}={value}" for name, value in series.dimensions)
    return f"{series.namespace}.{series.metric} {series.statistic} {series.period_s}s {{{scope}}}"
