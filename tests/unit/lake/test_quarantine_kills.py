"""A quarantine may die at any line: the damage is found again, or its time is known to be lost."""

import errno
from datetime import date
from pathlib import Path

import pytest

from tests.unit.lake.faulty_disk import Death, FaultyDisk
from tests.unit.lake.given import a_series, minute, points, window
from tests.unit.lake.test_faults import lake_on, sound
from watchbill.lake.lake import Lake
from watchbill.model.failures import LakeError

ONE = a_series(service="checkout")
DAY = date(2026, 1, 31)


def collect(lake: Lake, start: int, end: int, at: int) -> None:
    values = {float(each): float(at) for each in range(start, end)}
    lake.write("cloudwatch", window(start, end), "a", points((ONE, values)), [ONE], collected_at=minute(at))
    lake.write("cloudwatch", window(start, end), "whole", points(), [], collected_at=minute(at))


def damaged_lake(folder: Path) -> None:
    """A compacted day, later marks beside it, and a late share that is cut in half."""
    collect(sound(folder), 0, 30, 30)
    sound(folder).compact("cloudwatch", DAY, now=minute(40))
    collect(sound(folder), 10, 15, 41)
    sound(folder).write("cloudwatch", window(5, 20), "whole", points(), [], collected_at=minute(42))
    [late] = folder.glob("points/*/*/*-a-*")
    late.write_bytes(late.read_bytes()[:99])


@pytest.mark.parametrize("failure", [Death(), OSError(errno.ENOSPC, "No space left on device")], ids=repr)
def test_a_quarantine_that_fails_at_any_step_hides_no_loss_and_can_be_repeated(tmp_path, failure) -> None:
    for calls in range(100):
        place = tmp_path / str(calls)
        damaged_lake(place)
        disk = FaultyDisk(calls, failure)
        lake = lake_on(disk, place)
        try:
            lake.quarantine(lake.verify().faults)
        except (Death, LakeError):
            assert disk.spent
        known_lost = not sound(place).collected("cloudwatch", window(10, 15), "whole")
        assert known_lost or sound(place).verify().faults
        sound(place).quarantine(sound(place).verify().faults)
        assert sound(place).coverage("cloudwatch", window(0, 60), "whole") == [window(0, 10), window(15, 30)]
        assert sound(place).count([ONE], window(0, 60)) == 30
        assert sound(place).verify().faults == ()
        if not disk.spent:
            assert calls > 5
            return
    raise AssertionError("never got through")


def test_a_file_that_cannot_be_read_now_is_told_and_never_set_aside(tmp_path) -> None:
    class AwayDisk(FaultyDisk):
        def open_input_file(self, path):
            if "-a-" in path:
                raise OSError(errno.EIO, "Input/output error")
            return super().open_input_file(path)

    collect(sound(tmp_path), 0, 5, 5)
    lake = lake_on(AwayDisk(1000, Death()), tmp_path)
    [fault] = lake.verify().faults
    assert "cannot be read" in fault.problem
    assert lake.quarantine([fault]) == []


def test_a_file_that_a_compaction_takes_away_meanwhile_is_no_damage(tmp_path) -> None:
    class Hasty(FaultyDisk):
        def open_input_file(self, path):
            if "-a-" in path:
                Path(path).unlink()
            return super().open_input_file(path)

    collect(sound(tmp_path), 0, 5, 5)
    assert lake_on(Hasty(1000, Death()), tmp_path).verify().faults == ()


def test_a_mark_speaks_only_of_its_own_day_where_its_file_of_the_next_is_missing(tmp_path) -> None:
    collect(sound(tmp_path), 700, 740, 740)
    [second] = tmp_path.glob("points/*/date=2026-02-01/*-whole-*")
    second.unlink()
    assert sound(tmp_path).coverage("cloudwatch", window(700, 740), "whole") == [window(700, 720)]
