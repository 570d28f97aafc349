"""Rules over any span of a lake, judged as live ticks would have judged them: every time in order, nothing written.

What is seen on the way are the alerts that fire: when each began and ended, and what it would have said.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from watchbill.flows.composites import Standings
from watchbill.flows.evaluate_rules import delay_of, leave_collected, with_sources
from watchbill.flows.judge_rules import Watch, judge_all
from watchbill.flows.rule_states import Due, Evaluated
from watchbill.lake.lake import Lake
from watchbill.model.failures import RuleError
from watchbill.model.metrics import MetricEntry
from watchbill.model.rules import Rule, RuleGroup, family, named
from watchbill.model.settings import Settings
from watchbill.model.windows import Window, floor_time
from watchbill.rules.describe import Described, Words
from watchbill.rules.templates import is_template

_TIMES_AT_ONCE = 288  # what is read of the lake in one go: a day of five-minute ticks


@dataclass
class Firing:
    """One alert, from when it fired; `end` None: at the end of the span it fires on."""

    labels: dict[str, str]
    annotations: dict[str, str]  # of when it began
    instance: dict[str, str]  # the labels that were judged
    start: datetime
    end: datetime | None = None


@dataclass
class Replayed:
    """What one rule would have done."""

    name: str
    rule: Rule
    evaluations: int = 0
    missed: int = 0  # times that were not collected
    firings: list[Firing] = field(default_factory=list)


def replay_rules(
    groups: Collection[RuleGroup], chosen: Collection[str], settings: Settings, lake: Lake, window: Window, *,
    entries: Collection[MetricEntry] = (), watch: Watch = lambda _due, _at: None,
) -> list[Replayed]:
    """Each chosen rule (by its name in model.rules.named) after every evaluation after `window.start`, up to its end.

    `watch`: is told of every rule after each time. Raises LakeError, and RuleError where a rule cannot be judged.
    """
    rules = named(groups)
    asked = list(dict.fromkeys(one for name in chosen for one in family(name, rules)))
    needed, failed = with_sources(rules, Evaluated()), dict[str, str]()
    dues = {name: _due(name, rules, needed[name], settings, entries, window) for name in asked}
    watchers = {name: _Watcher(Replayed(name, one.rule)) for name, one in dues.items()}

    def told(one: Due, at: datetime) -> None:
        watchers[one.name].see(one, at)
        watch(one, at)

    standings = Standings(rules)
    every = {name: one.times for name, one in dues.items()}
    for start, end in _pieces(every.values()):
        for name, one in dues.items():
            one.times = [time for time in every[name] if start <= time <= end]
            watchers[name].replayed.missed += len(one.times)
        waiting = leave_collected([one for one in dues.values() if one.times], lake, settings.tick, Evaluated(), ())
        for one in judge_all(waiting, lake, failed, standings, told):
            watchers[one.name].replayed.missed -= len(one.times)
        if failed:
            raise RuleError("; ".join(f"{name}: {why}" for name, why in failed.items()))
    return [watchers[name].replayed for name in dict.fromkeys(chosen)]


def _due(name: str, rules: Mapping[str, tuple[RuleGroup, Rule]], sources: Sequence[Any], settings: Settings,
         entries: Collection[MetricEntry], window: Window) -> Due:
    group, rule = rules[name]
    interval = group.interval or settings.tick
    delay = max(delay_of(rules[one][1].condition, entries, settings) for one in family(name, rules))
    return Due(name, rule, interval, None, list(_times(window, interval, delay)), (), tuple(sources))


def _times(window: Window, interval: timedelta, delay: timedelta) -> Iterator[datetime]:
    """As alerts.rule_clock has them."""
    time = floor_time(window.start, max(1, int(interval.total_seconds()))) - delay
    while time <= window.end:
        if time > window.start:
            yield time
        time += interval


def _pieces(times: Collection[Sequence[datetime]]) -> Iterator[tuple[datetime, datetime]]:
    every = sorted({time for one in times for time in one})
    for first in range(0, len(every), _TIMES_AT_ONCE):
        piece = every[first:first + _TIMES_AT_ONCE]
        yield piece[0], piece[-1]


class _Watcher:
    """Keeps what one rule's alerts did."""

    def __init__(self, replayed: Replayed) -> None:
        self.replayed = replayed
        self._words = Words(replayed.rule)
        self._open: dict[str, Firing] = {}  # by instance
        self._varies = any(is_template(text) for text in replayed.rule.labels.values())

    def see(self, one: Due, at: datetime) -> None:
        self.replayed.evaluations += 1
        fires = {name: state for state, names in one.standing.items() if state.state == "firing" for name in names}
        for name in self._open.keys() - fires.keys() if not self._varies else list(self._open):
            if name not in fires or self._became_another(one, name):
                self._open.pop(name).end = at
        for name in sorted(fires.keys() - self._open.keys()):
            words, labels = words_of(one, name, self._words), labels_of(one, name)
            self._open[name] = Firing(words.labels, words.annotations, labels, at)
            self.replayed.firings.append(self._open[name])


    def _became_another(self, one: Due, name: str) -> bool:
        """Whether its labels have changed, and with them who it is."""
        read = one.values is not None and name in one.values.streams.places
        return read and words_of(one, name, self._words).labels != self._open[name].labels


def labels_of(one: Due, name: str) -> dict[str, str]:
    """Of an instance that was read at the last time."""
    assert one.values is not None  # noqa: S101 - what has just begun was read
    return one.values.streams.labels[one.values.streams.places[name]]


def words_of(one: Due, name: str, words: Words) -> Described:
    """Of an instance that was read at the last time."""
    assert one.values is not None  # noqa: S101 - what has just begun was read
    return words.describe(one.values.reading(one.values.streams.places[name]))
