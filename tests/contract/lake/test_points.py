"""What goes into a lake comes out of it, wherever it lies."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, timedelta

import pytest

from tests.unit.lake.given import MIDNIGHT, a_series, by_minute, minute, points, rows, table, window
from watchbill.lake.lake import Lake
from watchbill.lake.write import Written
from watchbill.model.failures import LakeError
from watchbill.model.series import Series
from watchbill.model.windows import Window

CHECKOUT = replace(a_series(unit="Milliseconds", service="checkout"), tags=(("team", "shop"),))
SEARCH = a_series(service="search")
DOGS = a_series(source="datadog", service="checkout")
DAY = date(2026, 1, 31)


def keep(lake: Lake, one: Series, start: float, end: float, values: dict[float, float], at: float,
         share: int | str = 0) -> Written:
    """Collects one series: window, values and the time of collection in minutes after noon."""
    return lake.write(one.source, window(start, end), share, points((one, values)), [one],
                      collected_at=minute(at))


def test_points_come_back_sorted_inside_a_half_open_window(lake: Lake) -> None:
    given = points((SEARCH, {2: 1.5, 0: 1.0}), (CHECKOUT, {1: 9.0, 0: 8.0}))
    lake.write("cloudwatch", window(0, 5), 0, given, [SEARCH, CHECKOUT], collected_at=minute(5))
    expected = [(SEARCH.key, minute(0), 1.0), (SEARCH.key, minute(2), 1.5),
                (CHECKOUT.key, minute(0), 8.0), (CHECKOUT.key, minute(1), 9.0)]
    assert rows(lake.read([CHECKOUT, SEARCH], window(0, 5))) == sorted(expected)
    assert rows(lake.read([SEARCH], window(0, 2))) == [(SEARCH.key, minute(0), 1.0)]
    assert rows(lake.read([DOGS], window(0, 5))) == rows(lake.read([], window(0, 5))) == []


def test_an_empty_lake_answers_everything_with_nothing(lake: Lake) -> None:
    assert rows(lake.read([CHECKOUT], window(0, 5))) == []
    assert lake.series() == []
    assert lake.coverage("cloudwatch", window(0, 5)) == []
    assert lake.sql("SELECT * FROM points").num_rows == 0
    assert lake.days_to_compact("cloudwatch", DAY) == []
    assert lake.expire(timedelta(days=1), now=minute(0)) == []
    assert lake.stats() == [
        {"source": source, "series": 0, "points": 0, "files": 0, "bytes": 0, "first": None, "last": None}
        for source in ("cloudwatch", "datadog")]


def test_the_newest_collection_wins_where_windows_overlap_in_whatever_order_they_come(lake: Lake) -> None:
    keep(lake, CHECKOUT, 5, 15, {5: 2.0, 14: 3.0}, at=15)
    keep(lake, CHECKOUT, 0, 10, {0: 1.0, 5: 1.0, 9: 1.0}, at=10)
    assert by_minute(lake.read([CHECKOUT], window(0, 20))) == {0: 1.0, 5: 2.0, 9: 1.0, 14: 3.0}
    lake.compact("cloudwatch", DAY, now=minute(20))
    keep(lake, CHECKOUT, 0, 15, {5: 0.0, 9: 4.0}, at=14)
    assert by_minute(lake.read([CHECKOUT], window(0, 20))) == {0: 1.0, 5: 2.0, 9: 4.0, 14: 3.0}


def test_the_same_write_again_changes_nothing(lake: Lake, reopened: Callable[[], Lake]) -> None:
    first = keep(lake, CHECKOUT, 0, 5, {0: 1.0}, at=5)
    before = lake.stats()
    again = keep(reopened(), CHECKOUT, 0, 5, {0: 1.0}, at=5)
    assert (again.points, again.files) == (first.points, first.files) == (1, 1)
    assert reopened().stats() == before


def test_a_rerun_that_finds_fewer_points_loses_none(lake: Lake) -> None:
    keep(lake, CHECKOUT, 0, 5, {0: 1.0, 1: 1.0}, at=5)
    keep(lake, CHECKOUT, 0, 5, {1: 2.0}, at=6)
    keep(lake, CHECKOUT, 0, 5, {}, at=7)
    assert by_minute(lake.read([CHECKOUT], window(0, 5))) == {0: 1.0, 1: 2.0}


def test_shares_of_one_window_stand_beside_each_other(lake: Lake) -> None:
    keep(lake, CHECKOUT, 0, 5, {0: 1.0}, at=5, share=0)
    keep(lake, SEARCH, 0, 5, {0: 2.0}, at=5, share="aws_default/eu-west-1_1")
    keep(lake, DOGS, 0, 5, {0: 3.0}, at=5)
    assert lake.count([CHECKOUT, SEARCH, DOGS], window(0, 5)) == 3
    assert lake.coverage("cloudwatch", window(0, 5), share="aws_default/eu-west-1_1") == [window(0, 5)]
    assert lake.coverage("cloudwatch", window(0, 5), share=2) == []


def test_collected_and_empty_differs_from_never_collected(lake: Lake) -> None:
    assert keep(lake, CHECKOUT, 0, 5, {}, at=5).files == 1
    assert lake.collected("cloudwatch", window(0, 5))
    assert not lake.collected("cloudwatch", window(0, 6))
    assert not lake.collected("datadog", window(0, 5))
    assert rows(lake.read([CHECKOUT], window(0, 5))) == []


def test_coverage_shows_the_gaps_before_and_after_compaction(lake: Lake) -> None:
    for start, end in ((0, 5), (5, 10), (20, 25), (23, 30)):
        keep(lake, CHECKOUT, start, end, {}, at=end)
    expected = [window(2, 10), window(20, 28)]
    assert lake.coverage("cloudwatch", window(2, 28)) == expected
    assert lake.compact("cloudwatch", DAY, now=minute(60)).replaced == 4
    assert lake.coverage("cloudwatch", window(2, 28)) == expected
    keep(lake, CHECKOUT, 10, 20, {}, at=61)
    lake.compact("cloudwatch", DAY, now=minute(60))
    assert lake.coverage("cloudwatch", window(2, 28)) == [window(2, 28)]


def test_a_window_over_midnight_lies_in_a_file_for_each_day(lake: Lake) -> None:
    late = {690 + step * 30.0: float(step) for step in range(4)}  # 23:30 to 01:00
    assert keep(lake, CHECKOUT, 690, 800, late, at=800).files == 2
    assert by_minute(lake.read([CHECKOUT], window(600, 900))) == late
    assert by_minute(lake.read([CHECKOUT], window(720, 900))) == {720: 1.0, 750: 2.0, 780: 3.0}
    assert lake.coverage("cloudwatch", window(600, 900)) == [window(690, 800)]


def test_series_are_found_by_their_words(lake: Lake, reopened: Callable[[], Lake]) -> None:
    keep(lake, CHECKOUT, 0, 5, {0: 1.0}, at=5)
    keep(lake, SEARCH, 0, 5, {}, at=5)
    keep(lake, DOGS, 0, 5, {0: 1.0}, at=5)
    for each in (lake, reopened()):
        assert each.series() == [CHECKOUT, SEARCH, DOGS]
        assert each.series("cloudwatch", dimensions={"service": "*"}) == [CHECKOUT, SEARCH]
        assert each.series(dimensions={"service": "checkout"}) == [CHECKOUT, DOGS]
        assert len(each.series(namespace="shop", metric="latency", statistic="Average")) == 3
        assert each.series(dimensions={"host": "*"}) == each.series(metric="errors") == []
        assert each.series(dimensions={"service": "checkout"})[0].unit == "Milliseconds"


def test_a_unit_that_becomes_known_later_is_kept_and_never_lost_again(lake: Lake) -> None:
    keep(lake, SEARCH, 0, 5, {0: 1.0}, at=5)
    keep(lake, a_series(unit="Seconds", service="search"), 5, 10, {5: 1.0}, at=10)
    keep(lake, SEARCH, 10, 15, {10: 1.0}, at=15)
    assert [one.unit for one in lake.series()] == ["Seconds"]
    assert lake.compact_series("cloudwatch", now=minute(15)) == 1
    assert lake.compact_series("cloudwatch", now=minute(15)) == 0
    assert [one.unit for one in lake.series()] == ["Seconds"]


def test_a_record_is_the_same_from_python_and_from_sql(lake: Lake) -> None:
    keep(lake, CHECKOUT, 0, 5, {0: 1.0, 1: 250.5}, at=5)
    keep(lake, CHECKOUT, 0, 6, {0: 7.0}, at=6)
    record = {
        "id": f"{CHECKOUT.key:016x}-{int(minute(1).timestamp()):x}", "timestamp": minute(1),
        "source": "cloudwatch", "namespace": "shop", "name": "latency", "value": 250.5,
        "unit": "Milliseconds", "dimensions": {"service": "checkout"}, "statistic": "Average", "period": 60,
        "account": "123456789012", "region": "eu-west-1", "tags": {"team": "shop"},
    }
    [known] = lake.series()
    assert list(lake.records([known], window(1, 5))) == [record]
    answers = lake.sql("SELECT * FROM points ORDER BY timestamp").to_pylist()
    assert [answer["value"] for answer in answers] == [7.0, 250.5]
    assert list(answers[1]) == [*record, "vanished"]
    moment = answers[1]["timestamp"].astimezone(UTC)
    maps = {name: dict(answers[1][name]) for name in ("dimensions", "tags")}
    told = answers[1] | maps | {"timestamp": moment}
    assert told == record | {"vanished": False}


def test_a_compacted_day_is_one_file_with_the_same_answers(lake: Lake) -> None:
    for start in range(0, 30, 5):
        keep(lake, CHECKOUT, start, start + 10, {start + n: float(start) for n in range(10)}, at=start + 10)
    before, counted = rows(lake.read([CHECKOUT], window(0, 60))), lake.stats()[0]["points"]
    done = lake.compact("cloudwatch", DAY, now=minute(60))
    assert (done.points, done.replaced) == (35, 6)
    assert rows(lake.read([CHECKOUT], window(0, 60))) == before
    assert lake.stats()[0] == {
        "source": "cloudwatch", "series": 1, "points": 35, "files": 1, "bytes": done.bytes,
        "first": minute(0), "last": minute(34)}
    assert counted == 35
    assert lake.compact("cloudwatch", DAY, now=minute(60)).replaced == 0


def test_days_with_several_files_ask_for_compaction_once_they_are_over(lake: Lake) -> None:
    keep(lake, CHECKOUT, 0, 5, {0: 1.0}, at=5)
    keep(lake, CHECKOUT, 5, 10, {5: 1.0}, at=10)
    assert lake.days_to_compact("cloudwatch", DAY) == []
    assert lake.days_to_compact("cloudwatch", DAY + timedelta(days=1)) == [DAY]
    assert lake.days_to_compact("datadog", DAY + timedelta(days=1)) == []


def test_days_older_than_the_retention_go_and_the_others_stay(lake: Lake) -> None:
    keep(lake, CHECKOUT, -720, 720, {0: 1.0}, at=0)
    keep(lake, CHECKOUT, 720, 730, {725: 2.0}, at=730)
    next_day_ends = MIDNIGHT + timedelta(days=2)
    assert lake.expire(timedelta(days=1), now=next_day_ends - timedelta(seconds=1)) == []
    assert lake.expire(timedelta(days=1), now=next_day_ends) == [DAY]
    assert by_minute(lake.read([CHECKOUT], window(-720, 2000))) == {725: 2.0}
    assert lake.expire(timedelta(days=1), now=next_day_ends) == []
    with pytest.raises(LakeError, match="would delete everything"):
        lake.expire(timedelta(0), now=next_day_ends)


def test_points_that_could_not_be_kept_whole_are_refused_and_nothing_is_written(lake: Lake) -> None:
    good = points((CHECKOUT, {0: 1.0}))
    refused = [
        (good, [SEARCH], window(0, 5), "1 series have points and no name"),
        (good, [CHECKOUT], window(1, 5), "1 of 1 points lie outside"),
        (good, [CHECKOUT, DOGS], window(0, 5), "series of datadog cannot be kept as cloudwatch"),
        (good.drop(["value"]), [CHECKOUT], window(0, 5), "points need the columns"),
        (table([(CHECKOUT.key, minute(0), None)]), [CHECKOUT], window(0, 5), "without series"),
        (good, [CHECKOUT], Window(minute(0), minute(5) + timedelta(milliseconds=1)), "whole seconds"),
    ]
    for given, named, asked, problem in refused:
        with pytest.raises(LakeError, match=problem):
            lake.write("cloudwatch", asked, 0, given, named, collected_at=minute(5))
    assert lake.series() == []
    assert lake.coverage("cloudwatch", window(0, 5)) == []


def test_a_bucket_that_is_not_there_is_an_error_and_no_empty_lake(tmp_path, bucket) -> None:
    lake = Lake.open("s3://mistyped/lake", home=tmp_path, aws=lambda: bucket)
    with pytest.raises(LakeError, match="the bucket mistyped does not exist"):
        lake.read([CHECKOUT], window(0, 5))
