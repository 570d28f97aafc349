"""First step of judgement: which of the lake's series a condition speaks about, and where to read them.

Rows of the lake's table of series go in, streams come out. Series are looked at by columns: there may be a hundred
thousand of them, and only a few will have anything to tell.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from itertools import pairwise
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from watchbill.model.rules import Metric
from watchbill.model.windows import Window, floor_time
from watchbill.rules.label_sets import Labels, LabelSets

_SERIES = ("key", "source", "account", "region", "namespace", "metric", "statistic", "period_s", "unit", "tags")


class Streams(LabelSets):
    """What a condition judges: series that differ in their period only are one stream, read at several periods."""

    def __init__(self, rows: pa.Table) -> None:
        """`rows`: as the lake's table of series has them, each series once."""
        super().__init__(())
        self._rows = rows.combine_chunks()
        self.periods: list[tuple[int, Any]] = self._by_period()
        """Finest first: the period in seconds, and the key of each stream's series of that period, or null."""

    def __len__(self) -> int:
        return len(self.periods[0][1]) if self.periods else 0

    @cached_property
    def labels(self) -> list[Labels]:
        """The dimensions; account and region too where streams differ in nothing else: they must not share an alert."""
        alike: dict[tuple[tuple[str, str], ...], int] = {}
        for one in self._dimensions:
            alike[one] = alike.get(one, 0) + 1
        if len(alike) == len(self._dimensions):
            return [dict(one) for one in self._dimensions]
        return [dict(one) | (where if alike[one] > 1 else {})
                for one, where in zip(self._dimensions, self.origins, strict=True)]

    @cached_property
    def origins(self) -> list[Labels]:
        """account and region of each."""
        return self._rows.select(["account", "region"]).take(self._first).to_pylist()

    def series(self, place: int) -> dict[str, Any] | None:
        """The finest series of the stream, as Series.to_json; None where there is none."""
        row = self._first_places[place]
        said = {name: column[row] for name, column in self._columns.items()}
        if said.pop("key") is None:
            return None
        return {**said, "dimensions": dict(self._pairs[row]), "unit": said["unit"], "tags": dict(said.get("tags", ()))}

    @cached_property
    def _first_places(self) -> list[int]:
        return self._first.to_pylist()  # type: ignore[no-any-return]

    @cached_property
    def _columns(self) -> dict[str, list[Any]]:
        return {name: self._rows[name].to_pylist() for name in _SERIES}

    @cached_property
    def _dimensions(self) -> list[tuple[tuple[str, str], ...]]:
        return [self._pairs[place] for place in self._first_places]

    @cached_property
    def _pairs(self) -> list[tuple[tuple[str, str], ...]]:
        """The dimensions of each row. A map's own to_pylist takes ten times as long."""
        if not len(self._rows):
            return []
        column: Any = self._rows["dimensions"].chunk(0)
        pairs = list(zip(column.keys.to_pylist(), column.items.to_pylist(), strict=True))
        ends = column.offsets.to_pylist()
        return [tuple(pairs[start:end]) for start, end in pairwise(ends)]

    def _by_period(self) -> list[tuple[int, Any]]:
        keys: Any = _chunk(self._rows["key"], pa.int64())
        in_s: list[Any] = self._rows["period_s"].to_pylist()
        periods = sorted(set(in_s))
        self._first: Any = pa.array(range(len(keys)), pa.int64())
        if len(periods) < 2:
            return [(period_s, keys) for period_s in periods]
        streams: dict[Any, dict[int, int]] = {}
        where = zip(self._rows["account"].to_pylist(), self._rows["region"].to_pylist(), self._pairs, strict=True)
        for place, (one, period_s) in enumerate(zip(where, in_s, strict=True)):
            streams.setdefault(one, {})[period_s] = place
        self._first = pa.array([one[min(one)] for one in streams.values()], pa.int64())
        return [(period_s, keys.take(pa.array([one.get(period_s) for one in streams.values()], pa.int64())))
                for period_s in periods]


def select(condition: Metric, rows: pa.Table) -> Streams:
    """The streams of the series that match; every period of them where the condition names none.

    A dimension with `*` must be there, with any value; one that is not named may be there or not.
    """
    names = {"source": condition.source, "namespace": condition.namespace, "metric": condition.metric,
             "statistic": condition.statistic}
    matching: Any = pa.repeat(pa.scalar(True), len(rows))
    for name, value in names.items():
        matching = pc.and_(matching, _is(rows[name], value))
    if condition.period:
        matching = pc.and_(matching, _is(rows["period_s"], int(condition.period.total_seconds())))
    found = rows.filter(matching)
    return Streams(found.filter(_has(found["dimensions"], condition.dimensions)) if condition.dimensions else found)


def absent(condition: Metric) -> Streams:
    """One stream, without a series, of what the condition names: it stands for what was never collected."""
    named = sorted((name, value) for name, value in condition.dimensions.items() if value != "*")
    period_s = int(condition.period.total_seconds()) if condition.period else 1
    numbers, pairs = ("key", "period_s"), ("dimensions", "tags")
    schema = pa.schema([(name, pa.map_(pa.string(), pa.string()) if name in pairs
                         else pa.int64() if name in numbers else pa.string()) for name in (*_SERIES, "dimensions")])
    row = dict.fromkeys(_SERIES, "") | {"key": None, "period_s": period_s, "dimensions": named, "tags": []}
    return Streams(pa.Table.from_pylist([row], schema))


def _has(dimensions: Any, wanted: Mapping[str, str]) -> Any:
    found: Any = pa.repeat(pa.scalar(True), len(dimensions))
    for name, value in wanted.items():
        has = pc.map_lookup(dimensions, name, "first")
        fits = pc.is_valid(has) if value == "*" else pc.fill_null(_is(has, value), False)
        found = pc.and_(found, fits)
    return found


def _is(column: Any, value: Any) -> Any:
    return pc.equal(column, value)


def _chunk(column: Any, kind: pa.DataType) -> Any:
    return column.chunk(0) if column.num_chunks else pa.array([], kind)


def judged_window(window: timedelta, period_s: int, at: datetime) -> Window:
    """The timestamps of the points that are judged at `at`.

    Both clouds stamp a point with the start of its period, so the newest whole one begins a period
    before `at`; the window ends where the period that is still filling begins.
    """
    end = floor_time(at, period_s)
    return Window(end - window, end)


def read_window(window: timedelta, periods: Sequence[int], first: datetime, last: datetime) -> Window:
    """What has to be read from the lake to judge from `first` to `last`, whatever the periods of the series."""
    return Window(first - window - timedelta(seconds=max(periods, default=0)), last)
