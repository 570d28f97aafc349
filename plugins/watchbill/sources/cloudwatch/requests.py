"""Entries of include/metrics -> requests for GetMetricData.

Long and thin: AWS bills by the metric requested, however long the window, so a request holds few series
and many points rather than the other way round. packing.py says how few.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from watchbill.model.failures import SourceError
from watchbill.model.metrics import MetricEntry
from watchbill.model.series import Series
from watchbill.model.windows import Window, format_duration
from watchbill.sources.cloudwatch.calls import counted
from watchbill.sources.cloudwatch.listing import Dimensions, Listing
from watchbill.sources.cloudwatch.packing import tile
from watchbill.sources.cloudwatch.periods import KEPT, legal_period
from watchbill.sources.errors import Asked
from watchbill.sources.request import Query, Request, with_findings

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
        for metric in _metrics(listing, mine, account, region, warnings):
            by_period.setdefault(metric[0].series.period_s, []).append(metric)
    requests = [Request("cloudwatch", connection, span, queries)
                for period_s, metrics in by_period.items()
                for span, queries in _tiled(window.aligned(period_s), period_s, metrics)]
    return with_findings(requests, Request("cloudwatch", connection, window), calls.sent, warnings)


def _tiled(window: Window, period_s: int, metrics: Sequence[Sequence[Query]]
           ) -> Iterator[tuple[Window, tuple[Query, ...]]]:
    """The queries of each request, with its part of the window. An empty window has none."""
    if not window.length:
        return
    start = window.start
    for points, packing in tile(window.points(period_s), Counter(map(len, metrics))):
        span = Window(start, start + timedelta(seconds=points * period_s))
        start = span.end
        for queries in packing.deal(metrics):
            yield span, queries


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


def _metrics(listing: Listing, entries: Sequence[MetricEntry], account: str, region: str,
             warnings: list[str]) -> list[list[Query]]:
    """All statistics of each metric, which AWS bills together whichever entries want them. Each comes once."""
    out: dict[tuple[str, str, Dimensions, int], dict[Series, Query]] = {}
    for entry in entries:
        for metric in entry.metrics:
            found = listing.dimensions(entry, metric)
            if not found:
                warnings.append(f"{entry.name}: CloudWatch in {region} lists no metric "
                                f"{entry.namespace}/{metric} with exactly the dimensions "
                                f"{', '.join(entry.dimensions)}")
            for dimensions in found:
                queries = out.setdefault((entry.namespace, metric, dimensions, entry.period_s), {})
                for statistic in entry.statistics:
                    series = Series("cloudwatch", account, region, entry.namespace, metric, statistic,
                                    entry.period_s, dimensions, entry.unit)
                    queries.setdefault(series, Query(entry.name, series))
    return [list(queries.values()) for queries in out.values()]
