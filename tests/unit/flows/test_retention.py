"""Tending drops what is too old, of the lake or of one metric, and folds old points, as often as it is run."""

import errno
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests.unit.lake.faulty_disk import Death, FaultyDisk
from tests.unit.lake.given import MIDNIGHT, a_series, minute, points, window
from tests.unit.lake.test_faults import lake_on, sound
from watchbill.declare.load import load_settings
from watchbill.flows.tend_lake import keeping, tend_lake
from watchbill.lake.lake import Lake
from watchbill.lake.thin import Keeping
from watchbill.model.failures import DeclarationError, LakeError
from watchbill.model.metrics import Downsample, MetricEntry
from watchbill.model.series import Series
from watchbill.model.settings import LakeSettings, Settings

ONE = a_series(service="checkout")
NOW = MIDNIGHT + timedelta(days=3, hours=5)
DAY = timedelta(days=1)
HOURLY = {"after": "1d", "period": "1h"}
STATISTICS = ("Sum", "SampleCount", "Minimum", "Maximum", "Average", "p99")
EVERY = window(-3000, 5000)
NOTHING = {"days": [], "migrated": [], "expired": [], "thinned": [], "points_dropped": 0, "points_folded": 0,
           "points_made": 0, "not_folded": [], "undeclared": False, "series_files_replaced": 0}


def settings(**lake: object) -> Settings:
    return Settings(lake=LakeSettings(**lake))


def entry(metric: str = "latency", **words: object) -> MetricEntry:
    return MetricEntry(**{"name": metric, "sources": "cloudwatch", "namespace": "shop", "metrics": metric,
                          "dimensions": {"service": "*"}, "period": "60s", **words})


def tend(lake: Lake, *entries: MetricEntry, **lake_settings: object) -> dict:
    return tend_lake(lake, now=NOW, settings=settings(**lake_settings), entries=entries)


