"""Collection: what is kept when the cloud fails in the middle, and when a window is called whole."""

import json
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests.targets import CLOUDWATCH, SECOND
from tests.unit.flows.cloud import HOUR, NOON, Cloud, away, entry, is_whole, series
from watchbill.flows.collect_metrics import collect_share, finish_collection, plan_collection
from watchbill.lake.lake import Lake
from watchbill.model.failures import SourceError
from watchbill.sources.request import Request


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake.open("lake", home=tmp_path)


@pytest.fixture
def cloud() -> Cloud:
    return Cloud()


def test_each_connection_plans_its_own_entries_and_another_source_none(cloud: Cloud):
    entries = [entry("a"), entry("b", connections={"cloudwatch": ["second"]}), entry("c", "datadog"), entry("d")]

    shares = plan_collection(entries, "cloudwatch", HOUR, cloud.open, now=NOON)

    assert cloud.opened == [CLOUDWATCH, SECOND]
    planned = [[Request.from_json(request) for request in share["requests"]] for share in shares]
    assert [[(one.connection, one.queries[0].entry) for one in share] for share in planned] == [
        [("aws_default", "a"), ("aws_default", "d")], [("second", "b")]]


def test_a_share_is_plain_json(cloud: Cloud):
    shares = plan_collection([entry("a")], "cloudwatch", HOUR, cloud.open, now=NOON)
    assert json.loads(json.dumps(shares)) == shares


def test_without_entries_there_is_no_share(cloud: Cloud):
    assert plan_collection([entry("c", "datadog")], "cloudwatch", HOUR, cloud.open, now=NOON) == []


def test_a_share_brings_its_points_and_says_so(cloud: Cloud, lake: Lake):
    [share] = plan_collection([entry("a"), entry("b")], "cloudwatch", HOUR, cloud.open, now=NOON)

    report = collect_share(share, cloud.open, lake, now=NOON)

    assert report == {"points": 120, "keys": [series("a").key, series("b").key], "calls": 4,
                      "billed_metrics": 2, "warnings": ["a is odd", "b is odd"]}
    assert lake.count([series("a"), series("b")], HOUR) == 120


def test_when_the_second_request_fails_what_the_first_brought_stays(cloud: Cloud, lake: Lake):
    [share] = plan_collection([entry("a"), entry("b"), entry("c")], "cloudwatch", HOUR, cloud.open, now=NOON)
    cloud.fails_on["b"] = away()

    with capture_logs() as logs, pytest.raises(SourceError, match="CloudWatch is away"):
        collect_share(share, cloud.open, lake, now=NOON)

    assert cloud.asked == ["a", "b"]
    assert lake.count([series("a")], HOUR) == 60
    assert logs == [{"event": "collection_failed", "log_level": "error", "source": "cloudwatch", "window": str(HOUR),
                     "error": "CloudWatch is away", "retryable": True, "kept": 60, "calls": 2 + 3,
                     "billed_metrics": 1 + 3, "dollars": 0.00004}]
    assert not is_whole(lake, HOUR)

    cloud.fails_on.clear()
    report = collect_share(share, cloud.open, lake, now=NOON)

    assert report["points"] == 180
    assert lake.count(lake.series(), HOUR) == 180


def test_a_window_is_whole_only_when_it_is_finished(cloud: Cloud, lake: Lake):
    shares = plan_collection([entry("a"), entry("b", connections={"cloudwatch": ["second"]})], "cloudwatch", HOUR,
                             cloud.open, now=NOON)
    reports = []
    for share in shares:
        reports.append(collect_share(share, cloud.open, lake, now=NOON))
        assert not is_whole(lake, HOUR)

    done = finish_collection("cloudwatch", HOUR, reports, lake, now=NOON, whole=True)

    assert is_whole(lake, HOUR)
    assert not is_whole(lake, HOUR, "datadog")
    assert done == {"source": "cloudwatch", "window": HOUR.to_json(), "points": 120, "series": 2, "calls": 4,
                    "billed_metrics": 2, "dollars": 0.00002, "warnings": ["a is odd", "b is odd"]}


def test_a_window_of_some_metrics_is_not_whole(lake: Lake):
    finish_collection("cloudwatch", HOUR, [], lake, now=NOON, whole=False)
    assert not is_whole(lake, HOUR)


def test_a_window_for_which_the_source_had_nothing_is_whole(lake: Lake):
    finish_collection("cloudwatch", HOUR, [], lake, now=NOON, whole=True)
    assert is_whole(lake, HOUR)
    assert lake.series() == []
