"""An answer leaves what is new in it, and together with what was there it reads as if all had been written."""

from collections.abc import Callable
from datetime import date

import pytest

from tests.contract.lake.test_quarantine import break_file, stored
from tests.unit.lake.given import a_series, by_minute, minute, points, rows, table, window
from watchbill.lake.lake import Lake
from watchbill.lake.points import load
from watchbill.lake.update import Updated
from watchbill.model.failures import LakeError
from watchbill.model.series import Series

ONE, OTHER = a_series(service="checkout"), a_series(service="search")
DAY = date(2026, 1, 31)
NAN = float("nan")


def answer(lake: Lake, start: float, end: float, *of: tuple[Series, dict[float, float]], at: float | None = None,
           share: str = "a", own: bool = True) -> Updated:
    return lake.update("cloudwatch", window(start, end), share, points(*of), [one for one, _ in of],
                       collected_at=minute(end if at is None else at), own=own)


def counted(updated: Updated) -> tuple[int, int, int, int]:
    return updated.points, updated.new, updated.changed, updated.vanished


def file_rows(lake: Lake) -> list[int]:
    return sorted(len(load(lake._files, [file])) for file in stored(lake))


def vanished(lake: Lake) -> list[tuple[str, float]]:
    found = lake.sql("SELECT dimensions['service'] AS service, timestamp, vanished FROM points").to_pylist()
    return sorted((row["service"], (row["timestamp"] - minute(0)).total_seconds() / 60)
                  for row in found if row["vanished"])


@pytest.mark.parametrize("own", [True, False])
def test_only_what_is_new_or_corrected_is_written(lake: Lake, own: bool) -> None:
    assert counted(answer(lake, 0, 5, (ONE, {0: 1.0, 1: NAN, 2: 3.0}), own=own)) == (3, 3, 0, 0)
    assert counted(answer(lake, 0, 10, (ONE, {0: 1.0, 1: NAN, 2: 3.5, 5: 6.0}), own=own)) == (4, 1, 1, 0)
    assert file_rows(lake) == [2, 3]
    found = by_minute(lake.read([ONE], window(0, 60)))
    assert [found[at] for at in (0, 2, 5)] == [1.0, 3.5, 6.0]
    assert len(found) == 4


@pytest.mark.parametrize("own", [True, False])
def test_nothing_new_is_still_a_file_and_a_small_one(lake: Lake, own: bool) -> None:
    values = {float(at): float(at) for at in range(60)}
    first = answer(lake, 0, 60, (ONE, values), own=own)
    again = answer(lake, 0, 65, (ONE, values), own=own)
    assert counted(again) == (60, 0, 0, 0)
    assert (again.files, again.bytes < 1000, again.bytes < first.bytes) == (1, True, True)
    assert lake.coverage("cloudwatch", window(0, 70), "a") == [window(0, 65)]
    assert file_rows(lake) == [0, 60]


@pytest.mark.parametrize("compacted", [False, True])
@pytest.mark.parametrize("own", [True, False])
def test_a_point_that_vanishes_keeps_its_value_and_is_told_and_may_come_back(
        lake: Lake, own: bool, compacted: bool) -> None:
    def tidy() -> None:
        if compacted:
            lake.compact("cloudwatch", DAY, now=minute(60))

    answer(lake, 0, 5, (ONE, {0: 1.0, 1: 2.0}), own=own)
    tidy()
    assert counted(answer(lake, 0, 5, (ONE, {1: 2.0}), at=6, own=own)) == (1, 0, 0, 1)
    tidy()
    assert vanished(lake) == [("checkout", 0)]
    assert counted(answer(lake, 0, 5, (ONE, {1: 2.0}), at=7, own=own)) == (1, 0, 0, 0)
    assert by_minute(lake.read([ONE], window(0, 5))) == {0: 1.0, 1: 2.0}
    tidy()
    assert counted(answer(lake, 0, 5, (ONE, {0: 1.0, 1: 2.0}), at=8, own=own)) == (2, 1, 0, 0)
    tidy()
    assert vanished(lake) == []
    assert by_minute(lake.read([ONE], window(0, 5))) == {0: 1.0, 1: 2.0}


