"""What the entries come to right now: series of each target, and what asking for them at the tick costs a month.

Plans and collects nothing: only what the declarations do not name is listed, which is free.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from math import ceil

from watchbill.flows.plan_collection import OpenReader, Plan, plan_requests
from watchbill.model.metrics import MetricEntry
from watchbill.model.series import SOURCES, Source
from watchbill.model.targets import Target
from watchbill.model.windows import Window, floor_time
from watchbill.sources.billing import billed
from watchbill.sources.request import Query, Request

MONTH = timedelta(days=30)


@dataclass(frozen=True)
class Resolved:
    """One entry at one target. A series that an earlier entry asks for too counts there."""

    entry: MetricEntry
    target: Target
    queries: tuple[Query, ...]  # one series each; of groups, as many as only the answer tells
    billed_a_month: int


@dataclass(frozen=True)
class Resolution:
    """All entries. SEARCH and SELECT are billed by what they find: each counts as one metric here."""

    resolved: tuple[Resolved, ...]
    calls_a_month: int
    billed_a_month: int  # less than the sum of the entries where statistics of two entries share a call
    warnings: tuple[str, ...]
    failed: tuple[str, ...]  # why a target is not among these


def resolve_metrics(entries: Sequence[MetricEntry], open_reader: OpenReader, *, tick: timedelta,
                    delay: Callable[[Source], timedelta], now: datetime) -> Resolution:
    """`delay` is the source's, where an entry has none of its own. Raises SourceError."""
    opened = cache(open_reader)
    plans = [_planned(entries, source, period_s, opened, now)
             for source in SOURCES for period_s in dict.fromkeys(entry.period_s for entry in entries)]
    requests = [request for plan in plans for request in plan.requests]
    months = {(source, entry.name): asks_a_month(entry.period, tick, delay(source) if entry.delay is None
                                                 else entry.delay) for entry in entries for source in entry.sources}
    resolved = tuple(_resolved(entry, target, requests, months[source, entry.name])
                     for entry in entries for source in entry.sources for target in entry.targets(source))
    asks = [(max(months[request.source, query.entry] for query in request.queries), request)
            for request in requests if request.queries]
    return Resolution(resolved, sum(asked for asked, _ in asks),
                      sum(asked * billed(request.queries) for asked, request in asks),
                      tuple(warning for plan in plans for warning in plan.warnings),
                      tuple(str(error) for plan in plans for error in plan.failed.values()))


def asks_a_month(period: timedelta, tick: timedelta, delay: timedelta) -> int:
    """How many ticks ask for points of this period: the one in which it ends, and the one in which it has settled."""
    if period <= tick:
        return ceil(MONTH / tick)
    return ceil(MONTH / period) * (2 if delay % period else 1)


def _planned(entries: Sequence[MetricEntry], source: Source, period_s: int, open_reader: OpenReader,
             now: datetime) -> Plan:
    """For the last whole period: one point of each series."""
    end = floor_time(now, period_s)
    mine = [entry for entry in entries if source in entry.sources and entry.period_s == period_s]
    return plan_requests(mine, source, Window(end - timedelta(seconds=period_s), end), open_reader, now=now)


def _resolved(entry: MetricEntry, target: Target, requests: Iterable[Request], asks: int) -> Resolved:
    own = [[query for query in request.queries if query.entry == entry.name]
           for request in requests if request.target == target]
    return Resolved(entry, target, tuple(query for each in own for query in each), asks * sum(map(billed, own)))
