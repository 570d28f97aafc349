"""Into the ledger and out at once, as the operators and the notifier share it; the tick is the fallback."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from watchbill.alerts.ledger import Ledger
from watchbill.flows.deliver_notifications import Delivered, deliver_notifications
from watchbill.flows.send_alert import resolve_alert, send_alert
from watchbill.model.alerts import Alert, Channel
from watchbill.on_airflow import declarations
from watchbill.on_airflow.connections import open_ledger, send


def deliver(ledger: Ledger, receiver: str, now: datetime) -> Delivered:
    """Sends what is due to the receiver."""
    return deliver_notifications(ledger, receiver, send, now=now)


def send_now(alert: Alert, channels: Sequence[Channel] | None, now: datetime) -> list[dict[str, Any]]:
    """What became of the alert, receiver by receiver."""
    settings = declarations.settings()
    ledger = open_ledger(settings)
    receivers = send_alert(alert, ledger, declarations.alerting(), now=now, channels=channels, tick=settings.tick)
    return [deliver(ledger, receiver, now).to_json() for receiver in receivers]


def resolve_now(labels: Mapping[str, str], now: datetime) -> list[dict[str, Any]]:
    """Resolves what carries these labels, and tells those who were told."""
    settings = declarations.settings()
    ledger = open_ledger(settings)
    receivers = resolve_alert(labels, ledger, declarations.alerting(), now=now, tick=settings.tick)
    return [deliver(ledger, receiver, now).to_json() for receiver in receivers]
