"""Second step of judgement: the points of the selected streams become one value each.

All by columns. Conditions that look at the same points share what is aggregated of them, whatever their thresholds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from watchbill.model.rules import Aggregate
from watchbill.model.windows import Window
from watchbill.rules.aggregate import aggregate
from watchbill.rules.label_sets import Labels, LabelSets
from watchbill.rules.points import Points
from watchbill.rules.select import Streams, judged_window


@dataclass(frozen=True)
class Reading:
    """What a condition saw of one stream of points."""

    labels: Labels  # the dimensions; account and region too where streams differ in nothing else
    value: float | None  # None: no point in the window
    series: dict[str, Any] | None  # the one that was judged, as Series.to_json


class Values:
    """What one condition saw of all its streams at one time."""

    def __init__(self, streams: LabelSets, values: Any, *, missing: Any = None) -> None:
        """`values`: float64; data is missing where they are null, or where `missing` says so."""
        self.streams = streams
        self.column = values
        self._missing = missing

    @cached_property
    def numbers(self) -> list[float | None]:
        return self.column.to_pylist()  # type: ignore[no-any-return]

    @cached_property
    def texts(self) -> list[str]:
        """What tells whether a value is the same as before, not-a-number and none at all too."""
        return ["" if number is None else repr(number) for number in self.numbers]

    @cached_property
    def missing(self) -> frozenset[str]:
        """The names of those whose data is missing."""
        if self._missing is not None:
            return frozenset(self.where(self._missing))
        if not self.column.null_count:
            return frozenset()
        return frozenset(name for name, number in zip(self.streams.names, self.numbers, strict=True) if number is None)

    def where(self, mask: Any) -> set[str]:
        """The names of those of which it is true."""
        names = self.streams.names
        return {names[place] for place in pc.indices_nonzero(pc.fill_null(mask, False)).to_pylist()}

    def reading(self, place: int) -> Reading:
        return Reading(self.streams.labels[place], self.numbers[place], self.streams.series(place))

    def in_json(self, place: int) -> str:
        """The value; what JSON has no number for, as text."""
        text = self.texts[place]
        return f'"{text}"' if text.endswith(("inf", "nan")) else text or "null"


class Reader:
    """Points of several selections that were read together, and what was aggregated of them for one time."""

    def __init__(self, points: pa.Table, selections: Sequence[Streams]) -> None:
        self._points = Points(points)
        self._starts = dict(zip(map(id, selections), _starts(selections), strict=True))
        self._selections = selections  # kept, because they are known by their ids
        self._keys = {period_s: pa.concat_arrays([_of_period(one, period_s) for one in selections])
                      for period_s in sorted({period_s for one in selections for period_s, _ in one.periods})}
        self._found: dict[tuple[Window, int, Aggregate], Any] = {}
        self._values: dict[tuple[int, timedelta, Aggregate, datetime], Values] = {}

    def forget(self) -> None:
        """What was aggregated so far is not asked for again."""
        self._found, self._values = {}, {}

    def values(self, streams: Streams, window: timedelta, how: Aggregate, at: datetime) -> Values:
        """One value for each stream, of the finest of its periods that has points: a period given up long ago cannot
        blind a rule.
        """
        key = (id(streams), window, how, at)
        if key not in self._values:
            self._values[key] = self._of(streams, window, how, at)
        return self._values[key]

    def _of(self, streams: Streams, window: timedelta, how: Aggregate, at: datetime) -> Values:
        found: list[Any] = [self._aggregated(judged_window(window, period_s, at), period_s, how)
                            .slice(self._starts[id(streams)], len(streams)) for period_s, _ in streams.periods]
        whole: Any = pc.coalesce(*found) if found else pa.array([], pa.float64())
        return Values(streams, pc.fill_null(whole, 0.0) if how == "count" else whole)

    def _aggregated(self, window: Window, period_s: int, how: Aggregate) -> Any:
        key = (window, period_s, how)
        if key not in self._found:
            grouped = aggregate(self._points.within(window), how)
            places = pc.index_in(self._keys[period_s], grouped["series"].combine_chunks())
            self._found[key] = grouped["value"].combine_chunks().take(places)
        return self._found[key]


def _starts(selections: Sequence[Streams]) -> list[int]:
    starts, place = [], 0
    for one in selections:
        starts.append(place)
        place += len(one)
    return starts


def _of_period(streams: Streams, period_s: int) -> Any:
    own = dict(streams.periods).get(period_s)
    return pa.nulls(len(streams), pa.int64()) if own is None else own
