"""How Watchbill does, published through Airflow's own metrics (StatsD or OpenTelemetry); nothing where those are off.

The names, after Airflow's prefix, are those of docs/operations.md.
"""

from collections.abc import Mapping
from datetime import datetime

from airflow.sdk.observability import stats

from watchbill.flows.check_dead_man import DeadMan
from watchbill.flows.deliver_notifications import Delivered


def publish(found: DeadMan, now: datetime) -> None:
    """Gauges of one look."""
    vitals = found.vitals
    waits_s = (now - vitals.oldest_unsent).total_seconds() if vitals.oldest_unsent else 0.0
    _gauges({f"lag_s.{name}": lag_s for name, lag_s in found.lags_s.items()} | {
        "alerts.firing": vitals.firing, "outbox.unsent": vitals.unsent, "outbox.dead": vitals.dead,
        "outbox.oldest_s": waits_s, "overdue": len(found.overdue), "ledger.away": 0})


def publish_ledger_away() -> None:
    _gauges({"ledger.away": 1})


def count(report: Delivered) -> None:
    """What became of a receiver's notifications."""
    for name, entries in (("sent", report.sent), ("failed", report.failed), ("dead", report.dead)):
        if entries:
            stats.incr(f"watchbill.notifications.{name}", len(entries))


def _gauges(values: Mapping[str, float]) -> None:
    for name, value in values.items():
        stats.gauge(f"watchbill.{name}", value)
