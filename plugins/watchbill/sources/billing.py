"""What AWS bills for the queries of one GetMetricData: metrics, each once for up to five of its statistics.

https://aws.amazon.com/cloudwatch/pricing/: by the metric requested. Metric math itself is free, the metrics that it
computes with are not, whether they are returned or not. A SEARCH is billed by the metrics that it finds and Metrics
Insights by those that it analyses, up to 10,000, which only AWS knows.
"""

from collections import Counter
from collections.abc import Iterable, Iterator

from watchbill.model.cloudwatch_math import is_search, is_select
from watchbill.model.series import Series
from watchbill.sources.request import Query

BILLED_TOGETHER = 5
"""Statistics of one metric in one request."""


def billed(queries: Iterable[Query]) -> int:
    """Of one request; each SEARCH and SELECT as one metric, its least."""
    queries = list(queries)
    every = [query.series for query in queries if not query.text and query.series.source == "cloudwatch"]
    computing = [query for query in queries if query.text or query.queries]  # mostly none, of many
    every += [one for query in computing for _, one in query.queries if isinstance(one, Series)]
    if len({one.statistic for one in every}) <= 1:  # then a metric is a series, whose hash is known
        return len({one.key for one in every}) + open_ended(computing)
    asked = {((one.account, one.namespace, one.metric, one.dimensions, one.period_s), one.statistic) for one in every}
    statistics = Counter(metric for metric, _ in asked)
    return sum(-(-each // BILLED_TOGETHER) for each in statistics.values()) + open_ended(computing)


def open_ended(queries: Iterable[Query]) -> int:
    """How many SEARCH and SELECT there are, whose bill only AWS knows."""
    return sum(is_search(text) or is_select(text)
               for query in queries if query.text or query.queries for text in texts_of(query))


def metrics_of(query: Query) -> Iterator[Series]:
    """Every metric that CloudWatch has to read for it by name, hidden ones of an expression included."""
    if _is_metric(query):
        yield query.series
    yield from (one for _, one in query.queries if isinstance(one, Series))


def _is_metric(query: Query) -> bool:
    return query.series.source == "cloudwatch" and not query.text


def texts_of(query: Query) -> list[str]:
    """Every expression of it."""
    if query.series.source != "cloudwatch":
        return []
    return [text for text in (query.text, *(one for _, one in query.queries)) if isinstance(text, str) and text]
