"""Into the ledger and out at once, as the operators and the notifier share it; the tick is the fallback."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from watchbill.alerts.ledger import Ledger
from watchbill.flows.deliver_notifications import Delivered, deliver_notifications
from watchbill.flows.dispatch_notifications import dispatch_notifications
from watchbill.flows.illustrate import Illustrator
from watchbill.flows.judged_lines import Judgement
from watchbill.flows.send_alert import resolve_alert, send_alert
from watchbill.model.alerting import Alerting
from watchbill.model.alerts import Alert, Channel
from watchbill.model.failures import DeclarationError, TransportError
from watchbill.on_airflow import declarations
from watchbill.on_airflow.connections import open_lake, open_ledger
from watchbill.on_airflow.metrics import count
from watchbill.on_airflow.senders import Sender


def deliver(ledger: Ledger, receiver: str, now: datetime, holder: str = "") -> Delivered:
    """Sends what is due to the receiver. `holder`: the task instance, where it is one that is tried again."""
    illustrated = Illustrator(lambda: open_lake(declarations.settings_or_defaults()), _judgement, now=now)
    send = Sender()
    report = deliver_notifications(ledger, receiver, lambda notification: send(illustrated(notification)), now=now,
                                   holder=holder)
    count(report)
    return report


def send_now(alert: Alert, channels: Sequence[Channel] | None, now: datetime, *,
             unless_known: bool = False) -> list[Delivered]:
    """What became of the alert, receiver by receiver; nothing with `unless_known` where one with its labels fires.

    Broken settings hinder no alert. Where the routing is needed and broken, the alert waits in the ledger for the
    first tick after that is mended, and DeclarationError says so.
    """
    settings = declarations.settings_or_defaults()
    ledger = open_ledger(settings)
    if unless_known and any(known.fingerprint == alert.fingerprint for known in ledger.alerts(["firing"])):
        return []
    alerting, broken = _routing()
    receivers = send_alert(alert, ledger, alerting, now=now, channels=channels, tick=settings.tick)
    reports = [deliver(ledger, receiver, now) for receiver in receivers]
    if broken and channels is None:
        raise broken
    return reports


def resolve_now(now: datetime, *ending: Mapping[str, str]) -> list[Delivered]:
    """Resolves what carries one of these sets of labels, and tells those who were told."""
    settings = declarations.settings_or_defaults()
    ledger, alerting = open_ledger(settings), _routing()[0]
    receivers = [receiver for labels in ending
                 for receiver in resolve_alert(labels, ledger, alerting, now=now, tick=settings.tick)]
    return [deliver(ledger, receiver, now) for receiver in dict.fromkeys(receivers)]


def dispatch_now(ledger: Ledger, now: datetime) -> list[Delivered]:
    """Routes what is in the ledger and sends what is due. Raises DeclarationError last, where the routing is broken."""
    settings = declarations.settings_or_defaults()
    alerting, broken = _routing()
    receivers = dispatch_notifications(alerting, ledger, now=now, tick=settings.tick)
    reports = [deliver(ledger, receiver, now) for receiver in receivers]
    if broken:
        raise broken
    return reports


def require_delivery(reports: Sequence[Delivered]) -> None:
    """Raises TransportError where a channel refused for good: somebody has to look."""
    dead = [(report.receiver, each) for report in reports for each in report.dead]
    if dead:
        raise TransportError("refused for good: " + "; ".join(
            f"{each['channel']} {each['target']} of {receiver}: {each['error']}" for receiver, each in dead),
            permanent=True)


def _judgement() -> Judgement:
    return Judgement(declarations.rules(), declarations.settings_or_defaults(), declarations.metric_entries())


def _routing() -> tuple[Alerting | None, DeclarationError | None]:
    try:
        return declarations.alerting(), None
    except DeclarationError as error:
        return None, error
