"""The last resort: the ledger is away, and so routing, grouping and outbox; a named receiver is told all the same.

What was told is remembered outside of the ledger, by whoever calls.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog

from watchbill.model.alerting import Alerting
from watchbill.model.alerts import Alert, Answer, Channel, Notification
from watchbill.model.failures import TransportError, WatchbillError
from watchbill.model.settings import DeadManSettings

LEDGER_AWAY = "WatchbillLedgerAway"
AGAIN = timedelta(hours=4)
Told = Mapping[str, Any]  # since, at: ISO 8601

log = structlog.get_logger("watchbill")


def ledger_away(error: str, told: Told | None, alerting: Alerting, dead_man: DeadManSettings,
                send: Callable[[Notification], Answer], *, now: datetime) -> Told:
    """Tells it at once and then every four hours; what to remember. Raises TransportError where no channel took it."""
    if told and now - datetime.fromisoformat(told["at"]) < AGAIN:
        return told
    since = datetime.fromisoformat(told["since"]) if told else now
    _tell(_alert(dead_man, error, since), alerting, dead_man, send, now)
    return {"since": since.isoformat(), "at": now.isoformat()}


def ledger_is_back(told: Told, alerting: Alerting, dead_man: DeadManSettings,
                   send: Callable[[Notification], Answer], *, now: datetime) -> None:
    """Tells those who were told."""
    since = datetime.fromisoformat(told["since"])
    ended = _alert(dead_man, "it answers again; what was missed is made up for", since, ended_at=now)
    _tell(ended, alerting, dead_man, send, now)


def _alert(dead_man: DeadManSettings, said: str, since: datetime, ended_at: datetime | None = None) -> Alert:
    return Alert({"alertname": LEDGER_AWAY, "severity": dead_man.severity}, since, type="watchbill",
                 status="resolved" if ended_at else "firing", ends_at=ended_at,
                 annotations={"summary": "Watchbill's ledger is away: no alert can be told", "description": said})


def _tell(alert: Alert, alerting: Alerting, dead_man: DeadManSettings, send: Callable[[Notification], Answer],
          now: datetime) -> None:
    receiver = dead_man.receiver or alerting.route.receiver
    if all(one.name != receiver for one in alerting.receivers):
        raise WatchbillError(f"dead_man.receiver is {receiver!r}, which alerting.yaml does not have: name one of "
                             + ", ".join(one.name for one in alerting.receivers))
    failed = [error for channel, _ in alerting.channels(receiver)
              if (error := _send(alert, receiver, channel, send, now)) is not None]
    if failed and len(failed) == len(list(alerting.channels(receiver))):
        raise failed[0]


def _send(alert: Alert, receiver: str, channel: Channel, send: Callable[[Notification], Answer],
          now: datetime) -> TransportError | None:
    name = f"{alert.fingerprint}-{int(now.timestamp())}"
    notification = Notification(name, alert.fingerprint, {"alertname": LEDGER_AWAY}, receiver, alert.status, (alert,),
                                channel, reason="event")
    said = {"receiver": receiver, "channel": channel.kind, "recipient": channel.target, "status": alert.status}
    try:
        send(notification)
    except TransportError as error:
        log.error("direct_notification_failed", **said, error=str(error))
        return error
    log.info("direct_notification_sent", **said)
    return None
