"""From a source's answer to what is new in it: the lake keeps no row twice that was only read again.

An answer is compared with what the lake holds for its window. Written are points that are new, have another value,
have vanished (the old value, marked) or are back; every other row is in the file that it was compared with. Where
such a file is gone by the time of the writing, all is compared once more, so what was left out is always somewhere.

A tick looks only at what its own share brought, or its cost would grow with the number of shares. What objects to
another share's points says so in its name, and every tick looks into that too. A share is another one as soon as its
questions change, as those of `*` do: it looks into what came since it was there last, where that is little.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from watchbill.lake import write
from watchbill.lake.files import DamagedError, Files
from watchbill.lake.layout import StoredFile, in_utc
from watchbill.lake.listing import on_settled
from watchbill.lake.points import Wanted, floor_ms, load, newest, says_nothing
from watchbill.lake.read import list_days, within
from watchbill.lake.schema import MOMENT, STORED
from watchbill.lake.series_table import SeriesTable
from watchbill.model.failures import LakeError
from watchbill.model.series import Series, Source
from watchbill.model.windows import Window, utc

_ATTEMPTS = 20  # each is lost only to one more compaction in the same moment
_LITTLE = 200  # files; opening them takes some 50 ms
_POINT = ["series", "timestamp"]


@dataclass(frozen=True, slots=True)
class Updated:
    points: int  # of the answer, one per series and timestamp
    new: int  # the lake had none, or one that had vanished
    changed: int  # it had another value
    vanished: int  # it has one, and the answer none
    files: int  # of points; a day without any of these has one too
    bytes: int  # on disk, of points and of series that were new


@dataclass(frozen=True, slots=True)
class _Difference:
    rows: pa.Table  # to store
    new: int
    changed: int
    vanished: int
    objects: bool  # to points that are held


def update(files: Files, known: SeriesTable, source: Source, window: Window, share: int | str, points: pa.Table,
           series: Sequence[Series], *, collected_at: datetime, own: bool) -> Updated:
    """Keeps what an answer says that the lake does not. Takes what `write` takes, and raises as it does.

    `own`: compare with what this share brought before, with objections to it and with compacted days, however many
    shares there are; a series that this share brought and that is not in `series` any more has vanished. Otherwise
    compare with all that the lake holds of `series`.
    """
    window = in_utc(window)
    answer = write.as_answered(source, window, points, series, collected_at)
    asked = Wanted(window, tuple(sorted({one.key for one in series})))
    new = changed = vanished = written_files = written_bytes = 0
    for _ in range(_ATTEMPTS):
        compared, held = _held(files, source, asked, str(share) if own else None)
        found = _difference(answer, held, collected_at)
        written = write.put(files, known, source, window, share, found.rows, series, collected_at=collected_at,
                            objects=found.objects and not own)
        new, changed, vanished = new + found.new, changed + found.changed, vanished + found.vanished
        written_files, written_bytes = written_files + written.files, written_bytes + written.bytes
        if not compared or {file.path for file in compared} <= {each.path for each in list_days(files, source, window)}:
            return Updated(len(answer), new, changed, vanished, written_files, written_bytes)
    raise LakeError("the lake was compacted again and again while it was written to; try once more")


def _held(files: Files, source: Source, asked: Wanted, share: str | None) -> tuple[list[StoredFile], pa.Table]:
    """The files to compare with, and one row for each point in them. `asked` has a window."""
    assert asked.window  # noqa: S101
    window = asked.window

    def read(found: list[StoredFile]) -> tuple[list[StoredFile], pa.Table]:
        if share is None:
            return found, newest(load(files, found, asked))
        mine = load(files, [file for file in found if file.share == share], Wanted(window))
        brought: list[Any] = mine["series"].unique().to_pylist()
        keys = tuple(sorted({*(asked.keys or ()), *brought}))
        others = load(files, [file for file in found if file.share != share], Wanted(window, keys))
        return found, newest(pa.concat_tables([mine, others]))

    def listed() -> list[StoredFile]:
        every = within(list_days(files, source, window), window)
        missed = set() if share is None else _missed(every, share, window)
        return [file for file in every
                if share is None or file.gathered or file.objects or file.share == share or file in missed]

    try:
        return on_settled(files, listed, read)
    except DamagedError:  # `verify` finds the file; until it is set aside, answers are kept whole beside it
        return [], STORED.empty_table()


def _missed(every: Sequence[StoredFile], share: str, window: Window) -> set[StoredFile]:
    """Files with points from between this share's last window and this one: none where it was there at every tick."""
    ends = [file.window.end for file in every if file.window and file.share == share]
    since = max(ends, default=None)
    missed = {file for file in every if file.window and file.window.end < window.end and not says_nothing(file)
              and (since is None or file.window.end > since)}
    return missed if len(missed) <= _LITTLE else set()


