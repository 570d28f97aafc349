"""What was changed by hand, and kept -> alerts through the router; they end when it is as declared again."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from watchbill.alerts import states
from watchbill.alerts.ledger import Ledger
from watchbill.flows.dashboard_changes import Change
from watchbill.flows.send_alert import receive_alerts, resolve_alert
from watchbill.model.airflow_failures import EXPIRY
from watchbill.model.alerting import Alerting
from watchbill.model.alerts import Alert, Severity
from watchbill.model.clouds import NAMES

DRIFTED = "DashboardDrifted"
TYPE = "dashboard"
MOST_LINES = 20


def tell_drift(changes: Sequence[Change], ledger: Ledger, alerting: Alerting | None, severity: Severity, *,
               now: datetime, tick: timedelta) -> bool:
    """`changes`: as they were left. Writes and ends alerts; whether there is anything for whoever calls to dispatch.

    One that could not be looked at stands as it stood.
    """
    drifted = [change for change in changes if change.action == "drifted"]
    well = {_key(_labels(change)) for change in changes if change.action not in ("drifted", "failed")}
    with ledger.transaction() as tx:
        receive_alerts(tx, [_alert(change, severity, now) for change in drifted], alerting, now=now)
        firing = [state.alert for state, _ in states.sent_of_type(tx, TYPE, now) if state.state == "firing"]
    ended = [alert for alert in firing if _key(alert.labels) in well]
    for alert in ended:
        resolve_alert(alert.labels, ledger, alerting, now=now, tick=tick)
    return bool(drifted or ended)


def _labels(change: Change) -> dict[str, str]:
    return {"alertname": DRIFTED, "dashboard": change.dashboard, **change.place._asdict()}


def _key(labels: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(labels.get(name, "") for name in ("alertname", "dashboard", "cloud", "connection"))


def _alert(change: Change, severity: Severity, now: datetime) -> Alert:
    lines = [str(one) for one in change.by_hand]
    more = [f"and {len(lines) - MOST_LINES} more"] if len(lines) > MOST_LINES else []
    summary = f"{change.dashboard} was changed by hand in {NAMES[change.place.cloud]}"
    said = {"summary": summary, "description": "\n".join([*lines[:MOST_LINES], *more]), "dashboard_url": change.url}
    return Alert(_labels(change) | {"severity": severity}, now, type=TYPE, annotations=said,
                 metadata={"changes": len(lines)}, ends_at=now + EXPIRY)
