"""GetMetricData: queries over the metrics of a region, answered in pages of at most 100,800 points.

A page lists the queries that it reaches, in their order; the one that does not end on it is PartialData.
The next page goes on from its last time, so that points that arrive in between shift nothing.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np

from sandbox.cloudwatch import metric_math, queries, retention
from sandbox.cloudwatch.accounts import View
from sandbox.cloudwatch.errors import Refused, invalid_request
from sandbox.cloudwatch.metrics import Metrics
from sandbox.cloudwatch.pages import place, token
from sandbox.cloudwatch.queries import Query, Stat
from sandbox.cloudwatch.samples import Column
from sandbox.cloudwatch.statistics import Points, aggregate

MOST_POINTS = 100_800
Trouble = Literal["PartialData", "InternalError", "Forbidden"]
"""What a result can say instead of Complete."""

_NOTHING: Points = (np.empty(0), np.empty(0))


def get_metric_data(
    view: View, request: Mapping[str, Any], now: float, trouble: Trouble | None = None
) -> dict[str, Any]:
    """One page. With `trouble` it holds half of the points, or every other result fails with that status."""
    limit = _checked_limit(request)
    reading = _Reading(view, queries.read(request["MetricDataQueries"]), request, now)
    answer = _page(reading, request, limit)
    points = sum(len(result["Values"]) for result in answer["MetricDataResults"])
    if trouble == "PartialData" and points > 1:
        return _page(reading, request, points // 2)
    if trouble is not None:
        failed = _failed("Forbidden" if trouble == "Forbidden" else "InternalError")
        for result in answer["MetricDataResults"][::2]:
            result.update(failed)
    return answer


def _checked_limit(request: Mapping[str, Any]) -> int:
    start, end = request["StartTime"], request["EndTime"]
    if start == end:
        raise invalid_request("The parameter StartTime must not equal parameter EndTime.")
    if start > end:
        raise invalid_request("The parameter StartTime must be less than the parameter EndTime.")
    if request.get("ScanBy", "TimestampDescending") not in ("TimestampDescending", "TimestampAscending"):
        raise invalid_request(f"The value {request['ScanBy']} for parameter ScanBy is invalid.")
    limit = request.get("MaxDatapoints", MOST_POINTS)
    if not 0 < limit <= MOST_POINTS:
        raise invalid_request(f"The value {limit} for parameter MaxDatapoints is not in 1 to {MOST_POINTS}.")
    return int(limit)


class _Reading:
    """The queries of one request over one time range; computes only what a page asks for."""

    def __init__(
        self, view: View, asked: Sequence[Query], request: Mapping[str, Any], now: float
    ) -> None:
        self.returned = [query for query in asked if query.returned]
        self.labels = queries.labels(asked)
        self.descending = request.get("ScanBy") != "TimestampAscending"
        self._view, self._now = view, now
        self._start, self._end = float(request["StartTime"]), float(request["EndTime"])
        self._by_id = {query.id: query for query in asked}
        self._known: dict[str, Points] = {}

    def points(self, query_id: str) -> Points:
        """Ascending in time, whatever the scan."""
        if query_id not in self._known:
            query = self._by_id[query_id]
            self._known[query_id] = (
                self._read(query.what, query.account) if isinstance(query.what, Stat)
                else metric_math.evaluate(query.what, self.points)
            )
        return self._known[query_id]

    def is_forbidden(self, query: Query) -> bool:
        """Whether it asks for an account that is not linked to the caller's."""
        return query.account is not None and query.account not in self._view.accounts

    def _read(self, stat: Stat, account: str | None) -> Points:
        metrics = self._view.accounts.get(account or self._view.account)
        return read(metrics, stat, self._start, self._end, self._now) if metrics else _NOTHING

    def after(self, query_id: str, last: float | None) -> Points:
        """What of a query comes after the time `last`, in the order of the scan."""
        times, values = self.points(query_id)
        if self.descending:
            times, values = times[::-1], values[::-1]
        if last is not None:
            left = times < last if self.descending else times > last
            times, values = times[left], values[left]
        return times, values


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


def _page(reading: _Reading, request: Mapping[str, Any], limit: int) -> dict[str, Any]:
    refused = Refused("InvalidNextToken", "The NextToken is invalid for these parameters.")
    number, last = place(request, refused) or (0, None)
    answer: dict[str, Any] = {"MetricDataResults": [], "Messages": []}
    for query in reading.returned[number:]:
        forbidden = reading.is_forbidden(query)
        if forbidden:
            times, values = _NOTHING
        else:
            times, values = reading.after(query.id, last)
        if len(times) and not limit:
            answer["NextToken"] = token(request, [number, last])
            break
        whole = len(times) <= limit
        times, values = times[:limit], values[:limit]
        result = _result(query, reading.labels[query.id], times, values, whole)
        answer["MetricDataResults"].append(result | _failed("Forbidden") if forbidden else result)
        if not whole:
            answer["NextToken"] = token(request, [number, float(times[-1])])
            break
        limit, number, last = limit - len(times), number + 1, None
    return answer


def _result(query: Query, label: str, times: Column, values: Column, whole: bool) -> dict[str, Any]:
    return {
        "Id": query.id,
        "Label": label,
        "Timestamps": np.ascontiguousarray(times),
        "Values": np.ascontiguousarray(values),
        "StatusCode": "Complete" if whole else "PartialData",
    }


def _failed(status: Trouble) -> dict[str, Any]:
    said = {"InternalError": "An internal error occurred.", "Forbidden": "Access to this metric is denied."}
    message = {"Code": status, "Value": said[status]}
    return {"Timestamps": [], "Values": [], "StatusCode": status, "Messages": [message]}
