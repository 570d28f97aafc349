"""Damage is found, set aside and collected again, on a disk and in a bucket."""

import random
from collections.abc import Callable
from datetime import date

import pyarrow as pa
import pytest

from tests.unit.lake.given import a_series, by_minute, minute, points, table, window
from watchbill.lake.lake import Lake
from watchbill.lake.layout import StoredFile, collected_path
from watchbill.lake.points import STORED, encode
from watchbill.lake.seal import SMALL_BYTES
from watchbill.lake.verify import Verified
from watchbill.model.failures import LakeError

ONE, OTHER = a_series(service="checkout"), a_series(service="search")
DAY = date(2026, 1, 31)


def collect(lake: Lake, start: float, end: float, value: float = 1.0, at: float | None = None) -> None:
    values = {float(each): value for each in range(int(start), int(end))}
    when = minute(end if at is None else at)
    lake.write("cloudwatch", window(start, end), "a", points((ONE, values)), [ONE], collected_at=when)
    lake.write("cloudwatch", window(start, end), "whole", points(), [], collected_at=when)


def stored(lake: Lake, folder: str = "points/source=cloudwatch") -> list[StoredFile]:
    return lake._files.listed(folder, recursive=True)


def break_file(lake: Lake, file: StoredFile) -> None:
    content = lake._files.read(file.path).to_pybytes()
    half = len(content) // 2
    lake._files.put(file.path, pa.py_buffer(content[:half]))


def set_aside(lake: Lake) -> list[str]:
    return [fault.file.path for fault in lake.quarantine(lake.verify().faults)]


def whole(lake: Lake, start: float = 0, end: float = 60):
    return lake.coverage("cloudwatch", window(start, end), "whole")


def test_a_sound_lake_has_no_faults(lake: Lake) -> None:
    assert lake.verify() == Verified(0, ())
    collect(lake, 0, 5)
    collect(lake, 5, 10)
    assert lake.verify() == Verified(5, ())
    lake.compact("cloudwatch", DAY, now=minute(60))
    lake.compact_series("cloudwatch", now=minute(60))
    assert lake.verify() == Verified(2, ())


def test_a_damaged_share_is_set_aside_and_only_its_time_counts_as_not_collected(
        lake: Lake, reopened: Callable[[], Lake]) -> None:
    for start in (0, 5, 10):
        collect(lake, start, start + 5)
    [broken] = [file for file in stored(lake) if file.share == "a" and file.window == window(5, 10)]
    break_file(lake, broken)
    [fault] = lake.verify().faults
    assert (fault.file.path, fault.damaged, fault.lost) == (broken.path, True, window(5, 10))
    assert set_aside(lake) == [broken.path]
    assert lake.verify() == Verified(5, ())
    assert whole(reopened()) == [window(0, 5), window(10, 15)]
    assert set(by_minute(lake.read([ONE], window(0, 60)))) == {*range(5), *range(10, 15)}
    assert lake._files.read(f"quarantine/{broken.path}").size
    collect(lake, 5, 10)
    assert whole(lake) == [window(0, 15)]
    assert lake.count([ONE], window(0, 60)) == 15


def test_a_mark_of_a_longer_time_keeps_what_is_not_lost(lake: Lake) -> None:
    collect(lake, 700, 740)
    lake.write("cloudwatch", window(710, 712), "b", points((ONE, {710: 2.0})), [ONE], collected_at=minute(741))
    break_file(lake, next(file for file in stored(lake) if file.share == "b"))
    assert len(set_aside(lake)) == 1
    assert whole(lake, 700, 740) == [window(700, 710), window(712, 740)]
    assert whole(lake, 720, 740) == [window(720, 740)]


def test_a_compacted_day_stops_calling_the_time_of_a_damaged_late_share_whole(lake: Lake) -> None:
    collect(lake, 0, 30)
    lake.compact("cloudwatch", DAY, now=minute(60))
    collect(lake, 10, 15, value=2.0, at=61)
    break_file(lake, next(file for file in stored(lake) if file.share == "a"))
    set_aside(lake)
    assert whole(lake) == [window(0, 10), window(15, 30)]
    assert lake.count([ONE], window(0, 60)) == 30  # of the first collection; what was corrected comes again
    assert lake.verify().faults == ()
    collect(lake, 10, 15, value=2.0, at=62)
    lake.compact("cloudwatch", DAY, now=minute(63))
    assert by_minute(lake.read([ONE], window(9, 11))) == {9: 1.0, 10: 2.0}
    assert whole(lake) == [window(0, 30)]


def test_lost_time_is_asked_for_again_by_every_share_and_then_no_more(lake: Lake, reopened: Callable[[], Lake]) -> None:
    """A share leaves out what it finds in another's file, so both are asked again."""
    values: dict[float, float] = {float(at): 1.0 for at in range(10)}

    def ask(share: str, given: dict[float, float]) -> None:
        reopened().update("cloudwatch", window(0, 10), share, points((ONE, given)), [ONE], collected_at=minute(11),
                          own=False)

    ask("a", {at: values[at] for at in range(5)})
    ask("b", values)
    lake.write("cloudwatch", window(0, 10), "whole", points(), [], collected_at=minute(11))
    break_file(lake, next(file for file in stored(lake) if file.share == "a"))
    set_aside(lake)
    assert [share for share, windows in reopened().held("cloudwatch", window(0, 10)).items() if windows] == ["saved"]
    assert set(by_minute(lake.read([ONE], window(0, 60)))) == set(range(5, 10))
    ask("b", values)
    assert by_minute(reopened().read([ONE], window(0, 60))) == values
    assert reopened().held("cloudwatch", window(0, 10))["b"] == [window(0, 10)]
    assert reopened().verify().faults == ()


