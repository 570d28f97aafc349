"""Keeps the ledger small: deletes what is over and was told long ago."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, select

from watchbill.alerts.outbox import UNSENT
from watchbill.alerts.tables import (
    acknowledgements,
    alerts,
    dashboard_versions,
    dashboards,
    history,
    outbox,
    silences,
)


def expire(tx: Connection, before: datetime) -> dict[str, int]:
    """Rows that were deleted, by table. Groups stay: they know what their channels were told."""
    unsent = select(outbox.c.group_id).where(outbox.c.status.in_(UNSENT))
    over = {
        "alerts": delete(alerts).where((alerts.c.status == "resolved") & (alerts.c.ends_at < before)),
        "outbox": delete(outbox).where((outbox.c.created_at < before) & outbox.c.group_id.not_in(unsent)),
        "silences": delete(silences).where(silences.c.ends_at < before),
        "acknowledgements": delete(acknowledgements).where(acknowledgements.c.ended_at < before),
        "dashboard_versions": delete(dashboard_versions).where(
            (dashboard_versions.c.at < before) & ~_of_a_kept_dashboard()),
        "history": delete(history).where(history.c.at < before),
    }
    return {table: tx.execute(statement).rowcount for table, statement in over.items()}


def _of_a_kept_dashboard() -> Any:
    """Those that are there keep their last versions however old; there are never many of one."""
    same = [dashboards.c[name] == dashboard_versions.c[name] for name in ("cloud", "connection", "dashboard")]
    return select(dashboards.c.ref).where(and_(*same, dashboards.c.ref != "")).exists()
