"""Entries of include/metrics -> requests for Datadog's timeseries endpoints.

A live window begins earlier than asked, as far as costs no call more: late points come by, and what was corrected.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import chain

from watchbill.model.metrics import MetricEntry
from watchbill.model.targets import Target
from watchbill.model.windows import Window, ceil_time
from watchbill.sources.datadog.queries import questions
from watchbill.sources.datadog.texts import is_plain
from watchbill.sources.errors import Asked
from watchbill.sources.request import Query, Request
from watchbill.sources.ticks import due

MOST_POINTS = 1_500
"""A series and query; beyond, Datadog rolls up unasked. docs.datadoghq.com/dashboards/functions/rollup"""

MOST_QUERIES = 10
"""Of ours a request; the vendor names no limit. What one of them breaks, all of them have to repeat."""

LIVE_POINTS = 201
"""A series of a live window, as CloudWatch is asked for; a longer `delay` asks for more."""

KEPT = timedelta(days=455)
"""15 months. docs.datadoghq.com/developers/guide/data-collection-resolution-retention"""


def plan(entries: Sequence[MetricEntry], target: Target, site: str, window: Window, now: datetime, *,
         settle: timedelta | None = None) -> list[Request]:
    """Requests for the whole periods of `window`; entries that do not name the target are left out.

    `settle`: None for history; for a live tick the source's delay, which an entry's own replaces. Then an entry is
    asked as long as a period of its points may still change, and together with what came before.
    Makes no calls. Raises SourceError, not retryable: a statistic, query or start that Datadog cannot answer.
    """
    mine = [entry for entry in entries if target in entry.targets("datadog")]
    if mine and now - window.start > KEPT:
        raise Asked("Datadog", site, target.connection, "planning").error(
            f"{window.start:%Y-%m-%d} is more than {KEPT.days} days ago, and Datadog keeps nothing longer",
            f"Start at {now - KEPT:%Y-%m-%d} or later", retryable=False)
    # Entries of one delay come and go together: a request holds the same queries from tick to tick, and has one id.
    groups: dict[tuple[int, timedelta | None], list[Query]] = {}
    for entry, query in _distinct(mine, target.connection, site):
        groups.setdefault((entry.period_s, entry.delay), []).append(query)
    spans = {key: window.aligned(key[0]) if settle is None else _live(window, *key, settle, now) for key in groups}
    return [
        Request(target, part, queries)
        for key, asked in groups.items()
        for part in split(spans[key], key[0])
        for queries in _dealt(asked)
    ]


def split(window: Window, period_s: int) -> Iterator[Window]:
    """Windows of at most 1,500 points, in order; none for an empty one."""
    step = timedelta(seconds=MOST_POINTS * period_s)
    start = window.start
    while start < window.end:
        yield Window(start, min(start + step, window.end))
        start += step


def _live(window: Window, period_s: int, delay: timedelta | None, settle: timedelta, now: datetime) -> Window:
    """The periods that may still change, and those before them as far as a call holds: never a call more for them."""
    asked = due(window, period_s, settle if delay is None else delay)
    if not asked.length:
        return asked
    own = window.points(period_s)
    held = MOST_POINTS * max(1, -(-own // MOST_POINTS))
    points = min(max(LIVE_POINTS, asked.points(period_s)), held)
    start = asked.end - timedelta(seconds=max(points, own) * period_s)
    return Window(min(max(start, ceil_time(now - KEPT, period_s)), asked.end), asked.end)


def _dealt(queries: Sequence[Query]) -> Iterator[tuple[Query, ...]]:
    """The queries of each request. A formula has one of its own, and so has what v2 does not take: a call each."""
    shared = [query for query in queries if not query.queries and is_plain(query.text)]
    yield from (tuple(shared[first:first + MOST_QUERIES]) for first in range(0, len(shared), MOST_QUERIES))
    yield from ((query,) for query in queries if query not in shared)


def _distinct(entries: Sequence[MetricEntry], connection: str, site: str) -> Iterator[tuple[MetricEntry, Query]]:
    """Each question once. Two different ones whose points would land in the same series are refused."""
    seen: dict[tuple[object, ...], Query] = {}
    asked: set[tuple[object, ...]] = set()
    for entry, query in chain.from_iterable(((entry, query) for query in questions(entry, connection, site))
                                            for entry in entries):
        key = (query.series, tuple(sorted(query.group_by)))
        earlier = seen.setdefault(key, query)
        if (earlier.text, earlier.queries) != (query.text, query.queries):
            raise Asked("Datadog", site, connection, "planning", (earlier.entry, query.entry)).error(
                f"{earlier.text} and {query.text} would be stored as one series", "Leave one of them out",
                retryable=False)
        if (*key, query.sift, query.nil_to_zero) not in asked:
            asked.add((*key, query.sift, query.nil_to_zero))
            yield entry, query
