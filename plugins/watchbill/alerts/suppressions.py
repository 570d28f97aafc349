"""Why firing alerts are not told of at present, kept so that their history can say since when and by what.

Silenced by silences (their ids), inhibited by alerts (their fingerprints), muted by time intervals (with the receiver
that does not hear of them). Dispatch says at each run how it is; only what changed is written.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, delete, insert, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite

from watchbill.alerts.tables import history, suppressions

Kind = Literal["silenced", "inhibited", "muted"]
_PIECE = 100  # rows of a statement: SQLite and PostgreSQL limit its parameters
KINDS: tuple[Kind, ...] = ("silenced", "inhibited", "muted")
By = list[Any]
Suppressed = Mapping[tuple[str, Kind], By]
"""By fingerprint and kind; what is not in it is told."""


def current(tx: Connection, fingerprints: Collection[str] | None = None) -> dict[tuple[str, Kind], By]:
    query = select(suppressions)
    if fingerprints is not None:
        query = query.where(suppressions.c.fingerprint.in_(sorted(fingerprints)))
    return {(row.fingerprint, row.kind): row.by for row in tx.execute(query)}


def follow(tx: Connection, now_so: Suppressed, firing: Collection[str], *, now: datetime) -> int:
    """Writes what is otherwise than before; how many changes. Two runs at once tell each change once."""
    before = current(tx)
    changed = {key: by for key, by in now_so.items() if before.get(key) != by}
    over = [key for key in before if key not in now_so]
    gone = set(_deleted(tx, [*over, *(key for key in changed if key in before)]))
    new = _inserted(tx, {key: by for key, by in changed.items() if key not in before or key in gone}, now)
    events = [_event(f"alert_{kind}", mark, now, by=changed[mark, kind]) for mark, kind in new]
    events += [_event(f"alert_un{kind}", mark, now) for mark, kind in over if (mark, kind) in gone and mark in firing]
    if events:
        tx.execute(insert(history), events)
    return len(events)


def _deleted(tx: Connection, keys: list[tuple[str, Kind]]) -> list[tuple[str, Kind]]:
    found: list[tuple[str, Kind]] = []
    names = suppressions.c.fingerprint, suppressions.c.kind
    for start in range(0, len(keys), _PIECE):
        ours = tuple_(*names).in_(sorted(keys)[start:start + _PIECE])
        # In one order, so that two runs at once wait for each other and never both.
        tx.execute(select(*names).where(ours).order_by(*names).with_for_update())
        rows = tx.execute(delete(suppressions).where(ours).returning(*names))
        found += [(row.fingerprint, row.kind) for row in rows]
    return found


def _inserted(tx: Connection, new: Mapping[tuple[str, Kind], By], now: datetime) -> list[tuple[str, Kind]]:
    dialect = postgresql if tx.dialect.name == "postgresql" else sqlite
    rows = [{"fingerprint": mark, "kind": kind, "by": by, "since": now} for (mark, kind), by in sorted(new.items())]
    found: list[tuple[str, Kind]] = []
    for start in range(0, len(rows), _PIECE):
        put = dialect.insert(suppressions).values(rows[start:start + _PIECE]).on_conflict_do_nothing()
        put = put.returning(suppressions.c.fingerprint, suppressions.c.kind)
        found += [(row.fingerprint, row.kind) for row in tx.execute(put)]
    return found


def _event(kind: str, mark: str, now: datetime, **detail: Any) -> dict[str, Any]:
    return {"at": now, "kind": kind, "subject": mark, "detail": detail}
