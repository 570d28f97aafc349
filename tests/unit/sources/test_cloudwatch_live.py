"""The plan of a live tick: what is not settled yet is asked for again, and more of it where that costs nothing."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.unit.sources.entries import entry
from tests.unit.sources.fake_aws import ACCOUNT, CloudWatch
from watchbill.model.failures import SourceError
from watchbill.model.metrics import MetricEntry
from watchbill.model.targets import Target
from watchbill.model.windows import Window
from watchbill.sources.billing import billed
from watchbill.sources.cloudwatch import plan
from watchbill.sources.cost import estimate
from watchbill.sources.request import Request

TEN = datetime(2026, 3, 1, 10, tzinfo=UTC)
TICK, SETTLE, DAY = timedelta(minutes=5), timedelta(minutes=2), timedelta(days=1)
LIVE = Window(TEN, TEN + TICK)
NOW = LIVE.end + timedelta(seconds=20)
FREE = timedelta(minutes=201)


def planned(*entries: MetricEntry, window: Window = LIVE, now: datetime | None = None, client: Any = None,
            settle: timedelta | None = SETTLE) -> list[Request]:
    return plan(client or CloudWatch(), entries, Target("cloudwatch", "aws_default"), ACCOUNT, "eu-west-1", window,
                now or window.end + timedelta(seconds=20), settle=settle)


def metric(name: str = "errors", **given: Any) -> MetricEntry:
    return entry(name=name, metrics=name, sources="cloudwatch", **given)


def test_a_tick_asks_for_as_many_points_as_cost_nothing_more() -> None:
    (request,) = planned(metric())
    assert request.window == Window(LIVE.end - FREE, LIVE.end)
    assert estimate([request], NOW).billed_metrics == 1


def test_history_asks_for_its_window_alone() -> None:
    (request,) = planned(metric(delay="1h"), settle=None)
    assert request.window == LIVE


def test_a_window_that_is_longer_by_itself_is_left_as_it_is() -> None:
    """A tick that makes up for hours, or a long delay: more points would cost more calls."""
    long = Window(LIVE.start - timedelta(hours=6), LIVE.end)
    assert [request.window for request in planned(metric(), window=long)] == [
        Window(long.start - SETTLE, long.end)]
    assert [request.window for request in planned(metric(delay="5h"))] == [
        Window(LIVE.start - timedelta(hours=5), LIVE.end)]


@pytest.mark.parametrize(("tick", "asked"), [
    (Window(TEN - TICK, TEN), True),  # the hour is over with this tick
    (Window(TEN, TEN + TICK), True),  # its points are not settled yet
    (Window(TEN + TICK, TEN + 2 * TICK), False),
    (Window(TEN + 10 * TICK, TEN + 11 * TICK), False),
])
def test_an_hour_is_asked_for_when_it_is_over_and_until_it_is_settled(tick: Window, asked: bool) -> None:
    requests = planned(metric(period="1h"), window=tick)
    assert [request.window.end for request in requests] == ([TEN] if asked else [])


def test_an_entry_that_is_not_due_lists_nothing() -> None:
    client = CloudWatch()
    later = Window(TEN + TICK, TEN + 2 * TICK)
    assert planned(metric(period="1h", dimensions={"service": "*"}), window=later, client=client) == []
    assert client.asked == []


def test_storage_metrics_of_a_day_come_with_a_delay_of_three_days() -> None:
    client = CloudWatch([("AWS/S3", "BucketSizeBytes", {"BucketName": name, "StorageType": "StandardStorage"})
                         for name in ("a", "b")])
    storage = entry(name="storage", sources="cloudwatch", namespace="AWS/S3", metrics="BucketSizeBytes", period="1d",
                    delay="3d", dimensions={"BucketName": "*", "StorageType": "StandardStorage"})
    midnight = TEN.replace(hour=0)
    (request,) = planned(storage, metric(name="b", dimensions={"service": "a"}, period="1d"), client=client,
                         window=Window(midnight - TICK, midnight))
    assert request.window == Window(midnight - 201 * DAY, midnight)
    assert [query.series.dimensions[0][1] for query in request.queries] == ["a", "b", "a"]
    assert "RecentlyActive" not in client.asked[0]  # they are published once a day


def test_a_delay_of_nothing_is_not_the_sources() -> None:
    after = Window(TEN + TICK, TEN + 2 * TICK)
    assert planned(metric(period="1h", delay="0s"), window=Window(TEN, TEN + TICK)) == []
    assert planned(metric(period="1h", delay="6m"), window=after)[0].window.end == TEN


DUE_BY = {"10s": "2m", "30s": "2m", "1h": "3m", "2d": "1d10h2m", "3d": "2d10h2m"}  # with which it is due in LIVE


@pytest.mark.parametrize(("period", "kept"), [
    ("10s", timedelta(seconds=2010)), ("30s", timedelta(seconds=6030)), ("1m", FREE), ("2m", 2 * FREE),
    ("1h", timedelta(hours=201)), ("2d", timedelta(days=402)), ("3d", timedelta(days=450)),
])
def test_a_start_is_never_older_than_cloudwatch_keeps_the_period(period: str, kept: timedelta) -> None:
    (request,) = planned(metric(period=period, delay=DUE_BY.get(period, "1h")))
    assert request.window.length == kept


def test_a_late_plan_asks_for_what_cloudwatch_still_has_and_tells_what_is_lost() -> None:
    """An Airflow that was down for hours makes up for them as far as it can."""
    now = LIVE.start + timedelta(hours=2, minutes=59)
    (request,) = planned(metric(period="30s"), now=now)
    assert (request.window.start, request.warnings) == (now - timedelta(hours=3), ())
    (request,) = planned(metric(period="30s"), now=LIVE.start + timedelta(hours=3, minutes=2))
    assert request.window == Window(TEN + timedelta(minutes=2), LIVE.end)
    assert request.warnings == ("errors: CloudWatch no longer has the points of 2026-03-01T10:00:00Z/"
                                "2026-03-01T10:02:00Z every 30s; they are lost",)
    (request,) = planned(metric(period="30s"), metric("kept"), now=LIVE.start + timedelta(hours=4))
    assert [query.entry for query in request.queries] == ["kept"]
    assert request.warnings[0].startswith("errors: CloudWatch no longer has the points of 2026-03-01T10:00:00Z/"
                                          "2026-03-01T10:05:00Z")


def test_a_period_that_cloudwatch_never_has_is_refused() -> None:
    with pytest.raises(SourceError, match=r"no points every 45s.*Write `period: 1m`"):
        planned(metric(period="45s"))


def test_a_metric_that_two_entries_want_is_asked_for_as_long_as_either_wants() -> None:
    (request,) = planned(metric(statistics="Sum"), metric(statistics="p99", delay="5h").model_copy(
        update={"name": "slow"}))
    assert [query.series.statistic for query in request.queries] == ["Sum", "p99"]
    assert request.window.start == LIVE.start - timedelta(hours=5)


def test_the_same_questions_have_the_same_id_at_every_tick() -> None:
    after = Window(LIVE.end, LIVE.end + TICK)
    assert planned(metric())[0].id == planned(metric(), window=after)[0].id


STATISTICS = ("Average", "Sum", "Minimum", "Maximum", "SampleCount", "p50", "p90", "p99")
PERIODS = ("10s", "30s", "1m", "1m", "1m", "2m", "5m", "15m", "1h", "6h", "1d")
DELAYS = (None, None, None, "0s", "1m", "10m", "45m", "2h")


def random_entries(chosen: random.Random) -> Iterator[MetricEntry]:
    for number in range(chosen.randint(1, 6)):
        names = [f"m{one}" for one in range(chosen.choice([1, 3, 40, 300]))]
        given: dict[str, Any] = {"name": f"e{number}", "period": chosen.choice(PERIODS), "sources": "cloudwatch",
                                 "delay": chosen.choice(DELAYS)}
        if chosen.random() < 0.2:
            yield entry(**given, metrics=f"x{number}", expression="a / b * 100", dimensions={}, queries={
                "a": {"metric": chosen.choice(names)}, "b": {"metric": chosen.choice(names), "statistic": "Sum"}})
        else:
            yield entry(**given, metrics=chosen.sample(names, chosen.randint(1, len(names))),
                        statistics=chosen.sample(STATISTICS, chosen.randint(1, 8)))


def test_a_start_that_is_moved_back_never_costs_a_call_or_a_billed_metric_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    chosen = random.Random(20_260_301)
    windows = [Window(TEN, TEN + length) for length in (timedelta(minutes=1), TICK, timedelta(hours=1))]
    earlier = 0
    for _ in range(60):
        entries, window = list(random_entries(chosen)), chosen.choice(windows)
        moved = planned(*entries, window=window)
        with monkeypatch.context() as still:
            still.setattr("watchbill.sources.cloudwatch.spans.FREE_POINTS", 0)
            left = planned(*entries, window=window)
        now = window.end + timedelta(seconds=20)
        assert {query for one in moved for query in one.queries} == {query for one in left for query in one.queries}
        assert estimate(moved, now).calls <= estimate(left, now).calls
        assert estimate(moved, now).billed_metrics <= estimate(left, now).billed_metrics
        assert sum(billed(one.queries) for one in moved) <= sum(billed(one.queries) for one in left)
        assert all(request.points <= 100_800 and len(request.queries) <= 500 for request in moved)
        earlier += sum(request.points for request in moved) > sum(request.points for request in left)
    assert earlier > 50


def test_target_and_warnings_are_those_of_any_plan() -> None:
    (request,) = planned(metric(dimensions={"service": "*"}))
    assert request == replace(request, target=Target("cloudwatch", "aws_default"), queries=(), calls=1)
    assert len(request.warnings) == 1
