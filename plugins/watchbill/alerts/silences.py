"""The ledger's silences: added, ended early, and kept after their end."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, RowMapping, insert, select, update

from watchbill.alerts.history import remember
from watchbill.alerts.tables import silences
from watchbill.model.failures import WatchbillError
from watchbill.model.matchers import Matcher
from watchbill.model.silences import Silence


def add(
    tx: Connection, matchers: tuple[Matcher, ...], *, starts_at: datetime, ends_at: datetime, author: str,
    comment: str, now: datetime, name: str = "",
) -> Silence:
    """A new silence; with a `name` that is there already, that one: so a task may try again."""
    found = _one(tx, name) if name else None
    if found:
        return found
    silence = Silence(name or str(uuid4()), matchers, starts_at, ends_at, author, comment, now)
    tx.execute(insert(silences).values(
        id=silence.id, matchers=[[each.name, each.op, each.value] for each in matchers], starts_at=starts_at,
        ends_at=ends_at, author=author, comment=comment, created_at=now))
    remember(tx, "silence_added", silence.id, now=now, author=author, comment=comment,
             matchers=[str(each) for each in matchers], starts_at=starts_at.isoformat(), ends_at=ends_at.isoformat())
    return silence


def expire(tx: Connection, name: str, *, by: str, now: datetime, again: bool = False) -> Silence:
    """Ends one now. Raises WatchbillError for one that is not there or, but for `again`, over already."""
    silence = _one(tx, name)
    if silence is None:
        raise WatchbillError(f"there is no silence {name!r}")
    state = silence.state(now)
    if state == "expired" and again:
        return silence
    if state == "expired":
        raise WatchbillError(f"silence {name} is over already")
    starts_at = now if state == "pending" else silence.starts_at
    tx.execute(update(silences).where(silences.c.id == name).values(starts_at=starts_at, ends_at=now, expired_by=by))
    remember(tx, "silence_expired", name, now=now, by=by)
    return replace(silence, starts_at=starts_at, ends_at=now, expired_by=by)


def active(tx: Connection, now: datetime) -> list[Silence]:
    """Those that silence now."""
    query = select(silences).where((silences.c.starts_at <= now) & (silences.c.ends_at > now))
    return [silence for silence in _read(tx, query) if silence.state(now) == "active"]


def every(tx: Connection, ids: Collection[str] = ()) -> list[Silence]:
    """All, or those, by the time of their end."""
    query = select(silences).order_by(silences.c.ends_at, silences.c.id)
    return _read(tx, query.where(silences.c.id.in_(ids)) if ids else query)


def _one(tx: Connection, name: str) -> Silence | None:
    found = _read(tx, select(silences).where(silences.c.id == name).with_for_update())
    return found[0] if found else None


def _read(tx: Connection, query: Any) -> list[Silence]:
    return [_silence(row) for row in tx.execute(query).mappings()]


def _silence(row: RowMapping) -> Silence:
    matchers = tuple(Matcher(*each) for each in row["matchers"])
    return Silence(row["id"], matchers, row["starts_at"], row["ends_at"], row["author"], row["comment"],
                   row["created_at"], row["expired_by"])
