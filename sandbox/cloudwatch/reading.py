"""The queries of one request over one time range, each computed when a page first reaches it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from sandbox.cloudwatch import queries, retention
from sandbox.cloudwatch.accounts import View
from sandbox.cloudwatch.errors import invalid_request
from sandbox.cloudwatch.expressions import insights, labels, search
from sandbox.cloudwatch.expressions.evaluate import evaluate
from sandbox.cloudwatch.expressions.insights import Select
from sandbox.cloudwatch.expressions.series import Series, Value
from sandbox.cloudwatch.list_metrics import LISTED_S
from sandbox.cloudwatch.metrics import MetricKey, Metrics
from sandbox.cloudwatch.queries import Query, Stat
from sandbox.cloudwatch.samples import Column, Samples
from sandbox.cloudwatch.statistics import Points, aggregate

MOST_METRICS = 500
_NOTHING: Points = (np.empty(0), np.empty(0))
_DEFAULT_PERIOD_S = 300


class Reading:
    """`messages` gathers what the whole request has to be told, as code and text."""

    def __init__(self, view: View, asked: Sequence[Query], start: float, end: float, now: float) -> None:
        self.returned = [query for query in asked if query.returned]
        self.messages: dict[str, str] = {}
        self._view, self._start, self._end, self._now = view, start, end, now
        self._by_id = {query.id: query for query in asked}
        self._labels = queries.labels(asked)
        self._known: dict[str, Value] = {}
        self._found: dict[str, list[tuple[str, MetricKey]]] = {}
        self.default_period_s = _DEFAULT_PERIOD_S
        self._look_for(asked)

    def results(self, query: Query) -> list[Series]:
        """One or more, with their labels; an array without series comes as one without points."""
        value = self.of(query.id)
        if isinstance(value, float):
            said = "The expression must return a time series or an array of time series"
            raise invalid_request(f"Error in expression '{query.id}': {said}.")
        array = value if isinstance(value, list) else [replace(value, label=self._own_label(query))]
        if not array:
            return [Series(*_NOTHING, _DEFAULT_PERIOD_S, query.label or query.id)]
        return [replace(series, label=_label(query, series, is_array=isinstance(value, list))) for series in array]

    def _own_label(self, query: Query) -> str:
        return self._labels[query.id] if isinstance(query.what, Stat) else query.id

    def is_forbidden(self, query: Query) -> bool:
        """Whether it asks for an account that is not linked to the caller's."""
        return query.account is not None and query.account not in self._view.accounts

    def of(self, query_id: str) -> Value:
        """What a query comes to. Raises Refused where its values do not go together."""
        if query_id not in self._known:
            self._known[query_id] = self._computed(self._by_id[query_id])
        return self._known[query_id]

    def _computed(self, query: Query) -> Value:
        if isinstance(query.what, Stat):
            return self._metric(query.account or self._view.account, query.what, self._labels[query.id])
        if isinstance(query.what, Select):
            return self._select(query, query.what)
        outer, self.default_period_s = self.default_period_s, query.period_s or self._period_s()
        try:
            return evaluate(query.what, self)
        except ValueError as problem:
            raise invalid_request(f"Error in expression '{query.id}': {problem}.") from None
        finally:
            self.default_period_s = outer

    def _period_s(self) -> int:
        periods = [query.what.period_s for query in self._by_id.values() if isinstance(query.what, Stat)]
        return periods[0] if periods else _DEFAULT_PERIOD_S

    def metrics(self, part: str) -> list[Series]:
        found = [self.of(query.id) for query in self._by_id.values() if isinstance(query.what, Stat)
                 and part in query.id]
        return [series for series in found if isinstance(series, Series)]

    def grid(self, period_s: int) -> Column:
        first = _bucket(retention.rounded_start(self._start, period_s, self._now), period_s)
        return np.arange(first, self._end, period_s, dtype=np.float64)

    def search(self, text: str, statistic: str, period_s: int | None) -> list[Series]:
        period_s = period_s or self.default_period_s
        return labels.told_apart([self._metric(account, Stat(key, statistic, period_s, None), "")
                                  for account, key in self._found[text]])

    def _look_for(self, asked: Sequence[Query]) -> None:
        """What each SEARCH finds in every account that is seen, until the request has its 500 metrics."""
        left = MOST_METRICS - sum(isinstance(query.what, Stat) for query in asked)
        for text in queries.searches(asked):
            wanted = search.parse(text, self._view.account)
            found = [(account, key) for account, key in self._listed() if wanted.meets(account, key)]
            if len(found) > left:
                self.messages["MaxMetricsExceeded"] = "Maximum number of allowed metrics exceeded"
            self._found[text] = found[:left]
            left -= len(found[:left])

    def _listed(self) -> Iterable[tuple[str, MetricKey]]:
        """The metrics with points in the last two weeks: no SEARCH and no SELECT finds others."""
        for account, metrics in self._view.accounts.items():
            for key, newest in metrics.listed():
                if newest >= self._now - LISTED_S:
                    yield account, key

    def _metric(self, account: str, stat: Stat, label: str) -> Series:
        metrics = self._view.accounts.get(account)
        times, values = read(metrics, stat, self._start, self._end, self._now) if metrics else _NOTHING
        properties = self._properties(account, stat.key.namespace, stat.key.metric, stat.statistic, stat.period_s)
        properties |= {f"Dim.{name}": value for name, value in stat.key.dimensions}
        return Series(times, values, stat.period_s, label, properties, is_metric=True)

    def _properties(self, account: str, namespace: str, metric: str, statistic: str, period_s: int) -> dict[str, str]:
        return {"AccountId": account, "Namespace": namespace, "MetricName": metric, "Stat": statistic,
                "Period": str(period_s), "Region": self._view.region}  # fmt: skip

    def _select(self, query: Query, select: Select) -> Value:
        matched = [(account, key) for account, key in self._listed() if select.meets(account, key)]
        if len(matched) > insights.MOST_METRICS:
            said = "The query matched more than 10,000 metrics, the results might not be accurate"
            self.messages["MaxMatchingResultsExceeded"] = said
        groups: dict[tuple[str, ...], list[tuple[str, MetricKey]]] = {}
        for account, key in matched[: insights.MOST_METRICS]:
            groups.setdefault(select.group(account, key), []).append((account, key))
        found = [self._group(select, query, group, groups[group]) for group in sorted(groups)]
        if not select.group_by:
            return found[0] if found else self._group(select, query, (), [])
        if select.order_by:
            found = _ordered(found, select.order_by, descending=select.descending)
        if len(found) > insights.MOST_SERIES and select.limit == insights.MOST_SERIES:
            self.messages["MaxQueryResultsExceeded"] = "Only the first 500 time series can be returned by a query"
        return found[: select.limit]

    def _group(self, select: Select, query: Query, group: tuple[str, ...],
               keys: list[tuple[str, MetricKey]]) -> Series:
        period_s = max(query.period_s or 0, insights.FINEST_S)
        start = self._start
        if start < self._now - insights.BACK_S:
            self.messages["MaxQueryTimeRangeExceeded"] = "Max time window exceeded for query"
            start = self._now - insights.BACK_S
        first = _bucket(retention.rounded_start(start, period_s, self._now), period_s)
        runs = [self._view.accounts[account].samples(key, first, _bucket(self._end, period_s))
                for account, key in keys]
        times, values = aggregate(Samples.joined(runs), select.statistic, period_s)
        named = dict(zip(select.group_by, group, strict=True))
        account = named.get(insights.ACCOUNT, self._view.account)
        properties = self._properties(account, select.namespace, select.metric, select.function, period_s)
        properties |= {f"Dim.{name}": value for name, value in named.items()}
        return Series(times, values, period_s, " ".join(group), properties)


