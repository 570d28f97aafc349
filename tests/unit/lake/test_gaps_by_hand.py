"""Gaps of any schedule are what counting minute by minute finds."""

from datetime import UTC

import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import fs

from tests.unit.lake.given import MIDNIGHT, NOON, a_series, minute, points, window
from watchbill.lake.gaps import Gaps
from watchbill.lake.lake import Lake
from watchbill.model.windows import Window

FAST, SLOW = a_series(service="fast"), a_series(service="slow", period_s=180)
NIGHT = range(700, 745)
moments = st.integers(NIGHT[0], NIGHT[-1])
windows = st.tuples(moments, moments).map(lambda edges: (min(edges), max(edges) + 1))
collections = st.tuples(windows, st.booleans(), st.sets(moments), st.sets(st.sampled_from(range(702, 745, 3))))


def minutes(of: Window) -> range:
    return range(int((of.start - NOON).total_seconds() // 60), int((of.end - NOON).total_seconds() // 60))


def slow_slots(start: int, end: int) -> range:
    """Noon is a multiple of three minutes since the epoch, so minutes after it divide as epochs do."""
    return range(start // 3 * 3, end // 3 * 3, 3)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(schedule=st.lists(collections, max_size=5), asked=windows, compacted=st.booleans())
def test_gaps_are_what_counting_finds(tmp_path_factory, schedule, asked, compacted) -> None:
    lake = Lake(fs.LocalFileSystem(), str(tmp_path_factory.mktemp("lake")))
    whole: set[int] = set()
    there: dict[int, set[int]] = {FAST.key: set(), SLOW.key: set()}
    for (start, end), complete, fast, slow in schedule:
        held = {FAST.key: {at for at in fast if start <= at < end}, SLOW.key: {at for at in slow if start <= at < end}}
        given_points = points(*((one, dict.fromkeys(map(float, sorted(held[one.key])), 1.0)) for one in (FAST, SLOW)))
        lake.write("cloudwatch", window(start, end), "a", given_points, [FAST, SLOW], collected_at=minute(end))
        for key, found in held.items():
            there[key] |= found
        if complete:
            lake.write("cloudwatch", window(start, end), "whole", pa.table(given_points[:0]), [],
                       collected_at=minute(end))
            whole.update(range(start, end))
    if compacted:
        for day in (0, 1):
            lake.compact("cloudwatch", MIDNIGHT.date().fromordinal(MIDNIGHT.toordinal() + day), now=minute(3000))
    gaps = lake.gaps("cloudwatch", "whole", minute(asked[0]), minute(asked[1]))
    check(gaps, set(range(*asked)), whole, there, bool(schedule))


def check(gaps: Gaps, asked: set[int], whole: set[int], there: dict[int, set[int]], named: bool) -> None:
    assert {at for part in gaps.collected for at in minutes(part)} == asked & whole
    assert {at for hole in gaps.holes for at in minutes(hole.window)} == asked - whole
    for hole in gaps.holes:
        between = bool(whole) and min(whole) < minutes(hole.window)[0] and minutes(hole.window)[-1] < max(whole)
        assert hole.between == between
    runs = merged(whole)
    due = {FAST.key: asked & whole,
           SLOW.key: {slot for run in runs for slot in slow_slots(run[0], run[-1] + 1)} & asked}
    for key, step in ((FAST.key, 1), (SLOW.key, 3)):
        told = [gap for gap in gaps.missing if gap.series.key == key]
        assert {at for gap in told for at in minutes(gap.window)[::step]} == (due[key] - there[key] if named else set())
        assert all(len(minutes(gap.window)) == gap.points * step for gap in told)
        assert all(gap.window.start.tzinfo is UTC for gap in told)
    assert gaps.present == sum(len(due[key] & there[key]) for key in due)


def merged(whole: set[int]) -> list[list[int]]:
    runs: list[list[int]] = []
    for at in sorted(whole):
        if runs and runs[-1][-1] == at - 1:
            runs[-1].append(at)
        else:
            runs.append([at])
    return runs