def test_a_damaged_day_takes_all_of_its_marks_along(lake: Lake) -> None:
    collect(lake, 0, 30)
    lake.compact("cloudwatch", DAY, now=minute(60))
    lake.write("cloudwatch", window(0, 5), "whole", points(), [], collected_at=minute(61))
    [compacted] = [file for file in stored(lake) if file.gathered]
    break_file(lake, compacted)
    with pytest.raises(LakeError, match=r"is damaged: .*; `watchbill lake verify --quarantine` sets it aside"):
        lake.read([ONE], window(0, 60))
    assert set_aside(lake) == [compacted.path]
    assert whole(lake) == []
    assert lake.count([ONE], window(0, 60)) == 0


def test_a_damaged_table_of_series_is_set_aside_and_the_points_stay(lake: Lake, reopened: Callable[[], Lake]) -> None:
    collect(lake, 0, 5)
    [names] = stored(lake, "series/source=cloudwatch")
    break_file(lake, names)
    [fault] = lake.verify().faults
    assert (fault.file.path, fault.damaged, fault.lost) == (names.path, True, None)
    assert set_aside(lake) == [names.path]
    [left] = reopened().verify().faults
    assert (left.file.share, left.damaged) == ("a", False)
    assert left.problem.startswith("1 of its series have no name")
    assert set_aside(reopened()) == []
    collect(reopened(), 5, 10)
    assert reopened().verify().faults == ()
    assert len(by_minute(lake.read(reopened().series(), window(0, 10)))) == 10


def test_beside_a_damaged_table_of_series_collection_goes_on_and_names_everything_again(
        lake: Lake, reopened: Callable[[], Lake]) -> None:
    collect(lake, 0, 5)
    [names] = stored(lake, "series/source=cloudwatch")
    break_file(lake, names)
    with pytest.raises(LakeError, match="is damaged"):
        reopened().series()
    collect(reopened(), 5, 10)
    assert set_aside(reopened()) == [names.path]
    assert reopened().verify().faults == ()
    assert len(by_minute(lake.read(reopened().series(), window(0, 10)))) == 10


def test_a_name_that_is_not_what_was_written_is_not_believed(lake: Lake, reopened: Callable[[], Lake]) -> None:
    """Of metadata there is no checksum, and a lake must not call a series by another name."""
    collect(lake, 0, 5)
    [names] = stored(lake, "series/source=cloudwatch")
    content = lake._files.read(names.path).to_pybytes()
    lake._files.put(names.path, pa.py_buffer(content.replace(b"parquet-cpp", b"parquet-cqq")))
    with pytest.raises(LakeError, match="is damaged"):
        reopened().series()


def put_rows(lake: Lake, rows: list, start: float = 0, end: float = 5) -> None:
    """A file as only a broken writer leaves it: encoded well, named well, and wrong."""
    given = table(rows)
    content = encode(given.append_column("collected_at", pa.array([minute(9)] * len(given), STORED.field(3).type)))
    path = collected_path("cloudwatch", DAY, window(start, end), "b", memoryview(content))
    lake._files.put(path, content)


@pytest.mark.parametrize(("rows", "said"), [
    ([(ONE.key, minute(1), 1.0), (ONE.key, minute(0), 1.0)], "not sorted"),
    ([(ONE.key, minute(1), 1.0), (ONE.key, minute(1), 2.0)], "there twice"),
    ([(max(ONE.key, OTHER.key), minute(1), 1.0), (min(ONE.key, OTHER.key), minute(1), 2.0)], "not sorted"),
    ([(ONE.key, minute(7), 1.0)], "points lie outside of 2026-01-31T12:00:00Z/2026-01-31T12:05:00Z"),
])
def test_a_file_that_says_what_it_must_not_is_damaged(lake: Lake, rows: list, said: str) -> None:
    collect(lake, 0, 5)
    put_rows(lake, rows)
    [fault] = lake.verify().faults
    assert said in fault.problem
    assert fault.damaged


def test_a_change_that_no_checksum_of_a_page_sees_is_seen_by_the_name(lake: Lake) -> None:
    collect(lake, 0, 5)
    [names] = stored(lake, "series/source=cloudwatch")
    content = lake._files.read(names.path).to_pybytes()
    lake._files.put(names.path, pa.py_buffer(content.replace(b"parquet-cpp", b"parquet-cqq")))
    [fault] = lake.verify().faults
    assert fault.problem == "the content is not the one that the name was made from"


def test_of_a_big_file_parts_are_read_and_damage_is_found(lake: Lake) -> None:
    many = [a_series(service=str(number)) for number in range(120)]
    chance = random.Random(1)
    for start in (0, 350):
        given = points(*((one, {at: chance.random() for at in range(start, start + 350)}) for one in many))
        lake.write("cloudwatch", window(start, start + 350), "a", given, many, collected_at=minute(start + 350))
    lake.compact("cloudwatch", DAY, now=minute(5000))
    [file] = stored(lake)
    assert file.size_bytes > SMALL_BYTES
    truth = lake.read(many, window(0, 700))
    one = min(many, key=lambda each: each.key)
    early = lake.read([one], window(3, 9))
    assert (len(truth), len(early), lake.stats()[0]["points"]) == (84_000, 6, 84_000)
    content = lake._files.read(file.path).to_pybytes()
    at = len(content) // 2
    lake._files.put(file.path, pa.py_buffer(content[:at] + bytes([content[at] ^ 1]) + content[at + 1:]))
    assert lake.read([one], window(3, 9)).equals(early)
    for ask in (lambda: lake.read(many, window(0, 700)), lambda: lake.sql("SELECT sum(value) FROM points")):
        with pytest.raises(LakeError, match="is damaged: its content is not what its name says"):
            ask()
    assert set_aside(lake) == [file.path]
