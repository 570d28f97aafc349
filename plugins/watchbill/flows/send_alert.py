"""An alert by hand or from a task: into the ledger, then to whom the routing says, or to named channels."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from watchbill.alerts import explicit, states
from watchbill.alerts.groups import channel_id
from watchbill.alerts.ledger import Ledger
from watchbill.alerts.states import EXPLICIT, SENT
from watchbill.flows.dispatch_notifications import TICK, dispatch_notifications
from watchbill.model.alerting import Alerting
from watchbill.model.alerts import Alert, Channel

log = structlog.get_logger("watchbill")


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
            explicit.put(tx, alert, channels, now=now)
    log.info("alert_received", labels=dict(alert.labels), type=alert.type,
             channels=None if channels is None else [channel_id(channel) for channel in channels])
    if channels is None:
        return dispatch_notifications(alerting, ledger, now=now, tick=tick)
    return [name for name in ledger.due_receivers(now) if name == explicit.RECEIVER]


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
                explicit.tell_end(tx, replace(one.alert, status="resolved", ends_at=now), now=now)
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
