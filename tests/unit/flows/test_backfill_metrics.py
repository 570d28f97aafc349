"""A backfill: planned like a collection, counted in the lake, silent about what the source never had."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.targets import CLOUDWATCH, SECOND
from tests.unit.flows.cloud import HOUR, NOON, Cloud, away, entry, is_whole, series
from watchbill.flows.backfill_metrics import cheaper_backfill, estimate_backfill, plan_backfill, verify_backfill
from watchbill.flows.collect_metrics import collect_share
from watchbill.flows.coverage import WHOLE
from watchbill.lake.lake import Lake
from watchbill.model.failures import LakeError, SourceError
from watchbill.model.windows import Window
from watchbill.sources.cost import Cost
from watchbill.sources.fetched import POINTS, Fetched
from watchbill.sources.request import Query, Request


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake.open("lake", home=tmp_path)


def backfill(cloud: Cloud, lake: Lake) -> list[dict[str, Any]]:
    shares = plan_backfill([entry("a"), entry("b")], "cloudwatch", HOUR, cloud.open, lake, now=NOON, dry_run=False)
    return [collect_share(share, cloud.open, lake, now=NOON) for share in shares]


def test_a_dry_run_plans_no_share_and_says_what_a_real_one_would_do(lake: Lake):
    cloud = Cloud()
    with capture_logs() as logs:
        shares = plan_backfill([entry("a"), entry("b")], "cloudwatch", HOUR, cloud.open, lake, now=NOON, dry_run=True)

    assert (shares, cloud.asked) == ([], [])
    comes_to = {"calls": 2, "billed_metrics": 2, "dollars": 0.00002, "points_at_most": 120, "expected_s": 0.04,
                "open_ended": 0}
    assert logs[-2] == {"event": "backfill_planned", "log_level": "info", "source": "cloudwatch", "window": str(HOUR),
                        "dry_run": True, "shares": 1, "requests": 2, "series": 2, **comes_to,
                        "targets": {"aws_default": comes_to}, "warnings": []}
    assert logs[-1] == {"event": "backfill_cost", "log_level": "info", "summary": (
        "cloudwatch through aws_default: 2 calls, 2 billed metrics for $0.00002, at most 120 points, in 1s at the "
        "earliest")}


def test_a_real_run_says_the_same_as_its_dry_run(lake: Lake):
    told = []
    for dry_run in (True, False):
        with capture_logs() as logs:
            plan_backfill([entry("a"), entry("b")], "cloudwatch", HOUR, Cloud().open, lake, now=NOON, dry_run=dry_run)
        assert logs[-2].pop("dry_run") is dry_run
        told.append(logs)
    assert told[0] == told[1]


def test_an_estimate_is_told_for_each_connection_and_in_all():
    cloud = Cloud()
    entries = [entry("a"), entry("b", connections={"cloudwatch": ["second"]}), entry("c", "datadog")]

    with capture_logs() as logs:
        found = estimate_backfill(entries, "cloudwatch", HOUR, cloud.open, now=NOON)

    one = Cost(calls=1, billed_metrics=1, points=60, expected_s=0.02)
    assert (found.series, found.targets) == (
        2, {CLOUDWATCH: one, SECOND: one})
    assert found.total == Cost(calls=2, billed_metrics=2, points=120, expected_s=0.04)  # one account: one quota
    assert (cloud.asked, logs) == ([], [])


def test_every_point_that_was_collected_is_counted_and_the_window_is_whole(lake: Lake):
    reports = backfill(Cloud(), lake)

    report = verify_backfill("cloudwatch", HOUR, reports, lake, now=NOON, whole=True)

    assert report == {"source": "cloudwatch", "window": HOUR.to_json(), "series": 2, "points": 120,
                      "calls": 4, "billed_metrics": 2, "dollars": 0.00002, "holes": {}}
    assert is_whole(lake, HOUR)


def test_of_some_metrics_the_window_is_not_whole(lake: Lake):
    verify_backfill("cloudwatch", HOUR, backfill(Cloud(), lake), lake, now=NOON, whole=False)
    assert not is_whole(lake, HOUR)


def test_holes_are_the_sources_and_no_error(lake: Lake):
    reports = backfill(Cloud(missing={"b": 7}), lake)

    report = verify_backfill("cloudwatch", HOUR, reports, lake, now=NOON, whole=True)

    assert (report["points"], report["holes"]) == (113, {"shop.b Average 60s {}": 7})


def test_points_that_were_collected_and_are_not_there_are_an_error(lake: Lake, tmp_path: Path):
    reports = backfill(Cloud(), lake)
    for file in (tmp_path / "lake" / "points").rglob("*.parquet"):
        file.unlink()
        break

    with pytest.raises(LakeError, match=rf"^120 points of {HOUR} were collected from cloudwatch, but the lake holds "
                                        "60: run the backfill again$"):
        verify_backfill("cloudwatch", HOUR, reports, lake, now=NOON, whole=True)
    assert not is_whole(lake, HOUR)


def test_what_was_there_before_counts_for_no_series_of_this_backfill(lake: Lake):
    other = Cloud()
    [share] = plan_backfill([entry("z")], "cloudwatch", HOUR, other.open, lake, now=NOON, dry_run=False)
    collect_share(share, other.open, lake, now=NOON)

    report = verify_backfill("cloudwatch", HOUR, backfill(Cloud(), lake), lake, now=NOON, whole=True)

    assert (report["series"], report["points"]) == (2, 120)
    assert lake.count([series("z")], HOUR) == 60


def test_a_backfill_that_was_killed_goes_on_where_it_stopped(lake: Lake):
    cloud = Cloud(fails_on={"b": away()})
    with pytest.raises(SourceError):
        backfill(cloud, lake)
    cloud.fails_on.clear()
    cloud.asked.clear()

    reports = backfill(cloud, lake)

    assert cloud.asked == ["b"]
    assert verify_backfill("cloudwatch", HOUR, reports, lake, now=NOON, whole=True)["points"] == 60
    assert lake.count(lake.series(), HOUR) == 120
    assert backfill(cloud, lake) == []


def test_what_is_whole_is_asked_for_again_on_demand(lake: Lake):
    cloud = Cloud()
    backfill(cloud, lake)
    [share] = plan_backfill([entry("a")], "cloudwatch", HOUR, cloud.open, lake, now=NOON, dry_run=False, again=True)
    assert collect_share(share, cloud.open, lake, now=NOON)["new"] == 0


def test_a_backfill_into_the_future_is_whole_only_so_far(lake: Lake):
    later = Window(HOUR.start, HOUR.end + timedelta(hours=1))
    verify_backfill("cloudwatch", later, [], lake, now=NOON, whole=True)
    assert lake.coverage("cloudwatch", later, WHOLE) == [HOUR]


def test_a_backfill_window_by_window_is_told_what_is_cheaper():
    tick = Window(NOON - timedelta(minutes=5), NOON)
    later = NOON + timedelta(days=3)

    said = cheaper_backfill([entry("a"), entry("b")], "cloudwatch", tick, Cloud().open, now=later)

    assert said == (
        "window by window, 2026-03-02 takes 576 calls and $0.00576; at once it takes 2 and $0.00002: "
        """airflow dags trigger backfill_metrics --conf '{"source": "cloudwatch", "start": "2026-03-02T00:00:00Z", """
        """"end": "2026-03-03T00:00:00Z"}'""")
    day = Window(later.replace(hour=0), later.replace(hour=0) + timedelta(days=1))
    assert cheaper_backfill([entry("a")], "cloudwatch", day, Cloud().open, now=day.end) is None


