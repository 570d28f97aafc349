"""The made-up shop in both clouds, and what a collector of the project's own declarations has to find of it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np

from sandbox.server import Sandbox
from sandbox.story import Story
from sandbox.traffic import SERVICES
from watchbill.flows.coverage import WHOLE
from watchbill.lake.lake import Lake
from watchbill.model.series import Source
from watchbill.model.windows import Window

COLLECTED: dict[Source, list[tuple[str, str]]] = {
    "cloudwatch": [("requests", "Sum"), ("errors", "Sum"), ("latency", "Average"), ("latency", "p99")],
    "datadog": [("requests", "Sum"), ("errors", "Sum"), ("latency", "Average")],
}
"""(metric, statistic) of include/metrics/shop.yaml, one series for each service."""


def open_shop(sandbox: Sandbox, until: datetime, incidents: Sequence[Window] = (), days: int = 1) -> Story:
    """A shop whose last days before `until` are in both clouds, with these incidents of checkout's."""
    story = Story(7, until - timedelta(days=28))
    for incident in incidents:
        story.incident(incident.start, incident.length)
    story.publish_history(sandbox.cloudwatch, sandbox.datadog, until, days)
    return story


def points(source: Source, window: Window) -> int:
    """How many there are to collect."""
    return len(COLLECTED[source]) * len(SERVICES) * window.points(60)


def is_whole(lake: Lake, source: Source, window: Window) -> bool:
    """Whether the window is marked as collected, with all its shares."""
    return lake.collected(source, window, WHOLE)


def assert_holds(lake: Lake, story: Story, source: Source, window: Window) -> None:
    """The lake has every point of the window with its value, and no other series."""
    for metric, statistic in COLLECTED[source]:
        for service in SERVICES:
            series = lake.series(source, "shop", metric, statistic, {"service": service})
            assert len(series) == 1, (metric, statistic, service, series)
            found = lake.read(series, window)
            times, values = story.expected(metric, service, window, statistic)
            assert [at.timestamp() for at in found["timestamp"].to_pylist()] == times.tolist()
            np.testing.assert_allclose(found["value"].to_numpy(), values, rtol=1e-9)
    assert lake.count(lake.series(source), window) == points(source, window)


def told(sandbox: Sandbox) -> dict[str, list[str]]:
    """What every channel has got, in order: Slack's and SNS' texts, and the mails' subjects."""
    messages = [(message.channel, message.posted) for message in sandbox.slack.messages]
    return {"slack": messages, "email": [mail["subject"] for mail in sandbox.aws.mail.all()],
            "sns": [note["message"] for note in sandbox.aws.topics.all()]}


