"""Declarations -> shares: what a window asks of each account, region and organisation, and what need not be asked.

Shares are plain JSON, because they travel between tasks.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

import structlog

from watchbill.flows.coverage import without_held
from watchbill.lake.lake import Lake
from watchbill.model.failures import SourceError, WatchbillError
from watchbill.model.metrics import MetricEntry
from watchbill.model.series import Source
from watchbill.model.targets import Target
from watchbill.model.windows import Window
from watchbill.sources.cost import dollars, estimate
from watchbill.sources.fetched import Fetched
from watchbill.sources.request import Request
from watchbill.sources.shares import shares

OpenReader = Callable[[Target], "Reader"]
Resumes = Callable[[list[Request]], list[Request]]

log = structlog.get_logger("watchbill")

Json = dict[str, Any]


class Reader(Protocol):
    """One target, as one Airflow connection reaches it."""

    def plan(self, entries: Sequence[MetricEntry], window: Window, now: datetime,
             settle: timedelta | None) -> list[Request]:
        """`settle`: of a live tick, how long the source's points take to settle; None for history."""

    def fetch(self, request: Request) -> Fetched: ...


@dataclass
class Plan:
    """What to ask; and the targets that could not be planned, with why."""

    requests: list[Request] = field(default_factory=list)
    failed: dict[Target, SourceError] = field(default_factory=dict)

    @property
    def warnings(self) -> tuple[str, ...]:
        return tuple(warning for request in self.requests for warning in request.warnings)


def plan_requests(entries: Sequence[MetricEntry], source: Source, window: Window, open_reader: OpenReader, *,
                  now: datetime, settle: timedelta | None = None) -> Plan:
    """What to ask of every target that the entries name. Raises SourceError where none of them can be planned."""
    plan = Plan()
    targets = dict.fromkeys(target for entry in entries for target in entry.targets(source))
    for target in targets:
        try:
            plan.requests += open_reader(target).plan(entries, window, now, settle)
        except SourceError as error:
            plan.failed[target] = error
    if targets and len(plan.failed) == len(targets):
        raise next(iter(plan.failed.values()))
    return plan


def plan_collection(entries: Sequence[MetricEntry], source: Source, window: Window, open_reader: OpenReader,
                    lake: Lake, *, now: datetime, settle: timedelta | None = None, again: bool = True,
                    budget: float | None = None, resumes: Resumes = list) -> list[Json]:
    """The window's requests as shares, each worth a task. Raises SourceError, and WatchbillError over the budget.

    `again`: ask for what is in the lake already too. `budget`: dollars that the day may cost with this. `resumes`: the
    plan's requests in, those of an earlier one and what it had not out. A target that cannot be planned is a share of
    its own: its task tries once more, and fails without stopping the others.
    """
    plan = plan_requests(entries, source, window, open_reader, now=now, settle=settle)
    plan.requests = resumes(plan.requests)
    requests = plan.requests if again else without_held(plan.requests, source, lake)
    if budget is not None:
        check_budget(requests, source, budget, lake, now=now)
    planned: list[Json] = [{"live": settle is not None, "requests": [request.to_json() for request in share]}
                           for share in shares(requests)]
    for target, error in plan.failed.items():
        log.error("planning_failed", source=source, window=str(window), connection=str(target), error=str(error))
        planned.append(_to_plan(entries, target, window, settle))
    log.info("collection_planned", source=source, window=str(window),
             entries=sum(source in entry.sources for entry in entries),
             series=sum(len(request.queries) for request in requests), requests=len(requests),
             skipped=len(plan.requests) - len(requests), shares=len(planned),
             calls=sum(request.calls for request in plan.requests))
    return planned


def _to_plan(entries: Sequence[MetricEntry], target: Target, window: Window, settle: timedelta | None) -> Json:
    mine = [entry for entry in entries if target in entry.targets(target.source)]
    return {"live": settle is not None, "asks": target.to_json(), "window": window.to_json(),
            "settle_s": None if settle is None else settle.total_seconds(),
            "entries": [entry.model_dump(mode="json", exclude_unset=True) for entry in mine]}


def requests_of(share: Json, open_reader: OpenReader, *, now: datetime) -> list[Request]:
    """The share's requests; those of a target that could not be planned are planned now. Raises SourceError."""
    if "requests" in share:
        return [Request.from_json(request) for request in share["requests"]]
    entries = [MetricEntry.model_validate(entry) for entry in share["entries"]]
    settle = None if share["settle_s"] is None else timedelta(seconds=share["settle_s"])
    return open_reader(target_of(share)).plan(entries, Window.from_json(share["window"]), now, settle)


def target_of(share: Json) -> Target:
    """Whom the share asks."""
    return Target.from_json(share["asks"] if "asks" in share else share["requests"][0]["target"])


def check_budget(requests: Iterable[Request], source: Source, budget: float, lake: Lake, *, now: datetime) -> None:
    """Raises WatchbillError where the day's calls would come to more than so many dollars."""
    spent, added = dollars(lake.spent(source, now.date())), estimate(requests, now).dollars
    if added and spent + added > budget:
        raise WatchbillError(
            f"the budget for {source} is ${budget:g} a day: ${spent:.5f} of {now:%Y-%m-%d} is spent, and this run "
            f"would add ${added:.5f}. Raise `sources.{source}.budget` in include/watchbill.yaml, take a shorter window "
            "or fewer metrics, or run it again with `over_budget`")
