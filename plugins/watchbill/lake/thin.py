"""Old points become fewer: series that are kept a shorter time leave a day, fine points are folded to coarse ones.

A day is taken whole, once all of it is old enough, and rewritten as by a compaction: what is folded appears before
the fine points go, and folding again what is still there says the same. A folded point lies in the series of the
longer period, and was collected when the newest of its points was. A period of which only some points are left does
not replace a point that is there, for that was made of more.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc

from watchbill.lake.files import Files
from watchbill.lake.layout import day_window
from watchbill.lake.listing import on_settled
from watchbill.lake.points import load, newest
from watchbill.lake.read import list_days
from watchbill.lake.schema import MOMENT, STORED
from watchbill.lake.series_table import SeriesTable
from watchbill.lake.upkeep import Changed, compact, days, over
from watchbill.model.failures import LakeError
from watchbill.model.series import Series, Source

Fold = Literal["sum", "min", "max", "mean"]
FOLDS: Mapping[str, Fold] = {"Sum": "sum", "SampleCount": "sum", "Minimum": "min", "Maximum": "max", "Average": "mean"}
"""How points of a statistic become one. A percentile, a trimmed mean or an expression of parts is none of the whole;
an average of averages is one where every period has as many samples, and the best that can be had otherwise.
"""
_DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Keeping:
    """What becomes of a series' points as they grow old; None is nothing."""

    retention: timedelta | None = None
    fold_after: timedelta | None = None
    fold_period_s: int = 0

    def __post_init__(self) -> None:
        if self.retention is not None and self.retention <= timedelta(0):
            raise LakeError(f"a retention of {self.retention} would delete everything; name a span such as 455d")
        if self.fold_after is not None and (self.fold_period_s < 1 or _DAY_S % self.fold_period_s):
            raise LakeError(f"points cannot be folded to one each {self.fold_period_s} s: name a period that divides a "
                            "day, such as 5m or 1h")

    def drops(self, day: date, now: datetime) -> bool:
        return self.retention is not None and day_window(day).end <= now - self.retention

    def folds(self, series: Series, day: date, now: datetime) -> bool:
        """Whether its points are due, be it that they can be folded or not."""
        return (self.fold_after is not None and day_window(day).end <= now - self.fold_after
                and series.period_s < self.fold_period_s and self.fold_period_s % series.period_s == 0)


@dataclass(frozen=True, slots=True)
class Thinned:
    day: date
    dropped: int  # points that were too old
    folded: int  # points that became fewer
    made: int  # points that they became


def days_to_thin(files: Files, source: Source, keepings: Iterable[Keeping], *, now: datetime) -> list[date]:
    """The days old enough that something may have to go, in order."""
    spans = [span for each in set(keepings) for span in (each.retention, each.fold_after) if span is not None]
    return [day for day in days(files, source)
            if day < over(now) and any(day_window(day).end <= now - span for span in spans)]


def thin(files: Files, known: SeriesTable, source: Source, day: date, keepings: Mapping[int, Keeping], *,
         now: datetime) -> Thinned:
    """Does what is due of a day; a series without a keeping stays as it is. Raises LakeError."""
    present = _present(files, source, day)
    named = known.all(source)
    gone = {key for key in present if key in keepings and keepings[key].drops(day, now)}
    due = [(named[key], keepings[key].fold_period_s) for key in sorted(present - gone)
           if key in named and key in keepings and keepings[key].folds(named[key], day, now)
           and named[key].statistic in FOLDS]
    if not gone and not due:
        return Thinned(day, 0, 0, 0)
    coarse = {fine.key: replace(fine, period_s=period_s) for fine, period_s in due}
    known.add(source, coarse.values(), now)  # first: a point must never be without its name
    done = Thinned(day, 0, 0, 0)

    def change(rows: pa.Table) -> Changed:
        nonlocal done
        too_old, fine = _of(rows, gone), _of(rows, coarse)
        rest = rows.filter(_is_in(rows, {*gone, *coarse}, not_in=True))
        made = [*_folded(fine, [one for one, _ in due], coarse, rest)]
        kept = newest(pa.concat_tables([rest, *made]))
        done = Thinned(day, len(too_old), len(fine), len(kept) - len(rest))
        return Changed(kept, frozenset({*gone, *coarse}))

    compact(files, source, day, now=now, change=change)
    return done


def unfoldable(series: Iterable[Series], keepings: Mapping[int, Keeping]) -> list[str]:
    """The statistics of which points stay as they are although they are declared to be folded."""
    return sorted({one.statistic for one in series
                   if one.statistic not in FOLDS and (keeping := keepings.get(one.key)) and keeping.fold_after
                   and one.period_s < keeping.fold_period_s})


def _present(files: Files, source: Source, day: date) -> set[int]:
    """The keys of the series that have points on that day."""
    rows = on_settled(files, lambda: list_days(files, source, day_window(day)),
                      lambda found: load(files, found, columns=["series"]))
    return set(rows["series"].unique().to_pylist())  # type: ignore[arg-type]  # none is null


def _folded(fine: pa.Table, series: list[Series], coarse: Mapping[int, Series], rest: pa.Table) -> Iterator[pa.Table]:
    """Coarse points of the fine ones, by statistic and period; those of whole periods, and others where none is."""
    bundles: dict[tuple[Fold, int, int], list[Series]] = {}
    for one in series:
        bundles.setdefault((FOLDS[one.statistic], one.period_s, coarse[one.key].period_s), []).append(one)
    whole, partial = list[pa.Table](), list[pa.Table]()
    for (fold, period_s, coarse_s), bundle in bundles.items():
        folded = _one_a_period(_of(fine, {one.key for one in bundle}), fold, coarse_s * 1000)
        keys = pa.array([one.key for one in bundle], pa.int64())
        place: Any = pc.index_in(folded["series"], value_set=keys)
        to = pc.take(pa.array([coarse[one.key].key for one in bundle], pa.int64()), place)
        rows = pa.table([to, *(folded[name] for name in STORED.names[1:])], schema=STORED)
        full = pc.equal(folded["count"], pa.scalar(coarse_s // period_s))
        whole.append(rows.filter(full))
        partial.append(rows.filter(pc.invert(full)))
    yield from whole
    if partial:
        there = pa.concat_tables([rest, *whole]).select(["series", "timestamp"])
        yield newest(pa.concat_tables(partial)).join(
            there, ["series", "timestamp"], join_type="left anti").select(STORED.names).cast(STORED)


def _one_a_period(fine: pa.Table, fold: Fold, coarse_ms: int) -> pa.Table:
    """STORED and `count`, of the fine series and at the start of the period."""
    moments = fine["timestamp"].cast(pa.int64())
    starts = pc.multiply(pc.divide(moments, coarse_ms), coarse_ms).cast(MOMENT)
    grouped = fine.set_column(1, "timestamp", starts).group_by(["series", "timestamp"], use_threads=False).aggregate(
        [("value", fold), ("collected_at", "max"), ("vanished", "all"), ("value", "count")])
    return grouped.select(["series", "timestamp", f"value_{fold}", "collected_at_max", "vanished_all", "value_count"]) \
        .rename_columns([*STORED.names, "count"])


def _of(rows: pa.Table, keys: Iterable[int]) -> pa.Table:
    return rows.filter(_is_in(rows, keys))


def _is_in(rows: pa.Table, keys: Iterable[int], *, not_in: bool = False) -> Any:
    found: Any = pc.is_in(rows["series"], value_set=pa.array(sorted(keys), pa.int64()))
    return pc.invert(found) if not_in else found
