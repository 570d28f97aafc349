"""Disks that are full, processes that die and files that rot: nothing that was there is lost."""

import errno
import math
import multiprocessing
import os
import resource
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from pyarrow import fs

from tests.unit.lake.faulty_disk import Death, FaultyDisk
from tests.unit.lake.given import a_series, by_minute, minute, points, window
from watchbill.lake.lake import Lake
from watchbill.model.failures import LakeError

ONE, OTHER = a_series(service="checkout"), a_series(service="search")
DAY = date(2026, 1, 31)
TOMORROW = minute(24 * 60)


def lake_on(disk: FaultyDisk, folder: Path) -> Lake:
    return Lake(fs.PyFileSystem(disk), str(folder))


def sound(folder: Path) -> Lake:
    return Lake(fs.LocalFileSystem(), str(folder))


def collect_before(folder: Path) -> dict[float, float]:
    """Three collections of one series that overlap; what they come to."""
    for start in (0, 5, 10):
        values = {start + step: float(start) for step in range(8)}
        sound(folder).write("cloudwatch", window(start, start + 8), 0, points((ONE, values)), [ONE],
                            collected_at=minute(start + 8))
    return by_minute(sound(folder).read([ONE], window(0, 60)))


def write_more(lake: Lake) -> None:
    """A series that is new, over midnight: two days and a new name."""
    lake.write("cloudwatch", window(0, 800), 1, points((OTHER, {0: 1.0, 730: 2.0})), [OTHER],
               collected_at=minute(800))


def every_step(act, folder: Path, failure: BaseException) -> Iterator[Path]:
    """Lets `act` fail at its first change to the disk, its second, ... until it gets through."""
    for calls in range(100):
        place = folder / str(calls)
        collect_before(place)
        disk = FaultyDisk(calls, failure)
        try:
            act(lake_on(disk, place))
        except Death:
            pass
        except LakeError as error:
            if "No space left" not in str(error):
                raise
        if not disk.spent:
            assert calls > 3
            return
        yield place
    raise AssertionError("never got through")


@pytest.mark.parametrize("failure", [Death(), OSError(errno.ENOSPC, "No space left on device")], ids=repr)
def test_a_write_that_fails_at_any_step_loses_nothing_and_can_be_repeated(tmp_path, failure) -> None:
    for place in every_step(write_more, tmp_path, failure):
        before = by_minute(sound(place).read([ONE], window(0, 60)))
        assert len(before) == 18
        seen = by_minute(sound(place).read([OTHER], window(0, 800)))
        assert seen.items() <= {0: 1.0, 730: 2.0}.items()
        assert {one.key for one in sound(place).series()} >= {OTHER.key if seen else ONE.key}
        write_more(sound(place))
        assert by_minute(sound(place).read([OTHER], window(0, 800))) == {0: 1.0, 730: 2.0}
        assert by_minute(sound(place).read([ONE], window(0, 60))) == before
        assert sound(place).series() == [ONE, OTHER]


@pytest.mark.parametrize("failure", [Death(), OSError(errno.ENOSPC, "No space left on device")], ids=repr)
def test_a_compaction_that_fails_at_any_step_loses_nothing_and_can_be_repeated(tmp_path, failure) -> None:
    expected = collect_before(tmp_path / "calm")
    for place in every_step(lambda lake: lake.compact("cloudwatch", DAY, now=TOMORROW), tmp_path, failure):
        assert by_minute(sound(place).read([ONE], window(0, 60))) == expected
        assert sound(place).coverage("cloudwatch", window(0, 60)) == [window(0, 18)]
        sound(place).compact("cloudwatch", DAY, now=TOMORROW)
        assert by_minute(sound(place).read([ONE], window(0, 60))) == expected
        assert sound(place).coverage("cloudwatch", window(0, 60)) == [window(0, 18)]
        assert sound(place).stats()[0]["files"] == 1


def test_a_full_disk_leaves_no_litter(tmp_path) -> None:
    for place in every_step(write_more, tmp_path, OSError(errno.ENOSPC, "No space left on device")):
        assert [path for path in place.rglob("*") if path.name.endswith(".tmp")] == []


