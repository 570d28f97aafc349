"""What happened, in order: one row for each change of an alert or a notification."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from watchbill.alerts.tables import history

_EVENT = insert(history)


def remember(tx: Connection, kind: str, subject: str, *, now: datetime, **detail: Any) -> None:
    tx.execute(_EVENT, {"at": now, "kind": kind, "subject": subject, "detail": detail})


def remember_all(
    tx: Connection, kind: str, subjects: Sequence[tuple[str, dict[str, Any]]], *, now: datetime,
) -> None:
    """The same of many, each with its detail."""
    if subjects:
        tx.execute(_EVENT, [{"at": now, "kind": kind, "subject": subject, "detail": detail}
                            for subject, detail in subjects])


def of(tx: Connection, subject: str | None = None, limit: int = 1000) -> list[dict[str, Any]]:
    """The newest rows, oldest first: at, kind, subject, detail."""
    query = select(history).order_by(history.c.id.desc()).limit(limit)
    if subject is not None:
        query = query.where(history.c.subject == subject)
    rows = [dict(row) for row in tx.execute(query).mappings()]
    return [{name: row[name] for name in ("at", "kind", "subject", "detail")} for row in reversed(rows)]
