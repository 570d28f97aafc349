"""Entries of include/metrics -> requests for Datadog's v2 timeseries endpoint."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from watchbill.model.metrics import MetricEntry
from watchbill.model.windows import Window
from watchbill.sources.datadog.queries import free_question, question
from watchbill.sources.errors import Asked
from watchbill.sources.request import Query, Request

MOST_POINTS = 1_500
"""A series and query; beyond, Datadog rolls up unasked. docs.datadoghq.com/dashboards/functions/rollup"""

MOST_QUERIES = 10
"""Of ours a request; the vendor names no limit. What one of them breaks, all of them have to repeat."""

KEPT = timedelta(days=455)
"""15 months. docs.datadoghq.com/developers/guide/data-collection-resolution-retention"""


def plan(entries: Sequence[MetricEntry], connection: str, site: str, window: Window,
         now: datetime) -> list[Request]:
    """Requests for the whole periods of `window`; entries of other sources or connections are left out.

    Makes no calls. Raises SourceError, not retryable: a statistic, query or start that Datadog cannot answer.
    """
    by_period: dict[int, list[Query]] = {}
    for query in _distinct(_queries(entries, connection, site), connection, site):
        by_period.setdefault(query.series.period_s, []).append(query)
    if by_period and now - window.start > KEPT:
        raise Asked("Datadog", site, connection, "planning").error(
            f"{window.start:%Y-%m-%d} is more than {KEPT.days} days ago, and Datadog keeps nothing longer",
            f"Start at {now - KEPT:%Y-%m-%d} or later", retryable=False)
    return [
        Request("datadog", connection, part, tuple(queries[first:first + MOST_QUERIES]))
        for period_s, queries in by_period.items()
        for part in split(window.aligned(period_s), period_s)
        for first in range(0, len(queries), MOST_QUERIES)
    ]


def split(window: Window, period_s: int) -> Iterator[Window]:
    """Windows of at most 1,500 points, in order; none for an empty one."""
    step = timedelta(seconds=MOST_POINTS * period_s)
    start = window.start
    while start < window.end:
        yield Window(start, min(start + step, window.end))
        start += step


def _queries(entries: Sequence[MetricEntry], connection: str, site: str) -> Iterator[Query]:
    for entry in entries:
        if "datadog" not in entry.sources or entry.connection("datadog") != connection:
            continue
        if entry.query:
            yield free_question(entry, connection, site)
        for metric in entry.metrics:
            for statistic in entry.statistics:
                yield question(entry, metric, statistic, connection, site)


def _distinct(queries: Iterator[Query], connection: str, site: str) -> list[Query]:
    """Each question once. Two different ones whose points would land in the same series are refused."""
    seen: dict[tuple[object, ...], Query] = {}
    for query in queries:
        key = (query.series, tuple(sorted(query.group_by)))
        earlier = seen.setdefault(key, query)
        if earlier.text != query.text:
            raise Asked("Datadog", site, connection, "planning", (earlier.entry, query.entry)).error(
                f"{earlier.text} and {query.text} would be stored as one series", "Leave one of them out",
                retryable=False)
    return list(seen.values())
