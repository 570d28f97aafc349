"""Entries of include/metrics -> requests for GetMetricData.

Long and thin: AWS bills by the metric requested, however long the window, so a request holds few series
and many points rather than the other way round. packing.py says how few.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from watchbill.model.metrics import MetricEntry
from watchbill.model.series import Series
from watchbill.model.targets import Target
from watchbill.model.windows import Window
from watchbill.sources.cloudwatch.calls import counted
from watchbill.sources.cloudwatch.expressions import Asking, expression_query, placed
from watchbill.sources.cloudwatch.kept import Kept, Listings
from watchbill.sources.cloudwatch.listing import Dimensions, Found, Listing, Want
from watchbill.sources.cloudwatch.packing import tile
from watchbill.sources.cloudwatch.spans import Spans, reads_analysed
from watchbill.sources.cloudwatch.tags import Tagging, Tags
from watchbill.sources.errors import Asked
from watchbill.sources.request import Query, Request, with_findings

_RECENT = timedelta(hours=2)  # well inside the three hours of RecentlyActive
LISTED = timedelta(days=14)
"""How long ListMetrics still knows a metric that has fallen silent."""


def plan(client: Any, entries: Sequence[MetricEntry], target: Target, account: str, region: str,
         window: Window, now: datetime, *, settle: timedelta | None = None, listings: Listings | None = None,
         tagging: Callable[[], Any] | None = None) -> list[Request]:
    """Requests for the whole periods of `window`; entries that do not name the target are left out.

    `settle`, how long the source's points take to settle, makes it the plan of a live tick: an entry is asked as long
    as the window, begun earlier by its delay, holds a whole period, and for as long a time as costs nothing more.
    `listings` keeps what ListMetrics and GetResources say; `tagging` opens boto3's client for
    resourcegroupstaggingapi, where entries want tags.

    Calls ListMetrics for what the declaration does not name. Raises SourceError: not retryable for a period that
    CloudWatch no longer keeps at this age, naming the next coarser one.
    """
    plan_ = _Plan(target, account, region, Spans(window, settle, now))
    mine = [entry for entry in entries if target in entry.targets("cloudwatch")]
    asking = [entry for entry in mine if plan_.base(entry).length]
    kept = Kept(listings, account, region, now, plan_.warnings)
    with counted(client) as calls:
        plan_.find(client, asking, kept)
    tagged = plan_.join(asking, tagging, kept) if tagging else 0
    return with_findings(plan_.requests(), Request(target, window), calls.sent + tagged, plan_.warnings)


@dataclass
class _Asked:
    """All statistics of one metric, which AWS bills together whichever entries want them; or one expression."""

    base: Window
    queries: dict[Series, Query] = field(default_factory=dict)
    analysed: bool = False  # by Metrics Insights
    tags: set[str] = field(default_factory=set)  # that an entry wants

    def join(self, namespace: str, tags_of: Callable[[Series], Tags]) -> None:
        for series, query in self.queries.items() if self.tags else ():
            if series.namespace == namespace:
                tags = tuple(tag for tag in tags_of(series) if tag[0] in self.tags)
                self.queries[series] = replace(query, series=replace(series, tags=tags))

    @property
    def is_expression(self) -> bool:
        return any(query.text for query in self.queries.values())


_Key = tuple[str, str, str, Dimensions, int]


class _Plan:
    """What is asked of one target, growing entry by entry, and what was found out on the way."""

    def __init__(self, target: Target, account: str, region: str, spans: Spans) -> None:
        self.warnings: list[str] = []
        self._target, self._account, self._region, self._spans = target, account, region, spans
        self._asked: dict[_Key, _Asked] = {}

    def base(self, entry: MetricEntry) -> Window:
        """Raises SourceError."""
        return self._spans.checked(entry, Asked("CloudWatch", self._region, self._target.connection, "planning",
                                                (entry.name,)), self.warnings)

    def find(self, client: Any, entries: Sequence[MetricEntry], kept: Kept) -> None:
        """Every metric and expression of the entries. Raises SourceError."""
        wants = [Want(entry, metric, self._recent(entry)) for entry in entries if not entry.expression
                 for metric in entry.metrics]
        listing = Listing(client, self._target.connection, self._account, self._region, kept, wants)
        self._tell_forgotten(wants)
        for want in wants:
            self._ask_metrics(want, listing.metrics(want))
        for entry in entries:
            if entry.expression:
                self._ask(entry, [expression_query(entry, self._account, self._region)])

    def _recent(self, entry: MetricEntry) -> bool:
        return self._spans.now - self._spans.base(entry).start <= _RECENT

    def _tell_forgotten(self, wants: Sequence[Want]) -> None:
        names = list(dict.fromkeys(want.entry.name for want in wants if not want.is_named))
        if names and self._spans.settle is None and self._spans.now - self._spans.window.start > LISTED:
            self.warnings.append(f"{', '.join(names)}: CloudWatch in {self._region} lists metrics of the last "
                                 f"{LISTED.days} days only; those that fell silent before are collected by their names")

    def _ask_metrics(self, want: Want, found: Sequence[Found]) -> None:
        entry = want.entry
        if not found:
            self.warnings.append(f"{entry.name}: CloudWatch in {self._region} lists no metric {entry.namespace}/"
                                 f"{want.metric} with exactly the dimensions {_written(entry)}")
        self._ask(entry, [
            Query(entry.name, Series("cloudwatch", one.owner, self._region, entry.namespace, one.metric, statistic,
                                     entry.period_s, one.dimensions, entry.unit),
                  linked=one.owner != self._account, nil_to_zero=entry.nil_to_zero)
            for one in found for statistic in entry.statistics])

    def _ask(self, entry: MetricEntry, queries: Sequence[Query]) -> None:
        """Each series once, for the longest time that an entry wants of its metric."""
        base, analysed = self._spans.base(entry), reads_analysed(entry)
        for query in queries:
            series = query.series
            key = (series.account, series.namespace, query.text or series.metric, series.dimensions, series.period_s)
            asked = self._asked.setdefault(key, _Asked(base, analysed=analysed))
            asked.base = min(asked.base, base)
            asked.queries.setdefault(series, query)
            asked.tags.update(entry.tags)

    def join(self, entries: Sequence[MetricEntry], open_client: Callable[[], Any], kept: Kept) -> int:
        """Tags to the series of the entries that want some; how many calls it took."""
        calls = 0
        for namespace in dict.fromkeys(entry.namespace for entry in entries if entry.tags):
            wanting = [entry for entry in entries if entry.namespace == namespace and entry.tags]
            asked = Asked("AWS", self._region, self._target.connection, "GetResources",
                          tuple(entry.name for entry in wanting))
            tagging = Tagging(open_client, asked, self._account, kept, self.warnings)
            tags_of = tagging.tags(namespace, {tag for entry in wanting for tag in entry.tags})
            for one in self._asked.values():
                one.join(namespace, tags_of)
            calls += tagging.calls
        return calls

    def requests(self) -> list[Request]:
        groups: dict[tuple[int, Window], list[_Asked]] = {}
        for (*_, period_s), asked in self._asked.items():
            window = self._spans.widened(asked.base, period_s, analysed=asked.analysed)
            groups.setdefault((period_s, window), []).append(asked)
        return [Request(self._target, span, queries)
                for (period_s, window), together in groups.items()
                for span, queries in _asking(window, period_s, together)]


def _asking(window: Window, period_s: int, together: Sequence[_Asked]) -> list[Asking]:
    metrics = [list(asked.queries.values()) for asked in together if not asked.is_expression]
    expressions = [query for asked in together if asked.is_expression for query in asked.queries.values()]
    return placed(window, period_s, expressions, list(_tiled(window, period_s, metrics)))


def _tiled(window: Window, period_s: int, metrics: Sequence[Sequence[Query]]) -> Iterator[Asking]:
    """The queries of each request, with its part of the window."""
    start = window.start
    for points, packing in tile(window.points(period_s), Counter(map(len, metrics))):
        span = Window(start, start + timedelta(seconds=points * period_s))
        start = span.end
        for queries in packing.deal(metrics):
            yield span, queries


def _written(entry: MetricEntry) -> str:
    return ", ".join(name + (value if value[:2] in ("=~", "!~") else "") for name, value in entry.dimensions.items())
