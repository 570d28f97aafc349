"""The ledger's acknowledgements: one that holds for an alert at most, and those that are over beside it."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select, update

from watchbill.alerts.database import among
from watchbill.alerts.history import remember
from watchbill.alerts.tables import acknowledgements
from watchbill.model.acknowledgements import Acknowledgement
from watchbill.model.alerts import Alert


def add(
    tx: Connection, name: str, alert: Alert, *, author: str, comment: str, until: datetime | None, now: datetime,
) -> Acknowledgement:
    """In place of the one that holds now; one with this name that is there already is left as it is."""
    known = _read(tx, select(acknowledgements).where(acknowledgements.c.id == name).with_for_update())
    if known:
        return known[0]
    for old in held(tx, [alert.fingerprint]).values():
        _end(tx, old, "replaced", now)
    made = Acknowledgement(name, alert.fingerprint, alert.starts_at, author, comment, now, until)
    tx.execute(insert(acknowledgements).values(
        id=name, fingerprint=made.fingerprint, starts_at=made.starts_at, author=author, comment=comment,
        created_at=now, until=until, ended=""))
    remember(tx, "alert_acknowledged", made.fingerprint, now=now, by=author, comment=comment,
             until=until.isoformat() if until else None)
    return made


def withdraw(tx: Connection, one: Acknowledgement, *, by: str, now: datetime) -> Acknowledgement:
    remember(tx, "alert_unacknowledged", one.fingerprint, now=now, by=by)
    return _end(tx, one, f"withdrawn by {by}", now)


def follow(
    tx: Connection, before: Mapping[str, Acknowledgement], firing: Mapping[str, Alert], now: datetime,
) -> dict[str, Acknowledgement]:
    """Those of `before` that hold now, by fingerprint; what has resolved or run out is ended.

    `before` was read before `firing` was, so that an alert that has just begun and been acknowledged is not taken for
    one that resolved.
    """
    found = {}
    for mark, one in before.items():
        alert = firing.get(mark)
        if alert is not None and one.holds(alert, now):
            found[mark] = one
        elif alert is None or alert.starts_at > one.starts_at:
            _end(tx, one, "resolved", now)
        else:
            _end(tx, one, "expired", now)
            remember(tx, "acknowledgement_expired", mark, now=now, by=one.author)
    return found


def held(tx: Connection, fingerprints: Collection[str] | None = None) -> dict[str, Acknowledgement]:
    """The newest that has not ended, by fingerprint."""
    query = select(acknowledgements).where(acknowledgements.c.ended_at.is_(None))
    query = query.order_by(acknowledgements.c.created_at, acknowledgements.c.id)
    if fingerprints is not None:
        query = query.where(among(tx, acknowledgements.c.fingerprint, fingerprints))
    return {one.fingerprint: one for one in _read(tx, query)}


def of(tx: Connection, fingerprint: str) -> list[Acknowledgement]:
    """All of one alert, oldest first."""
    return _read(tx, select(acknowledgements).where(acknowledgements.c.fingerprint == fingerprint)
                 .order_by(acknowledgements.c.created_at, acknowledgements.c.id))


def _end(tx: Connection, one: Acknowledgement, why: str, now: datetime) -> Acknowledgement:
    held_so_far = (acknowledgements.c.fingerprint == one.fingerprint) & acknowledgements.c.ended_at.is_(None)
    ours = held_so_far & (acknowledgements.c.created_at <= one.created_at)
    tx.execute(update(acknowledgements).where(ours).values(ended_at=now, ended=why))
    return replace(one, ended_at=now, ended=why)


def _read(tx: Connection, query: Any) -> list[Acknowledgement]:
    return [_acknowledgement(row) for row in tx.execute(query).mappings()]


def _acknowledgement(row: RowMapping) -> Acknowledgement:
    names = ("id", "fingerprint", "starts_at", "author", "comment", "created_at", "until", "ended_at", "ended")
    return Acknowledgement(**{name: row[name] for name in names})
