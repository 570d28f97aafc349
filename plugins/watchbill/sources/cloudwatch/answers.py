"""A request -> GetMetricData, as often as it takes -> one table of points."""

import time
from collections.abc import Callable, Iterator
from typing import Any

from watchbill.model.failures import SourceError
from watchbill.model.series import Series
from watchbill.sources.cloudwatch.calls import Calls, counted
from watchbill.sources.cloudwatch.parsing import milliseconds, read_by_orjson
from watchbill.sources.cost import billed_metrics
from watchbill.sources.errors import Asked, quoted
from watchbill.sources.errors.cloudwatch import explained, nonsense
from watchbill.sources.fetched import Columns, Fetched
from watchbill.sources.request import Query, Request

ATTEMPTS = 3
"""How often a metric is asked for that CloudWatch answers with InternalError or only in part."""


_FINAL = ("Complete", "Forbidden")


def fetch(client: Any, request: Request, *, wait: Callable[[float], object] = time.sleep) -> Fetched:
    """All points of the request, or none: raises SourceError, retryable where asking again may help.

    Either way the calls that were made, and what AWS bills for them, are told. `wait` is called with seconds
    between attempts. Points that are no finite number or lie outside of the window are left out with a warning;
    so is a metric that AWS forbids, unless it forbids all.
    """
    asked = _asked(request)
    answer = _Answer(request, asked)
    with counted(client) as calls, read_by_orjson(client):
        try:
            _read(client, answer, calls, wait)
        except SourceError as error:
            error.calls, error.billed_metrics = request.calls + calls.sent, calls.billed_metrics
            raise
    return Fetched(answer.columns.table(request.window), tuple(query.series for query in request.queries),
                   request.calls + calls.sent, (*request.warnings, *answer.warnings()), calls.billed_metrics)


def _read(client: Any, answer: "_Answer", calls: Calls, wait: Callable[[float], object]) -> None:
    for attempt in range(ATTEMPTS):
        if not answer.missing:
            break
        if attempt:
            wait(2.0**attempt)
        calls.billed_each = billed_metrics(query.series for query in answer.missing.values())
        answer.read(client)
    answer.check()


def _asked(request: Request) -> Asked:
    region = request.queries[0].series.region if request.queries else "no region"
    entries = tuple(query.entry for query in request.queries)
    return Asked("CloudWatch", region, request.connection, "GetMetricData", entries)


class _Answer:
    """What has come so far, and what has not."""

    def __init__(self, request: Request, asked: Asked) -> None:
        self.columns = Columns()
        self.missing = {f"m{number}": query for number, query in enumerate(request.queries)}
        self._asked, self._request = asked, request
        self._forbidden: list[Query] = []
        self._said: dict[str, None] = {}

    def read(self, client: Any) -> None:
        """One round for everything that is missing, all pages of it."""
        asking = self.missing
        status = dict.fromkeys(self.missing, "")
        for page in _pages(client, self._request, asking, self._asked):
            self._say(page.get("Messages"), None)
            for result in page["MetricDataResults"]:
                self._add(result, asking, status)
        self._forbidden += [asking[one] for one, code in status.items() if code == "Forbidden"]
        self.missing = {one: query for one, query in asking.items() if status[one] not in _FINAL}

    def _add(self, result: dict[str, Any], asking: dict[str, Query], status: dict[str, str]) -> None:
        try:
            name = result["Id"]
            query, code = asking[name], result["StatusCode"]
            timestamps_ms = milliseconds(result.get("Timestamps", ()))
            # AWS JSON says "NaN" and "Infinity" as text, and botocore leaves them so.
            self.columns.add(query.series.key, timestamps_ms, map(float, result.get("Values", ())))
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise nonsense(self._asked, f"a result without sense: {type(error).__name__}") from None
        self._say(result.get("Messages"), query)
        if status[name] != "InternalError":  # a later page does not bring back what this one lacks
            status[name] = code

    def _say(self, messages: Any, query: Query | None) -> None:
        about = label(query.series) if query else self._asked
        try:
            said = [quoted(f"{message.get('Code', '')} {message.get('Value', '')}") for message in messages or ()]
        except (TypeError, AttributeError) as error:
            raise nonsense(self._asked, f"messages without sense: {type(error).__name__}") from None
        self._said |= dict.fromkeys(f"{about}: CloudWatch says {text}" for text in said)

    def check(self) -> None:
        """Raises SourceError unless all that may be read was."""
        if self.missing:
            names = ", ".join(label(query.series) for query in list(self.missing.values())[:3])
            raise self._asked.error(f"CloudWatch failed {ATTEMPTS} times for {len(self.missing)} of "
                                    f"{len(self._request.queries)} metrics, as {names}",
                                    "Nothing of this request was kept; it is asked again later",
                                    retryable=True)
        if self._forbidden and len(self._forbidden) == len(self._request.queries):
            raise self._asked.error("AWS forbids every metric of this request",
                                    "Allow the connection's identity cloudwatch:GetMetricData",
                                    retryable=False)

    def warnings(self) -> list[str]:
        odd, stray = self.columns.not_finite(), self.columns.outside(self._request.window)
        return [
            *self._said,
            *(f"{label(query.series)}: AWS forbids reading it" for query in self._forbidden),
            *(f"{label(query.series)}: values that are no finite number were left out"
              for query in self._request.queries if query.series.key in odd),
            *(f"{label(query.series)}: points outside of the window were left out"
              for query in self._request.queries if query.series.key in stray),
        ]


def label(series: Series) -> str:
    """`shop/errors{service=checkout} Sum`"""
    dimensions = ",".join(f"{name}={value}" for name, value in series.dimensions)
    return f"{series.namespace}/{series.metric}{{{dimensions}}} {series.statistic}"


def _pages(client: Any, request: Request, asking: dict[str, Query], asked: Asked) -> Iterator[dict[str, Any]]:
    question = {
        "MetricDataQueries": [_question(name, query.series) for name, query in asking.items()],
        "StartTime": request.window.start,
        "EndTime": request.window.end,
        "ScanBy": "TimestampAscending",
    }
    token = None
    while True:
        with explained(asked):
            page = client.get_metric_data(**question, **({"NextToken": token} if token else {}))
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


def _question(name: str, series: Series) -> dict[str, Any]:
    dimensions = [{"Name": name, "Value": value} for name, value in series.dimensions]
    return {
        "Id": name,
        "MetricStat": {
            "Metric": {"Namespace": series.namespace, "MetricName": series.metric, "Dimensions": dimensions},
            "Period": series.period_s,
            "Stat": series.statistic,
        },
        "ReturnData": True,
    }
