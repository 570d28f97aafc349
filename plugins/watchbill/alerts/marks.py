"""Where something that looks again and again ended its last look, so that nothing is missed and nothing told twice."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects import postgresql, sqlite

from watchbill.alerts.tables import marks


class Mark(NamedTuple):
    value: Mapping[str, Any]
    updated_at: datetime


def read(tx: Connection, name: str) -> Mark | None:
    row = tx.execute(select(marks).where(marks.c.name == name)).one_or_none()
    return None if row is None else Mark(row.value, row.updated_at)


def move(tx: Connection, name: str, before: Mark | None, value: Mapping[str, Any], *, now: datetime) -> bool:
    """Writes the mark from where the caller read it; false where another look has moved it since.

    Comes first in a look's transaction: a second one over the same time then writes nothing.
    """
    if before is not None:
        where = (marks.c.name == name) & (marks.c.updated_at == before.updated_at)
        return bool(tx.execute(update(marks).where(where).values(value=dict(value), updated_at=now)).rowcount)
    dialect = postgresql if tx.dialect.name == "postgresql" else sqlite
    first = dialect.insert(marks).values(name=name, value=dict(value), updated_at=now)
    return tx.execute(first.on_conflict_do_nothing().returning(marks.c.name)).first() is not None
