"""One rule of an evaluation: its instances moved through the times that are due, and written down."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import structlog
from sqlalchemy import Connection

from watchbill.alerts import instances, states
from watchbill.alerts.instances import Instance
from watchbill.alerts.states import rule_origin
from watchbill.model.alerts import GRAPH, Alert, fingerprint
from watchbill.model.rules import Rule, RuleGroup
from watchbill.model.series import Series
from watchbill.rules.describe import render
from watchbill.rules.judge import Reading, is_breached, read_conditions
from watchbill.rules.lifecycle import InstanceState, advance
from watchbill.rules.pictured import pictured

log = structlog.get_logger("watchbill")


@dataclass
class Evaluated:
    """What one evaluation found."""

    rules: int = 0  # judged
    evaluations: int = 0  # with those that were replayed
    skipped: int = 0  # not due, or judged by another run
    failed: dict[str, str] = field(default_factory=dict)  # by rule: why its state was kept unjudged
    states: dict[str, int] = field(default_factory=lambda: {"pending": 0, "firing": 0})
    changes: list[dict[str, Any]] = field(default_factory=list)  # {"state", "labels"} of each that moved

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass
class Due:
    """One rule, when it is to be judged, and what came of it."""

    name: str
    rule: Rule
    interval: timedelta
    last: datetime | None
    times: list[datetime]
    series: Sequence[Series] = ()
    points: pa.Table = field(default_factory=lambda: pa.table({}))
    before: Mapping[str, Instance] = field(default_factory=dict)
    after: dict[str, InstanceState] = field(default_factory=dict)
    readings: dict[str, Reading] = field(default_factory=dict)  # of the last time


def judge(one: Due) -> None:
    """Moves every instance through all the times that are due, in order."""
    one.after = {name: InstanceState.from_json(dict(known.state)) for name, known in one.before.items()}
    # What the rule no longer reads is gone, whatever its policy: it could never end otherwise.
    gone = one.rule.model_copy(update={"treat_missing_data": "missing"})
    for time in one.times:
        readings = {fingerprint(reading.labels): reading
                    for reading in read_conditions(one.rule, one.points, one.series, time)}
        for name in one.after.keys() | readings.keys():
            reading = readings.get(name)
            breached = is_breached(one.rule.condition, reading.value) if reading else None
            one.after[name] = advance(one.rule if reading else gone, one.after.get(name), breached, time,
                                      interval=one.interval)
        one.readings = readings


def write(tx: Connection, one: Due, found: Evaluated, now: datetime) -> None:
    """Writes the last of the states, unless another run has judged this rule since it was read."""
    if not instances.advance_clock(tx, one.name, one.last, one.times[-1], now=now):
        found.skipped += 1
        return
    found.rules += 1
    found.evaluations += len(one.times)
    for name in sorted(one.after):
        _write_instance(tx, one, name, found, now)


def _write_instance(tx: Connection, one: Due, name: str, found: Evaluated, now: datetime) -> None:
    state, before = one.after[name], one.before.get(name)
    if state.state == "inactive" and before is None:
        return
    alert = _alert(one, name, state)
    mark = alert.fingerprint if alert else before.fingerprint if before else ""
    pending, firing = rule_origin(one.name, name, pending=True), rule_origin(one.name, name)
    if before and (before.fingerprint != mark or state.state != "pending"):
        states.forget_pending(tx, before.fingerprint, pending)
    if before and (before.fingerprint != mark or state.state != "firing"):
        found.changes += _resolved(tx, one.name, before.fingerprint, firing, state.resolved_at or state.at, now)
    instances.put(tx, one.name, name, Instance(state.to_json(), mark) if state.state != "inactive" else None)
    if state.state == "inactive":
        return
    found.states[state.state] += 1
    if alert and states.put(tx, alert, pending if state.state == "pending" else firing, state.state, now=now):
        found.changes.append({"state": state.state, "rule": one.name, "labels": dict(alert.labels)})


def _resolved(
    tx: Connection, rule: str, mark: str, origin: str, at: datetime, now: datetime,
) -> list[dict[str, Any]]:
    if not states.resolve(tx, mark, origin, at=at, now=now):
        return []
    ended = states.one(tx, mark, origin)
    return [{"state": "resolved", "rule": rule, "labels": dict(ended.alert.labels) if ended else {}}]


def _alert(one: Due, name: str, state: InstanceState) -> Alert | None:
    """In words; None where the last time read nothing of this instance, so that the old words stay."""
    reading = one.readings.get(name)
    if reading is None or state.state == "inactive":
        return None
    words = render(one.rule, reading)
    if words.errors:
        log.warning("template_failed", rule=one.name, errors=words.errors)
    began = state.fired_at if state.state == "firing" else state.active_at
    metadata = words.metadata | {GRAPH: pictured(one.rule.condition, reading.series).to_json()}
    return Alert(labels=words.labels, annotations=words.annotations, metadata=metadata,
                 starts_at=began or state.at)


def retire_rules(
    tx: Connection, groups: Collection[RuleGroup], at: datetime, now: datetime, found: Evaluated,
) -> None:
    """Forgets every rule that is no longer declared; what it had firing resolves."""
    declared = {f"{group.name}/{rule.alert}" for group in groups for rule in group.rules}
    for rule, name, mark in instances.retire(tx, declared):
        states.forget_pending(tx, mark, rule_origin(rule, name, pending=True))
        found.changes += _resolved(tx, rule, mark, rule_origin(rule, name), at, now)
