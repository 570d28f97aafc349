"""A request -> Datadog's timeseries endpoints, as often as it takes -> one table of points.

The body is read by orjson: the client's own models take ninety times the CPU.
"""

from collections.abc import Callable, Iterator, Sequence
from copy import copy
from datetime import UTC, datetime, timedelta
from typing import Any

from datadog_api_client import ApiClient
from datadog_api_client.v2.api.metrics_api import MetricsApi
from urllib3 import Retry

from watchbill.model.collector import uncollected
from watchbill.model.failures import SourceError
from watchbill.model.series import Series
from watchbill.model.windows import Window, ceil_time, format_duration
from watchbill.sources.datadog import limits, pointlists, timeseries
from watchbill.sources.datadog.lines import Line, spacing_ms
from watchbill.sources.datadog.questions import needs_v1, v1_arguments, v2_body
from watchbill.sources.datadog.requests import split
from watchbill.sources.errors import Asked
from watchbill.sources.errors.datadog import explained
from watchbill.sources.fetched import Columns, Fetched, Limit
from watchbill.sources.groups import sifted
from watchbill.sources.request import Query, Request

_ONCE = Retry(connect=0, read=0, status=0, other=0, redirect=3)
"""One for all, since urllib3 keeps connections apart by it."""

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
    found = {query.series.key: (query.series, query) for query in request.queries if not query.group_by}
    try:
        with uncollected():
            for query, lines in source.lines():
                keys = [line.series.key for line in lines]
                columns.add_all(keys, [line.timestamps_ms for line in lines], [line.values for line in lines])
                found |= zip(keys, [(line.series, query) for line in lines], strict=True)  # it knows the unit better
    except SourceError as error:
        error.calls = request.calls + source.calls
        raise
    every = tuple([series for series, _ in found.values()])
    for series, query in found.values():
        if query.nil_to_zero:
            columns.fill(series.key, series.period_s, request.window)
    warnings = (*request.warnings, *_left_out(columns, every, request.window))
    return Fetched(columns.table(request.window), every, request.calls + source.calls, warnings,
                   limits=tuple(source.limits.values()))


def _left_out(columns: Columns, found: Sequence[Series], window: Window) -> Iterator[str]:
    odd, stray = columns.not_finite(), columns.outside(window)
    for series in found if odd or stray else ():
        for what, keys in (("values that are no finite number", odd), ("points outside of the window", stray)):
            if series.key in keys:
                yield f"{series.namespace}.{series.metric}: {what} were left out"


class _Source:
    """The endpoints, how often they were called, and what they told of their limits last."""

    def __init__(self, api_client: ApiClient, request: Request) -> None:
        self._client = _unread(api_client)
        self._v2: Any = MetricsApi(self._client)  # type: ignore[no-untyped-call]
        self._request, self.calls = request, 0
        self.limits: dict[str, Limit] = {}

    def lines(self) -> Iterator[tuple[Query, list[Line]]]:
        """Every series of every query, once for each part of the window that it was asked in."""
        queries = self._request.queries
        together = [query for query in queries if not needs_v1(query)]
        for asked in (together, *([query] for query in queries if needs_v1(query))):
            yield from self._of(asked)

    def _of(self, queries: Sequence[Query]) -> Iterator[tuple[Query, list[Line]]]:
        """The queries of one call; lines are numbered among them."""
        fits = [sifted(query) for query in queries]
        for window in split(self._request.window, queries[0].series.period_s) if queries else ():
            lines = self._ask(queries, window)
            for number, query in enumerate(queries):
                fine = self._fine(query, [line for line in lines if line.query == number], window, 0)
                yield query, [line for line in fine if not query.sift or fits[number](dict(line.series.dimensions))]

    def _fine(self, query: Query, lines: list[Line], window: Window, suspected_ms: int) -> list[Line]:
        """The lines, or what halves of their window bring, in the asked steps only."""
        step_ms = spacing_ms(lines) or suspected_ms
        if not self._is_coarse(query, lines, window, step_ms):
            return lines
        return [line for half in _halves(query, window, step_ms, self._asked([query]))
                for line in self._fine(query, self._ask([query], half), half, step_ms)]

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
        if needs_v1(queries[0]):
            from datadog_api_client.v1.api.metrics_api import MetricsApi as MetricsApiV1  # few queries need it

            v1: Any = MetricsApiV1(self._client)  # type: ignore[no-untyped-call]
            answer = self._called(asked, "v1 query", lambda: v1.query_metrics(**v1_arguments(queries[0], window)))
            return pointlists.read(answer, queries[0], window, asked)
        answer = self._called(asked, "v2 timeseries", lambda: self._v2.query_timeseries_data(v2_body(queries, window)))
        return timeseries.read(answer, queries, asked)

    def _called(self, asked: Asked, endpoint: str, call: Callable[[], Any]) -> bytes:
        with explained(asked):
            self.calls += 1
            response = call()
            content: bytes = response.data
        if limit := limits.told(response.headers, endpoint):
            self.limits[limit.name] = limit
        return content

    def _asked(self, queries: Sequence[Query]) -> Asked:
        return Asked("Datadog", queries[0].series.region, self._request.connection, "timeseries query",
                     tuple(query.entry for query in queries))


def _unread(api_client: ApiClient) -> ApiClient:
    """The same connections and keys, with questions sent as they are, answers handed out unread and no call repeated;
    the caller's stays as it is.

    urllib3 repeats a GET that broke three times by itself, and nobody could count them.
    """
    mine = copy(api_client)
    mine.configuration = copy(api_client.configuration)
    mine.configuration.preload_content = mine.configuration.check_input_type = False
    mine.rest_client = copy(api_client.rest_client)
    mine.rest_client.pool_manager = pools = copy(mine.rest_client.pool_manager)
    pools.connection_pool_kw = {**pools.connection_pool_kw, "retries": _ONCE}
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


def _utc(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)