def test_a_share_knows_a_series_that_it_brought_and_brings_no_more(lake: Lake) -> None:
    answer(lake, 0, 5, (ONE, {0: 1.0}), (OTHER, {0: 2.0}))
    assert counted(answer(lake, 0, 10, (ONE, {0: 1.0}))) == (1, 0, 0, 1)
    assert vanished(lake) == [("search", 0)]


def test_what_another_share_brought_has_not_vanished(lake: Lake) -> None:
    answer(lake, 0, 5, (ONE, {0: 1.0}), share="a")
    assert counted(answer(lake, 0, 5, (OTHER, {0: 1.0}), share="b", at=6)) == (1, 1, 0, 0)
    assert counted(answer(lake, 0, 5, (OTHER, {0: 1.0}), share="b", at=7, own=False)) == (1, 0, 0, 0)
    assert vanished(lake) == []


def test_by_hand_an_answer_is_compared_with_every_share_and_only_in_its_window(lake: Lake) -> None:
    answer(lake, 0, 10, (ONE, {0: 1.0, 1: 2.0, 7: 3.0}), (OTHER, {0: 1.0}), share="a")
    assert counted(answer(lake, 0, 5, (ONE, {0: 1.0}), share="b", at=11, own=False)) == (1, 0, 0, 1)
    assert vanished(lake) == [("checkout", 1)]


def test_a_live_answer_opens_no_file_of_another_share(lake: Lake) -> None:
    answer(lake, 0, 5, (ONE, {0: 1.0}), share="a")
    [other] = stored(lake)
    break_file(lake, other)
    assert counted(answer(lake, 0, 5, (ONE, {0: 1.0}), share="b", at=6)) == (1, 1, 0, 0)


@pytest.mark.parametrize("own", [True, False])
def test_beside_a_damaged_file_an_answer_is_kept_whole(lake: Lake, own: bool) -> None:
    answer(lake, 0, 5, (ONE, {0: 1.0, 1: 2.0}))
    [broken] = stored(lake)
    break_file(lake, broken)
    assert counted(answer(lake, 0, 6, (ONE, {0: 1.0}), own=own)) == (1, 1, 0, 0)
    lake.quarantine(lake.verify().faults)
    assert by_minute(lake.read([ONE], window(0, 60))) == {0: 1.0}


@pytest.mark.parametrize("own", [True, False])
@pytest.mark.parametrize("which", range(4))
def test_after_a_quarantine_and_another_collection_everything_is_back(
        lake: Lake, reopened: Callable[[], Lake], which: int, own: bool) -> None:
    """Every tick reads ten minutes again, so most points are in an earlier file only."""
    values: dict[float, float] = {float(at): float(at) for at in range(20)}
    for end in (5, 10, 15, 20):
        start = max(0, end - 10)
        answer(lake, start, end, (ONE, {at: values[at] for at in values if start <= at < end}))
        lake.write("cloudwatch", window(end - 5, end), "whole", points(), [], collected_at=minute(end))
    before = rows(lake.read([ONE], window(0, 60)))
    break_file(lake, [file for file in stored(lake) if file.share == "a"][which])
    lake.quarantine(lake.verify().faults)
    left = lake.coverage("cloudwatch", window(0, 60), "whole")
    read = set(by_minute(reopened().read([ONE], window(0, 60))))
    assert {at for part in left for at in values if part.start <= minute(at) < part.end} <= read
    answer(reopened(), 0, 20, (ONE, values), at=30, own=own)
    assert rows(lake.read([ONE], window(0, 60))) == before


