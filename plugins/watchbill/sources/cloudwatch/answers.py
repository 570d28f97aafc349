"""A request -> GetMetricData, as often as it takes -> one table of points."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from watchbill.model.collector import uncollected
from watchbill.model.failures import SourceError
from watchbill.sources.billing import billed, open_ended
from watchbill.sources.cloudwatch.bodies import written_beforehand
from watchbill.sources.cloudwatch.calls import Calls, by_newest_names, counted
from watchbill.sources.cloudwatch.parsing import read_by_orjson
from watchbill.sources.cloudwatch.questions import written
from watchbill.sources.cloudwatch.results import Results, label
from watchbill.sources.errors import Asked
from watchbill.sources.errors.cloudwatch import explained, nonsense
from watchbill.sources.fetched import Fetched
from watchbill.sources.request import Query, Request

ATTEMPTS = 3
"""How often a metric is asked for that CloudWatch answers with InternalError or only in part."""
_SENDING = "before-send.cloudwatch.GetMetricData"  # by the whole name, which botocore knows how to find by then


def fetch(client: Any, request: Request, *, wait: Callable[[float], object] = time.sleep) -> Fetched:
    """All points of the request, or none: raises SourceError, retryable where asking again may help.

    Either way the calls that were made, and what AWS bills for them, are told. `wait` is called with seconds
    between attempts. Points that are no finite number or lie outside of the window are left out with a warning;
    so is a metric that AWS forbids, unless it forbids all, and a result that lacks a dimension of `group_by`.

    AWS bills an expression by the metrics that it computes with. How many a SEARCH or SELECT went through it does
    not tell: those that it returned count, at least one a call, so that the bill may be higher.
    """
    with uncollected(), by_newest_names(client):
        answer = _Answer(request, _asked(request))
        with counted(client, _SENDING) as calls, read_by_orjson(client):
            try:
                _read(client, answer, calls, wait)
            except SourceError as error:
                error.calls, error.billed_metrics = request.calls + calls.sent, calls.billed_metrics
                raise
        points, series, warnings = answer.results.folded(request.window)
    return Fetched(points, series, request.calls + calls.sent, (*request.warnings, *warnings), calls.billed_metrics)


def _read(client: Any, answer: "_Answer", calls: Calls, wait: Callable[[float], object]) -> None:
    for attempt in range(ATTEMPTS):
        if not answer.missing:
            break
        if attempt:
            wait(2.0**attempt)
        answer.read(client, calls)
    answer.check()


def _asked(request: Request) -> Asked:
    region = request.queries[0].series.region if request.queries else "no region"
    entries = tuple([query.entry for query in request.queries])
    return Asked("CloudWatch", region, request.connection, "GetMetricData", entries)


class _Answer:
    """What has come so far, and what has not."""

    def __init__(self, request: Request, asked: Asked) -> None:
        self.missing = {f"m{number}": query for number, query in enumerate(request.queries)}
        self.results = Results(request.queries, asked)
        self._asked, self._request = asked, request

    def read(self, client: Any, calls: Calls) -> None:
        """One round for everything that is missing, all pages of it."""
        asking = self.missing
        finding = {name for name, query in asking.items() if query.text and open_ended([query])}
        calls.billed_each = billed(asking.values())
        self.results.begin(asking)
        for page in _pages(client, self._request, asking, self._asked):
            brought = self.results.add(page)
            if finding:
                found = Counter(name for name, _ in brought if name in finding)
                calls.billed_metrics += found.total() - len(found)  # one of each is billed with the call
        self.missing = self.results.missing()

    def check(self) -> None:
        """Raises SourceError unless all that may be read was."""
        if self.missing:
            names = ", ".join(label(query.series) for query in list(self.missing.values())[:3])
            raise self._asked.error(f"CloudWatch failed {ATTEMPTS} times for {len(self.missing)} of "
                                    f"{len(self._request.queries)} metrics, as {names}",
                                    "Nothing of this request was kept; it is asked again later",
                                    retryable=True)
        if self._request.queries and self.results.all_forbidden:
            raise self._asked.error("AWS forbids every metric of this request",
                                    "Allow the connection's identity cloudwatch:GetMetricData",
                                    retryable=False)


def _pages(client: Any, request: Request, asking: Mapping[str, Query], asked: Asked) -> Iterator[dict[str, Any]]:
    given = {"StartTime": request.window.start, "EndTime": request.window.end, "ScanBy": "TimestampAscending"}
    token = None
    while True:
        with explained(asked), written_beforehand(client, _asking(asking, asked)) as left:
            page = client.get_metric_data(MetricDataQueries=left, **given, **({"NextToken": token} if token else {}))
        if not isinstance(page.get("MetricDataResults"), list):
            raise nonsense(asked, "it has no MetricDataResults")
        yield page
        last, token = token, page.get("NextToken")
        if not token:
            return
        if not isinstance(token, str):
            raise nonsense(asked, "a NextToken that is no text")
        if token == last:
            raise nonsense(asked, "the same NextToken twice")


def _asking(asking: Mapping[str, Query], asked: Asked) -> Iterator[bytes]:
    try:
        yield from written(asking)
    except ValueError as error:
        raise asked.error(str(error), "Correct what include/metrics asks for", retryable=False) from None
