"""Both sources collected by the flow itself, over HTTP, into a lake on this disk; and answers made by hand."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import orjson
from structlog.testing import capture_logs

from sandbox.credentials import AWS_ACCOUNT, AWS_REGION
from sandbox.faults import Fault
from sandbox.server import Sandbox
from tests.contract.sources.readings import minutes_ago
from tests.sandbox_fixtures import aws_client, datadog_client
from watchbill.flows.collect_metrics import collect_share
from watchbill.flows.plan_collection import Reader, plan_collection
from watchbill.lake.lake import Lake
from watchbill.model.metrics import MetricEntry
from watchbill.model.series import Series
from watchbill.model.targets import Target
from watchbill.model.windows import Window
from watchbill.sources import cloudwatch, datadog
from watchbill.sources.fetched import Fetched
from watchbill.sources.request import Request

Cloud = Literal["cloudwatch", "datadog"]
OPERATION = {"cloudwatch": "GetMetricData", "datadog": "POST /api/v2/query/timeseries"}


@dataclass
class Collected:
    """What a collection said: the report of its share and the events of its log."""

    report: dict[str, Any]
    events: list[Any] = field(default_factory=list)

    @property
    def warnings(self) -> list[str]:
        return list(self.report["warnings"])


@dataclass
class Collecting:
    """One source, ten minutes an hour ago, and a lake that is empty to begin with."""

    source: Cloud
    sandbox: Sandbox
    lake: Lake
    window: Window = field(default_factory=lambda: minutes_ago(60, 10))

    def __post_init__(self) -> None:
        self._clients = {"cloudwatch": aws_client(self.sandbox, "cloudwatch"), "datadog": datadog_client(self.sandbox)}
        self.events: list[Any] = []

    def at(self, *minutes: float) -> list[float]:
        """Epoch seconds of these minutes after the window's start."""
        return [self.window.start.timestamp() + 60 * minute for minute in minutes]

    def answers(self, body: Any, **fault: Any) -> None:
        """What the source says next, in place of its own answer."""
        text = body if isinstance(body, str | bytes) else orjson.dumps(body)
        self.sandbox.faults.add(Fault(self.source, OPERATION[self.source], body=text, **fault))

    def collect(self, *entries: MetricEntry) -> Collected:
        """Raises what the flow raises; `events` holds the log then too."""
        with capture_logs() as self.events:
            now = datetime.now(UTC)
            shares = plan_collection(entries, self.source, self.window, self._open, self.lake, now=now)
            (report,) = [collect_share(share, self._open, self.lake, now=now) for share in shares]
        return Collected(report, self.events)

    def stored(self) -> dict[Series, list[tuple[float, float]]]:
        """Minutes after the window's start, and values, of all that lies in the lake for days around."""
        series = {one.key: one for one in self.lake.series(source=self.source)}
        around = Window(self.window.start - timedelta(days=3), self.window.end + timedelta(days=3))
        points: dict[Series, list[tuple[float, float]]] = {one: [] for one in series.values()}
        for row in self.lake.read(list(series.values()), around).to_pylist():
            minute = (row["timestamp"] - self.window.start) / timedelta(minutes=1)
            points[series[row["series"]]].append((minute, row["value"]))
        return points

    def untouched(self) -> bool:
        """Whether the lake holds nothing, not even that something was asked for."""
        return not any(row["series"] or row["files"] for row in self.lake.stats())

    def values(self) -> list[tuple[float, float]]:
        """The same where there is one series."""
        (points,) = self.stored().values()
        return points

    def _open(self, target: Target) -> Reader:
        return _Reader(target, self._clients[target.source])


Make = Callable[[Cloud], Collecting]


@dataclass
class _Reader:
    target: Target
    client: Any

    def plan(self, entries: Sequence[MetricEntry], window: Window, now: datetime,
             settle: timedelta | None = None) -> list[Request]:
        if self.target.source == "cloudwatch":
            return cloudwatch.plan(self.client, entries, self.target, AWS_ACCOUNT, AWS_REGION, window, now,
                                   settle=settle)
        return datadog.plan(entries, self.target, "datadoghq.eu", window, now, settle=settle)

    def fetch(self, request: Request) -> Fetched:
        if self.target.source == "cloudwatch":
            return cloudwatch.fetch(self.client, request, wait=lambda seconds: None)
        return datadog.fetch(self.client, request)


def answer(source: Cloud, times_s: Sequence[Any], values: Sequence[Any], **members: Any) -> dict[str, Any]:
    """A whole answer for the only series that was asked for."""
    if source == "cloudwatch":
        result = {"Id": "m0", "StatusCode": "Complete", "Timestamps": times_s, "Values": values, **members}
        return {"MetricDataResults": [result]}
    times_ms = [round(time * 1000) for time in times_s]
    series = [{"group_tags": [], "query_index": 0, "unit": None, **members}]
    attributes = {"series": series, "times": times_ms, "values": [list(values)]}
    return {"data": {"id": "0", "type": "timeseries_response", "attributes": attributes}}
