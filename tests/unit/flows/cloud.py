"""A cloud of one's own for the flows: answers from memory, and fails when told to."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pyarrow as pa

from watchbill.flows.coverage import WHOLE
from watchbill.lake.lake import Lake
from watchbill.model.failures import SourceError
from watchbill.model.metrics import MetricEntry
from watchbill.model.series import Series, Source
from watchbill.model.targets import Target
from watchbill.model.windows import Window
from watchbill.sources.fetched import POINTS, Fetched
from watchbill.sources.request import Query, Request

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOUR = Window(NOON - timedelta(hours=1), NOON)


def entry(name: str, sources: str = "cloudwatch", **given: object) -> MetricEntry:
    return MetricEntry.model_validate({
        "name": name, "sources": sources, "namespace": "shop", "metrics": name, "period": "60s", **given})


@dataclass
class Cloud:
    """A request for each entry, billed as one metric; every minute has the value 1.

    `missing`: minutes that it never had, by metric.
    """

    fails_on: dict[str, Exception] = field(default_factory=dict)  # by entry
    missing: dict[str, int] = field(default_factory=dict)
    cannot_plan: dict[str, SourceError] = field(default_factory=dict)  # by connection
    opened: list[Target] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def open(self, target: Target) -> "Connected":
        self.opened.append(target)
        return Connected(self, target)


@dataclass
class Connected:
    cloud: Cloud
    target: Target

    def plan(self, entries: Sequence[MetricEntry], window: Window, now: datetime,
             settle: timedelta | None = None) -> list[Request]:
        if self.target.connection in self.cloud.cannot_plan:
            raise self.cloud.cannot_plan[self.target.connection]
        return [Request(self.target, window, (Query(each.name, series(each.name, self.target.source)),), calls=1)
                for each in entries if self.target in each.targets(self.target.source)]

    def fetch(self, request: Request) -> Fetched:
        [query] = request.queries
        self.cloud.asked.append(query.entry)
        if query.entry in self.cloud.fails_on:
            raise self.cloud.fails_on[query.entry]
        minutes = request.window.points(60) - self.cloud.missing.get(query.entry, 0)
        stamps = [request.window.start + timedelta(minutes=minute) for minute in range(minutes)]
        points = pa.table({"series": [query.series.key] * minutes, "timestamp": stamps, "value": [1.0] * minutes},
                          schema=POINTS)
        return Fetched(points, (query.series,), calls=request.calls + 1, warnings=(f"{query.entry} is odd",),
                       billed_metrics=1)


def series(metric: str, source: Source = "cloudwatch") -> Series:
    return Series(source, "1", "eu-west-1", "shop", metric, "Average", 60)


def is_whole(lake: Lake, window: Window, source: Source = "cloudwatch") -> bool:
    """Whether the window is marked as collected, with all its shares."""
    return lake.collected(source, window, WHOLE)


def away(retryable: bool = True) -> SourceError:
    """After three calls."""
    error = SourceError("CloudWatch is away", retryable=retryable)
    error.calls = error.billed_metrics = 3
    return error