def _difference(answer: pa.Table, held: pa.Table, collected_at: datetime) -> _Difference:
    return _joined(*_unlike(answer, held), collected_at)


def _unlike(answer: pa.Table, held: pa.Table) -> tuple[pa.Table, pa.Table]:
    """Both without rows that say the same, as far as that takes no join: most ticks only add to each series' end."""
    for end in _ends(held):
        (old, later), (there, rest) = (_parted(rows, end) for rows in (answer, held))
        if old.select(_POINT).equals(there.select(_POINT)):  # both are sorted
            odd: Any = pc.or_(pc.invert(_same(old["value"], there["value"])), there["vanished"])
            return tuple(pa.concat_tables([rows.filter(odd), after])  # type: ignore[return-value]
                         for rows, after in ((old, later), (there, rest)))
    return answer, held


def _ends(held: pa.Table) -> Iterator[Any]:
    """Up to where the answer may have the same points: all that are held, or what is held of every series."""
    if len(held):
        yield pc.max(held["timestamp"])
        yield pc.min(held.group_by("series").aggregate([("timestamp", "max")])["timestamp_max"])


def _parted(rows: pa.Table, end: Any) -> tuple[pa.Table, pa.Table]:
    earlier: Any = pc.less_equal(rows["timestamp"], end)
    return rows.filter(earlier), rows.filter(pc.invert(earlier))


def _joined(answer: pa.Table, held: pa.Table, collected_at: datetime) -> _Difference:
    stamp = pa.scalar(floor_ms(utc(collected_at)), MOMENT)
    there = held.rename_columns([name if name in _POINT else f"held_{name}" for name in held.column_names])
    pairs = answer.select([*_POINT, "value"]).join(there, _POINT, join_type="full outer").combine_chunks()
    value, old = pairs["value"], pairs["held_value"]
    answered, known = pc.is_valid(value), pc.is_valid(old)
    lapsed: Any = pc.coalesce(pairs["held_vanished"], pa.scalar(False))
    # What was read from the source later than this answer has the say already.
    current: Any = pc.coalesce(pc.less_equal(pairs["held_collected_at"], stamp), pa.scalar(True))
    new = _all(current, answered, pc.or_(pc.invert(known), lapsed))
    changed = _all(current, answered, known, pc.invert(lapsed), pc.invert(_same(value, old)))
    vanished = _all(current, pc.invert(answered), pc.invert(lapsed))
    rows = pa.table([pairs["series"], pairs["timestamp"], pc.coalesce(value, old),
                     pa.repeat(stamp, len(pairs)), vanished], schema=STORED)
    kept = rows.filter(pc.or_(pc.or_(new, changed), vanished))
    objects = bool(_count(_all(pc.or_(pc.or_(new, changed), vanished), known)))
    return _Difference(newest(kept), _count(new), _count(changed), _count(vanished), objects)


def _same(one: Any, other: Any) -> Any:
    """Two values that are no number are the same answer."""
    nan = pc.and_(pc.is_nan(one), pc.is_nan(other))
    return pc.coalesce(pc.or_(pc.equal(one, other), nan), pa.scalar(False))


def _all(first: Any, *rest: Any) -> Any:
    for each in rest:
        first = pc.and_(first, each)
    return first


def _count(flags: Any) -> int:
    return int(pc.sum(flags).as_py() or 0)
