"""The collecting DAGs, run by Airflow against the small cloud."""

from datetime import UTC, datetime, timedelta

import pytest

from sandbox.server import Sandbox
from sandbox.story import Story
from tests.on_airflow.running import Airflow
from tests.on_airflow.shop import assert_holds, is_whole, open_shop, points
from watchbill.model.windows import Window, floor_time

pytestmark = pytest.mark.server
TICK = timedelta(minutes=5)
SOURCES = ("cloudwatch", "datadog")


@pytest.fixture
def end() -> datetime:
    """The end of the last whole tick."""
    return floor_time(datetime.now(UTC), 300)


@pytest.fixture
def story(sandbox: Sandbox, end: datetime) -> Story:
    return open_shop(sandbox, end)


def asked(source: str, window: Window) -> Window:
    """What is read of the source for a live window: 201 points of each series, which cost no more than five."""
    return Window(window.end - timedelta(minutes=201), window.end)


@pytest.mark.parametrize("source", SOURCES)
def test_a_scheduled_window_is_collected_exactly(airflow: Airflow, story: Story, end: datetime, source):
    window = Window(end - TICK, end)

    run = airflow.run(f"collect_{source}", end, run_type="scheduled")

    assert (run.state, run.errors) == ("success", {})
    assert_holds(airflow.lake, story, source, asked(source, window))
    assert is_whole(airflow.lake, source, window)
    assert not is_whole(airflow.lake, source, Window(window.start - TICK, end))
    report = run.answers["finish_collection"]
    assert (report["window"], report["points"]) == (window.to_json(), points(source, asked(source, window)))
    assert run.asset_events == [(f"x-watchbill://lake/{source}", window.to_json())]


def test_a_window_that_is_collected_twice_holds_each_point_once(airflow: Airflow, story: Story, end: datetime):
    for _ in range(2):
        run = airflow.run("collect_cloudwatch", end, run_type="scheduled")

        assert run.state == "success"
        assert_holds(airflow.lake, story, "cloudwatch", asked("cloudwatch", Window(end - TICK, end)))


@pytest.mark.parametrize("source", SOURCES)
def test_by_hand_a_form_names_the_window_and_the_metrics(airflow: Airflow, story: Story, end: datetime, source):
    window = Window(end - timedelta(hours=3), end - timedelta(hours=2))

    run = airflow.run(f"collect_{source}", conf={
        "start": f"{window.start:%Y-%m-%dT%H:%M:%SZ}", "end": f"{window.end:%Y-%m-%dT%H:%M:%SZ}", "metrics": ["shop"]})

    assert run.state == "success"
    found = airflow.lake.series(source)
    assert {(one.metric, one.statistic) for one in found} == {("requests", "Sum"), ("errors", "Sum")}
    assert airflow.lake.count(found, window) == run.answers["finish_collection"]["points"] == 6 * 60
    assert run.asset_events == []  # two hours old: history


def test_by_hand_with_an_empty_form_the_last_whole_tick_is_collected(airflow: Airflow, story: Story, end: datetime):
    airflow.set_clock(lambda: end + timedelta(minutes=4, seconds=59))

    run = airflow.run("collect_cloudwatch")

    assert run.answers["finish_collection"]["window"] == Window(end - TICK, end).to_json()
    assert_holds(airflow.lake, story, "cloudwatch", asked("cloudwatch", Window(end - TICK, end)))


@pytest.mark.parametrize(("conf", "says"), [
    ({"start": "2026-01-31T12:00:00Z"}, "give both `start` and `end`, or neither for the usual window"),
    ({"start": "2026-01-31T12:00:00Z", "end": "2026-01-31T12:00:00Z"},
     "the end 2026-01-31T12:00:00Z does not come after the start 2026-01-31T12:00:00Z"),
    ({"metrics": ["shopp"]}, "no metric entry is called shopp; there are machine-cpu,"),
])
def test_a_form_that_makes_no_sense_is_told_so_at_once(airflow: Airflow, conf, says):
    run = airflow.run("collect_cloudwatch", conf=conf)

    assert (run.state, run.tries) == ("failed", {"plan_collection": 1})
    assert run.error("plan_collection").startswith(f"WatchbillError: {says}")


@pytest.mark.parametrize("source", SOURCES)
def test_a_backfill_collects_and_wakes_nobody(airflow: Airflow, story: Story, end: datetime, source):
    run = airflow.run(f"collect_{source}", end, run_type="backfill")

    assert run.state == "success"
    assert_holds(airflow.lake, story, source, Window(end - TICK, end))
    assert run.asset_events == []


def test_a_backfill_does_not_pay_for_what_the_lake_holds(airflow: Airflow, sandbox: Sandbox, story: Story, end):
    airflow.run("collect_cloudwatch", end - timedelta(days=1), run_type="backfill")
    sandbox.faults.calls.clear()

    run = airflow.run("collect_cloudwatch", end - timedelta(days=1), run_type="backfill")

    assert (run.state, run.tasks["collect_metrics"]) == ("success", "skipped")
    assert ("cloudwatch", "GetMetricData") not in sandbox.faults.calls


def test_a_target_that_fails_does_not_stop_the_others(airflow: Airflow, story: Story, end: datetime):
    (airflow.include / "metrics" / "elsewhere.yaml").write_text("""metrics:
      - {name: elsewhere, sources: cloudwatch, namespace: shop, metrics: errors, statistics: Sum, period: 60s,
         dimensions: {service: checkout}, roles: "arn:aws:iam::999988887777:role/nobody"}
    """)

    run = airflow.run("collect_cloudwatch", end, run_type="scheduled")

    assert (run.state, run.tasks["collect_metrics[0]"], run.tasks["collect_metrics[1]"]) == (
        "failed", "success", "failed")
    assert "sts:AssumeRole on the role" in run.error("collect_metrics[1]")
    assert run.answers["finish_collection"]["lacking"] == [
        "aws_default as arn:aws:iam::999988887777:role/nobody"]
    assert_holds(airflow.lake, story, "cloudwatch", asked("cloudwatch", Window(end - TICK, end)))
    assert [uri for uri, _ in run.asset_events] == ["x-watchbill://lake/cloudwatch"]


def test_the_night_reads_yesterday_again(airflow: Airflow, sandbox: Sandbox, end: datetime):
    night = end.replace(hour=4, minute=30)
    story = open_shop(sandbox, night, days=3)
    airflow.set_clock(lambda: night)

    run = airflow.run("tend_lake", run_after=night)

    midnight = night.replace(hour=0, minute=0)
    assert run.state == "success"
    assert_holds(airflow.lake, story, "cloudwatch", Window(midnight - timedelta(days=1), midnight))


def test_a_window_that_is_long_over_wakes_nobody_whatever_the_run_is_called(airflow: Airflow, story: Story, end):
    run = airflow.run("collect_cloudwatch", end - timedelta(hours=1), run_type="scheduled")

    assert_holds(airflow.lake, story, "cloudwatch", Window(end - timedelta(hours=1) - TICK, end - timedelta(hours=1)))
    assert run.asset_events == []


def test_where_nothing_is_declared_a_window_is_whole_without_points(airflow: Airflow, story: Story, end: datetime):
    for file in (airflow.include / "metrics").iterdir():
        file.unlink()

    run = airflow.run("collect_cloudwatch", end, run_type="scheduled")

    assert run.state == "success"
    assert run.tasks == {"plan_collection": "success", "collect_metrics": "skipped", "finish_collection": "success",
                         "finished": "success"}
    assert run.answers["finish_collection"]["points"] == 0
    assert is_whole(airflow.lake, "cloudwatch", Window(end - TICK, end))
