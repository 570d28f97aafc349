"""Notifications for the tests of channels, here and against the sandbox."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from watchbill.model.alerts import Alert, Channel, Notification, Status

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
TOPIC = "arn:aws:sns:eu-west-1:123456789012:watchbill-alerts"


def alert(
    title: str = "Checkout fails",
    message: str = "212 errors a minute",
    severity: str = "critical",
    status: Status = "firing",
    metadata: Mapping[str, Any] | None = None,
    labels: Mapping[str, str] | None = None,
    **annotations: str,
) -> Alert:
    return Alert(
        labels={"alertname": "HighErrorRate", "service": "checkout", "severity": severity} | dict(labels or {}),
        starts_at=START,
        status=status,
        annotations={"summary": title, "description": message} | annotations,
        metadata={"value": 212, "threshold": 50, "service": "checkout"} if metadata is None else metadata,
    )


def notification(
    *alerts: Alert, kind: str = "slack", target: str = "#alerts", thread: Mapping[str, str] | None = None,
    told: Iterable[str] = (), options: Mapping[str, Any] | None = None, **more: Any,
) -> Notification:
    alerts = alerts or (alert(),)
    is_firing = any(each.status == "firing" for each in alerts)
    return Notification(
        id="ops/{alertname=HighErrorRate}/1",
        group_key="ops/{alertname=HighErrorRate}",
        group_labels={"alertname": "HighErrorRate", "service": "checkout"},
        receiver="ops",
        status="firing" if is_firing else "resolved",
        alerts=alerts,
        channel=Channel(kind, target, "default", options or {}),  # type: ignore[arg-type]
        thread=thread or {},
        told=frozenset(told),
        **more,
    )


NASTY = [
    "<!channel> <@U123> <https://evil.example|click> & *bold*",
    "\x00\x07\x1b[31mred\x7f\u0085",
    "line\r\nBcc: everyone@example.com\r\n\r\nbody",
    "👩‍👩‍👧‍👦" * 4_000,
    "é" * 10_000,
    "مرحبا بالعالم \u202e abc",
    "\ud800 half \udfff",
    "<script>alert(1)</script>",
    "&" * 9_000,
    "x" * 1_000_000,
    "",
    " \n\t ",
    "\ufffe\uffff",
]
