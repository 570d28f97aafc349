"""Writers, readers and compactions at once, in processes of their own: nothing is lost or seen half."""

import multiprocessing
from collections.abc import Callable
from datetime import date

import pytest

from tests.contract.lake.conftest import Place, open_at
from tests.unit.lake.given import a_series, minute, points, rows, window
from watchbill.lake.lake import Lake

DAY = date(2026, 1, 31)
SHARES, ROUNDS, STEP = 3, 12, 5


def series_of(share: int) -> list:
    return [a_series(service=f"{share}-{number}") for number in range(4)]


def collect(place: Place, share: int, failures, by: str = "write", **how: bool) -> None:
    """Every window overlaps the one before it by half, and is collected again at once by a second try."""
    try:
        for start in range(0, ROUNDS * STEP, STEP):
            for attempt in (0, 1):
                given = points(*((one, {at: float(start + attempt) for at in range(start, start + 2 * STEP)})
                                 for one in series_of(share)))
                getattr(open_at(place), by)("cloudwatch", window(start, start + 2 * STEP), share, given,
                                            series_of(share), collected_at=minute(start + 2 * STEP + attempt), **how)
    except BaseException as error:
        failures.put(f"share {share}: {error!r}")
        raise


def expected() -> list:
    """The last window that holds a minute has the say, in its second try."""
    last = {at: min(at // STEP, ROUNDS - 1) * STEP + 1.0 for at in range((ROUNDS + 1) * STEP)}
    return sorted((one.key, minute(at), value)
                  for share in range(SHARES) for one in series_of(share) for at, value in last.items())


def everything(lake: Lake) -> list:
    return rows(lake.read([one for share in range(SHARES) for one in series_of(share)], window(-60, 200)))


@pytest.mark.parametrize(("by", "how"), [("write", {}), ("update", {"own": True}), ("update", {"own": False})])
def test_writers_of_other_shares_and_compactions_at_once_lose_no_point(
        place: Place, reopened: Callable[[], Lake], by: str, how: dict[str, bool]) -> None:
    spawn = multiprocessing.get_context("spawn")
    failures = spawn.Queue()
    writers = [spawn.Process(target=collect, args=(place, share, failures, by), kwargs=how) for share in range(SHARES)]
    for writer in writers:
        writer.start()
    seen: dict[tuple, float] = {}
    rounds = 0
    while any(writer.is_alive() for writer in writers):
        reopened().compact("cloudwatch", DAY, now=minute(60))
        reopened().compact_series("cloudwatch", now=minute(60))
        now = {row[:2]: row[2] for row in everything(reopened())}
        assert all(now.get(point, -1.0) >= value for point, value in seen.items()), "a point went or aged"
        seen, rounds = now, rounds + 1
    for writer in writers:
        writer.join(timeout=60)
    assert failures.empty(), failures.get()
    assert rounds > 1
    assert everything(reopened()) == expected()
    reopened().compact("cloudwatch", DAY, now=minute(60))
    assert everything(reopened()) == expected()
    assert reopened().stats()[0]["files"] == 1
    assert reopened().coverage("cloudwatch", window(0, 100)) == [window(0, (ROUNDS + 1) * STEP)]
    assert len(reopened().series()) == SHARES * 4


def compact_all(place: Place, failures, times: int) -> None:
    try:
        for _ in range(times):
            open_at(place).compact("cloudwatch", DAY, now=minute(60))
    except BaseException as error:
        failures.put(repr(error))
        raise


def test_two_compactions_of_one_day_at_once_do_not_get_in_each_others_way(
        place: Place, reopened: Callable[[], Lake]) -> None:
    spawn = multiprocessing.get_context("spawn")
    failures = spawn.Queue()
    compactions = [spawn.Process(target=compact_all, args=(place, failures, 6)) for _ in range(2)]
    for compaction in compactions:
        compaction.start()
    for share in range(SHARES):
        collect(place, share, failures)
    for compaction in compactions:
        compaction.join(timeout=60)
    assert failures.empty(), failures.get()
    assert everything(reopened()) == expected()
