"""Groups under their locks: who joins, what is due to whom, the steps of its escalation, and the rows for all of it.

One transaction writes them, their steps and the outbox, so a run that dies has done all of it or nothing.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection

from watchbill.alerts import groups, outbox, states
from watchbill.alerts.dead_letters import is_about_letters
from watchbill.alerts.escalation import escalate, overdue, told_of
from watchbill.alerts.grouping import Group, Notice, Timing, flush, insert
from watchbill.alerts.groups import Known, Waiting, channel_id
from watchbill.alerts.history import remember
from watchbill.alerts.outbox import Due
from watchbill.alerts.quiet import Quiet
from watchbill.alerts.routing import Matched, Node, labels_of
from watchbill.alerts.states import Read
from watchbill.model.acknowledgements import Acknowledgement
from watchbill.model.alerting import Alerting, Escalation
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
    top: Node
    before: Mapping[str, Read]  # what fired when the run began
    tick: timedelta
    now: datetime

    def is_acknowledged(self, fingerprint: str, alert: Alert) -> bool:
        one = self.acknowledged.get(fingerprint)
        return one is not None and one.holds(alert, self.now)


def dispatch_groups(tx: Connection, run: Run, wanted: Mapping[str, Wanted | None]) -> int:
    """Groups by id: how many rows they wrote to the outbox. None where nothing that fires leads to one any more."""
    places = [groups.Place(one.key, one.matched.receiver, one.labels, _timing(one, run.tick))
              for one in wanted.values() if one]
    locked = groups.lock(tx, places, wanted.keys(), run.tick)
    channels = {name: _channels(run, known.receiver, known) for name, known in locked.items()}
    owed = {name: groups.owed(known.group, _resolving(channels[name])) for name, known in locked.items()}
    # Read again under the lock: what has resolved meanwhile must not be told as firing.
    alerts = states.reload(tx, frozenset().union(*(
        known.group.members | owed[name] | _joining(wanted[name]) for name, known in locked.items())), run.before)
    fires = {name for name, alert in alerts.items() if alert.status == "firing"}
    quiet = {name for name, alert in alerts.items() if run.quiet.of(name, alert)}
    acknowledged = {name for name in fires if run.is_acknowledged(name, alerts[name])}
    unsent, steps = outbox.with_unsent(tx, locked.keys()), groups.steps(tx, locked.keys())
    decided, escalating = list[_Decided](), list[tuple[Known, Group, Wanted | None, frozenset[str]]]()
    for name, known in locked.items():
        one = wanted[name]
        group = insert(known.group, _joining(one) & fires, known.timing, run.now,
                       held=bool(owed[name]) or name in unsent)
        about = group.members | owed[name]
        muted = about if one and run.quiet.route(one.matched.options) else about & quiet
        group, notices = flush(group, about - fires, muted, _plain(channels[name]), known.timing, run.now,
                               repeats=one is not None, acknowledged=about & acknowledged)
        decided.append(_Decided(known, group, notices, channels[name]))
        escalating.append((known, group, one, muted | (about & acknowledged)))
    queued = _write(tx, run, decided, alerts)
    return queued + sum(_escalate(tx, run, known, group, one, held_back, steps.get(known.id, {}))
                        for known, group, one, held_back in escalating)


class _Decided(NamedTuple):
    known: Known
    group: Group
    notices: list[Notice]
    channels: Channels


def _joining(wanted: Wanted | None) -> frozenset[str]:
    return frozenset(wanted.members) if wanted else frozenset()


def _timing(wanted: Wanted, tick: timedelta) -> Timing:
    options = wanted.matched.options
    return Timing(options.group_wait, options.group_interval, options.repeat_interval, tick)


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


def _escalate(
    tx: Connection, run: Run, parent: Known, group: Group, wanted: Wanted | None, held_back: Collection[str],
    is_open: Collection[tuple[str, str]],
) -> int:
    """Every step whose time has come for some alert, and those that have alerts; under the lock of their group."""
    declared = wanted.matched.options.escalations if wanted else ()
    steps = {groups.step_place(parent.key, step.receiver, place): (step, overdue(group.since, step.after, run.now))
             for place, step in enumerate(declared, 1)}
    due_places = {*is_open, *(place for place, (_, due) in steps.items() if due)}
    if not due_places:
        return 0
    queued = 0
    for place in sorted(due_places):
        step, due = steps.get(place, (None, frozenset[str]()))
        queued += _step(tx, run, replace(parent, group=group), place, step, due, held_back)
    return queued


def _step(
    tx: Connection, run: Run, parent: Known, place: tuple[str, str], declared: Escalation | None,
    due: Collection[str], held_back: Collection[str],
) -> int:
    key, receiver = place
    at_once = Timing(timedelta(0), timedelta(0), timedelta(0), run.tick)
    (known,) = groups.lock(tx, [groups.Place(key, receiver, parent.labels, at_once, parent.id)]).values()
    channels = _channels(run, receiver, parent)
    owed = groups.owed(known.group, _resolving(channels))
    alerts = states.reload(tx, known.group.members | frozenset(due) | owed, run.before)
    fires = {one for one, alert in alerts.items() if alert.status == "firing"}
    group, notices = escalate(known.group, due, held_back, parent.group.members, fires, _plain(channels), run.tick,
                              run.now)
    told = frozenset().union(*(notice.firing for notice in notices)) - told_of(known.group)
    for name in sorted(told):
        remember(tx, "alert_escalated", name, now=run.now, receiver=receiver,
                 after_s=declared.after.total_seconds() if declared else None)
    notices = [replace(notice, reason="escalated") if notice.firing else notice for notice in notices]
    return _write(tx, run, [_Decided(known, group, notices, channels)], alerts)


def _write(tx: Connection, run: Run, decided: Sequence[_Decided], alerts: Mapping[str, Alert]) -> int:
    groups.save(tx, [(one.known, one.group, one.known.sequence + bool(one.notices)) for one in decided])
    due = [due for one in decided for notice in one.notices if (due := _due(run, one, notice, alerts))]
    outbox.enqueue(tx, due, now=run.now)
    return len(due)


def _due(run: Run, decided: _Decided, notice: Notice, alerts: Mapping[str, Alert]) -> Due | None:
    channel, known = decided.channels[notice.channel][0], decided.known
    shut = channel_id(channel) in run.shut
    firing = [alerts[name] for name in sorted(notice.firing) if not (shut and is_about_letters(alerts[name]))]
    resolved = [alerts[name] for name in sorted(notice.resolved) if name in alerts]
    return Due(known, channel, known.sequence + 1, notice.reason, firing, resolved) if firing or resolved else None


def _plain(channels: Channels) -> dict[str, bool]:
    return {name: resolved for name, (_, resolved) in channels.items()}


def _resolving(channels: Channels) -> list[str]:
    return [name for name, (_, resolved) in channels.items() if resolved]


def _channels(run: Run, receiver: str, known: Known) -> Channels:
    """Of a group, or of a step of its escalation; none for a receiver that is no longer declared."""
    declared = any(one.name == receiver for one in run.alerting.receivers)
    found = run.alerting.channels(receiver) if declared else ()
    labels = {name: run.alerting.jinja(text) for name, text in labels_of(run.top, known.key, known.receiver).items()}
    more = {"route_labels": labels} if labels else {}
    return {channel_id(channel): (replace(channel, options={**channel.options, **more}), resolved)
            for channel, resolved in found}
