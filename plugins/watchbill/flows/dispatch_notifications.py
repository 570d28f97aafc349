"""Alert states -> outbox: route, leave out what is quiet, group, and write what is due. The second of the two phases.

Everything is judged before anything is dispatched, so a cause always mutes its effects. Silences, time intervals and
the groups' timers go by the wall clock, `now`. Some groups share a transaction; a second run at the same time finds
nothing left to do.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

import structlog

from watchbill.alerts import acknowledgements, dead_letters, groups, silences, states, suppressions
from watchbill.alerts.dead_letters import is_about_letters
from watchbill.alerts.groups import channel_id, group_id
from watchbill.alerts.ledger import Ledger
from watchbill.alerts.quiet import Quiet
from watchbill.alerts.routing import Node, tree
from watchbill.alerts.suppressions import By, Kind
from watchbill.flows.dispatch_group import Run, Wanted, dispatch_groups, rests
from watchbill.flows.tell_elsewhere import tell_elsewhere
from watchbill.model.alerting import Alerting
from watchbill.model.alerts import Alert
from watchbill.model.collector import uncollected
from watchbill.model.settings import Settings

TICK = Settings().tick
AT_ONCE = 50  # groups in one transaction

log = structlog.get_logger("watchbill")


@uncollected()
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
        before = states.read(tx)
        firing = {name: one.alert for name, one in before.items()}
        known, waiting, steps = groups.ids(tx), groups.waiting(tx, now), groups.steps(tx)
        silenced = silences.active(tx, now)
        acknowledged = acknowledgements.follow(tx, held, firing, now)
    queued, suppressed = 0, dict[tuple[str, Kind], By]()
    if alerting is not None:
        quiet = Quiet(alerting, firing.values(), silenced, now)
        top = tree(alerting.route)
        wanted = _wanted(top, firing)
        shut = dead_letters.closed(firing.values())
        run = Run(alerting, quiet, acknowledged, shut, top, before, tick, now)
        suppressed = _suppressed(firing, wanted.values(), quiet)
        with ledger.transaction() as tx:
            suppressions.follow(tx, suppressed, firing, now=now)
        names = [name for name in sorted(known | wanted.keys() | steps.keys())
                 if name not in waiting or not rests(run, wanted.get(name), waiting[name], steps.get(name, {}))]
        for first in range(0, len(names), AT_ONCE):
            with ledger.transaction() as tx:
                queued += dispatch_groups(tx, run, {name: wanted.get(name) for name in names[first:first + AT_ONCE]})
        unheard = _unheard(alerting, firing, wanted.values(), shut, quiet)
        queued += tell_elsewhere(ledger, alerting, unheard, shut, now=now)
    receivers = ledger.due_receivers(now)
    log.info("notifications_dispatched", firing=len(firing), muted=len({name for name, _ in suppressed}),
             expired=expired, queued=queued, receivers=receivers)
    return receivers


def _suppressed(
    firing: Mapping[str, Alert], wanted: Iterable[Wanted], quiet: Quiet,
) -> dict[tuple[str, Kind], By]:
    """Why those that fire are not told, where they are not."""
    found = {(name, kind): by for name, alert in firing.items() for kind, by in quiet.of(name, alert).items()}
    for group in wanted:
        intervals = quiet.route(group.matched.options)
        for name in group.members if intervals else ():
            found.setdefault((name, "muted"), []).append(
                {"receiver": group.matched.receiver, "intervals": list(intervals)})
    return found


def _wanted(top: Node, firing: Mapping[str, Alert]) -> dict[str, Wanted]:
    found = dict[str, Wanted]()
    alike = dict[tuple[str, tuple[tuple[str, str], ...]], Wanted]()
    for name, alert in firing.items():
        for matched in top.match(alert.labels):
            labels = matched.options.group_labels(alert.labels)
            group = alike.get(place := (matched.id, tuple(labels.items())))
            if group is None:
                key = matched.group_key(labels)
                group = found.setdefault(group_id(key, matched.receiver), Wanted(matched, key, labels))
                alike[place] = group
            group.members.add(name)
    return found


def _unheard(
    alerting: Alerting, firing: Mapping[str, Alert], wanted: Iterable[Wanted], shut: Collection[str], quiet: Quiet,
) -> list[Alert]:
    """Those about dead letters that the routing would tell only to channels that have some."""
    about = {name for name, alert in firing.items()
             if shut and is_about_letters(alert) and not quiet.of(name, alert)}
    heard = {name for group in wanted if not group.members.isdisjoint(about)
             and any(channel_id(channel) not in shut for channel, _ in alerting.channels(group.matched.receiver))
             for name in group.members}
    return [firing[name] for name in sorted(about) if name not in heard]
