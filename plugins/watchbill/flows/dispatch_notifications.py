"""Alert states -> outbox: route, leave out what is quiet, group, and write what is due. The second of the two phases.

Everything is judged before anything is dispatched, so a cause always mutes its effects. Silences, time intervals and
the groups' timers go by the wall clock, `now`. One transaction for each group; a second run at the same time finds
nothing left to do.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from watchbill.alerts import acknowledgements, dead_letters, groups, outbox, silences, states, suppressions
from watchbill.alerts.dead_letters import is_about_letters
from watchbill.alerts.grouping import Notice, Timing, flush, insert
from watchbill.alerts.groups import Known, channel_id, group_id
from watchbill.alerts.ledger import Ledger
from watchbill.alerts.quiet import Quiet
from watchbill.alerts.routing import Matched, labels_of, tree
from watchbill.alerts.suppressions import By, Kind
from watchbill.flows.tell_elsewhere import tell_elsewhere
from watchbill.model.alerting import Alerting, walk
from watchbill.model.alerts import Alert, Channel
from watchbill.model.settings import Settings

TICK = Settings().tick

log = structlog.get_logger("watchbill")


@dataclass(frozen=True)
class _Wanted:
    """A group that the routing makes of the firing set."""

    matched: Matched
    key: str
    labels: Mapping[str, str]
    members: set[str] = field(default_factory=set)


def dispatch_notifications(
    alerting: Alerting | None, ledger: Ledger, *, now: datetime, tick: timedelta = TICK,
) -> list[str]:
    """The receivers that have something due, old debts included. Raises LedgerError.

    `tick`: how often this is called; a `group_wait` below it does not wait. Without a usable
    alerting.yaml (None) nothing new is dispatched, and what is in the outbox stays due.
    """
    with ledger.transaction() as tx:
        expired = states.expire(tx, now=now)
        held = acknowledgements.held(tx)
        firing = states.routed(tx)
        known, waiting = set(groups.ids(tx)), groups.waiting(tx, now)
        silenced = silences.active(tx, now)
        acknowledged = acknowledgements.follow(tx, held, firing, now)
    queued, suppressed = 0, dict[tuple[str, Kind], By]()
    if alerting is not None:
        quiet = Quiet(alerting, firing.values(), silenced, now)
        wanted = _wanted(alerting, firing)
        shut = dead_letters.closed(firing.values())
        suppressed = _suppressed(firing, wanted.values(), quiet)
        with ledger.transaction() as tx:
            suppressions.follow(tx, suppressed, firing, now=now)
        for name in sorted(known | wanted.keys()):
            group = wanted.get(name)
            if name in waiting and (group is None or group.members <= waiting[name]):
                continue
            queued += _dispatch(ledger, alerting, name, group, quiet, acknowledged.keys(), shut, tick, now)
        unheard = _unheard(alerting, firing, wanted.values(), shut, quiet)
        queued += tell_elsewhere(ledger, alerting, unheard, shut, now=now)
    receivers = ledger.due_receivers(now)
    log.info("notifications_dispatched", firing=len(firing), muted=len({name for name, _ in suppressed}),
             expired=expired, queued=queued, receivers=receivers)
    return receivers


def _suppressed(
    firing: Mapping[str, Alert], wanted: Iterable[_Wanted], quiet: Quiet,
) -> dict[tuple[str, Kind], By]:
    """Why those that fire are not told, where they are not."""
    found = {(name, kind): by for name, alert in firing.items() for kind, by in quiet.of(alert).items()}
    for group in wanted:
        intervals = quiet.route(group.matched.options)
        for name in group.members if intervals else ():
            found.setdefault((name, "muted"), []).append(
                {"receiver": group.matched.receiver, "intervals": list(intervals)})
    return found


def _wanted(alerting: Alerting, firing: Mapping[str, Alert]) -> dict[str, _Wanted]:
    top, found = tree(alerting.route), dict[str, _Wanted]()
    for name, alert in firing.items():
        for matched in top.match(alert.labels):
            key = matched.group_key(alert.labels)
            labels = matched.options.group_labels(alert.labels)
            group = found.setdefault(group_id(key, matched.receiver), _Wanted(matched, key, labels))
            group.members.add(name)
    return found


def _dispatch(
    ledger: Ledger, alerting: Alerting, name: str, wanted: _Wanted | None, quiet: Quiet,
    acknowledged: Collection[str], shut: Collection[str], tick: timedelta, now: datetime,
) -> int:
    """One group under its lock: who joins, what is due, and the rows for it. How many rows.

    `shut`: channels that are told nothing of dead letters, because they have some.
    """
    with ledger.transaction() as tx:
        if wanted is None:
            known = groups.lock_id(tx, name, tick)
        else:
            options = wanted.matched.options
            timing = Timing(options.group_wait, options.group_interval, options.repeat_interval, tick)
            known = groups.lock(tx, wanted.key, wanted.matched.receiver, wanted.labels, timing)
        channels = _channels(alerting, known)
        # Read again under the lock: what has resolved meanwhile must not be told as firing.
        joining = wanted.members if wanted else set[str]()
        owed = groups.owed(known.group, [key for key, (_, resolved) in channels.items() if resolved])
        alerts = states.load(tx, known.group.members | joining | owed)
        fires = {one for one, alert in alerts.items() if alert.status == "firing"}
        held = bool(owed) or outbox.has_unsent(tx, name)
        group = insert(known.group, joining & fires, known.timing, now, held=held)
        mute = wanted is not None and quiet.route(wanted.matched.options)
        muted = {one for one, alert in alerts.items() if mute or quiet.of(alert)}
        group, notices = flush(group, (group.members | owed) - fires, muted,
                               {key: resolved for key, (_, resolved) in channels.items()},
                               known.timing, now, repeats=wanted is not None, acknowledged=acknowledged)
        sequence = known.sequence + bool(notices)
        groups.save(tx, known, group, sequence)
        return sum(_queue(tx, known, channels[notice.channel][0], sequence, notice, alerts, shut, now)
                   for notice in notices)


def _queue(
    tx: Connection, known: Known, channel: Channel, sequence: int, notice: Notice,
    alerts: Mapping[str, Alert], shut: Collection[str], now: datetime,
) -> bool:
    unsaid = {name for name, alert in alerts.items() if channel_id(channel) in shut and is_about_letters(alert)}
    firing = [alerts[name] for name in sorted(notice.firing - unsaid)]
    resolved = [alerts[name] for name in sorted(notice.resolved) if name in alerts]
    if not firing and not resolved:
        return False
    outbox.enqueue(tx, known, channel, sequence, reason=notice.reason, firing=firing, resolved=resolved,
                   now=now)
    return True


def _unheard(
    alerting: Alerting, firing: Mapping[str, Alert], wanted: Iterable[_Wanted], shut: Collection[str], quiet: Quiet,
) -> list[Alert]:
    """Those about dead letters that the routing would tell only to channels that have some."""
    about = {name for name, alert in firing.items() if is_about_letters(alert) and not quiet.of(alert)} if shut else ()
    heard = {name for group in wanted if not group.members.isdisjoint(about)
             and any(channel_id(channel) not in shut for channel, _ in alerting.channels(group.matched.receiver))
             for name in group.members}
    return [firing[name] for name in sorted(about) if name not in heard]


def _channels(alerting: Alerting, known: Known) -> dict[str, tuple[Channel, bool]]:
    """By id, with `send_resolved`; none for a receiver that is no longer declared."""
    declared = any(one.name == known.receiver for one in alerting.receivers)
    found = alerting.channels(known.receiver) if declared else ()
    labels = _route_labels(alerting, known)
    return {channel_id(channel): (replace(channel, options={**channel.options, **labels}), resolved)
            for channel, resolved in found}


def _route_labels(alerting: Alerting, known: Known) -> dict[str, dict[str, str]]:
    if not any(route.labels for _, route in walk(alerting.route)):
        return {}
    labels = labels_of(tree(alerting.route), known.key, known.receiver)
    return {"route_labels": {name: alerting.jinja(text) for name, text in labels.items()}}
