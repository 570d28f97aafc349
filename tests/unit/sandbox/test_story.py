"""The story's numbers: the same ones every time, a shop's rhythm, the truth that a store has to give."""

import time
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from sandbox.cloudwatch.samples import Samples
from sandbox.cloudwatch.statistics import aggregate
from sandbox.story import METRICS, Story, times
from sandbox.traffic import SERVICES
from watchbill.model.windows import Window

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
NIGHT = MONDAY + timedelta(days=3, hours=4)
EVERY = [(metric, service) for metric in METRICS for service in SERVICES]


class CloudWatchRecorder:
    """Takes what a CloudWatch store takes."""

    def __init__(self):
        self.series = {}

    def put(self, namespace, metric, dimensions, timestamps, values, unit="None", storage_resolution_s=60):
        self.series[namespace, metric, tuple(dimensions.items())] = (timestamps, values, unit)


class DatadogRecorder:
    """Takes what a Datadog store takes."""

    def __init__(self):
        self.series = {}

    def put(self, metric, tags, timestamps, values, unit=None, type="gauge", interval_s=10):  # noqa: A002
        self.series[metric, tuple(tags.items())] = (timestamps, values, unit, type, interval_s)


def errors(story, start, minutes):
    return story.expected("errors", "checkout", Window(start, start + minutes * MINUTE), "Sum")[1]


@pytest.mark.parametrize(("metric", "service"), EVERY)
def test_the_same_minute_has_the_same_numbers_however_a_window_is_cut(metric, service):
    whole = times(metric, Window(MONDAY, MONDAY + DAY))
    story = Story(7, MONDAY)
    story.incident(MONDAY + timedelta(hours=5), timedelta(minutes=12))
    at_once = story.values(metric, service, whole)
    in_parts = [Story.values(story, metric, service, part) for part in np.array_split(whole, 17)]
    assert np.array_equal(at_once, np.concatenate(in_parts))
    assert np.array_equal(at_once[::-1], story.values(metric, service, whole[::-1]))


def test_two_stories_differ_by_their_seed_alone():
    at = times("requests", Window(MONDAY, MONDAY + DAY))
    first, again, other = (Story(seed, MONDAY).values("requests", "checkout", at) for seed in (7, 7, 8))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_services_and_metrics_do_not_share_their_noise():
    at = times("requests", Window(MONDAY, MONDAY + DAY))
    story = Story(7, MONDAY)
    columns = [np.diff(story.values(metric, service, at)) for metric, service in EVERY]
    correlations = np.corrcoef(columns) - np.eye(len(columns))
    assert np.abs(correlations).max() < 0.1


def test_the_shop_sleeps_at_night_and_checkout_rests_at_the_weekend():
    week = Window(MONDAY, MONDAY + 7 * DAY)
    days = Story(7, MONDAY).expected("requests", "checkout", week, "Sum", 86_400)[1]
    hours = Story(7, MONDAY).expected("requests", "checkout", week, "Sum", 3600)[1].reshape(7, 24)
    assert days[5:].max() < 0.85 * days[:5].min()
    assert hours[:, 4].max() < 0.6 * hours[:, 16].min()


def test_calm_checkout_fails_about_twice_a_minute():
    calm = errors(Story(7, MONDAY), MONDAY, 14 * 1440)
    assert 1.5 < calm.mean() < 2.5
    assert calm.max() <= 10


def test_an_incident_takes_the_minutes_it_was_told_for_and_then_fades():
    story = Story(7, MONDAY)
    calm = errors(story, NIGHT - 5 * MINUTE, 30)
    story.incident(NIGHT + timedelta(seconds=40), timedelta(minutes=10))
    told = errors(story, NIGHT - 5 * MINUTE, 30)
    assert np.array_equal(told[:5], calm[:5])
    assert told[5:15].min() > 200
    assert 20 < told[15] < 120
    assert told[18:].max() <= 10


def test_an_incident_slows_checkout_and_leaves_the_others_alone():
    story = Story(7, MONDAY)
    window = Window(NIGHT, NIGHT + 10 * MINUTE)
    before = {service: story.expected("latency", service, window, "p99")[1] for service in SERVICES}
    story.incident(NIGHT, timedelta(minutes=10))
    after = {service: story.expected("latency", service, window, "p99")[1] for service in SERVICES}
    assert after["checkout"].min() > 2 * before["checkout"].max()
    assert np.array_equal(after["search"], before["search"])
    assert np.array_equal(after["catalog"], before["catalog"])


def test_no_minute_has_more_errors_than_requests():
    story = Story(7, MONDAY)
    story.incident(NIGHT, timedelta(hours=3))
    window = Window(NIGHT - timedelta(hours=1), NIGHT + timedelta(hours=4))
    for service in SERVICES:
        failed = story.expected("errors", service, window, "Sum")[1]
        assert (failed <= story.expected("requests", service, window, "Sum")[1]).all()


@pytest.mark.parametrize("statistic", ["Sum", "Average", "Minimum", "Maximum", "SampleCount", "p50", "p99"])
@pytest.mark.parametrize("period_s", [60, 300])
@pytest.mark.parametrize(("metric", "service"), EVERY)
def test_the_expected_truth_is_what_cloudwatch_computes(metric, service, statistic, period_s):
    story, cloudwatch = Story(7, MONDAY), CloudWatchRecorder()
    story.incident(NIGHT, timedelta(minutes=10))
    window = story.publish_history(cloudwatch, DatadogRecorder(), NIGHT + timedelta(hours=1), days=1)
    timestamps, published, _ = cloudwatch.series["shop", metric, (("service", service),)]
    starts, values = story.expected(metric, service, window, statistic, period_s)
    found_starts, found = aggregate(Samples.of_values(timestamps, published), statistic, period_s)
    assert np.array_equal(found_starts, starts)
    assert np.allclose(found, values, rtol=1e-12)


def test_datadog_gets_the_same_numbers_each_with_its_own_time():
    story, datadog = Story(7, MONDAY), DatadogRecorder()
    window = story.publish_history(CloudWatchRecorder(), datadog, NIGHT + timedelta(seconds=59), days=1)
    assert window == Window(NIGHT - DAY, NIGHT)
    assert set(datadog.series) == {(f"shop.{metric}", (("service", service),)) for metric, service in EVERY}
    at, values, *described = datadog.series["shop.latency", (("service", "search"),)]
    assert described == ["millisecond", "gauge", 5]
    assert np.array_equal(at, np.arange(window.start.timestamp(), window.end.timestamp(), 5))
    assert np.array_equal(values, story.values("latency", "search", at))
    assert datadog.series["shop.requests", (("service", "checkout"),)][2:] == ("request", "count", 60)


def test_two_weeks_of_history_are_published_in_about_a_second():
    started = time.perf_counter()
    Story(7, MONDAY).publish_history(CloudWatchRecorder(), DatadogRecorder(), MONDAY + 14 * DAY)
    assert time.perf_counter() - started < 5  # takes a quarter of a second when nothing else runs


def test_history_goes_on_where_the_live_story_begins():
    cloudwatch = CloudWatchRecorder()
    Story(7, MONDAY).publish_history(cloudwatch, DatadogRecorder(), NIGHT + timedelta(seconds=30), days=1)
    timestamps, _, unit = cloudwatch.series["shop", "latency", (("service", "checkout"),)]
    assert unit == "Milliseconds"
    assert len(timestamps) == 1440 * 12
    assert timestamps.max() == (NIGHT - MINUTE).timestamp()