def test_a_half_killed_writer_is_passed_by_and_swept_up_later(tmp_path) -> None:
    expected = collect_before(tmp_path)
    [day] = tmp_path.glob("points/*/*")
    left = day / ".20260131T120000Z-20260131T121000Z-0-0123456789abcdef.parquet-77.tmp"
    left.write_bytes(b"PAR1 half")
    (day / "notes.txt").write_text("somebody else's")
    os.utime(left, (minute(0).timestamp(),) * 2)
    lake = sound(tmp_path)
    assert by_minute(lake.read([ONE], window(0, 60))) == expected
    assert lake.sql("SELECT * FROM points").num_rows == len(expected)
    assert lake.stats()[0]["files"] == 3
    lake.compact("cloudwatch", DAY, now=minute(59))
    assert left.exists()
    lake.compact("cloudwatch", DAY, now=minute(61))
    assert not left.exists()
    assert (day / "notes.txt").exists()


def _write_with_a_limit(folder: Path, limit_bytes: int, answers) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, limit_bytes))
    many = {float(at): math.sin(at) for at in range(720)}
    try:
        sound(folder).write("cloudwatch", window(0, 720), 0, points((ONE, many)), [ONE],
                            collected_at=TOMORROW)
    except LakeError as error:
        answers.put(str(error))
    else:
        answers.put("written")


def test_a_disk_that_takes_only_so_much_is_a_lake_error_and_what_was_there_stays(tmp_path) -> None:
    expected = collect_before(tmp_path)
    spawn = multiprocessing.get_context("spawn")
    answers = spawn.Queue()
    process = spawn.Process(target=_write_with_a_limit, args=(tmp_path, 2000, answers))
    process.start()
    said = answers.get(timeout=60)
    process.join(timeout=60)
    assert "cannot be written" in said
    assert "File too large" in said
    assert by_minute(sound(tmp_path).read([ONE], window(0, 720))) == expected


@pytest.mark.parametrize("damage", [
    lambda content: b"", lambda content: content[:-20], lambda content: b"nothing like Parquet",
    lambda content: content[:88] + bytes([content[88] ^ 255]) + content[89:],  # of the first page, past its header
], ids=["empty", "cut", "other", "one byte"])
def test_a_damaged_file_is_named_and_nothing_is_deleted(tmp_path, damage) -> None:
    collect_before(tmp_path)
    files = sorted(tmp_path.glob("points/*/*/*"))
    files[1].write_bytes(damage(files[1].read_bytes()))
    lake = sound(tmp_path)
    for act in (lambda: lake.read([ONE], window(0, 60)), lambda: lake.sql("SELECT sum(value) FROM points"),
                lambda: lake.stats(), lambda: lake.compact("cloudwatch", DAY, now=TOMORROW)):
        with pytest.raises(LakeError, match="is damaged") as refusal:
            act()
        assert str(files[1]) in str(refusal.value)
    assert sorted(tmp_path.glob("points/*/*/*")) == files


def test_a_file_with_a_damaged_column_name_is_named(tmp_path) -> None:
    collect_before(tmp_path)
    file = sorted(tmp_path.glob("points/*/*/*"))[1]
    file.write_bytes(file.read_bytes().replace(b"value", b"valve"))
    with pytest.raises(LakeError, match=f"{file.name} is damaged"):
        sound(tmp_path).read([ONE], window(0, 60))


def test_a_damaged_table_of_series_is_named(tmp_path) -> None:
    collect_before(tmp_path)
    [file] = tmp_path.glob("series/*/*")
    file.write_bytes(file.read_bytes()[:-9])
    with pytest.raises(LakeError, match=f"{file.name} is damaged"):
        sound(tmp_path).series()


def test_a_folder_that_nobody_may_write_is_a_lake_error(tmp_path) -> None:
    (tmp_path / "lake").write_text("a file where the lake should be")
    with pytest.raises(LakeError, match="cannot be"):
        write_more(sound(tmp_path / "lake"))


