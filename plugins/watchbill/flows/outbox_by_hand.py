"""What a person does about the outbox: look, try again what is dead, or give it up."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import select

from watchbill.alerts import dead_letters
from watchbill.alerts.ledger import Ledger
from watchbill.alerts.outbox import UNSENT
from watchbill.alerts.states import from_json
from watchbill.alerts.tables import groups, outbox

STATUSES = {"dead": ("dead",), "waiting": UNSENT, "sent": ("sent",),
            "all": ("dead", *UNSENT, "sent", "superseded", "dropped")}
"""What `watchbill outbox list --status` can be asked for."""

log = structlog.get_logger("watchbill")


def list_outbox(ledger: Ledger, status: str | None, limit: int) -> list[dict[str, Any]]:
    """The newest first: what is dead and what waits, or those of the status."""
    wanted = STATUSES[status] if status else (*STATUSES["dead"], *STATUSES["waiting"])
    query = (select(outbox, groups.c.key).join(groups, groups.c.id == outbox.c.group_id)
             .where(outbox.c.status.in_(wanted)).order_by(outbox.c.created_at.desc(), outbox.c.sequence.desc())
             .limit(limit))
    with ledger.transaction(reads=True) as tx:
        return [_shown(row) for row in tx.execute(query).mappings()]


def retry_notifications(
    ledger: Ledger, names: Collection[str], *, now: datetime, by: str,
) -> dict[str, str]:
    """Dead letters, by id, to be sent at the next tick: what became of each. Raises LedgerError, and does none."""
    with ledger.transaction() as tx:
        found = dead_letters.retry(tx, names, now=now, by=by)
    log.info("dead_letters_retried", ids=list(found), by=by)
    return found


def drop_notifications(ledger: Ledger, names: Collection[str], *, now: datetime, by: str) -> dict[str, str]:
    """Dead letters, by id, given up. Raises LedgerError, and does none."""
    with ledger.transaction() as tx:
        found = dead_letters.drop(tx, names, now=now, by=by)
    log.info("dead_letters_dropped", ids=list(found), by=by)
    return found


def _shown(row: Any) -> dict[str, Any]:
    same = ("id", "status", "receiver", "reason", "attempts", "ambiguous", "created_at", "next_attempt_at", "sent_at")
    alerts = [*row["firing"], *row["resolved"]]
    return {name: row[name] for name in same} | {
        "channel": row["channel"]["kind"], "target": row["channel"]["target"], "group": row["key"],
        "firing": len(row["firing"]), "resolved": len(row["resolved"]), "error": row["last_error"],
        "alerts": [from_json(alert).title for alert in alerts[:20]],
    }
