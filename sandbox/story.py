"""A made-up web shop and what befalls it: calm, an incident, a recovery.

Seed, time and the incidents told so far in; the numbers that the shop publishes to both clouds out. The
same minute always has the same numbers, so a test can compute the truth that a collector has to find.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol

import numpy as np

from sandbox.noise import Floats
from sandbox.traffic import LATENCY_S, MINUTE_S, SERVICES, Incident, Traffic
from watchbill.model.windows import Window, ceil_time, floor_time

NAMESPACE = "shop"


class Metric(NamedTuple):
    """How one metric is published."""

    step_s: int  # from one number to the next
    unit: str  # in CloudWatch's words
    datadog_unit: str
    datadog_type: str


METRICS = {
    "requests": Metric(MINUTE_S, "Count", "request", "count"),
    "errors": Metric(MINUTE_S, "Count", "error", "count"),
    "latency": Metric(LATENCY_S, "Milliseconds", "millisecond", "gauge"),
}


class CloudWatchStore(Protocol):
    def put(self, namespace: str, metric: str, dimensions: Mapping[str, str],
            timestamps: Floats, values: Floats, unit: str = ...) -> Any: ...


class DatadogStore(Protocol):
    def put(self, metric: str, tags: Mapping[str, str], timestamps: Floats, values: Floats,
            unit: str | None = ..., type: str = ..., interval_s: int = ...) -> Any: ...  # noqa: A002


def times(metric: str, window: Window) -> Floats:
    """Epoch seconds of every number of a metric that is published in a window of whole minutes."""
    return np.arange(window.start.timestamp(), window.end.timestamp(), METRICS[metric].step_s)


class Story:
    """The shop, which grows by a hundredth each week from `epoch` on. Incidents may be told while it runs."""

    def __init__(self, seed: int, epoch: datetime) -> None:
        self.seed = seed
        self.epoch = epoch
        self.incidents: tuple[Incident, ...] = ()

    def incident(self, start: datetime, length: timedelta, service: str = "checkout") -> Incident:
        """Tell an incident of whole minutes, the one of `start` being its first.

        What has been published stays as it was: tell it no later than in the minute in which it starts.
        """
        begins = floor_time(start, MINUTE_S)
        ends = ceil_time(begins + length, MINUTE_S)
        told = Incident(int(begins.timestamp()), int(ends.timestamp()), service)
        self.incidents = (*self.incidents, told)
        return told

    def values(self, metric: str, service: str, timestamps: Floats) -> Floats:
        """What the shop publishes for these epoch seconds: counts of their minute, or a latency in ms."""
        traffic = Traffic(self.seed, self.epoch.timestamp(), self.incidents)
        by_metric = {"requests": traffic.requests, "errors": traffic.errors, "latency": traffic.latency}
        return by_metric[metric](service, np.asarray(timestamps, dtype=np.float64))

    def expected(self, metric: str, service: str, window: Window, statistic: str,
                 period_s: int = MINUTE_S) -> tuple[Floats, Floats]:
        """The truth: epoch seconds of each whole period in the window, and the statistic over it.

        Statistics in CloudWatch's words, over periods of whole minutes; percentiles are nearest-rank.
        """
        whole = window.aligned(period_s)
        starts = np.arange(whole.start.timestamp(), whole.end.timestamp(), period_s)
        values = self.values(metric, service, times(metric, whole))
        return starts, _statistic(values.reshape(len(starts), period_s // METRICS[metric].step_s), statistic)

    def publish_history(self, cloudwatch: CloudWatchStore, datadog: DatadogStore, until: datetime,
                        days: int = 14) -> Window:
        """Put the whole minutes of the days before `until` straight into both stores; returns which."""
        end = floor_time(until, MINUTE_S)
        window = Window(end - timedelta(days=days), end)
        for name, metric in METRICS.items():
            at = times(name, window)
            for service in SERVICES:
                tags, values = {"service": service}, self.values(name, service, at)
                cloudwatch.put(NAMESPACE, name, tags, at // MINUTE_S * MINUTE_S, values, unit=metric.unit)
                datadog.put(f"{NAMESPACE}.{name}", tags, at, values, unit=metric.datadog_unit,
                            type=metric.datadog_type, interval_s=metric.step_s)
        return window


def _statistic(values: Floats, statistic: str) -> Floats:
    """Over each row."""
    if statistic.startswith("p"):
        return np.asarray(np.percentile(values, float(statistic[1:]), axis=1, method="inverted_cdf"))
    if statistic == "SampleCount":
        return np.full(len(values), float(values.shape[1]))
    if statistic == "Average":
        return np.asarray(values.mean(axis=1))
    over: np.ufunc = {"Sum": np.add, "Minimum": np.minimum, "Maximum": np.maximum}[statistic]
    return np.asarray(over.reduce(values, axis=1))
