"""GetMetricData: queries over the metrics of a region, answered in pages of at most 100,800 points.

A page lists the queries that it reaches, in their order, an expression as many times as it has series; the one
that does not end on it is PartialData.
The next page goes on from its last time, so that points that arrive in between shift nothing.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import numpy as np

from sandbox.cloudwatch import queries
from sandbox.cloudwatch.accounts import View
from sandbox.cloudwatch.errors import Refused, invalid_request
from sandbox.cloudwatch.expressions.series import Series
from sandbox.cloudwatch.pages import place, token
from sandbox.cloudwatch.queries import Query
from sandbox.cloudwatch.reading import Reading
from sandbox.cloudwatch.samples import Column
from sandbox.cloudwatch.statistics import Points

MOST_POINTS = 100_800
Trouble = Literal["PartialData", "InternalError", "Forbidden"]
"""What a result can say instead of Complete."""

_LOST = {
    "Code": "ArithmeticError",
    "Value": "One or more data-points have been dropped due to non-numeric values (NaN, -Infinite, +Infinite)",
}


def get_metric_data(
    view: View, request: Mapping[str, Any], now: float, trouble: Trouble | None = None
) -> dict[str, Any]:
    """One page. With `trouble` it holds half of the points, or every other result fails with that status."""
    limit = _checked_limit(request)
    asked = queries.read(request["MetricDataQueries"], view)
    reading = Reading(view, asked, float(request["StartTime"]), float(request["EndTime"]), now)
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


def _after(series: Series, last: float | None, *, descending: bool) -> Points:
    """What of a series comes after the time `last`, in the order of the scan."""
    times, values = series.times, series.values
    if descending:
        times, values = times[::-1], values[::-1]
    if last is not None:
        left = times < last if descending else times > last
        times, values = times[left], values[left]
    return times, values


def _page(reading: Reading, request: Mapping[str, Any], limit: int) -> dict[str, Any]:
    """From the place (query, series, time) on that the token tells."""
    refused = Refused("InvalidNextToken", "The NextToken is invalid for these parameters.")
    first, at, last = place(request, refused) or (0, 0, None)
    descending = request.get("ScanBy") != "TimestampAscending"
    results: list[dict[str, Any]] = []
    next_place: list[Any] | None = None
    for number, query, position, series in _series(reading, first, at):
        times, values = _after(series, last, descending=descending)
        if len(times) and not limit:
            next_place = [number, position, last]
            break
        whole = len(times) <= limit
        times, values = times[:limit], values[:limit]
        result = _result(query, series, times, values, whole)
        results.append(result | _failed("Forbidden") if reading.is_forbidden(query) else result)
        if not whole:
            next_place = [number, position, float(times[-1])]
            break
        limit, last = limit - len(times), None
    messages = [{"Code": code, "Value": text} for code, text in reading.messages.items()]
    answer = {"MetricDataResults": results, "Messages": messages}
    return answer if next_place is None else answer | {"NextToken": token(request, next_place)}


def _series(reading: Reading, first: int, at: int) -> Iterator[tuple[int, Query, int, Series]]:
    for number, query in enumerate(reading.returned[first:], first):
        results = reading.results(query)
        for position, series in enumerate(results[at:], at):
            yield number, query, position, series
        at = 0


def _result(query: Query, series: Series, times: Column, values: Column, whole: bool) -> dict[str, Any]:
    result = {
        "Id": query.id,
        "Label": series.label,
        "Timestamps": np.ascontiguousarray(times),
        "Values": np.ascontiguousarray(values),
        "StatusCode": "Complete" if whole else "PartialData",
    }
    return result | {"Messages": [_LOST]} if series.has_lost else result


def _failed(status: Trouble) -> dict[str, Any]:
    said = {"InternalError": "An internal error occurred.", "Forbidden": "Access to this metric is denied."}
    message = {"Code": status, "Value": said[status]}
    return {"Timestamps": [], "Values": [], "StatusCode": status, "Messages": [message]}
