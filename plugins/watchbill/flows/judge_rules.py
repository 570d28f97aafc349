"""Lake -> verdicts: reads what rules look at, all that look at the same at once, and moves their instances.

Live evaluation and a backtest both come by here, so that they cannot come to different ends. Times are judged in order,
and at each time composites after what they are composed of.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

import pyarrow as pa

from watchbill.flows.composites import Standings
from watchbill.flows.rule_states import Due
from watchbill.lake.lake import Lake
from watchbill.model.failures import LakeError, RuleError
from watchbill.model.rules import Absence, Aggregate, Composite, Expression, Metric, Sql
from watchbill.model.series import Source
from watchbill.model.windows import Window
from watchbill.rules.conditions import Verdict, judge, reaches
from watchbill.rules.judge import Reader, Values
from watchbill.rules.match import Matched
from watchbill.rules.rows import judge_rows
from watchbill.rules.select import Streams, absent, read_window, select

_NOW = timedelta(0)
Watch = Callable[[Due, datetime], object]


class _Part(NamedTuple):
    """What is read in one go."""

    source: Source
    window: Window


@dataclass
class _Look:
    """A rule, and what it looks at."""

    due: Due
    streams: dict[str, Streams]  # by the name of its metric
    parts: dict[tuple[str, timedelta], _Part]  # by name, and how long ago
    matched: Matched | None = None
    readers: dict[tuple[str, timedelta], Reader] = field(default_factory=dict)

    def seen(self, at: datetime) -> Callable[..., Values]:
        def values(name: str, window: timedelta, how: Aggregate, back: timedelta = _NOW) -> Values:
            reader = self.readers.get((name, back)) or self.readers[name, _NOW]
            return reader.values(self.streams[name], window, how, at - back)

        return values

    def judge(self, at: datetime) -> Verdict:
        rule = self.due.rule
        return judge(rule.condition, self.seen(at), rule.treat_missing_data, self.matched)


def judge_all(waiting: Sequence[Due], lake: Lake, failed: dict[str, str], standings: Standings,
              watch: Watch = lambda _due, _at: None) -> list[Due]:
    """Moves the instances of every rule through all its times; which rules could be judged. Others are in `failed`,
    with the reason, and stand as they stood. `watch` is told of each rule after each of its times.
    """
    looks = _read(list(_looks(waiting, lake, failed)), lake, failed)
    judges: dict[str, Callable[[datetime], Verdict]] = {look.due.name: look.judge for look in looks}
    for one in waiting:
        if isinstance(one.rule.condition, Sql):
            judges[one.name] = _sql(one.rule.condition, lake)
        elif isinstance(one.rule.condition, Composite):
            judges[one.name] = standings.judge(one.name, one.rule.condition)
    ordered = standings.in_order([one for one in waiting if one.name in judges])

    def moved(one: Due, at: datetime) -> None:
        standings.put(one)
        watch(one, at)

    return _move(ordered, judges, looks, failed, moved)


def _move(waiting: Sequence[Due], judges: Mapping[str, Callable[[datetime], Verdict]], looks: Sequence[_Look],
          failed: dict[str, str], moved: Watch) -> list[Due]:
    times = {one.name: frozenset(one.times) for one in waiting}
    broken: dict[str, str] = {}
    for at in sorted(frozenset[datetime]().union(*times.values())):
        for one in waiting:
            if at in times[one.name] and one.name not in broken:
                try:
                    one.move(judges[one.name](at), at)
                except (RuleError, LakeError) as error:
                    broken[one.name] = str(error)
                    one.give_up()
                else:
                    moved(one, at)
        for reader in {id(reader): reader for look in looks for reader in look.readers.values()}.values():
            reader.forget()
    failed |= broken
    return [one for one in waiting if one.name not in broken]


def _sql(condition: Sql, lake: Lake) -> Callable[[datetime], Verdict]:
    def judged(at: datetime) -> Verdict:
        return judge_rows(condition, lake.sql(condition.query, window=Window(at - condition.window, at)))

    return judged


def _looks(waiting: Iterable[Due], lake: Lake, failed: dict[str, str]) -> Iterable[_Look]:
    rows: dict[Source, pa.Table] = {}
    found: dict[str, Streams] = {}

    def selected(metric: Metric) -> Streams:
        key = repr((metric.source, metric.namespace, metric.metric, metric.statistic, metric.period,
                    sorted(metric.dimensions.items())))
        if key not in found:
            if metric.source not in rows:
                rows[metric.source] = lake.series_rows(metric.source)
            found[key] = select(metric, rows[metric.source])
        return found[key]

    for one in waiting:
        if one.rule.condition.metrics:
            try:
                yield _look(one, {name: selected(metric) for name, metric in one.rule.condition.metrics.items()})
            except (LakeError, RuleError) as error:
                failed[one.name] = str(error)


def _look(one: Due, streams: dict[str, Streams]) -> _Look:
    condition, parts = one.rule.condition, {}
    never = isinstance(condition, Metric) and not isinstance(condition, Absence) and not len(streams[""])
    if never and one.rule.treat_missing_data == "breaching":
        streams = {"": absent(condition.metrics[""])}  # one reading stands for what was never collected
    for name, length, back in reaches(condition):
        periods = [period_s for period_s, _ in streams[name].periods]
        window = read_window(length, periods, one.times[0] - back, one.times[-1] - back)
        parts[name, back] = _Part(condition.metrics[name].source, window)
    matched = Matched(condition, streams) if isinstance(condition, Expression) else None
    return _Look(one, streams, parts, matched)


def _read(looks: list[_Look], lake: Lake, failed: dict[str, str]) -> list[_Look]:
    """Gives each its readers. A selection that several share is read once, as far as any of them looks."""
    windows: dict[tuple[int, timedelta], _Part] = {}
    for look in looks:
        for (name, back), part in look.parts.items():
            known = windows.get((id(look.streams[name]), back), part).window
            whole = Window(min(known.start, part.window.start), max(known.end, part.window.end))
            windows[id(look.streams[name]), back] = _Part(part.source, whole)
    together: dict[_Part, dict[int, Streams]] = {}
    for look in looks:
        for name, back in look.parts:
            one = look.streams[name]
            together.setdefault(windows[id(one), back], {})[id(one)] = one
    readers: dict[tuple[int, _Part], Reader | str] = {}
    for part, selections in together.items():
        readers |= {(key, part): reader for key, reader in _read_part(part, selections, lake).items()}
    return [look for look in looks if _take(look, windows, readers, failed)]


def _take(look: _Look, windows: Mapping[tuple[int, timedelta], _Part],
          readers: Mapping[tuple[int, _Part], Reader | str], failed: dict[str, str]) -> bool:
    """Whether all that it looks at could be read."""
    for name, back in look.parts:
        streams = id(look.streams[name])
        reader = readers[streams, windows[streams, back]]
        if isinstance(reader, str):
            failed[look.due.name] = reader
            return False
        look.readers[name, back] = reader
    return True


def _read_part(part: _Part, selections: Mapping[int, Streams], lake: Lake) -> dict[int, Reader | str]:
    """A part of the lake that cannot be read stops only the rules that look there: why, in its place."""
    every = list(selections.values())
    try:
        reader: Reader | str = Reader(lake.points(part.source, _keys(every), part.window), every)
    except LakeError as error:
        if len(selections) > 1:
            return {key: reader for name, one in selections.items()
                    for key, reader in _read_part(part, {name: one}, lake).items()}
        reader = str(error)
    return dict.fromkeys(selections, reader)


def _keys(selections: Collection[Streams]) -> list[int]:
    return sorted({key for one in selections for _, column in one.periods for key in column.to_pylist()
                   if key is not None})
