"""Files of an older version are read as they are and rewritten without loss; those of a newer one are refused."""

import errno
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.unit.lake.faulty_disk import Death, FaultyDisk
from tests.unit.lake.given import MIDNIGHT, a_series, by_minute, minute, points, window
from tests.unit.lake.test_faults import lake_on, sound
from watchbill.flows.tend_lake import MIGRATED_A_NIGHT, migrate, tend_lake
from watchbill.lake.lake import Lake
from watchbill.lake.layout import digest
from watchbill.lake.schema import VERSION
from watchbill.model.failures import LakeError
from watchbill.model.settings import Settings

ONE = a_series(unit="Milliseconds", service="checkout")
DAY = date(2026, 1, 31)
NOW = MIDNIGHT + timedelta(days=30)
LATER_WORDS = ["vanished", "tags"]


def as_version(path: Path, number: int) -> None:
    """The same file as that version would have written it; version 1 said nothing and knew fewer columns."""
    table, held = pq.read_table(path), pq.read_metadata(path).metadata or {}
    if number == 1:
        table = table.drop([name for name in LATER_WORDS if name in table.column_names])
    notes = {name.decode(): text.decode() for name, text in held.items() if name.startswith(b"watchbill.")}
    notes.pop("watchbill.schema", None)
    if number > 1:
        notes["watchbill.schema"] = str(number)
    sink = pa.BufferOutputStream()
    with pq.ParquetWriter(sink, table.schema, compression="zstd", store_schema=False) as writer:
        writer.write_table(table)
        writer.add_key_value_metadata(notes)
    content = sink.getvalue()
    path.unlink()
    path.with_name(f"{path.name[:-len('0123456789abcdef.parquet')]}{digest(memoryview(content))}.parquet").write_bytes(
        content)


def fill(folder: Path, number: int = 1, days: int = 2) -> None:
    """Compacted days at the version, each with its coverage, and today's window files."""
    lake = sound(folder)
    for day in range(days):
        at = day * 1440
        for start in (at, at + 5):
            lake.write("cloudwatch", window(start, start + 5), "a", points((ONE, {start: 1.0, start + 4: 2.0})), [ONE],
                       collected_at=minute(start + 5))
        if day < days - 1:
            lake.compact("cloudwatch", minute(at).date(), now=NOW)
    for path in [*folder.glob("points/*/*/*"), *folder.glob("series/*/*")]:
        as_version(path, number)


def versions(folder: Path) -> set[bytes]:
    paths = [*folder.glob("points/*/*/*.parquet"), *folder.glob("series/*/*.parquet")]
    return {(pq.read_metadata(path).metadata or {}).get(b"watchbill.schema", b"1") for path in paths}


def everything(lake: Lake) -> tuple:
    return (by_minute(lake.read([ONE], window(0, 5000))), lake.coverage("cloudwatch", window(0, 5000), "a"),
            lake.series(), lake.sql("SELECT timestamp, value, vanished, tags FROM points ORDER BY 1").to_pylist())


def test_every_file_says_its_version(tmp_path: Path) -> None:
    fill(tmp_path, VERSION)
    assert versions(tmp_path) == {str(VERSION).encode()}


def test_files_of_the_first_version_are_read_as_they_are(tmp_path: Path) -> None:
    fill(tmp_path / "new", VERSION)
    fill(tmp_path / "old", 1)
    assert versions(tmp_path / "old") == {b"1"}
    assert everything(sound(tmp_path / "old")) == everything(sound(tmp_path / "new"))
    assert sound(tmp_path / "old").verify().faults == ()
    assert sound(tmp_path / "old").series()[0].tags == ()
    lake = sound(tmp_path / "old")
    again = lake.update("cloudwatch", window(0, 10), "a", points((ONE, {0: 1.0, 4: 9.0, 5: 1.0})), [ONE],
                        collected_at=minute(9999), own=False)
    assert (again.new, again.changed, again.vanished) == (0, 1, 1)


@pytest.mark.parametrize("act", [
    lambda lake: lake.read([ONE], window(0, 5)), lambda lake: lake.sql("SELECT * FROM points"),
    lambda lake: lake.stats(), lambda lake: lake.compact("cloudwatch", DAY, now=NOW),
    lambda lake: lake.gaps("cloudwatch", "a"), lambda lake: list(lake.export([ONE])),
    lambda lake: lake.days_to_migrate("cloudwatch"),
    lambda lake: lake.update("cloudwatch", window(0, 5), "a", points((ONE, {0: 3.0})), [ONE], collected_at=minute(9),
                             own=True),
], ids=["read", "sql", "stats", "compact", "gaps", "export", "migrate", "update"])
def test_points_of_a_newer_version_are_refused_and_left_alone(tmp_path: Path, act: Callable[[Lake], object]) -> None:
    fill(tmp_path, VERSION)
    for path in tmp_path.glob("points/*/*/*"):
        as_version(path, VERSION + 1)
    (tmp_path / "versions" / str(VERSION + 1)).touch()
    before = sorted(tmp_path.rglob("*.parquet"))
    with pytest.raises(LakeError, match=r"has version 3 of the lake's schema, .* knows 2 at most: upgrade Watchbill"):
        act(sound(tmp_path))
    assert sorted(tmp_path.rglob("*.parquet")) == before