def _ordered(found: list[Series], function: str, *, descending: bool) -> list[Series]:
    score = {"AVG": np.mean, "MAX": np.max, "MIN": np.min, "SUM": np.sum, "COUNT": len}[function]
    full = [series for series in found if len(series.values)]
    full.sort(key=lambda series: float(score(series.values)), reverse=descending)  # type: ignore[operator]
    return full + [series for series in found if not len(series.values)]


def _label(query: Query, series: Series, *, is_array: bool) -> str:
    if query.label and labels.is_dynamic(query.label):
        return labels.filled(query.label, series)
    if is_array:
        return f"{query.label} {series.label}" if query.label else series.label
    return series.label if query.label is None else query.label


def read(metrics: Metrics, stat: Stat, start: float, end: float, now: float) -> Points:
    """The points whose times lie from `start`, rounded down as the vendor does, to before `end`."""
    if not retention.answers(stat.period_s, start, now):
        return _NOTHING
    first = _bucket(retention.rounded_start(start, stat.period_s, now), stat.period_s)
    first = max(first, _bucket(now - retention.KEPT_S, stat.period_s))
    samples = metrics.samples(stat.key, first, _bucket(end, stat.period_s), unit=stat.unit,
                            high_resolution_only=stat.period_s < 60)
    return aggregate(samples, stat.statistic, stat.period_s)


def _bucket(moment: float, period_s: int) -> float:
    """The first start of a period at or after the moment."""
    return float(np.ceil(moment / period_s) * period_s)
