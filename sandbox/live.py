"""The story as it happens: each minute, once it is over, goes to both clouds over HTTP.

A story, the clouds' clients and a clock in; every minute from `since` on is published once to each cloud,
late where a cloud was away.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import structlog
from datadog_api_client.v2.api.metrics_api import MetricsApi
from datadog_api_client.v2.model.metric_payload import MetricPayload

from sandbox.clients import FAILURES, datadog_series, reason
from sandbox.story import METRICS, NAMESPACE, Story, times
from sandbox.ticker import Ticker
from sandbox.traffic import MINUTE_S, SERVICES
from watchbill.model.windows import Window, floor_time

AT_ONCE = timedelta(minutes=100)  # 9 series a minute: keeps below PutMetricData's 1,000 metrics a request
POLL_S = 0.25

log = structlog.get_logger("sandbox")


def publish_to_cloudwatch(story: Story, window: Window, client: Any) -> None:
    """All of a window of up to `AT_ONCE` in one PutMetricData: a metric's values of a minute together."""
    data = []
    for name, metric in METRICS.items():
        for service in SERVICES:
            values = story.values(name, service, times(name, window)).reshape(-1, MINUTE_S // metric.step_s)
            for row, at in zip(values, times("requests", window), strict=True):
                distinct, counts = np.unique(row, return_counts=True)
                data.append({
                    "MetricName": name, "Dimensions": [{"Name": "service", "Value": service}],
                    "Timestamp": datetime.fromtimestamp(at, UTC), "Unit": metric.unit,
                    "Values": distinct.tolist(), "Counts": counts.astype(float).tolist()})
    client.put_metric_data(Namespace=NAMESPACE, MetricData=data)


def publish_to_datadog(story: Story, window: Window, api: MetricsApi) -> None:
    """All of a window in one submission, every number with its own time. Sent again, it changes nothing."""
    series = []
    for name, metric in METRICS.items():
        at = times(name, window)
        for service in SERVICES:
            points = zip(at, story.values(name, service, at), strict=True)
            series.append(datadog_series(
                f"{NAMESPACE}.{name}", points, tags={"service": service}, unit=metric.datadog_unit,
                type=metric.datadog_type, interval_s=metric.step_s))
    api.submit_metrics(MetricPayload(series=series))


def is_in_cloudwatch(window: Window, client: Any) -> bool:
    """Whether a window whose answer was lost had been taken: a request is taken whole or not at all."""
    minute = Window(window.start, window.start + timedelta(seconds=MINUTE_S))
    found = client.get_metric_statistics(
        Namespace=NAMESPACE, MetricName="requests", Dimensions=[{"Name": "service", "Value": "checkout"}],
        StartTime=minute.start, EndTime=minute.end, Period=MINUTE_S, Statistics=["SampleCount"])
    return bool(found["Datapoints"])


@dataclass
class Feed:
    """How far one cloud has been told."""

    cloud: str
    send: Callable[[Window], None]
    has: Callable[[Window], bool]  # asked before a window is sent again
    until: datetime  # all before has been published
    doubtful: Window | None = None  # was sent, and the answer was an error or none

    def catch_up(self, now: datetime) -> None:
        """Publish all whole minutes before `now`, or as many as the cloud takes."""
        end = floor_time(now, MINUTE_S)
        while self.until < end:
            window = self.doubtful or Window(self.until, min(end, self.until + AT_ONCE))
            try:
                if self.doubtful is None or not self.has(window):
                    self.send(window)
            except FAILURES as error:
                self._keep(window, error)
                return
            self._published(window)

    def _keep(self, window: Window, error: Exception) -> None:
        if self.doubtful is None:
            log.warning("story_not_published", cloud=self.cloud, window=str(window), error=reason(error))
        self.doubtful = window

    def _published(self, window: Window) -> None:
        if self.doubtful is not None:
            log.info("story_published_late", cloud=self.cloud, window=str(window))
        self.until, self.doubtful = window.end, None


class LiveStory:
    """Publishes a story from the minute of `since` on, where its history ends, in a thread of its own.

    Datadog takes no point that is over an hour old: after a longer pause those minutes are missing there.
    """

    def __init__(self, story: Story, cloudwatch: Any, datadog: MetricsApi, *, since: datetime,
                 clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        since = floor_time(since, MINUTE_S)
        self.feeds = (
            Feed("cloudwatch", lambda window: publish_to_cloudwatch(story, window, cloudwatch),
                 lambda window: is_in_cloudwatch(window, cloudwatch), since),
            Feed("datadog", lambda window: publish_to_datadog(story, window, datadog),
                 lambda _: False, since),
        )
        self._ticker = Ticker("sandbox-story", self.step, POLL_S)

    def step(self) -> None:
        """Publish the minutes that are over and have not been published."""
        now = datetime.fromtimestamp(self._clock(), UTC)
        for feed in self.feeds:
            feed.catch_up(now)

    def start(self) -> None:
        self._ticker.start()

    def stop(self) -> None:
        self._ticker.stop()
