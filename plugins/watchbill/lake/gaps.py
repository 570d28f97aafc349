"""What is not in the lake, in two kinds: time that was never collected, and points that the source had none of.

The third state is that points are there. Windows and files enter; nothing is asked of a source.
"""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from watchbill.lake.files import AT_ONCE, Files
from watchbill.lake.layout import StoredFile, clip, day_window, in_utc, merge, points_folder, subtract
from watchbill.lake.listing import on_settled
from watchbill.lake.notes import claims, dropped
from watchbill.lake.opened import footer
from watchbill.lake.points import Wanted, from_ms, load
from watchbill.lake.read import list_days
from watchbill.model.series import Series, Source
from watchbill.model.windows import Window

Slots = tuple[int, int]
"""Half-open: a slot is a timestamp divided by the period."""

_NONE: "pa.Array[Any]" = pa.array([], pa.int64())


@dataclass(frozen=True, slots=True)
class Hole:
    """Time that was never collected."""

    window: Window
    between: bool  # there are collections before and after it


@dataclass(frozen=True, slots=True)
class Missing:
    """Collected, and the source had none: from the first timestamp that is missing to after the last."""

    series: Series
    window: Window
    points: int


@dataclass
class Gaps:
    """One source, between `window.start` and `window.end`; None where nothing was collected or asked about."""

    source: Source
    window: Window | None
    collected: list[Window] = field(default_factory=list)
    holes: list[Hole] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)
    present: int = 0  # points at the series' periods inside `collected`


def find_gaps(files: Files, source: Source, series: Sequence[Series], share: str, start: datetime | None,
              end: datetime | None) -> Gaps:
    """`share` is the one whose windows count as collected. Without `start` or `end`: its first, its last.

    A series is looked for in all that was collected, the time before its first point too.
    """
    every = _collected(files, source, share)
    first = start or (every[0].start if every else end)
    last = end or (every[-1].end if every else start)
    if first is None or last is None or last <= first:
        return Gaps(source, None)
    window = in_utc(Window(first, last))
    parts = [part for each in every if (part := clip(each, window))]
    gaps = Gaps(source, window, parts)
    for hole in subtract([window], *parts):
        gaps.holes.append(Hole(hole, bool(every) and every[0].start <= hole.start and hole.end <= every[-1].end))
    spans: dict[int, list[Slots]] = {one.key: [] for one in series}
    families = _families(series)
    for day in window.days():
        bounds = clip(day_window(day), window)
        if bounds:
            gaps.present += _add_day(files, source, families, every, bounds, spans)
    gaps.missing = [_told(one, span) for one in series for span in spans[one.key]]
    return gaps


def _collected(files: Files, source: Source, share: str) -> list[Window]:
    """Every window of the share, in order. One listing; of compacted days the footers are read."""
    def read(found: list[StoredFile]) -> list[Window]:
        with ThreadPoolExecutor(AT_ONCE) as threads:
            said = threads.map(partial(claims, files, share=share), found)
            return merge([window for windows in said for window in windows])

    return on_settled(files, lambda: files.listed(points_folder(source), recursive=True), read)


def _families(series: Sequence[Series]) -> list[list[Series]]:
    """Series that differ in their period only, the finest first: history may be coarse, and old points are folded."""
    families: dict[Series, list[Series]] = {}
    for one in sorted(series, key=lambda one: one.period_s):
        families.setdefault(replace(one, period_s=0), []).append(one)
    return list(families.values())


def _due(family: Sequence[Series], gone: Collection[int], present: Collection[int]) -> Sequence[Series]:
    """Those whose points are looked for on a day: not what is kept no more, and of several periods those there are."""
    kept = [one for one in family if one.key not in gone]
    return kept if len(kept) < 2 else [one for one in kept if one.key in present] or kept[:1]


def _add_day(files: Files, source: Source, families: Sequence[Sequence[Series]], collected: list[Window],
             bounds: Window, spans: dict[int, list[Slots]]) -> int:
    """Adds the slots without a point to `spans`, inside the bounds, which lie in one day; how many have one."""
    series = [one for family in families for one in family]
    expected = {period_s: _slots(collected, bounds, period_s) for period_s in {one.period_s for one in series}}
    if not any(expected.values()):
        return 0

    def read(found: list[StoredFile]) -> tuple[pa.Table, set[int]]:
        gone = set[int]().union(*(dropped(footer(files, file)) for file in found if file.gathered))
        return load(files, found, Wanted(bounds), ["series", "timestamp"]), gone

    points, gone = on_settled(files, lambda: list_days(files, source, bounds), read)
    held = _held(points, series, expected)
    for one in (each for family in families for each in _due(family, gone, held)):
        ranges, slots = expected[one.period_s], held.get(one.key, _NONE)
        if len(slots) < _many(ranges):
            for span in _absent(ranges, slots.to_pylist()):
                _extend(spans[one.key], span)
    return sum(map(len, held.values()))


def _slots(collected: Iterable[Window], bounds: Window, period_s: int) -> list[Slots]:
    """The slots that collections aligned to the period ask for, those with a timestamp in the bounds."""
    first, last = _ceil(bounds.start, period_s), _ceil(bounds.end, period_s)
    aligned = ((window.start.timestamp() // period_s, window.end.timestamp() // period_s) for window in collected)
    cut = ((max(int(start), first), min(int(end), last)) for start, end in aligned)
    return [(start, end) for start, end in cut if start < end]


def _held(points: pa.Table, series: Sequence[Series],
          expected: Mapping[int, list[Slots]]) -> dict[int, "pa.Array[Any]"]:
    """The expected slots with a point by series key, each once and in no order."""
    place = pc.index_in(points["series"], value_set=pa.array([one.key for one in series], pa.int64()))
    periods = pc.take(pa.array([one.period_s for one in series], pa.int64()), place)
    slots = pc.divide(points["timestamp"].cast(pa.int64()), pc.multiply(periods, 1000))
    rows = pa.table({"series": points["series"], "slot": slots, "period": periods})
    period, slot = pc.field("period"), pc.field("slot")
    wanted = [rows.filter((period == period_s) & (slot >= start) & (slot < end))
              for period_s, ranges in expected.items() for start, end in ranges]
    if not wanted:
        return {}
    grouped = pa.concat_tables(wanted).group_by("series").aggregate([("slot", "distinct")])
    lists = grouped["slot_distinct"].combine_chunks()
    return {key: lists[at].values for at, key in enumerate(grouped["series"].to_pylist()) if key is not None}


def _absent(ranges: Iterable[Slots], slots: Iterable[Any]) -> Iterator[Slots]:
    """The parts of the ranges between the slots."""
    ordered = sorted(slots)
    for start, end in ranges:
        at = start
        for slot in ordered[bisect_left(ordered, start):bisect_left(ordered, end)]:
            if at < slot:
                yield at, slot
            at = slot + 1
        if at < end:
            yield at, end


def _extend(spans: list[Slots], span: Slots) -> None:
    """Neighbours become one, over midnight too."""
    if spans and spans[-1][1] == span[0]:
        spans[-1] = (spans[-1][0], span[1])
    else:
        spans.append(span)


def _many(ranges: Iterable[Slots]) -> int:
    return sum(end - start for start, end in ranges)


def _told(series: Series, span: Slots) -> Missing:
    start = from_ms(span[0] * series.period_s * 1000)
    return Missing(series, Window(start, start + timedelta(seconds=(span[1] - span[0]) * series.period_s)),
                   span[1] - span[0])


def _ceil(moment: datetime, period_s: int) -> int:
    return -int(-moment.timestamp() // period_s)
