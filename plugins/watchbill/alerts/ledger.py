"""The ledger: the database of rule clocks, alerts, groups, outbox and history. Flows write, people read.

Writers take a `transaction()` and use the modules of this room inside it; the readers here are for
reports, pages and the command line.
"""

from collections.abc import Collection
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, select

from watchbill.alerts import history, outbox, schema, silences, states, stories, upkeep
from watchbill.alerts.database import open_engine, transaction
from watchbill.alerts.states import AlertState, State
from watchbill.alerts.stories import Standing
from watchbill.alerts.tables import groups
from watchbill.alerts.tables import outbox as outbox_table
from watchbill.model.alerts import Alert, fingerprint
from watchbill.model.silences import Silence


class Ledger:
    """Every method raises LedgerError where the database cannot be reached or refuses."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @classmethod
    def open(cls, url: str) -> "Ledger":
        """`postgresql+psycopg://…` or `sqlite:///file`; nothing is read or made yet."""
        return cls(open_engine(url))

    def migrate(self) -> None:
        """To the newest schema; cheap where it is that already, and safe in two processes at once."""
        schema.migrate(self._engine)

    def version(self) -> str | None:
        return schema.version(self._engine)

    def close(self) -> None:
        self._engine.dispose()

    def transaction(self, *, reads: bool = False) -> AbstractContextManager[Connection]:
        return transaction(self._engine, reads=reads)

    def alerts(self, only: Collection[State] = ("pending", "firing")) -> list[AlertState]:
        """In the order in which they began."""
        with self.transaction(reads=True) as tx:
            return states.every(tx, only)

    def standings(self, *, now: datetime, resolved: bool = False) -> list[Standing]:
        """How every alert stands, in the order in which they began; `resolved`: those that have ended too."""
        only: tuple[State, ...] = ("pending", "firing", "resolved") if resolved else ("pending", "firing")
        with self.transaction(reads=True) as tx:
            return stories.standings(tx, only, now)

    def story(self, alert: Alert) -> list[dict[str, Any]]:
        """All that happened to it, oldest first: at, kind, and what there is to say."""
        with self.transaction(reads=True) as tx:
            return stories.story(tx, alert.fingerprint, alert.labels)

    def silences(self) -> list[Silence]:
        """All that are kept, by the time of their end."""
        with self.transaction(reads=True) as tx:
            return silences.every(tx)

    def expire(self, retention: timedelta, *, now: datetime) -> dict[str, int]:
        """Deletes what ended before now - retention: rows by table. What fires or is unsent stays."""
        with self.transaction() as tx:
            return upkeep.expire(tx, now - retention)

    def due_receivers(self, now: datetime) -> list[str]:
        with self.transaction(reads=True) as tx:
            return outbox.due_receivers(tx, now)

    def notifications(self, limit: int = 200) -> list[dict[str, Any]]:
        """The newest first: id, receiver, channel, target, status, reason, group_key, firing, resolved
        (how many), fingerprints (of both), attempts, ambiguous, error, answer, created_at, sent_at,
        next_attempt_at.
        """
        query = (select(outbox_table, groups.c.key).join(groups, groups.c.id == outbox_table.c.group_id)
                 .order_by(outbox_table.c.created_at.desc(), outbox_table.c.sequence.desc()).limit(limit))
        with self.transaction(reads=True) as tx:
            return [_notification(row) for row in tx.execute(query).mappings()]

    def history(self, subject: str | None = None, limit: int = 1000) -> list[dict[str, Any]]:
        """The newest rows, oldest first; `subject` is an alert's fingerprint or a notification's id."""
        with self.transaction(reads=True) as tx:
            return history.of(tx, subject, limit)

    def groups(self) -> list[dict[str, Any]]:
        """Every group: id, key, receiver, labels, members (fingerprints), next_flush, sequence."""
        names = ("id", "key", "receiver", "labels", "members", "next_flush", "sequence")
        with self.transaction(reads=True) as tx:
            rows = tx.execute(select(groups).order_by(groups.c.key, groups.c.receiver)).mappings()
            return [{name: row[name] for name in names} for row in rows]


def _notification(row: Any) -> dict[str, Any]:
    same = ("id", "receiver", "status", "reason", "attempts", "ambiguous", "answer", "created_at", "sent_at",
            "next_attempt_at")
    return {name: row[name] for name in same} | {
        "channel": row["channel"]["kind"], "target": row["channel"]["target"], "group_key": row["key"],
        "firing": len(row["firing"]), "resolved": len(row["resolved"]), "error": row["last_error"],
        "fingerprints": [fingerprint(alert["labels"]) for alert in (*row["firing"], *row["resolved"])],
    }