def test_what_was_set_aside_is_asked_for_again_whatever_came_later(lake: Lake, tmp_path: Path):
    cloud = Cloud()
    later = Window(HOUR.start, HOUR.end + timedelta(hours=1))

    def collect(window: Window, again: bool) -> int:
        shares = plan_backfill([entry("a")], "cloudwatch", window, cloud.open, lake, now=NOON, dry_run=False,
                               again=again)
        return sum(collect_share(share, cloud.open, lake, now=NOON)["new"] for share in shares)

    assert collect(HOUR, again=False) == 60
    [first] = (tmp_path / "lake" / "points").rglob("*.parquet")
    assert collect(later, again=True) == 60  # without those that the first file holds
    first.write_bytes(first.read_bytes()[:-100])
    lake.quarantine(lake.verify().faults)

    assert collect(HOUR, again=False) == 60

    assert lake.count([series("a")], later) == 120
    assert plan_backfill([entry("a")], "cloudwatch", HOUR, cloud.open, lake, now=NOON, dry_run=False) == []


def test_a_metric_that_came_meanwhile_makes_nothing_be_asked_again(lake: Lake):
    found = Found("a", "b", "c", fails_on="c")
    with pytest.raises(SourceError):
        found.backfill(lake)
    assert found.asked == [("a", "b"), ("c",)]

    found = Found("a", "aa", "b", "c")
    found.backfill(lake, dry_run=True)
    found.backfill(lake)
    assert found.asked == [("c",), ("aa",)]
    found.backfill(lake)
    assert len(found.asked) == 2


class Found:
    """What a `*` stands for, two metrics a request."""

    def __init__(self, *metrics: str, fails_on: str = "") -> None:
        self.metrics, self.fails_on = metrics, fails_on
        self.asked: list[tuple[str, ...]] = []

    def backfill(self, lake: Lake, *, dry_run: bool = False) -> None:
        shares = plan_backfill([entry("*")], "cloudwatch", HOUR, lambda _: self, lake, now=NOON, dry_run=dry_run)
        for share in shares:
            collect_share(share, lambda _: self, lake, now=NOON)

    def plan(self, entries: Any, window: Window, now: Any, settle: Any) -> list[Request]:
        queries = [Query("*", series(name)) for name in self.metrics]
        return [Request(CLOUDWATCH, window, tuple(queries[first:first + 2])) for first in range(0, len(queries), 2)]

    def fetch(self, request: Request) -> Fetched:
        names = tuple(query.series.metric for query in request.queries)
        self.asked.append(names)
        if self.fails_on in names:
            raise away()
        return Fetched(POINTS.empty_table(), tuple(query.series for query in request.queries), calls=1)
