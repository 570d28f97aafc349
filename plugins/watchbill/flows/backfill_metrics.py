"""History -> lake, by hand: one plan over a long window, the same shares as live, then a count.

A backfill goes long and thin: few requests with many points each, since CloudWatch bills by the
metric requested. Its price is told before, and what it really came to afterwards. It never wakes the judge.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog

from watchbill.flows.collect_metrics import spent
from watchbill.flows.coverage import mark_collected
from watchbill.flows.plan_collection import OpenReader, Plan, plan_collection, plan_requests
from watchbill.flows.resume_backfill import resumed
from watchbill.flows.tell_gaps import label, tell_gaps
from watchbill.lake.lake import Lake
from watchbill.model.failures import LakeError
from watchbill.model.metrics import MetricEntry
from watchbill.model.series import Source
from watchbill.model.targets import Target
from watchbill.model.windows import Window, floor_time
from watchbill.sources.cost import Cost, by_target, estimate
from watchbill.sources.request import Request

log = structlog.get_logger("watchbill")

_DAY_S = 86_400


@dataclass(frozen=True)
class Estimate:
    """What a backfill would come to."""

    series: int  # a group of Datadog's, which only the answer tells, counts as one
    targets: dict[Target, Cost]
    total: Cost
    warnings: tuple[str, ...]  # what planning found out
    failed: tuple[str, ...]  # why a target is not among these


def estimate_backfill(entries: Sequence[MetricEntry], source: Source, window: Window, open_reader: OpenReader, *,
                      now: datetime) -> Estimate:
    """Plans and collects nothing: only the metrics behind a `*` are listed, which is free. Raises SourceError."""
    return _estimate(plan_requests(entries, source, window, open_reader, now=now), now)


def plan_backfill(
    entries: Sequence[MetricEntry], source: Source, window: Window, open_reader: OpenReader, lake: Lake, *,
    now: datetime, dry_run: bool, again: bool = False, budget: float | None = None,
) -> list[dict[str, Any]]:
    """The shares to collect; none for a dry run, which only says what a real one would do.

    What an earlier backfill of the same metrics brought is not asked for again, unless `again`: one that was killed
    goes on where it stopped. Raises SourceError, and WatchbillError over the budget.
    """
    def resumes(requests: list[Request]) -> list[Request]:
        return requests if again else resumed(requests, entries, source, window, lake, keep=not dry_run)

    shares = plan_collection(entries, source, window, open_reader, lake, now=now, again=again,
                             budget=None if dry_run else budget, resumes=resumes)
    requests = [Request.from_json(request) for share in shares for request in share.get("requests", ())]
    found = _estimate(Plan(requests), now)
    costs = {str(target): cost.to_json() for target, cost in found.targets.items()}
    log.info("backfill_planned", source=source, window=str(window), dry_run=dry_run, shares=len(shares),
             requests=len(requests), series=found.series, **found.total.to_json(), targets=costs,
             warnings=list(found.warnings))
    for target, cost in found.targets.items():
        log.info("backfill_cost", summary=f"{source} through {target}: {cost}")
    return [] if dry_run else shares


def cheaper_backfill(entries: Sequence[MetricEntry], source: Source, window: Window, open_reader: OpenReader, *,
                     now: datetime) -> str | None:
    """What to do instead of a backfill by Airflow, which asks window by window and pays for each metric each time.

    A sentence with the command and both prices for the window's day; None where nothing would be saved.
    """
    midnight = floor_time(window.start, _DAY_S)
    day = Window(midnight, min(midnight + timedelta(seconds=_DAY_S), now))
    windows = -(-day.length // window.length)
    one, whole = (_estimate(plan_requests(entries, source, span, open_reader, now=now), now).total
                  for span in (window, day))
    if whole.billed_metrics >= windows * one.billed_metrics and whole.calls >= windows * one.calls:
        return None
    conf = json.dumps({"source": source, "start": f"{day.start:%Y-%m-%dT%H:%M:%SZ}",
                       "end": f"{day.end:%Y-%m-%dT%H:%M:%SZ}"})
    return (f"window by window, {day.start:%Y-%m-%d} takes {windows * one.calls:,} calls and "
            f"${windows * one.dollars:.5f}; at once it takes {whole.calls:,} and ${whole.dollars:.5f}: "
            f"airflow dags trigger backfill_metrics --conf '{conf}'")


def _estimate(plan: Plan, now: datetime) -> Estimate:
    series = {query.series for request in plan.requests for query in request.queries}
    return Estimate(len(series), by_target(plan.requests, now), estimate(plan.requests, now), plan.warnings,
                    tuple(map(str, plan.failed.values())))


def verify_backfill(source: Source, window: Window, reports: Iterable[dict[str, Any]], lake: Lake, *,
                    now: datetime, whole: bool) -> dict[str, Any]:
    """Counts in the lake what the shares say they brought, and names the series with holes.

    A hole is a period without a point: the source had none. Raises LakeError when points are not there
    that were collected.
    """
    collected = list(reports)
    keys = {key for report in collected for key in report["keys"]}
    series = [each for each in lake.series(source=source) if each.key in keys]
    counts: Counter[Any] = Counter()
    for day in _days(window):  # so that memory does not grow with the window
        counts.update(lake.read(series, day)["series"].to_pylist())
    there, claimed = sum(counts.values()), sum(report["points"] for report in collected)
    if there < claimed:
        raise LakeError(f"{claimed} points of {window} were collected from {source}, but the lake holds {there}: "
                        "run the backfill again")
    holes = {label(each): missing for each in series
             if (missing := window.points(each.period_s) - counts[each.key]) > 0}
    if whole:
        mark_collected(source, Window(window.start, max(window.start, min(window.end, now))), lake, now=now)
    total = {"series": len(series), "points": there, **spent(collected), "holes": holes}
    log.info("backfill_verified", source=source, window=str(window), **total)
    tell_gaps(source, window, lake, keys)
    return {"source": source, "window": window.to_json(), **total}


def _days(window: Window) -> Iterator[Window]:
    start = window.start
    while start < window.end:
        end = min(floor_time(start, _DAY_S) + timedelta(seconds=_DAY_S), window.end)
        yield Window(start, end)
        start = end
