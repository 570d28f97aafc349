"""Lake -> verdicts: reads what rules look at, all that look at the same at once, and moves their instances.

Live evaluation and a backtest both come by here, so that they cannot come to different ends.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import pyarrow as pa

from watchbill.flows.rule_states import Due
from watchbill.lake.lake import Lake
from watchbill.model.failures import LakeError
from watchbill.model.rules import Condition
from watchbill.model.series import Source
from watchbill.model.windows import Window
from watchbill.rules.judge import Reader
from watchbill.rules.select import Streams, absent, read_window, select


class _Place(NamedTuple):
    """What is read in one go."""

    source: Source
    window: Window


@dataclass(frozen=True)
class _Look:
    """A rule, and what it looks at."""

    due: Due
    streams: Streams
    place: _Place


def judge_all(waiting: Sequence[Due], lake: Lake, failed: dict[str, str]) -> list[Due]:
    """Moves the instances of every rule through all its times; which rules could be judged. Others are in `failed`."""
    looks = list(_looks(waiting, lake, failed))
    readers = _readers(looks, lake, failed)
    judged = [look for look in looks if id(look.streams) in readers]
    for at in sorted({time for look in judged for time in look.due.times}):
        for look in judged:
            if at in look.due.times:
                condition = look.due.rule.condition
                values = readers[id(look.streams)].values(look.streams, condition.window, condition.aggregate, at)
                look.due.judge(values, at)
    return [look.due for look in judged]


def _looks(waiting: Iterable[Due], lake: Lake, failed: dict[str, str]) -> Iterable[_Look]:
    rows: dict[Source, pa.Table] = {}
    found: dict[str, Streams] = {}
    for one in waiting:
        condition = one.rule.condition
        key = repr(_selection(condition))
        try:
            if key not in found:
                if condition.source not in rows:
                    rows[condition.source] = lake.series_rows(condition.source)
                found[key] = select(condition, rows[condition.source])
        except LakeError as error:
            failed[one.name] = str(error)
            continue
        streams = found[key]
        if not len(streams) and one.rule.treat_missing_data == "breaching":
            streams = found[f"{key} absent"] = absent(condition)  # one reading stands for what was never collected
        periods = [period_s for period_s, _ in streams.periods]
        yield _Look(one, streams, _Place(condition.source, read_window(condition.window, periods, one.times[0],
                                                                       one.times[-1])))


def _selection(condition: Condition) -> tuple[object, ...]:
    return (condition.source, condition.namespace, condition.metric, condition.statistic, condition.period,
            sorted(condition.dimensions.items()))


def _readers(looks: Sequence[_Look], lake: Lake, failed: dict[str, str]) -> dict[int, Reader]:
    """By the streams that each reads; a selection that several rules share is read once, as far as any looks."""
    windows: dict[int, _Place] = {}
    for look in looks:
        known = windows.get(id(look.streams), look.place)
        whole = Window(min(known.window.start, look.place.window.start), max(known.window.end, look.place.window.end))
        windows[id(look.streams)] = _Place(look.place.source, whole)
    together: dict[_Place, dict[int, Streams]] = {}
    for look in looks:
        together.setdefault(windows[id(look.streams)], {})[id(look.streams)] = look.streams
    readers: dict[int, Reader] = {}
    for place, selections in together.items():
        readers |= _read(place, selections, lake, failed, looks)
    return readers


def _read(place: _Place, selections: Mapping[int, Streams], lake: Lake, failed: dict[str, str],
          looks: Sequence[_Look]) -> dict[int, Reader]:
    """A part of the lake that cannot be read stops only the rules that look there."""
    every = list(selections.values())
    keys = {key for one in every for _, column in one.periods for key in column.to_pylist() if key is not None}
    try:
        reader = Reader(lake.points(place.source, sorted(keys), place.window), every)
    except LakeError as error:
        if len(selections) > 1:
            return {key: reader for name, one in selections.items()
                    for key, reader in _read(place, {name: one}, lake, failed, looks).items()}
        failed |= {look.due.name: str(error) for look in looks if id(look.streams) in selections}
        return {}
    return dict.fromkeys(selections, reader)
