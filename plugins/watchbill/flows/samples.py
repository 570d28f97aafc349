"""Notifications about nothing: to try a receiver with, or to look at what its messages will be."""

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import blake2b

from watchbill.graphs.draw import draw
from watchbill.graphs.graph import Graph, Line, Span, Zone
from watchbill.model.alerts import Alert, Channel, Notification, Picture
from watchbill.model.links import common_labels

TEST = "WatchbillTest"
"""The `alertname` of what is only a test."""
_SERVICES = ("checkout", "search", "catalog", "payment", "shipping")


def trial_alert(receiver: str, *, author: str, now: datetime) -> Alert:
    """Marked in title, text and labels, so that nobody acts on it."""
    return Alert(
        {"alertname": TEST, "severity": "info", "receiver": receiver, "test": "true"}, now, type="test",
        annotations={"summary": f"TEST of the receiver {receiver}: nothing is wrong",
                     "description": f"{author or 'Somebody'} tries whether this arrives."},
        metadata={"receiver": receiver, "at": f"{now:%Y-%m-%d %H:%M:%S} UTC"})


def sample_alerts(count: int, now: datetime) -> list[Alert]:
    """As a rule would raise them; of several the last has resolved."""
    found = []
    for number in range(count):
        service = _SERVICES[number % len(_SERVICES)] + (f"-{number}" if number >= len(_SERVICES) else "")
        alert = Alert(
            {"alertname": "HighErrorRate", "severity": "critical", "service": service}, now - timedelta(minutes=20),
            annotations={"summary": f"{service} fails for too many users",
                         "description": "212 errors a minute over 5m, more than 50.",
                         "runbook_url": "https://runbooks.example.com/high-error-rate"},
            metadata={"value": 212, "condition": "sum shop errors Sum over 5m > 50", "unit": "Count",
                      "source": "cloudwatch", "account": "123456789012", "region": "eu-west-1"})
        has_ended = count > 1 and number == count - 1
        found.append(replace(alert, status="resolved", ends_at=now - timedelta(minutes=2)) if has_ended else alert)
    return found


def notification_of(
    alerts: Sequence[Alert], receiver: str, channel: Channel, *, now: datetime, base_url: str = "",
    picture: Picture | None = None,
) -> Notification:
    """One group's, as delivery would hand it to the channel; at another time it is another one."""
    mark = blake2b(f"{receiver}:{now.isoformat()}:{channel}".encode(), digest_size=12).hexdigest()
    shared = common_labels(alerts)
    return Notification(
        id=mark, group_key=f"sample:{mark}", group_labels={"alertname": shared.get("alertname", "alerts")},
        receiver=receiver, status="firing" if any(one.status == "firing" for one in alerts) else "resolved",
        alerts=tuple(alerts), channel=channel, reason="new", base_url=base_url, picture=picture)


def sample_picture(title: str, now: datetime) -> Picture:
    """Of an hour of errors, with a threshold and a time of firing."""
    start = now - timedelta(hours=2)
    stamps = [start.timestamp() + 60 * minute for minute in range(120)]
    values = [12 + 4 * math.sin(minute / 3) + 200 * math.exp(-((minute - 112) / 9) ** 2) for minute in range(120)]
    graph = Graph([Line("service=checkout", stamps, values)], title, "Count", [Zone(low=50)],
                  [Span(now - timedelta(minutes=20), now)], start, now)
    return Picture(draw(graph), f"{title}: errors of a sample, with their threshold")
