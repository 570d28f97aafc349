"""Collection: what is kept when the cloud fails in the middle, and when a window is called whole."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests.targets import CLOUDWATCH, SECOND
from tests.unit.flows.cloud import HOUR, NOON, Cloud, away, entry, is_whole, series
from watchbill.flows.collect_metrics import collect_share, finish_collection, planned_shares
from watchbill.flows.coverage import collected_windows
from watchbill.flows.plan_collection import plan_collection
from watchbill.lake.lake import Lake
from watchbill.model.failures import SourceError, WatchbillError
from watchbill.sources.request import Request


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake.open("lake", home=tmp_path)


@pytest.fixture
def cloud() -> Cloud:
    return Cloud()


def test_each_connection_plans_its_own_entries_and_another_source_none(cloud: Cloud, lake: Lake):
    entries = [entry("a"), entry("b", connections={"cloudwatch": ["second"]}), entry("c", "datadog"), entry("d")]

    shares = plan_collection(entries, "cloudwatch", HOUR, cloud.open, lake, now=NOON)

    assert cloud.opened == [CLOUDWATCH, SECOND]
    planned = [[Request.from_json(request) for request in share["requests"]] for share in shares]
    assert [[(one.connection, one.queries[0].entry) for one in share] for share in planned] == [
        [("aws_default", "a"), ("aws_default", "d")], [("second", "b")]]


def test_a_share_is_plain_json(cloud: Cloud, lake: Lake):
    shares = plan_collection([entry("a")], "cloudwatch", HOUR, cloud.open, lake, now=NOON)
    assert json.loads(json.dumps(shares)) == shares


def test_without_entries_there_is_no_share(cloud: Cloud, lake: Lake):
    assert plan_collection([entry("c", "datadog")], "cloudwatch", HOUR, cloud.open, lake, now=NOON) == []


def test_a_share_brings_its_points_and_says_so(cloud: Cloud, lake: Lake):
    [share] = plan_collection([entry("a"), entry("b")], "cloudwatch", HOUR, cloud.open, lake, now=NOON)

    report = collect_share(share, cloud.open, lake, now=NOON)

    assert report == {"asked": CLOUDWATCH.to_json(), "points": 120, "new": 120, "corrected": 0, "vanished": 0,
                      "keys": [series("a").key, series("b").key], "calls": 4, "billed_metrics": 2,
                      "warnings": ["a is odd", "b is odd"]}
    assert lake.count([series("a"), series("b")], HOUR) == 120


def test_when_the_second_request_fails_what_the_first_brought_stays(cloud: Cloud, lake: Lake):
    [share] = plan_collection([entry("a"), entry("b"), entry("c")], "cloudwatch", HOUR, cloud.open, lake, now=NOON)
    cloud.fails_on["b"] = away()

    with capture_logs() as logs, pytest.raises(SourceError, match="CloudWatch is away"):
        collect_share(share, cloud.open, lake, now=NOON)

    assert cloud.asked == ["a", "b"]
    assert lake.count([series("a")], HOUR) == 60
    assert logs == [{"event": "collection_failed", "log_level": "error", "source": "cloudwatch",
                     "connection": "aws_default", "error": "CloudWatch is away", "retryable": True, "kept": 60,
                     "calls": 2 + 3, "billed_metrics": 1 + 3, "dollars": 0.00004}]
    assert not is_whole(lake, HOUR)

    cloud.fails_on.clear()
    report = collect_share(share, cloud.open, lake, now=NOON)

    assert report["points"] == 180
    assert lake.count(lake.series(), HOUR) == 180


def test_a_window_is_whole_only_when_it_is_finished(cloud: Cloud, lake: Lake):
    shares = plan_collection([entry("a"), entry("b", connections={"cloudwatch": ["second"]})], "cloudwatch", HOUR,
                             cloud.open, lake, now=NOON)
    reports = []
    for share in shares:
        reports.append(collect_share(share, cloud.open, lake, now=NOON))
        assert not is_whole(lake, HOUR)

    done = finish_collection("cloudwatch", HOUR, planned_shares(shares), reports, lake, now=NOON, whole=True)

    assert is_whole(lake, HOUR)
    assert not is_whole(lake, HOUR, "datadog")
    assert done == {"source": "cloudwatch", "window": HOUR.to_json(), "points": 120, "new": 120,
                    "corrected": 0, "vanished": 0, "series": 2, "calls": 4, "billed_metrics": 2, "dollars": 0.00002,
                    "lacking": [], "collected": True, "warnings": ["a is odd", "b is odd"]}


def test_a_window_of_some_metrics_is_not_whole(lake: Lake):
    finish_collection("cloudwatch", HOUR, [], [], lake, now=NOON, whole=False)
    assert not is_whole(lake, HOUR)


def test_a_window_for_which_the_source_had_nothing_is_whole(lake: Lake):
    finish_collection("cloudwatch", HOUR, [], [], lake, now=NOON, whole=True)
    assert is_whole(lake, HOUR)
    assert lake.series() == []


TWO = [entry("a"), entry("b", connections={"cloudwatch": ["second"]})]


def test_a_target_that_cannot_be_planned_does_not_stop_the_others(cloud: Cloud, lake: Lake):
    cloud.cannot_plan["second"] = away()

    with capture_logs() as logs:
        shares = json.loads(json.dumps(plan_collection(TWO, "cloudwatch", HOUR, cloud.open, lake, now=NOON)))

    assert [(log["event"], log["connection"], log["error"]) for log in logs if log["log_level"] == "error"] == [
        ("planning_failed", "second", "CloudWatch is away")]
    good, bad = shares
    reports = [collect_share(good, cloud.open, lake, now=NOON)]
    with pytest.raises(SourceError, match="CloudWatch is away"):
        collect_share(bad, cloud.open, lake, now=NOON)

    done = finish_collection("cloudwatch", HOUR, planned_shares(shares), reports, lake, now=NOON, whole=True)

    assert (done["points"], done["lacking"], done["collected"]) == (60, ["second"], True)
    assert not is_whole(lake, HOUR)
    assert collected_windows("cloudwatch", HOUR, lake) == [HOUR]


def test_a_target_that_could_not_be_planned_is_planned_by_its_own_task(cloud: Cloud, lake: Lake):
    cloud.cannot_plan["second"] = away()
    shares = json.loads(json.dumps(plan_collection(TWO, "cloudwatch", HOUR, cloud.open, lake, now=NOON)))
    cloud.cannot_plan.clear()

    reports = [collect_share(share, cloud.open, lake, now=NOON) for share in shares]
    done = finish_collection("cloudwatch", HOUR, planned_shares(shares), reports, lake, now=NOON, whole=True)

    assert (done["points"], done["lacking"]) == (120, [])
    assert is_whole(lake, HOUR)


def test_where_no_target_can_be_planned_the_plan_fails(cloud: Cloud, lake: Lake):
    cloud.cannot_plan |= {"aws_default": away(), "second": away()}
    with pytest.raises(SourceError, match="CloudWatch is away"):
        plan_collection(TWO, "cloudwatch", HOUR, cloud.open, lake, now=NOON)


def test_a_window_of_which_no_target_has_all_is_not_collected(cloud: Cloud, lake: Lake):
    shares = plan_collection([entry("a")], "cloudwatch", HOUR, cloud.open, lake, now=NOON)

    done = finish_collection("cloudwatch", HOUR, planned_shares(shares), [], lake, now=NOON, whole=True)

    assert (done["lacking"], done["collected"]) == (["aws_default"], False)
    assert collected_windows("cloudwatch", HOUR, lake) == []


def test_what_is_read_again_is_written_only_where_it_is_new(cloud: Cloud, lake: Lake):
    cloud.missing["a"] = 10
    for points, new in ((50, 50), (60, 10), (60, 0)):
        [share] = plan_collection([entry("a")], "cloudwatch", HOUR, cloud.open, lake, now=NOON, settle=timedelta(0))
        report = collect_share(share, cloud.open, lake, now=NOON)
        assert (report["points"], report["new"], report["vanished"]) == (points, new, 0)
        cloud.missing.clear()
    cloud.missing["a"] = 5

    [share] = plan_collection([entry("a")], "cloudwatch", HOUR, cloud.open, lake, now=NOON, settle=timedelta(0))
    report = collect_share(share, cloud.open, lake, now=NOON)

    assert (report["points"], report["new"], report["vanished"]) == (55, 0, 5)
    assert lake.count([series("a")], HOUR) == 60


def test_a_plan_leaves_out_what_the_lake_holds_unless_it_is_to_be_asked_again(cloud: Cloud, lake: Lake):
    [share] = plan_collection([entry("a")], "cloudwatch", HOUR, cloud.open, lake, now=NOON)
    collect_share(share, cloud.open, lake, now=NOON)

    with capture_logs() as logs:
        [rest] = plan_collection([entry("a"), entry("b")], "cloudwatch", HOUR, cloud.open, lake, now=NOON, again=False)

    assert [Request.from_json(request).queries[0].entry for request in rest["requests"]] == ["b"]
    assert logs[0]["skipped"] == 1
    [every] = plan_collection([entry("a"), entry("b")], "cloudwatch", HOUR, cloud.open, lake, now=NOON)
    assert len(every["requests"]) == 2


def test_a_plan_over_the_day_s_budget_is_refused_with_what_to_do(cloud: Cloud, lake: Lake):
    for _ in range(2):
        [share] = plan_collection([entry("a")], "cloudwatch", HOUR, cloud.open, lake, now=NOON, budget=0.00002)
        collect_share(share, cloud.open, lake, now=NOON)

    with pytest.raises(WatchbillError) as refused:
        plan_collection([entry("a")], "cloudwatch", HOUR, cloud.open, lake, now=NOON, budget=0.00002)

    assert str(refused.value) == (
        "the budget for cloudwatch is $2e-05 a day: $0.00002 of 2026-03-02 is spent, and this run would add $0.00001. "
        "Raise `sources.cloudwatch.budget` in include/watchbill.yaml, take a shorter window or fewer metrics, or run "
        "it again with `over_budget`")
    [again] = plan_collection([entry("a")], "cloudwatch", HOUR, cloud.open, lake, now=NOON + timedelta(days=1),
                              budget=0.00002)
    assert again["requests"]


def test_a_try_that_failed_is_spent_too(cloud: Cloud, lake: Lake):
    cloud.fails_on["a"] = away()
    [share] = plan_collection([entry("a")], "cloudwatch", HOUR, cloud.open, lake, now=NOON)
    with pytest.raises(SourceError):
        collect_share(share, cloud.open, lake, now=NOON)
    assert lake.spent("cloudwatch", NOON.date()) == 3
    assert lake.spent("datadog", NOON.date()) == 0
