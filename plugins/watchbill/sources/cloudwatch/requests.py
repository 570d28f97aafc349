"""Entries of include/metrics -> requests for GetMetricData.

Long and thin: AWS bills by the metric requested, however long the window, so a request holds few series
and many points rather than the other way round.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from watchbill.model.failures import SourceError
from watchbill.model.metrics import MetricEntry
from watchbill.model.series import Series
from watchbill.model.windows import Window, format_duration
from watchbill.sources.cloudwatch.calls import counted
from watchbill.sources.cloudwatch.listing import Listing
from watchbill.sources.cloudwatch.periods import KEPT, legal_period
from watchbill.sources.errors import Asked
from watchbill.sources.request import Query, Request, with_findings

# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
MOST_QUERIES = 500
MOST_POINTS = 100_800  # a legal window has at most 21,600 points (15 days of minutes): four series or more
BILLED_TOGETHER = 5  # statistics of one metric in one request that AWS bills as one metric requested

_RECENT = timedelta(hours=2)  # well inside the three hours of RecentlyActive


def plan(client: Any, entries: Sequence[MetricEntry], connection: str, account: str, region: str,
         window: Window, now: datetime) -> list[Request]:
    """Requests for the whole periods of `window`; entries of other sources or connections are left out.

    Calls ListMetrics for dimensions with `*`. Raises SourceError: not retryable for a period that CloudWatch
    no longer keeps at this age, naming the next coarser one.
    """
    mine = [entry for entry in entries
            if "cloudwatch" in entry.sources and entry.connection("cloudwatch") == connection]
    for entry in mine:
        _check_period(entry, Asked("CloudWatch", region, connection, "planning", (entry.name,)), window, now)
    by_period: dict[int, list[list[Query]]] = {}
    warnings: list[str] = []
    with counted(client) as calls:
        listing = Listing(client, connection, region, recent=now - window.start <= _RECENT)
        for group in _groups(listing, mine, account, region, warnings):
            by_period.setdefault(group[0].series.period_s, []).append(group)
    requests = [
        Request("cloudwatch", connection, aligned, queries)
        for period_s, groups in by_period.items()
        if (aligned := window.aligned(period_s)).length
        for queries in _packed(groups, series_a_request(aligned.points(period_s)))
    ]
    return with_findings(requests, Request("cloudwatch", connection, window), calls.sent, warnings)


def series_a_request(points: int) -> int:
    """k = min(500, ⌊100800/n⌋) for n points a series."""
    return max(1, min(MOST_QUERIES, MOST_POINTS // max(1, points)))


def _check_period(entry: MetricEntry, asked: Asked, window: Window, now: datetime) -> None:
    start = window.aligned(entry.period_s).start
    age = now - start
    if age > KEPT:
        raise asked.error(f"{start:%Y-%m-%d %H:%M} UTC is more than {KEPT.days} days ago, and CloudWatch "
                          "keeps nothing longer", f"Start at {now - KEPT:%Y-%m-%d} or later", retryable=False)
    legal_s = legal_period(entry.period_s, age)
    if legal_s != entry.period_s:
        raise _illegal(entry.period_s, legal_s, start, asked)


def _illegal(period_s: int, legal_s: int, start: datetime, asked: Asked) -> SourceError:
    asked_for, legal = (format_duration(timedelta(seconds=one)) for one in (period_s, legal_s))
    return asked.error(f"CloudWatch has no points every {asked_for} for {start:%Y-%m-%d %H:%M} UTC",
                       f"Write `period: {legal}`, or ask for a later start", retryable=False)


def _groups(listing: Listing, entries: Sequence[MetricEntry], account: str, region: str,
            warnings: list[str]) -> Iterator[list[Query]]:
    """The statistics of one metric, as many as AWS bills as one. What two entries want comes once."""
    seen: set[Series] = set()
    for entry in entries:
        for metric in entry.metrics:
            found = listing.dimensions(entry, metric)
            if not found:
                warnings.append(f"{entry.name}: CloudWatch in {region} lists no metric "
                                f"{entry.namespace}/{metric} with exactly the dimensions "
                                f"{', '.join(entry.dimensions)}")
            for dimensions in found:
                wanted = [Series("cloudwatch", account, region, entry.namespace, metric, statistic,
                                 entry.period_s, dimensions, entry.unit) for statistic in entry.statistics]
                fresh = [Query(entry.name, series) for series in dict.fromkeys(wanted) if series not in seen]
                seen.update(wanted)
                yield from _cut(fresh, BILLED_TOGETHER)


def _packed(groups: list[list[Query]], most: int) -> Iterator[tuple[Query, ...]]:
    """Groups into requests of at most `most` queries; a group is split only where it does not fit at all."""
    request: list[Query] = []
    for whole in groups:
        for group in _cut(whole, most):
            if len(request) + len(group) > most:
                yield tuple(request)
                request = []
            request += group
    if request:
        yield tuple(request)


def _cut(queries: list[Query], most: int) -> Iterator[list[Query]]:
    for first in range(0, len(queries), most):
        yield queries[first:first + most]
