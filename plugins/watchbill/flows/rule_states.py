"""What an evaluation found of each rule, and what of it is news: where instances stood and stand in, changes out.

Only what moved, and what is said otherwise than before, is looked at one by one.
"""

import json
from collections.abc import Collection, Iterable, Set
from dataclasses import InitVar, asdict, dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from hashlib import blake2b
from typing import Any

import structlog
from sqlalchemy import Connection

from watchbill.alerts import changes as ledger_changes
from watchbill.alerts import instances
from watchbill.alerts.changes import MOST_TOLD, Changes, End, Head
from watchbill.alerts.instances import Clock, Kept
from watchbill.model.rules import Rule, RuleGroup, named
from watchbill.model.series import Source
from watchbill.rules.conditions import Verdict
from watchbill.rules.describe import Said, Words
from watchbill.rules.judge import Values
from watchbill.rules.lifecycle import InstanceState, Standing, advance_all

log = structlog.get_logger("watchbill")


@dataclass
class Evaluated:
    """What one evaluation found."""

    rules: int = 0  # judged
    evaluations: int = 0  # with those that were replayed
    skipped: int = 0  # not due, or judged by another run
    failed: dict[str, str] = field(default_factory=dict)  # by rule: why its state was kept unjudged
    states: dict[str, int] = field(default_factory=lambda: {"pending": 0, "firing": 0})
    changed: int = 0  # alerts that began to pend or to fire, or resolved
    changes: list[dict[str, Any]] = field(default_factory=list)  # {"state", "rule", "labels"} of the first of them

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    def tell(self, state: str, rule: str, labels: str) -> None:
        """Labels are JSON."""
        self.changed += 1
        if len(self.changes) < MOST_TOLD:
            self.changes.append({"state": state, "rule": rule, "labels": json.loads(labels)})


