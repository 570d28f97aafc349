"""An alert by hand or from a task: into the ledger, then to whom the routing says, or to named channels."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection, select

from watchbill.alerts import groups, outbox, states
from watchbill.alerts.grouping import Timing, Told
from watchbill.alerts.groups import channel_id
from watchbill.alerts.ledger import Ledger
from watchbill.alerts.states import EXPLICIT, SENT
from watchbill.alerts.tables import outbox as outbox_table
from watchbill.flows.dispatch_notifications import TICK, dispatch_notifications
from watchbill.model.alerting import Alerting
from watchbill.model.alerts import Alert, Channel

RECEIVER = "explicit"
"""Under this name the outbox keeps what goes to channels that were named; no route leads here."""

log = structlog.get_logger("watchbill")
_AT_ONCE = Timing(timedelta(0), timedelta(minutes=5), timedelta(hours=4))


def send_alert(
    alert: Alert, ledger: Ledger, alerting: Alerting | None, *, now: datetime,
    channels: Sequence[Channel] | None = None, tick: timedelta = TICK,
) -> list[str]:
    """The receivers that now have something due. Raises LedgerError.

    With `channels` the alert goes there at once and nowhere else; the same alert (labels and start) again
    is not sent twice. Without, it takes part in routing, grouping and inhibition like any other; it
    resolves at its `ends_at`, by `global.resolve_timeout`, or by resolve_alert.
    """
    if alert.status == "resolved":
        return resolve_alert(alert.labels, ledger, alerting, now=now, tick=tick)
    with ledger.transaction() as tx:
        if channels is None:
            _put_routed(tx, alert, alerting, now)
        else:
            _put_explicit(tx, alert, channels, now)
    log.info("alert_received", labels=dict(alert.labels), type=alert.type,
             channels=None if channels is None else [channel_id(channel) for channel in channels])
    if channels is None:
        return dispatch_notifications(alerting, ledger, now=now, tick=tick)
    return [name for name in ledger.due_receivers(now) if name == RECEIVER]


def receive_alerts(tx: Connection, found: Iterable[Alert], alerting: Alerting | None, *, now: datetime) -> None:
    """Writes alerts that are dispatched later, all at once, in the caller's transaction."""
    for alert in found:
        _put_routed(tx, alert, alerting, now)
        log.info("alert_received", labels=dict(alert.labels), type=alert.type, channels=None)


def resolve_alert(
    labels: Mapping[str, str], ledger: Ledger, alerting: Alerting | None, *, now: datetime,
    tick: timedelta = TICK,
) -> list[str]:
    """Ends every alert that was sent (no rule's) and has all these labels; the receivers with something due.

    Who was told of it firing is told of its end. Nothing happens where there is none.
    """
    with ledger.transaction() as tx:
        ending = states.sent_with(tx, labels)
        for one in ending:
            states.resolve(tx, one.fingerprint, one.origin, at=now, now=now)
            if one.origin == EXPLICIT:
                ended = replace(one.alert, status="resolved", ends_at=now)
                _queue(tx, ended, _channels_of(tx, ended), now)
    if not ending:
        return []
    log.info("alerts_ended", labels=dict(labels), alerts=len(ending))
    return dispatch_notifications(alerting, ledger, now=now, tick=tick)


def _put_routed(tx: Connection, alert: Alert, alerting: Alerting | None, now: datetime) -> None:
    """The first start stays, as in Alertmanager; an alert without an end takes the one from `global`."""
    timeout = alerting.global_.resolve_timeout if alerting else None
    if alert.ends_at is None and timeout is not None:
        alert = replace(alert, ends_at=now + timeout)
    known = states.one(tx, alert.fingerprint, SENT)
    if known and known.state == "firing":
        alert = replace(alert, starts_at=min(alert.starts_at, known.alert.starts_at))
    states.put(tx, alert, SENT, "firing", now=now)


def _put_explicit(tx: Connection, alert: Alert, channels: Sequence[Channel], now: datetime) -> None:
    known = states.one(tx, alert.fingerprint, EXPLICIT)
    repeated = known is not None and known.alert.starts_at == alert.starts_at
    if not repeated:
        states.put(tx, alert, EXPLICIT, "firing", now=now)
        groups.end_threads(tx, groups.group_id(f"explicit:{alert.fingerprint}", RECEIVER))
        _queue(tx, alert, channels, now)


def _queue(tx: Connection, alert: Alert, channels: Sequence[Channel], now: datetime) -> None:
    """A group of its own, outside of dispatch: it has no timer."""
    if not channels:
        return
    known = groups.lock(tx, f"explicit:{alert.fingerprint}", RECEIVER, alert.labels, _AT_ONCE)
    told = {channel_id(channel): known.group.told.get(channel_id(channel), Told()) for channel in channels}
    groups.save(tx, known, replace(known.group, told={**known.group.told, **told}), known.sequence + 1)
    firing, resolved = ([alert], []) if alert.status == "firing" else ([], [alert])
    for channel in {channel_id(channel): channel for channel in channels}.values():
        outbox.enqueue(tx, known, channel, known.sequence + 1, reason="event", firing=firing,
                       resolved=resolved, now=now)


def _channels_of(tx: Connection, alert: Alert) -> list[Channel]:
    """Every channel that the alert was sent to."""
    name = groups.group_id(f"explicit:{alert.fingerprint}", RECEIVER)
    query = select(outbox_table.c.channel_id, outbox_table.c.channel).where(outbox_table.c.group_id == name)
    return [Channel(**channel) for channel in {row.channel_id: row.channel for row in tx.execute(query)}.values()]
