"""One notification, as ours and as the template data of Alertmanager."""

import json
from datetime import UTC, datetime
from typing import Any

from watchbill.model.alerts import Alert, Channel, Notification

START = datetime(2026, 3, 2, 10, 5, 7, tzinfo=UTC)
FIRING = Alert({"alertname": "High", "severity": "critical", "service": "a<b", "_x": "u", "job": "42"}, START,
               annotations={"summary": "s1 & <x> \"q\"", "description": "Öl: it's 5 µs"},
               metadata={"log": "http://graph/?a=1&b=2", "value": 7.5})
RESOLVED = Alert({"alertname": "High", "severity": "warning", "service": "c", "job": "42"}, START, "resolved",
                 ends_at=START.replace(hour=12), annotations={"summary": "s2"})


def notification(*alerts: Alert, **options: Any) -> Notification:
    status = "firing" if any(alert.status == "firing" for alert in alerts) else "resolved"
    return Notification("id", '{}:{alertname="High"}', {"alertname": "High"}, "team", status,
                        alerts, Channel("slack", "#ops", "slack", options))


def alertmanagers(told: Notification) -> str:
    """As `amtool template render` takes it."""
    zero = "0001-01-01T00:00:00Z"
    common = {name: value for name, value in told.alerts[0].labels.items()
              if all(alert.labels.get(name) == value for alert in told.alerts)} if told.alerts else {}
    return json.dumps({
        "receiver": told.receiver, "status": told.status, "groupLabels": told.group_labels, "commonLabels": common,
        "commonAnnotations": dict(told.alerts[0].annotations) if len(told.alerts) == 1 else {},
        "externalURL": "http://here/x?y&z",
        "alerts": [{"status": alert.status, "labels": alert.labels, "annotations": alert.annotations,
                    "startsAt": f"{alert.starts_at:%Y-%m-%dT%H:%M:%SZ}",
                    "endsAt": f"{alert.ends_at:%Y-%m-%dT%H:%M:%SZ}" if alert.ends_at else zero,
                    "generatorURL": alert.metadata.get("log", ""), "fingerprint": alert.fingerprint}
                   for alert in told.alerts]})
