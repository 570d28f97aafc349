"""The live story over HTTP: every minute once in each cloud, whatever happens on the way."""

import time
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from structlog.testing import capture_logs

from sandbox.agent import Agent
from sandbox.clients import cloudwatch_client, datadog_client
from sandbox.faults import Fault
from sandbox.live import LiveStory
from sandbox.machine import read_machine
from sandbox.server import Sandbox
from sandbox.story import METRICS, Story, times
from sandbox.traffic import SERVICES
from watchbill.model.windows import Window

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
EVERY = [(metric, service) for metric in METRICS for service in SERVICES]


class Clock:
    def __init__(self):
        self.now = NOON

    def __call__(self):
        return self.now.timestamp()


@pytest.fixture(scope="module")
def clock():
    return Clock()


@pytest.fixture(scope="module")
def server(clock):
    with Sandbox(clock=clock) as running:
        yield running


@pytest.fixture
def sandbox(server, clock):
    server.reset()
    clock.now = NOON
    return server


@pytest.fixture
def story():
    told = Story(7, NOON)
    told.incident(NOON + 2 * MINUTE, 2 * MINUTE)
    return told


@pytest.fixture
def live(sandbox, story, clock):
    return live_story(sandbox, story, NOON, clock)


def live_story(sandbox, story, since, clock):
    clients = cloudwatch_client(sandbox.url), datadog_client(sandbox.url)
    return LiveStory(story, *clients, since=since, clock=clock)


STATISTICS = ("SampleCount", "Sum", "Minimum", "Maximum")


def in_cloudwatch(sandbox, metric, window, period_s=60, namespace="shop", **dimensions):
    """Epoch seconds and the four statistics of each period that holds a sample, in order of time."""
    found = cloudwatch_client(sandbox.url).get_metric_statistics(
        Namespace=namespace, MetricName=metric, StartTime=window.start, EndTime=window.end, Period=period_s,
        Dimensions=[{"Name": k, "Value": v} for k, v in dimensions.items()], Statistics=STATISTICS)
    points = sorted(found["Datapoints"], key=lambda point: point["Timestamp"])
    rows = [(point["Timestamp"].timestamp(), *map(point.get, STATISTICS)) for point in points]
    return np.array(rows).T


def in_datadog(sandbox, metric, service):
    held = sandbox.datadog.metrics[f"shop.{metric}"].series[frozenset({f"service:{service}"})]
    return held.between(0, 2**40)


def assert_published(sandbox, story, window):
    """Both clouds hold each number of the window once, and no other around it."""
    around = Window(window.start - 9 * MINUTE, window.end + 9 * MINUTE)
    for metric, service in EVERY:
        minutes, *found = in_cloudwatch(sandbox, metric, around, service=service)
        for statistic, values in zip(STATISTICS, found, strict=True):
            expected = story.expected(metric, service, window, statistic)
            assert np.array_equal(minutes, expected[0])
            assert np.allclose(values, expected[1], rtol=1e-12)
        at, numbers = in_datadog(sandbox, metric, service)
        assert np.array_equal(at, times(metric, window))
        assert np.array_equal(numbers, story.values(metric, service, at))


def test_a_minute_is_published_once_it_is_over_and_once_only(sandbox, story, live, clock):
    clock.now = NOON + timedelta(seconds=59)
    live.step()
    assert not sandbox.faults.calls
    for seconds in (60, 61, 119, 120, 121, 185):
        clock.now = NOON + timedelta(seconds=seconds)
        live.step()
    assert_published(sandbox, story, Window(NOON, NOON + 3 * MINUTE))


def test_the_minute_under_way_at_the_start_is_published_whole(sandbox, story, clock):
    began = NOON + timedelta(seconds=37)
    live = live_story(sandbox, story, began, clock)
    clock.now = NOON + 2 * MINUTE
    live.step()
    assert_published(sandbox, story, Window(NOON, NOON + 2 * MINUTE))


def test_after_a_pause_every_minute_is_made_up_for(sandbox, story, live, clock):
    clock.now = NOON + 55 * MINUTE
    live.step()
    assert_published(sandbox, story, Window(NOON, NOON + 55 * MINUTE))


def test_after_a_long_pause_requests_stay_within_what_cloudwatch_takes(sandbox, story, live, clock):
    clock.now = NOON + timedelta(hours=8)
    live.step()
    minutes, counts, *_ = in_cloudwatch(sandbox, "errors", Window(NOON, clock.now), service="checkout")
    assert len(minutes) == counts.sum() == 480


TROUBLES = {
    "refused before it was done": {"status": 503},
    "done, and the answer lost": {"status": 500, "after": True},
    "cut before it was done": {"cut": True},
    "done, and the answer cut": {"cut": True, "after": True},
}


@pytest.mark.parametrize("trouble", TROUBLES.values(), ids=TROUBLES)
@pytest.mark.parametrize("cloud", ["cloudwatch", "datadog"])
def test_a_cloud_in_trouble_gets_each_minute_once_and_does_not_hold_up_the_other(
        sandbox, story, live, clock, cloud, trouble):
    sandbox.faults.add(Fault(cloud, **trouble, times=2))
    with capture_logs() as lines:
        for number in range(1, 5):
            clock.now = NOON + number * MINUTE
            live.step()
            assert {feed.until for feed in live.feeds if feed.cloud != cloud} == {clock.now}
    assert_published(sandbox, story, Window(NOON, NOON + 4 * MINUTE))
    assert [line["event"] for line in lines] == ["story_not_published", "story_published_late"]


def test_a_running_story_publishes_within_a_second_of_the_minutes_end(sandbox, story, live, clock):
    live.start()
    try:
        clock.now = NOON + MINUTE
        turned = time.monotonic()
        while len(sandbox.datadog.metrics) < 3 and time.monotonic() < turned + 10:
            time.sleep(0.01)
        took_s = time.monotonic() - turned
    finally:
        live.stop()
    assert_published(sandbox, story, Window(NOON, NOON + MINUTE))
    assert took_s < 5  # some 0.3 s when nothing else runs


def test_the_agents_metrics_arrive_in_both_clouds(sandbox, clock):
    agent = Agent(cloudwatch_client(sandbox.url), datadog_client(sandbox.url), host="Box", clock=clock)
    agent.step()
    sandbox.faults.add(Fault("*", status=500, times=2))
    for seconds in (5, 10):
        clock.now = NOON + timedelta(seconds=seconds)
        agent.step()
    seconds, counts, *_ = in_cloudwatch(
        sandbox, "mem_used_percent", Window(NOON, NOON + MINUTE), period_s=5, namespace="CWAgent", host="Box")
    assert list(seconds) == [NOON.timestamp() + 5, NOON.timestamp() + 10]
    assert list(counts) == [1, 1]
    held = sandbox.datadog.metrics["system.mem.pct_usable"]
    assert (held.kind, held.unit, held.interval_s) == ("gauge", "fraction", 5)
    at, values = held.series[frozenset({"host:box"})].between(0, 2**40)
    assert list(at) == [NOON.timestamp() + 5, NOON.timestamp() + 10]
    memory = read_machine(0)
    assert values[0] == pytest.approx(memory.memory_usable / memory.memory_total, abs=0.3)