@dataclass
class Due:
    """One rule, when it is to be judged, and what came of it."""

    name: str
    rule: Rule
    interval: timedelta
    clock: Clock | None
    times: list[datetime]
    kept: InitVar[Collection[Kept]] = ()
    sources: tuple[Source, ...] = ()  # that must have brought what is judged
    before: dict[InstanceState, Kept] = field(init=False)
    names: dict[InstanceState, frozenset[str]] = field(init=False)  # of those
    standing: Standing = field(init=False)  # as it is moved through the times
    resolved: dict[str, datetime] = field(default_factory=dict)  # when what fired before ended
    values: Values | None = None  # of the last time

    def __post_init__(self, kept: Collection[Kept]) -> None:
        at = self.clock.last if self.clock else self.times[0]
        self.before = {InstanceState(one.state, at, one.active_at, one.fired_at, one.clear_since, no_data=one.no_data):
                       one for one in kept}
        self.names = {state: frozenset(one.names) for state, one in self.before.items()}
        self.standing = self.names

    def move(self, verdict: Verdict, at: datetime) -> None:
        """Moves every instance to that time."""
        values = verdict.values
        self.standing, ended = advance_all(
            self.rule, self.standing, at, breached=values.where(verdict.breached), missing=values.missing,
            known=values.streams.places, interval=self.interval)
        self.resolved |= dict.fromkeys(ended, at)
        self.values = values

    def give_up(self) -> None:
        """It stands as it stood before."""
        self.standing, self.resolved, self.values = self.names, {}, None

    @property
    def definition(self) -> str:
        return blake2b(repr(self.rule).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def write(tx: Connection, judged: Iterable[Due], found: Evaluated, now: datetime) -> None:
    """Writes the last of the states of every rule that no other run has judged since it was read."""
    wanted = {one.name: (one.clock.last if one.clock else None, Clock(one.times[-1], one.definition), one)
              for one in judged}
    moved = instances.advance_clocks(tx, {name: (last, to) for name, (last, to, _) in wanted.items()}, now=now)
    news = Changes()
    for name, (_, _, one) in sorted(wanted.items()):
        if name not in moved:
            found.skipped += 1
            continue
        found.rules += 1
        found.evaluations += len(one.times)
        for state, names in one.standing.items():
            found.states[state.state] += len(names)
        _News(one, news, found).gather()
    _write(tx, news, found, now)


def retire_rules(
    tx: Connection, groups: Collection[RuleGroup], at: datetime, now: datetime, found: Evaluated,
) -> None:
    """Forgets every rule that is no longer declared; what it had firing resolves."""
    declared = named(groups).keys()
    news = Changes()
    for rule, kept in instances.retire(tx, declared).items():
        for one in kept:
            news.ends.append(End(rule, one.state, at, forgets=True))
            news.ended += [(len(news.ends) - 1, *names) for names in zip(one.names, one.fingerprints, strict=True)]
    _write(tx, news, found, now)


def _write(tx: Connection, news: Changes, found: Evaluated, now: datetime) -> None:
    told = ledger_changes.write(tx, news, now=now)
    for rule, labels in told:
        found.tell("resolved", rule, labels)
    found.changed += sum(news.ends[end].state == "firing" for end, _, _ in news.ended) - len(told)


class _News:
    """The changes of one rule."""

    def __init__(self, one: Due, news: Changes, found: Evaluated) -> None:
        self._one, self._news, self._found = one, news, found
        self._words = Words(one.rule)
        self._ends: dict[End, int] = {}
        self._said_anew = one.clock is not None and one.clock.definition != one.definition

    def gather(self) -> None:
        was = {_key(state): (state, kept) for state, kept in self._one.before.items()}
        for state, names in self._one.standing.items():
            before, kept = was.get(_key(state), (None, None))
            same = names & self._one.names[before] if before else frozenset[str]()
            again = self._sounding_otherwise(kept, same) if kept and same else []
            if len(same) < len(names) or again:
                self._stand(state, sorted({*(names - same), *again}))
        stands = set[str]().union(*self._one.standing.values())
        for state, names in self._one.names.items():
            for name in sorted(names - stands):
                self._end(name, state, self._one.resolved.get(name, self._one.times[-1]), forgets=True)

    def _sounding_otherwise(self, kept: Kept, same: Set[str]) -> list[str]:
        """Those whose value is another than the one that their words were made of."""
        values = self._one.values
        if values is None:
            return []
        places, texts = values.streams.places, values.texts
        return [name for name, seen in zip(kept.names, kept.seen, strict=True)
                if name in same and (place := places.get(name)) is not None
                and (self._said_anew or texts[place] != seen)]

    def _stand(self, state: InstanceState, names: list[str]) -> None:
        news, one, values = self._news, self._one, self._one.values
        head = len(news.heads)
        news.heads.append(Head(one.name, state.state, state.active_at, state.fired_at,  # type: ignore[arg-type]
                               state.clear_since, state.no_data, one.times[-1], self._words.picture))
        places = values.streams.places if values else {}
        for name in names:
            if name not in places:  # it keeps its words
                _, mark, seen = self._before[name]
                news.standing.add([head], [name], [mark], [seen], [None], [None], [None], [None])
        if values is not None:
            for said in self._words.say(values, [places[name] for name in names if name in places]):
                self._take(values, said, head, state)

    def _take(self, values: Values, said: Said, head: int, state: InstanceState) -> None:
        """An alert whose labels have changed is another one: the one before ends."""
        if said.errors:
            log.warning("template_failed", rule=self._one.name, errors=said.errors)
        names, texts = values.streams.names, values.texts
        instances = [names[place] for place in said.places]
        self._news.standing.add([head] * len(instances), instances, said.fingerprints,
                                [texts[place] for place in said.places], said.labels, said.annotations, said.metadata,
                                map(self._news.place_of, said.series))
        known = self._before
        for name, mark, labels in zip(instances, said.fingerprints, said.labels, strict=True):
            before, was, _ = known.get(name, _NEW)
            if before is None or before.state != state.state or mark != was:
                if before is not None:
                    self._end(name, before, self._one.times[-1], forgets=False)
                self._found.tell(state.state, self._one.name, labels)

    @cached_property
    def _before(self) -> dict[str, tuple[InstanceState, str, str]]:
        """State, fingerprint and value seen, by name."""
        return {name: (state, mark, seen) for state, kept in self._one.before.items()
                for name, mark, seen in zip(kept.names, kept.fingerprints, kept.seen, strict=True)}

    def _end(self, name: str, before: InstanceState, at: datetime, *, forgets: bool) -> None:
        end = End(self._one.name, before.state, at, forgets)  # type: ignore[arg-type]
        place = self._ends.get(end)
        if place is None:
            place = self._ends[end] = len(self._news.ends)
            self._news.ends.append(end)
        self._news.ended.append((place, name, self._before[name][1]))


_NEW: tuple[InstanceState | None, str, str] = (None, "", "")


def _key(state: InstanceState) -> tuple[Any, ...]:
    """All of a state but when it was looked at."""
    return state.state, state.active_at, state.fired_at, state.clear_since, state.no_data
