"""Runs of one share beside each other, deaths and full disks in between: an update leaves out nothing that is lost."""

import errno
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.lake.faulty_disk import Death, FaultyDisk
from tests.unit.lake.given import a_series, by_minute, minute, points, window
from tests.unit.lake.test_faults import every_step, lake_on, sound
from watchbill.lake import update as updating
from watchbill.lake.lake import Lake
from watchbill.lake.update import Updated
from watchbill.model.failures import LakeError

ONE = a_series(service="checkout")
DAY = date(2026, 1, 31)
Values = dict[float, float]
answers = st.dictionaries(st.integers(0, 4).map(float), st.sampled_from([1.0, 2.0]))


def tell(lake: Lake, values: Values, at: float, *, own: bool = True) -> Updated:
    return lake.update("cloudwatch", window(0, 5), "a", points((ONE, values)), [ONE], collected_at=minute(at), own=own)


def told(folder: Path) -> tuple[Values, set[float]]:
    """What is read, and which of it has vanished."""
    lake = sound(folder)
    gone = lake.sql("SELECT timestamp FROM points WHERE vanished").to_pylist()
    return by_minute(lake.read([ONE], window(0, 5))), {
        (row["timestamp"] - minute(0)).total_seconds() / 60 for row in gone}


class Meanwhile:
    """Another run does all of its work after this one has compared, before it writes."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, act) -> None:
        compare, self.left = updating._held, 1

        def held(*given):
            found = compare(*given)
            if self.left:
                self.left = 0
                act()
            return found

        monkeypatch.setattr(updating, "_held", held)


@settings(max_examples=60, deadline=None)
@given(before=answers, first=answers, second=answers, late=st.booleans(), own=st.booleans(), tidy=st.booleans())
def test_two_runs_of_one_share_at_once_lose_nothing_and_the_next_one_settles_it(
        tmp_path_factory, before, first, second, late, own, tidy) -> None:
    folder = tmp_path_factory.mktemp("lake")
    tell(sound(folder), before, 5)
    with pytest.MonkeyPatch.context() as patched:
        Meanwhile(patched, lambda: tell(sound(folder), second, 6 if late else 8, own=own))
        tell(sound(folder), first, 7, own=own)
    if tidy:
        sound(folder).compact("cloudwatch", DAY, now=minute(60))
    values, gone = told(folder)
    assert set(values) == {*before, *first, *second}
    assert all(value in {every.get(at) for every in (before, first, second)} for at, value in values.items())
    assert not gone & first.keys() & second.keys()
    tell(sound(folder), first, 9, own=own)
    values, gone = told(folder)
    assert {at: value for at, value in values.items() if at not in gone} == first


@settings(max_examples=60, deadline=None)
@given(runs=st.lists(st.tuples(answers, st.booleans(), st.booleans()), min_size=1, max_size=6))
def test_one_run_after_the_other_reads_as_the_last_answer(tmp_path_factory, runs) -> None:
    folder, ever = tmp_path_factory.mktemp("lake"), dict[float, float]()
    for number, (values, own, tidy) in enumerate(runs):
        tell(sound(folder), values, 5 + number, own=own)
        if tidy:
            sound(folder).compact("cloudwatch", DAY, now=minute(60))
        ever |= values
        assert told(folder) == (ever, ever.keys() - values.keys())


def test_a_day_that_is_compacted_between_comparing_and_writing_is_compared_again(tmp_path, monkeypatch) -> None:
    for start in (0.0, 1.0):
        tell(sound(tmp_path), dict.fromkeys((0.0, start), 1.0), 5 + start)
    Meanwhile(monkeypatch, lambda: sound(tmp_path).compact("cloudwatch", DAY, now=minute(60)))
    tell(sound(tmp_path), {0.0: 1.0, 1.0: 1.0, 2.0: 1.0}, 7)
    assert told(tmp_path) == ({0.0: 1.0, 1.0: 1.0, 2.0: 1.0}, set())


def test_a_file_that_goes_between_comparing_and_writing_is_not_relied_on(tmp_path, monkeypatch) -> None:
    tell(sound(tmp_path), {0.0: 1.0, 1.0: 2.0}, 5)
    [file] = tmp_path.glob("points/*/*/*")
    Meanwhile(monkeypatch, lambda: file.rename(tmp_path / "gone"))
    assert tell(sound(tmp_path), {0.0: 1.0, 1.0: 3.0}, 6).files == 2
    assert told(tmp_path) == ({0.0: 1.0, 1.0: 3.0}, set())


@pytest.mark.parametrize("failure", [Death(), OSError(errno.ENOSPC, "No space left on device")], ids=repr)
def test_an_update_that_fails_at_any_step_loses_nothing_and_can_be_repeated(tmp_path, failure) -> None:
    """Over midnight: a point that is known, one corrected, one gone and a new one on each day."""
    answer = points((ONE, {0: 0.0, 1: 9.0, 730: 2.0}))

    def act(lake: Lake) -> Updated:
        return lake.update("cloudwatch", window(0, 800), "0", answer, [ONE], collected_at=minute(800), own=True)

    for place in every_step(lambda lake: act(lake), tmp_path, failure):
        before = by_minute(sound(place).read([ONE], window(0, 800)))
        assert before.keys() >= set(range(18))
        act(sound(place))
        found = by_minute(sound(place).read([ONE], window(0, 800)))
        assert found == before | {0: 0.0, 1: 9.0, 730: 2.0}
        gone = sound(place).sql("SELECT count(*) AS n FROM points WHERE vanished").to_pylist()
        assert gone == [{"n": 16}]
        assert sound(place).collected("cloudwatch", window(0, 800), "0")


def test_a_full_disk_is_told_and_what_was_there_stays(tmp_path) -> None:
    tell(sound(tmp_path), {0.0: 1.0}, 5)
    disk = FaultyDisk(1, OSError(errno.ENOSPC, "No space left on device"))
    with pytest.raises(LakeError, match=r"cannot be written: .*No space left on device"):
        tell(lake_on(disk, tmp_path), {0.0: 2.0, 1.0: 2.0}, 6)
    assert told(tmp_path) == ({0.0: 1.0}, set())