def test_the_lake_says_which_versions_it_holds(tmp_path: Path) -> None:
    fill(tmp_path, VERSION)
    assert [path.name for path in (tmp_path / "versions").iterdir()] == [str(VERSION)]


def test_names_of_a_newer_version_are_refused_too(tmp_path: Path) -> None:
    fill(tmp_path, VERSION)
    for path in tmp_path.glob("series/*/*"):
        as_version(path, VERSION + 1)
    for act in (lambda lake: lake.series(), lambda lake: lake.compact_series("cloudwatch", now=NOW)):
        with pytest.raises(LakeError, match="upgrade Watchbill"):
            act(sound(tmp_path))


def test_what_is_newer_is_no_damage_and_never_set_aside(tmp_path: Path) -> None:
    fill(tmp_path, VERSION + 1)
    lake = sound(tmp_path)
    faults = lake.verify().faults
    assert {fault.damaged for fault in faults} == {False}
    assert all("upgrade Watchbill" in fault.problem for fault in faults)
    assert lake.quarantine(faults) == []


def test_a_few_older_days_are_rewritten_a_night_and_then_none(tmp_path: Path) -> None:
    fill(tmp_path, 1, days=MIGRATED_A_NIGHT + 3)
    before = everything(sound(tmp_path))
    counts = []
    for _ in range(3):
        report = tend_lake(sound(tmp_path), now=NOW, settings=Settings(), entries=())
        counts.append(len(report["migrated"]))
    assert counts == [MIGRATED_A_NIGHT, 2, 0]
    assert versions(tmp_path) == {b"2"}
    assert everything(sound(tmp_path)) == before


@pytest.mark.parametrize("failure", [Death(), OSError(errno.ENOSPC, "No space left on device")], ids=repr)
def test_a_migration_may_die_at_any_step(tmp_path: Path, failure: BaseException) -> None:
    for calls in range(100):
        place = tmp_path / str(calls)
        fill(place, 1, days=3)
        before = everything(sound(place))
        disk = FaultyDisk(calls, failure)
        try:
            migrate(lake_on(disk, place), "cloudwatch", NOW, at_most=9)
            lake_on(disk, place).compact_series("cloudwatch", now=NOW)
        except (Death, LakeError):
            assert disk.spent
        assert everything(sound(place)) == before
        migrate(sound(place), "cloudwatch", NOW, at_most=9)
        sound(place).compact_series("cloudwatch", now=NOW)
        assert everything(sound(place)) == before
        assert versions(place) == {b"2"}
        if not disk.spent:
            assert calls > 5
            return
    raise AssertionError("never got through")


def test_days_that_are_not_over_are_left_to_compaction(tmp_path: Path) -> None:
    fill(tmp_path, 1, days=2)
    assert migrate(sound(tmp_path), "cloudwatch", MIDNIGHT + timedelta(days=2, hours=3), at_most=9) == [DAY]
    assert versions(tmp_path) == {b"1", b"2"}


def test_tags_belong_to_a_series_and_the_newest_that_are_not_empty_count(tmp_path: Path) -> None:
    lake = sound(tmp_path)
    nobodys = replace(ONE, unit="")
    for number, tags in enumerate([(), (("team", "a"),), (), (("team", "b"), ("cost", "1"))]):
        for one in (replace(nobodys, tags=tags), ONE if not number else nobodys):
            lake.write("cloudwatch", window(0, 5), "a", points((one, {0: 1.0})), [one], collected_at=minute(number))
    for _ in range(2):
        [one] = sound(tmp_path).series()
        assert (one.unit, one.tags) == ("Milliseconds", (("cost", "1"), ("team", "b")))
        [row] = sound(tmp_path).sql("SELECT tags['team'] AS team FROM series").to_pylist()
        assert row == {"team": "b"}
        lake.compact_series("cloudwatch", now=NOW)
    assert lake.write("cloudwatch", window(0, 5), "a", points(), [nobodys, one], collected_at=minute(0)).bytes < 2000
    assert len(list(tmp_path.glob("series/*/*"))) == 1
