"""Old points go or are folded, and older files are rewritten, on a disk and in a bucket."""

from dataclasses import replace
from datetime import date, timedelta

from tests.contract.lake.test_quarantine import stored
from tests.unit.lake.given import MIDNIGHT, a_series, by_minute, minute, points, window
from watchbill.lake.lake import Lake
from watchbill.lake.schema import NOTE
from watchbill.lake.thin import Keeping, Thinned

ONE, OTHER = a_series(service="checkout"), a_series(service="search")
DAY = date(2026, 1, 31)
NOW = MIDNIGHT + timedelta(days=3)


def fill(lake: Lake) -> None:
    for start in (0, 60):
        values = {float(at): float(at) for at in range(start, start + 60)}
        lake.write("cloudwatch", window(start, start + 60), "a", points((ONE, values), (OTHER, values)), [ONE, OTHER],
                   collected_at=minute(start + 60))


def test_a_day_is_folded_and_thinned_once(lake: Lake) -> None:
    fill(lake)
    keepings = {ONE.key: Keeping(fold_after=timedelta(days=1), fold_period_s=3600),
                OTHER.key: Keeping(retention=timedelta(days=1))}
    assert lake.days_to_thin("cloudwatch", keepings.values(), now=MIDNIGHT + timedelta(days=2, hours=-1)) == []
    assert lake.days_to_thin("cloudwatch", keepings.values(), now=NOW) == [DAY]
    assert lake.thin("cloudwatch", DAY, keepings, now=NOW) == Thinned(DAY, dropped=120, folded=120, made=2)
    assert by_minute(lake.read([replace(ONE, period_s=3600)], window(0, 120))) == {0: 29.5, 60: 89.5}
    assert lake.count([ONE, OTHER], window(0, 120)) == 0
    assert lake.coverage("cloudwatch", window(0, 120), "a") == [window(0, 120)]
    assert (len(stored(lake)), lake.verify().faults) == (1, ())
    assert lake.thin("cloudwatch", DAY, keepings, now=NOW) == Thinned(DAY, 0, 0, 0)
    lake.compact("cloudwatch", DAY, now=NOW)
    gaps = lake.gaps("cloudwatch", "a")
    assert (gaps.present, gaps.missing) == (2, [])


def test_every_file_says_its_version_and_none_of_the_newest_is_migrated(lake: Lake) -> None:
    fill(lake)
    lake.compact("cloudwatch", DAY, now=NOW)
    [file] = stored(lake)
    assert NOTE.encode() in lake._files.read(file.path).to_pybytes()
    assert (lake.days_to_migrate("cloudwatch"), lake.has_old_series("cloudwatch")) == ([], False)