@pytest.mark.parametrize("said", [{0: 2.0, 1: 2.0}, {1: 2.0}, {0: 2.0, 1: 2.0, 2: 3.0}], ids=str)
def test_what_another_share_corrected_is_seen_by_a_tick_that_says_what_it_said_before(
        lake: Lake, reopened: Callable[[], Lake], said: dict[float, float]) -> None:
    values: dict[float, float] = {0: 1.0, 1: 2.0}
    answer(lake, 0, 5, (ONE, values), share="a")
    answer(lake, 0, 5, (ONE, said), share="b", own=False, at=6)
    assert counted(answer(reopened(), 0, 10, (ONE, values), share="a", at=10))[1:3] in [(0, 1), (1, 0)]
    assert {at: by_minute(lake.read([ONE], window(0, 60)))[at] for at in values} == values
    assert vanished(lake) == [("checkout", at) for at in said if at not in values]
    assert counted(answer(reopened(), 0, 10, (ONE, values), share="a", at=11)) == (2, 0, 0, 0)


def test_a_backfill_that_only_adds_objects_to_nothing_and_no_tick_opens_it(lake: Lake) -> None:
    answer(lake, 3, 5, (ONE, {3: 1.0, 4: 2.0}), share="a")
    answer(lake, 0, 5, (ONE, {0: 1.0, 3: 1.0, 4: 2.0}), share="b", own=False, at=6)
    [other] = [file for file in stored(lake) if file.share == "b"]
    break_file(lake, other)
    assert counted(answer(lake, 2, 5, (ONE, {3: 1.0, 4: 2.0}), share="a", at=7)) == (2, 0, 0, 0)


def test_a_share_whose_questions_changed_writes_nothing_again_and_sees_what_the_other_said_meanwhile(
        lake: Lake, reopened: Callable[[], Lake]) -> None:
    """As a `*` whose metrics come and go."""
    values: dict[float, float] = {0: 1.0, 1: 2.0}
    answer(lake, 0, 5, (ONE, values), share="one of two")
    assert counted(answer(lake, 0, 10, (ONE, {0: 1.0, 1: 9.0, 5: 3.0}), share="one alone")) == (3, 1, 1, 0)
    assert counted(answer(lake, 0, 15, (ONE, values | {5: 3.0}), share="one of two")) == (3, 0, 1, 0)
    assert by_minute(reopened().read([ONE], window(0, 60))) == values | {5: 3.0}


def test_a_window_over_midnight_is_compared_day_by_day(lake: Lake) -> None:
    late = {719.0: 1.0, 720.0: 2.0}
    assert counted(answer(lake, 700, 730, (ONE, late))) == (2, 2, 0, 0)
    again = answer(lake, 700, 735, (ONE, late | {720.0: 3.0}))
    assert (counted(again), again.files) == ((2, 0, 1, 0), 2)
    assert by_minute(lake.read([ONE], window(600, 900))) == {719.0: 1.0, 720.0: 3.0}


def test_an_answer_that_was_read_before_what_is_there_changes_nothing(lake: Lake) -> None:
    answer(lake, 0, 5, (ONE, {0: 1.0, 1: 2.0}), at=10)
    assert counted(answer(lake, 0, 5, (ONE, {0: 9.0, 2: 3.0}), at=7)) == (2, 1, 0, 0)
    assert by_minute(lake.read([ONE], window(0, 60))) == {0: 1.0, 1: 2.0, 2: 3.0}
    assert vanished(lake) == []


def test_a_point_counts_once_however_often_it_is_answered(lake: Lake) -> None:
    twice = table([(ONE.key, minute(0), 1.0), (ONE.key, minute(0), 2.0)])
    assert counted(lake.update("cloudwatch", window(0, 5), "a", twice, [ONE], collected_at=minute(5), own=True)) == (
        1, 1, 0, 0)


def test_a_wrong_answer_is_refused_and_nothing_is_written(lake: Lake) -> None:
    with pytest.raises(LakeError, match="1 series have points and no name"):
        lake.update("cloudwatch", window(0, 5), "a", points((ONE, {0: 1.0})), [], collected_at=minute(5), own=True)
    assert stored(lake) == []
