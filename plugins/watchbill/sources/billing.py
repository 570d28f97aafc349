"""What AWS bills for the queries of one GetMetricData: metrics, each once for up to five of its statistics.

https://aws.amazon.com/cloudwatch/pricing/: by the metric requested. Metric math itself is free, the metrics that it
computes with are not, whether they are returned or not. A SEARCH is billed by the metrics that it finds and Metrics
Insights by those that it analyses, up to 10,000, which only AWS knows.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from watchbill.model.cloudwatch_math import is_search, is_select
from watchbill.model.series import Series
from watchbill.sources.request import Query

BILLED_TOGETHER = 5
"""Statistics of one metric in one request."""


def billed(queries: Iterable[Query]) -> int:
    """Of one request; each SEARCH and SELECT as one metric, its least."""
    queries = list(queries)
    statistics: dict[tuple[object, ...], set[str]] = defaultdict(set)
    for query in queries:
        for series in metrics_of(query):
            metric = (series.account, series.namespace, series.metric, series.dimensions, series.period_s)
            statistics[metric].add(series.statistic)
    return sum(-(-len(each) // BILLED_TOGETHER) for each in statistics.values()) + open_ended(queries)


def open_ended(queries: Iterable[Query]) -> int:
    """How many SEARCH and SELECT there are, whose bill only AWS knows."""
    return sum(is_search(text) or is_select(text) for query in queries for text in texts_of(query))


def metrics_of(query: Query) -> Iterator[Series]:
    """Every metric that CloudWatch has to read for it by name, hidden ones of an expression included."""
    if query.series.source == "cloudwatch" and not query.text:
        yield query.series
    yield from (one for _, one in query.queries if isinstance(one, Series))


def texts_of(query: Query) -> list[str]:
    """Every expression of it."""
    if query.series.source != "cloudwatch":
        return []
    return [text for text in (query.text, *(one for _, one in query.queries)) if isinstance(text, str) and text]
