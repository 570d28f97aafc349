"""Entries with an `expression` -> one query each, and their places in requests.

Metric math goes into the room that others leave, hidden queries counted with it. A SEARCH, a SELECT and METRICS() stand
alone: the first two bring as many series as they find, AWS takes one SELECT a request, and METRICS() is every metric of
its request.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from watchbill.model.cloudwatch_math import is_select, most_series, takes_all
from watchbill.model.metrics import MetricEntry, MetricStat, is_fixed
from watchbill.model.series import EXPRESSION, Series
from watchbill.model.windows import Window
from watchbill.sources.billing import metrics_of, texts_of
from watchbill.sources.cloudwatch.packing import MOST_POINTS, series_a_request
from watchbill.sources.request import Query

Asking = tuple[Window, tuple[Query, ...]]
"""One request: its time and its queries."""


def expression_query(entry: MetricEntry, account: str, region: str) -> Query:
    """What the series of the answer have in common; dimensions that are not fixed are read from the answer."""
    fixed = tuple((name, value) for name, value in entry.dimensions.items() if is_fixed(value))
    series = Series("cloudwatch", account, region, entry.namespace, entry.metrics[0], EXPRESSION, entry.period_s,
                    fixed, entry.unit)
    others = [(name, value) for name, value in entry.dimensions.items() if not is_fixed(value)]
    sift = tuple((name, value) for name, value in others if value[:2] in ("=~", "!~"))
    queries = tuple((name, one if isinstance(one, str) else _metric(one, entry, account, region))
                    for name, one in entry.queries.items())
    return Query(entry.name, series, entry.expression, tuple(name for name, _ in others), sift, queries,
                 nil_to_zero=entry.nil_to_zero)


def _metric(stat: MetricStat, entry: MetricEntry, account: str, region: str) -> Series:
    return Series("cloudwatch", account, region, stat.namespace or entry.namespace, stat.metric, stat.statistic,
                  entry.period_s, tuple(stat.dimensions.items()))


def weight(query: Query) -> int:
    """How much of a request's 500 queries it takes, and of its points: the series that it may bring, hidden ones too.

    Whether points of hidden queries count is not documented, so they do.
    """
    if not query.text:
        return 1
    return max(1 + len(query.queries), most_series(texts_of(query)))


def stands_alone(query: Query) -> bool:
    texts = texts_of(query)
    return any(is_select(text) or takes_all(text) for text in texts) or most_series(texts) > 0


def placed(window: Window, period_s: int, expressions: Sequence[Query], asking: Sequence[Asking]) -> list[Asking]:
    """The requests that there are, filled up, and the further ones that it takes."""
    out = list(asking)
    if not window.length:
        return out
    math = sorted((one for one in expressions if not stands_alone(one)), key=weight, reverse=True)
    for query in math:
        if window.points(period_s) * weight(query) > MOST_POINTS:
            out += [(span, (query,)) for span in _cut(window, period_s, weight(query))]
        else:
            _put(query, window, period_s, out)
    alone = [one for one in expressions if stands_alone(one)]
    return out + [(span, (query,)) for query in alone for span in _cut(window, period_s, weight(query))]


def _put(query: Query, window: Window, period_s: int, out: list[Asking]) -> None:
    """Where most of its metrics are asked for already, which are billed once; of equals, into the first with room."""
    most = series_a_request(window.points(period_s))
    open_ = [place for place, (span, queries) in enumerate(out)
             if span == window and sum(map(weight, queries)) + weight(query) <= most]
    if not open_:
        out.append((window, (query,)))
        return
    own = set(metrics_of(query))
    best = max(open_, key=lambda place: (len(own & _metrics(out[place][1])), -place))
    out[best] = (window, (*out[best][1], query))


def _metrics(queries: Sequence[Query]) -> set[Series]:
    return {series for query in queries for series in metrics_of(query)}


def _cut(window: Window, period_s: int, series: int) -> Iterator[Window]:
    """Parts in which so many series fit into a request."""
    step = timedelta(seconds=period_s * max(1, MOST_POINTS // series))
    start = window.start
    while start < window.end:
        yield Window(start, min(start + step, window.end))
        start += step
