"""One group under its lock: who joins, what is due to whom, the steps of its escalation, and the rows for all of it.

One transaction writes the group, its steps and the outbox, so a run that dies has done all of it or nothing.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from watchbill.alerts import groups, outbox, states
from watchbill.alerts.dead_letters import is_about_letters
from watchbill.alerts.escalation import escalate, overdue, told_of
from watchbill.alerts.grouping import Group, Notice, Timing, flush, insert
from watchbill.alerts.groups import Known, Waiting, channel_id
from watchbill.alerts.history import remember
from watchbill.alerts.quiet import Quiet
from watchbill.alerts.routing import Matched, labels_of, tree
from watchbill.model.acknowledgements import Acknowledgement
from watchbill.model.alerting import Alerting, Escalation, walk
from watchbill.model.alerts import Alert, Channel

Channels = Mapping[str, tuple[Channel, bool]]
"""By id, with `send_resolved`."""
Steps = Mapping[tuple[str, str], frozenset[str]]


@dataclass(frozen=True)
class Wanted:
    """A group that the routing makes of the firing set."""

    matched: Matched
    key: str
    labels: Mapping[str, str]
    members: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Run:
    """What holds for every group of one dispatch."""

    alerting: Alerting
    quiet: Quiet
    acknowledged: Mapping[str, Acknowledgement]  # by fingerprint
    shut: Collection[str]  # channels that are told nothing of dead letters, because they have some
    tick: timedelta
    now: datetime

    def is_acknowledged(self, alert: Alert) -> bool:
        one = self.acknowledged.get(alert.fingerprint)
        return one is not None and one.holds(alert, self.now)


def dispatch_group(tx: Connection, run: Run, name: str, wanted: Wanted | None) -> int:
    """How many rows it wrote to the outbox. `wanted`: None where nothing that fires leads to it any more."""
    known = _lock(tx, run, name, wanted)
    channels = _channels(run.alerting, known.receiver, _route_labels(run.alerting, known))
    # Read again under the lock: what has resolved meanwhile must not be told as firing.
    joining = wanted.members if wanted else set[str]()
    owed = groups.owed(known.group, _resolving(channels))
    alerts = states.load(tx, known.group.members | joining | owed)
    fires = {one for one, alert in alerts.items() if alert.status == "firing"}
    held = bool(owed) or outbox.has_unsent(tx, name)
    group = insert(known.group, joining & fires, known.timing, run.now, held=held)
    mute = wanted is not None and run.quiet.route(wanted.matched.options)
    muted = {one for one, alert in alerts.items() if mute or run.quiet.of(alert)}
    acknowledged = {one for one in fires if run.is_acknowledged(alerts[one])}
    group, notices = flush(group, (group.members | owed) - fires, muted, _plain(channels), known.timing, run.now,
                           repeats=wanted is not None, acknowledged=acknowledged)
    queued = _write(tx, run, known, group, notices, channels, alerts)
    return queued + _escalate(tx, run, known, group, wanted, muted | acknowledged)


def rests(run: Run, wanted: Wanted | None, waiting: Waiting, steps: Steps) -> bool:
    """Nothing is to be done with a group before its flush: nobody joins and nothing escalates.

    `steps`: those that are open, by (key, receiver), with their members.
    """
    if wanted is None:
        return True
    firing = wanted.members
    if not firing <= waiting.members:
        return False
    if run.quiet.route(wanted.matched.options):
        return True
    for place, step in enumerate(wanted.matched.options.escalations, 1):
        known = steps.get(groups.step_place(wanted.key, step.receiver, place), frozenset())
        due = (overdue(waiting.since, step.after, run.now) & firing) - known - run.acknowledged.keys()
        if not all(run.quiet.keeps(name) for name in due):
            return False
    return True


def _lock(tx: Connection, run: Run, name: str, wanted: Wanted | None) -> Known:
    if wanted is None:
        return groups.lock_id(tx, name, run.tick)
    options = wanted.matched.options
    timing = Timing(options.group_wait, options.group_interval, options.repeat_interval, run.tick)
    return groups.lock(tx, wanted.key, wanted.matched.receiver, wanted.labels, timing)


def _escalate(
    tx: Connection, run: Run, parent: Known, group: Group, wanted: Wanted | None, held_back: Collection[str],
) -> int:
    """Every step whose time has come for some alert, and those that have alerts; under the lock of their group."""
    declared = wanted.matched.options.escalations if wanted else ()
    steps = {groups.step_place(parent.key, step.receiver, place): (step, overdue(group.since, step.after, run.now))
             for place, step in enumerate(declared, 1)}
    is_open = groups.steps(tx, parent.id).get(parent.id, {})
    labels = _route_labels(run.alerting, parent)
    queued = 0
    for place in sorted(set(is_open) | {place for place, (_, due) in steps.items() if due}):
        step, due = steps.get(place, (None, frozenset[str]()))
        queued += _step(tx, run, replace(parent, group=group), place, step, due, held_back, labels)
    return queued


def _step(
    tx: Connection, run: Run, parent: Known, place: tuple[str, str], declared: Escalation | None,
    due: Collection[str], held_back: Collection[str], labels: Mapping[str, Mapping[str, str]],
) -> int:
    key, receiver = place
    at_once = Timing(timedelta(0), timedelta(0), timedelta(0), run.tick)
    known = groups.lock(tx, key, receiver, parent.labels, at_once, parent.id)
    channels = _channels(run.alerting, receiver, labels)
    owed = groups.owed(known.group, _resolving(channels))
    alerts = states.load(tx, known.group.members | frozenset(due) | owed)
    fires = {one for one, alert in alerts.items() if alert.status == "firing"}
    group, notices = escalate(known.group, due, held_back, parent.group.members, fires, _plain(channels), run.tick,
                              run.now)
    told = frozenset().union(*(notice.firing for notice in notices)) - told_of(known.group)
    for name in sorted(told):
        remember(tx, "alert_escalated", name, now=run.now, receiver=receiver,
                 after_s=declared.after.total_seconds() if declared else None)
    notices = [replace(notice, reason="escalated") if notice.firing else notice for notice in notices]
    return _write(tx, run, known, group, notices, channels, alerts)


def _write(
    tx: Connection, run: Run, known: Known, group: Group, notices: list[Notice], channels: Channels,
    alerts: Mapping[str, Alert],
) -> int:
    sequence = known.sequence + bool(notices)
    groups.save(tx, known, group, sequence)
    return sum(_queue(tx, run, known, channels[notice.channel][0], sequence, notice, alerts) for notice in notices)


def _queue(
    tx: Connection, run: Run, known: Known, channel: Channel, sequence: int, notice: Notice,
    alerts: Mapping[str, Alert],
) -> bool:
    shut = channel_id(channel) in run.shut
    firing = [alerts[name] for name in sorted(notice.firing) if not (shut and is_about_letters(alerts[name]))]
    resolved = [alerts[name] for name in sorted(notice.resolved) if name in alerts]
    if not firing and not resolved:
        return False
    outbox.enqueue(tx, known, channel, sequence, reason=notice.reason, firing=firing, resolved=resolved,
                   now=run.now)
    return True


def _plain(channels: Channels) -> dict[str, bool]:
    return {name: resolved for name, (_, resolved) in channels.items()}


def _resolving(channels: Channels) -> list[str]:
    return [name for name, (_, resolved) in channels.items() if resolved]


def _channels(alerting: Alerting, receiver: str, labels: Mapping[str, Mapping[str, str]]) -> Channels:
    """None for a receiver that is no longer declared."""
    declared = any(one.name == receiver for one in alerting.receivers)
    found = alerting.channels(receiver) if declared else ()
    return {channel_id(channel): (replace(channel, options={**channel.options, **labels}), resolved)
            for channel, resolved in found}


def _route_labels(alerting: Alerting, known: Known) -> dict[str, dict[str, str]]:
    if not any(route.labels for _, route in walk(alerting.route)):
        return {}
    labels = labels_of(tree(alerting.route), known.key, known.receiver)
    return {"route_labels": {name: alerting.jinja(text) for name, text in labels.items()}}