def collect(lake: Lake, start: float, *of: tuple[Series, dict[float, float]], length: int = 1440) -> None:
    for share in ("a", "whole"):
        given = of if share == "a" else ()
        lake.write("cloudwatch", window(start, start + length), share, points(*given), [one for one, _ in given],
                   collected_at=minute(start + length))


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Three days, 30 January to 1 February, each in two files."""
    for day in (-1, 0, 1):
        for start in (day * 1440, day * 1440 + 5):
            sound(tmp_path).write("cloudwatch", window(start, start + 5), 0, points((ONE, {start: 1.0})), [ONE],
                                  collected_at=minute(start + 5))
    return sound(tmp_path)


def test_days_older_than_the_retention_go_before_the_others_are_compacted(lake: Lake) -> None:
    with capture_logs() as logs:
        report = tend(lake, retention="2d")
    assert report == {**NOTHING, "days": ["cloudwatch 2026-02-01"], "expired": ["2026-01-30", "2026-01-31"]}
    assert logs == [{"event": "lake_tended", "log_level": "info", **report}]
    assert lake.count([ONE], EVERY) == 2
    assert tend(lake, retention="2d") == NOTHING


def test_without_a_retention_everything_is_kept(lake: Lake) -> None:
    assert tend(lake)["expired"] == []
    assert lake.count([ONE], EVERY) == 6


def test_while_the_metrics_are_broken_nothing_goes_and_days_are_compacted(lake: Lake) -> None:
    report = tend_lake(lake, now=NOW, settings=settings(retention="1d", downsample=HOURLY), entries=None)
    assert report == {**NOTHING, "days": [f"cloudwatch 2026-0{day}" for day in ("1-30", "1-31", "2-01")],
                      "undeclared": True}
    assert lake.count([ONE], EVERY) == 6


def test_a_metric_may_be_kept_longer_than_the_lake_and_its_days_lose_the_others(tmp_path: Path) -> None:
    lake, short = sound(tmp_path), a_series("errors", service="checkout")
    for start in (-720, 720):
        collect(lake, start, (ONE, {start + 5: 1.0}), (short, {start + 6: 2.0}))
    with capture_logs():
        report = tend(lake, entry(retention="400d"), retention="2d")
    assert (report["expired"], report["thinned"], report["points_dropped"]) == ([], ["cloudwatch 2026-01-31"], 1)
    assert (lake.count([ONE], EVERY), lake.count([short], EVERY)) == (2, 1)
    assert lake.collected("cloudwatch", window(-720, 2160), "whole")
    gaps = lake.gaps("cloudwatch", "whole")
    assert {(gap.series.metric, gap.points) for gap in gaps.missing} == {
        ("latency", 5), ("latency", 1434 + 5), ("latency", 1434), ("errors", 6), ("errors", 1433)}
    assert tend(lake, entry(retention="400d"), retention="2d")["thinned"] == []


def test_a_metric_may_be_kept_a_shorter_time_where_the_lake_keeps_all(lake: Lake) -> None:
    report = tend(lake, entry(retention="2d"))
    assert report["expired"] == ["2026-01-30", "2026-01-31"]
    assert lake.count([ONE], EVERY) == 2


def stats_of(values: list[float]) -> dict[str, float]:
    return {"Sum": sum(values), "SampleCount": sum(values), "Minimum": min(values), "Maximum": max(values),
            "Average": sum(values) / len(values)}


@pytest.fixture
def fine(tmp_path: Path) -> Lake:
    """A day of two hours at 60 s, in every statistic, and the day before yesterday in one; yesterday is too young."""
    lake = sound(tmp_path)
    values = {float(at): float(at % 7) for at in range(120)}
    several = [replace(ONE, statistic=statistic) for statistic in STATISTICS]
    collect(lake, -720, *((one, values) for one in several))
    collect(lake, 720 + 1440, (ONE, {2200.0: 1.0}))
    return lake


def values_of(lake: Lake, statistic: str, period_s: int) -> list[tuple[float, float]]:
    found = lake.read([replace(ONE, statistic=statistic, period_s=period_s)], EVERY).to_pylist()
    return [((row["timestamp"] - minute(0)).total_seconds() / 60, row["value"]) for row in found]


def test_old_points_become_one_a_period_by_their_statistic_and_percentiles_stay(fine: Lake) -> None:
    report = tend(fine, downsample=HOURLY)
    assert report["thinned"] == ["cloudwatch 2026-01-31"]
    assert (report["points_folded"], report["points_made"], report["not_folded"]) == (5 * 120, 5 * 2, ["p99"])
    hours = [stats_of([float(at % 7) for at in range(start, start + 60)]) for start in (0, 60)]
    for statistic in STATISTICS[:-1]:
        assert values_of(fine, statistic, 3600) == [(0, hours[0][statistic]), (60, hours[1][statistic])]
        assert values_of(fine, statistic, 60) == ([(2200, 1.0)] if statistic == "Average" else [])
    assert len(values_of(fine, "p99", 60)) == 120
    assert fine.collected("cloudwatch", window(-720, 720), "whole")
    assert {one.period_s for one in fine.series(statistic="Sum")} == {60, 3600}
    assert tend(fine, downsample=HOURLY) == {**NOTHING, "not_folded": ["p99"]}
    assert fine.verify().faults == ()


def test_gaps_look_for_points_in_the_period_that_a_day_has(fine: Lake) -> None:
    tend(fine, downsample=HOURLY)
    every = fine.gaps("cloudwatch", "whole").missing
    missing = {(each.series.statistic, each.series.period_s, each.window) for each in every
               if each.series.statistic == "Average"}
    assert missing == {("Average", 3600, window(-720, 0)), ("Average", 3600, window(120, 720)),
                       ("Average", 60, window(2160, 2200)), ("Average", 60, window(2201, 3600))}


def test_what_is_collected_again_later_is_folded_again_and_a_part_of_a_period_changes_nothing(fine: Lake) -> None:
    tend(fine, downsample=HOURLY)
    total = replace(ONE, statistic="Sum")
    again = {float(at): 1.0 for at in range(90)}
    fine.update("cloudwatch", window(0, 90), "b", points((total, again)), [total], collected_at=minute(3000), own=False)
    report = tend(fine, downsample=HOURLY)
    assert (report["points_folded"], report["thinned"]) == (90, ["cloudwatch 2026-01-31"])
    assert values_of(fine, "Sum", 3600) == [(0, 60.0), (60, stats_of([at % 7 for at in range(60, 120)])["Sum"])]
    assert values_of(fine, "Sum", 60) == []


def test_a_period_of_which_there_is_only_a_part_is_folded_where_nothing_else_is(tmp_path: Path) -> None:
    total = a_series(service="a")
    collect(sound(tmp_path), -720, (total, {0.0: 1.0, 30.0: 3.0, 70.0: 5.0}))
    tend(sound(tmp_path), downsample=HOURLY)
    found = sound(tmp_path).read([replace(total, period_s=3600)], EVERY)["value"].to_pylist()
    assert found == [2.0, 5.0]


def test_a_folded_series_goes_when_its_metric_does(fine: Lake) -> None:
    tend(fine, entry(downsample=HOURLY, statistics=list(STATISTICS)))
    assert values_of(fine, "Average", 3600)
    late = NOW + 30 * DAY
    tend_lake(fine, now=late, settings=settings(), entries=[entry(retention="10d", statistics=list(STATISTICS))])
    assert fine.stats()[0]["points"] == 0


@pytest.mark.parametrize("failure", [Death(), OSError(errno.ENOSPC, "No space left on device")], ids=repr)
def test_tending_may_die_at_any_step_and_says_the_same_when_it_is_done(tmp_path: Path, failure) -> None:
    values = {float(at): float(at) for at in range(120)}
    other = a_series("errors", service="b")
    for calls in range(100):
        place = tmp_path / str(calls)
        collect(sound(place), -720, (ONE, values), (other, {7.0: 1.0}))
        disk = FaultyDisk(calls, failure)
        entries = [entry(downsample=HOURLY), entry("errors", retention="2d")]
        try:
            tend(lake_on(disk, place), *entries)
        except (Death, LakeError):
            assert disk.spent
        fine, coarse = (sound(place).count([replace(ONE, period_s=each)], EVERY) for each in (60, 3600))
        assert fine == 120 or (fine, coarse) == (0, 2)
        tend(sound(place), *entries)
        found = sound(place).read([ONE, other, replace(ONE, period_s=3600)], EVERY)["value"].to_pylist()
        assert found == [29.5, 89.5]
        assert sound(place).collected("cloudwatch", window(-720, 720), "whole")
        assert sound(place).stats()[0]["files"] == 1
        if not disk.spent:
            assert calls > 5
            return
    raise AssertionError("never got through")


def test_of_several_entries_the_one_that_keeps_a_series_longer_and_finer_holds() -> None:
    lake = LakeSettings(retention="10d", downsample=Downsample(**HOURLY))
    several = [entry(retention="20d", downsample={"after": "9d", "period": "5m"}), entry(retention="5d"),
               entry("errors", retention="99d"),
               entry("l*", retention="30d", downsample={"after": "9d", "period": "2m"})]
    assert keeping(ONE, lake, several) == Keeping(30 * DAY, 9 * DAY, 120)
    assert keeping(replace(ONE, period_s=3600), lake, several) == Keeping(30 * DAY, 9 * DAY, 120)
    assert keeping(a_series("other"), lake, several) == Keeping(10 * DAY, DAY, 3600)
    assert keeping(ONE, LakeSettings(), several[:2]) == Keeping(20 * DAY, None, 0)
    assert keeping(ONE, LakeSettings(), []) == Keeping()


@pytest.mark.parametrize("wrong", [{"retention": timedelta(0)}, {"fold_after": DAY, "fold_period_s": 7 * 60},
                                   {"fold_after": DAY, "fold_period_s": 7 * 86_400}])
def test_a_span_that_cannot_be_meant_is_refused(wrong: dict) -> None:
    with pytest.raises(LakeError, match="name a"):
        Keeping(**wrong)


def test_retention_is_declared_in_days_or_by_a_variable(tmp_path: Path) -> None:
    assert load_settings(tmp_path, {}).lake.retention is None
    (tmp_path / "watchbill.yaml").write_text("lake:\n  retention: 400d\n  downsample: {after: 30d, period: 1h}\n")
    assert load_settings(tmp_path, {}).lake.retention == timedelta(days=400)
    assert load_settings(tmp_path, {}).lake.downsample == Downsample(after="30d", period="1h")
    assert load_settings(tmp_path, {"WATCHBILL__LAKE__RETENTION": "30d"}).lake.retention == timedelta(days=30)


def test_a_period_that_divides_no_day_is_refused_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "watchbill.yaml").write_text("lake:\n  downsample: {after: 30d, period: 7d}\n")
    with pytest.raises(DeclarationError, match=r"watchbill\.yaml:2: lake\.downsample\.period: .*divides a day"):
        load_settings(tmp_path, {})


@pytest.mark.parametrize(("text", "said"), [("5m", "days go whole: keep at least 1d"), ("soon", "is no duration")])
def test_a_retention_that_would_keep_nothing_is_refused_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "watchbill.yaml").write_text(f"lake:\n  retention: {text}\n")
    with pytest.raises(DeclarationError, match=rf"watchbill\.yaml:2: lake\.retention: .*{said}"):
        load_settings(tmp_path, {})


@pytest.mark.parametrize(("query", "mine", "other"), [
    ("avg:shop.latency{env:prod} by {service}", {"env": "prod", "service": "checkout"}, {"service": "checkout"}),
    ("avg:shop.latency{service:checkout}", {"service": "checkout"}, {"service": "search"}),
    ("avg:shop.latency{*} by {service}", {"service": "checkout"}, {"service": "checkout", "host": "a"}),
])
def test_a_free_query_speaks_for_what_it_brings_and_for_nothing_else(
        query: str, mine: dict[str, str], other: dict[str, str]) -> None:
    free = MetricEntry(name="free", sources="datadog", query=query, period="60s", retention="30d")
    kept, alike = (a_series("latency", source="datadog", **dimensions) for dimensions in (mine, other))
    lake = settings(retention="400d").lake
    assert keeping(kept, lake, [free]).retention == 30 * DAY
    assert keeping(replace(kept, period_s=3600), lake, [free]).retention == 30 * DAY
    assert keeping(alike, lake, [free]).retention == 400 * DAY
    assert keeping(replace(kept, statistic="Sum"), lake, [free]).retention == 400 * DAY


def test_a_free_query_with_a_function_speaks_for_the_text_that_it_is_stored_under() -> None:
    text = "ewma_3(avg:shop.latency{*})"
    free = MetricEntry(name="free", sources="datadog", query=text, period="60s", retention="30d")
    assert keeping(a_series(text, source="datadog"), settings().lake, [free]).retention == 30 * DAY
    assert keeping(a_series("latency", source="datadog"), settings().lake, [free]).retention is None
