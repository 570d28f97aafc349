"""backfill_metrics, run by Airflow: history by hand, planned, collected in mapped tasks, counted."""

from datetime import UTC, datetime, timedelta

import pytest

from sandbox.server import Sandbox
from sandbox.story import Story
from tests.on_airflow.running import Airflow
from tests.on_airflow.shop import assert_holds, is_whole, open_shop, points
from watchbill.model.windows import Window, floor_time

pytestmark = pytest.mark.server
SOURCES = ("cloudwatch", "datadog")


@pytest.fixture
def end() -> datetime:
    return floor_time(datetime.now(UTC), 3600) - timedelta(hours=1)


@pytest.fixture
def story(sandbox: Sandbox, end: datetime) -> Story:
    return open_shop(sandbox, end, days=2)


@pytest.mark.parametrize("source", SOURCES)
def test_a_dry_run_collects_nothing(airflow: Airflow, sandbox: Sandbox, story: Story, end: datetime, source):
    window = Window(end - timedelta(hours=6), end)

    run = airflow.run("backfill_metrics", conf={"source": source, **window.to_json(), "dry_run": True})

    assert run.state == "success"
    assert run.tasks == {"plan_backfill": "success", "collect_metrics": "skipped", "verify_backfill": "skipped"}
    assert airflow.lake.series() == []
    assert sandbox.faults.calls["cloudwatch", "GetMetricData"] == 0
    assert sandbox.faults.calls["datadog", "POST /api/v2/query/timeseries"] == 0


@pytest.mark.parametrize("source", SOURCES)
def test_a_long_window_is_filled_exactly_and_verified(airflow: Airflow, story: Story, end: datetime, source):
    window = Window(end - timedelta(hours=30), end)  # over midnight, and in Datadog more than one request

    run = airflow.run("backfill_metrics", conf={"source": source, **window.to_json()})

    assert run.state == "success"
    assert_holds(airflow.lake, story, source, window)
    report = run.answers["verify_backfill"]
    assert (report["points"], report["window"], report["holes"]) == (points(source, window), window.to_json(), {})
    assert is_whole(airflow.lake, source, window)
    assert run.asset_events == []


def test_a_second_backfill_adds_no_point(airflow: Airflow, story: Story, end: datetime):
    conf = {"source": "cloudwatch", **Window(end - timedelta(hours=2), end).to_json()}
    window = Window(end - timedelta(hours=2), end)
    for again, came in (({}, points("cloudwatch", window)), ({}, 0), ({"again": True}, points("cloudwatch", window))):
        run = airflow.run("backfill_metrics", conf=conf | again)
        assert (run.state, run.answers["verify_backfill"]["points"]) == ("success", came)
        assert airflow.lake.count(airflow.lake.series("cloudwatch"), window) == points("cloudwatch", window)


def test_a_backfill_over_the_budget_asks_for_nothing(airflow: Airflow, story: Story, end: datetime, monkeypatch):
    monkeypatch.setenv("WATCHBILL__SOURCES__CLOUDWATCH__BUDGET", "0.00001")
    conf = {"source": "cloudwatch", **Window(end - timedelta(hours=2), end).to_json()}

    run = airflow.run("backfill_metrics", conf=conf)

    assert run.tries == {"plan_backfill": 1}
    assert run.error("plan_backfill").startswith("WatchbillError: the budget for cloudwatch is $1e-05 a day: $0.00000 ")
    assert airflow.run("backfill_metrics", conf=conf | {"over_budget": True}).state == "success"


def test_of_some_metrics_only_those_are_collected_and_the_window_is_not_whole(airflow: Airflow, story: Story, end):
    window = Window(end - timedelta(hours=2), end)

    run = airflow.run("backfill_metrics", conf={
        "source": "cloudwatch", **window.to_json(), "metrics": ["shop-latency"]})

    assert run.answers["verify_backfill"]["points"] == 2 * 3 * 120
    assert {one.metric for one in airflow.lake.series()} == {"latency"}
    assert not is_whole(airflow.lake, "cloudwatch", window)


def test_holes_of_the_source_are_named(airflow: Airflow, sandbox: Sandbox, end: datetime):
    open_shop(sandbox, end - timedelta(minutes=10))
    window = Window(end - timedelta(hours=1), end)

    run = airflow.run("backfill_metrics", conf={
        "source": "cloudwatch", **window.to_json(), "metrics": ["shop-latency"]})

    report = run.answers["verify_backfill"]
    assert report["points"] == 2 * 3 * 50
    assert report["holes"]["shop.latency p99 60s {service=checkout}"] == 10
    assert len(report["holes"]) == 6


def test_the_verification_fails_where_the_lake_has_lost_points(
    airflow: Airflow, story: Story, end: datetime, monkeypatch: pytest.MonkeyPatch,
):
    from watchbill.lake.lake import Lake

    read = Lake.read
    monkeypatch.setattr(Lake, "read", lambda self, series, window: read(self, series, window)[1:])

    run = airflow.run("backfill_metrics", retries=0, conf={
        "source": "cloudwatch", **Window(end - timedelta(hours=1), end).to_json()})

    assert run.tasks["verify_backfill"] == "failed"
    assert run.error("verify_backfill").startswith("LakeError: 720 points of ")
    assert run.error("verify_backfill").endswith("but the lake holds 719: run the backfill again")


def test_a_start_that_cloudwatch_no_longer_keeps_is_told(airflow: Airflow, sandbox: Sandbox, story: Story, end):
    window = Window(end - timedelta(days=20), end - timedelta(days=19))

    run = airflow.run("backfill_metrics", conf={"source": "cloudwatch", **window.to_json()})

    assert run.tries == {"plan_backfill": 1}
    assert run.error("plan_backfill").startswith("SourceError: CloudWatch in eu-west-1 (connection aws_default), ")
    assert "Write `period: 5m`, or ask for a later start" in run.error("plan_backfill")
