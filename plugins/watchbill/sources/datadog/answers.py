"""A request -> Datadog's v2 timeseries endpoint, as often as it takes -> one table of points.

The body is read by orjson: the client's own models take ninety times the CPU.
"""

from collections.abc import Iterator, Sequence
from copy import copy
from datetime import UTC, datetime, timedelta
from typing import Any

from datadog_api_client import ApiClient
from datadog_api_client.v2.api.metrics_api import MetricsApi
from datadog_api_client.v2.model.metrics_data_source import MetricsDataSource
from datadog_api_client.v2.model.metrics_timeseries_query import MetricsTimeseriesQuery
from datadog_api_client.v2.model.timeseries_formula_query_request import TimeseriesFormulaQueryRequest
from datadog_api_client.v2.model.timeseries_formula_request import TimeseriesFormulaRequest
from datadog_api_client.v2.model.timeseries_formula_request_attributes import (
    TimeseriesFormulaRequestAttributes,
)
from datadog_api_client.v2.model.timeseries_formula_request_queries import TimeseriesFormulaRequestQueries
from datadog_api_client.v2.model.timeseries_formula_request_type import TimeseriesFormulaRequestType

from watchbill.model.failures import SourceError
from watchbill.model.series import Series
from watchbill.model.windows import Window, ceil_time, format_duration
from watchbill.sources.datadog.requests import split
from watchbill.sources.datadog.timeseries import Line, read, spacing_ms
from watchbill.sources.errors import Asked
from watchbill.sources.errors.datadog import explained
from watchbill.sources.fetched import Columns, Fetched
from watchbill.sources.request import Query, Request

LEAST_POINTS = 200
"""Windows shorter than this were never known to be rolled up for their length; 350 was the limit once."""


def fetch(api_client: ApiClient, request: Request) -> Fetched:
    """All points of the request, or none: raises SourceError, with `retry_after_s` where the vendor says it.

    An answer in coarser steps than asked is never stored: it is asked for in halves, and refused when
    they are so short that length cannot be the reason. Raises ValueError for a client that retries by
    itself: its calls could not be counted, and it would sleep for as long as a rate limit lasts.
    """
    settings = api_client.configuration
    if settings.enable_retry or settings.retry_policy:
        raise ValueError("build the Datadog client with enable_retry=False and without a retry policy")
    source = _Source(api_client, request)
    columns = Columns()
    found: dict[Series, None] = {query.series: None for query in request.queries if not query.group_by}
    try:
        for line in source.lines():
            found.pop(line.series, None)  # equal but for the unit, which the answer knows better
            found[line.series] = None
            columns.add(line.series.key, line.timestamps_ms, line.values)
    except SourceError as error:
        error.calls = request.calls + source.calls
        raise
    odd, stray = columns.not_finite(), columns.outside(request.window)
    warnings = [f"{series.namespace}.{series.metric}: {what} were left out" for series in found
                for what, keys in (("values that are no finite number", odd), ("points outside of the window", stray))
                if series.key in keys]
    return Fetched(columns.table(request.window), tuple(found), request.calls + source.calls,
                   (*request.warnings, *warnings))


class _Source:
    """The endpoint, and how often it was called."""

    def __init__(self, api_client: ApiClient, request: Request) -> None:
        self._api = MetricsApi(_unread(api_client))  # type: ignore[no-untyped-call]
        self._request, self.calls = request, 0

    def lines(self) -> Iterator[Line]:
        """Every series of every query, once for each part of the window that it was asked in."""
        if not self._request.queries:
            return
        for window in split(self._request.window, self._request.queries[0].series.period_s):
            lines = self._ask(self._request.queries, window)
            for number, query in enumerate(self._request.queries):
                yield from self._fine(query, [line for line in lines if line.query == number], window, 0)

    def _fine(self, query: Query, lines: list[Line], window: Window, suspected_ms: int) -> Iterator[Line]:
        """The lines, or what halves of their window bring, in the asked steps only."""
        step_ms = spacing_ms(lines) or suspected_ms
        if not self._is_coarse(query, lines, window, step_ms):
            yield from lines
            return
        for half in _halves(query, window, step_ms, self._asked([query])):
            yield from self._fine(query, self._ask([query], half), half, step_ms)

    def _is_coarse(self, query: Query, lines: list[Line], window: Window, step_ms: int) -> bool:
        """Whether the points were rolled up to longer steps than asked.

        Points far apart may also be all there are. So the time between the first two of them is asked for
        alone: a series that is merely sparse has nothing there.
        """
        period_ms = query.series.period_s * 1000
        times = [line.timestamps_ms[0] for line in lines if line.timestamps_ms]
        if not step_ms or not times or step_ms == period_ms:
            return False
        if step_ms % period_ms:
            return True
        start, end = _utc(min(times) + period_ms), min(_utc(min(times) + step_ms), window.end)
        return start < end and any(line.values for line in self._ask([query], Window(start, end)))

    def _ask(self, queries: Sequence[Query], window: Window) -> list[Line]:
        asked = self._asked(queries)
        with explained(asked):
            body = _body(queries, window)
            self.calls += 1
            response: Any = self._api.query_timeseries_data(body)
            content = response.data
        return read(content, queries, asked)

    def _asked(self, queries: Sequence[Query]) -> Asked:
        return Asked("Datadog", queries[0].series.region, self._request.connection, "timeseries query",
                     tuple(query.entry for query in queries))


def _unread(api_client: ApiClient) -> ApiClient:
    """The same client, connections and keys, that hands out answers unread; the caller's stays as it is."""
    mine = copy(api_client)
    mine.configuration = copy(api_client.configuration)
    mine.configuration.preload_content = False
    return mine


def _halves(query: Query, window: Window, step_ms: int, asked: Asked) -> tuple[Window, Window]:
    """Raises SourceError where the window is so short that its length cannot be why steps are longer."""
    period_s = query.series.period_s
    if window.points(period_s) < LEAST_POINTS:
        step, period = (format_duration(timedelta(milliseconds=ms)) for ms in (step_ms, period_s * 1000))
        raise asked.error(f"the points come every {step} where every {period} was asked for",
                          f"Write `period: {step}`", retryable=False)
    middle = ceil_time(window.start + window.length / 2, period_s)
    return Window(window.start, middle), Window(middle, window.end)


def _body(queries: Sequence[Query], window: Window) -> Any:
    return TimeseriesFormulaQueryRequest(data=TimeseriesFormulaRequest(
        type=TimeseriesFormulaRequestType.TIMESERIES_REQUEST,
        attributes=TimeseriesFormulaRequestAttributes(
            _from=_ms(window.start), to=_ms(window.end), interval=queries[0].series.period_s * 1000,
            queries=TimeseriesFormulaRequestQueries([  # type: ignore[no-untyped-call]
                MetricsTimeseriesQuery(MetricsDataSource.METRICS, query.text, name=f"q{number}")
                for number, query in enumerate(queries)
            ]),
        ),
    ))


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _utc(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)
