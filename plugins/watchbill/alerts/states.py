"""The alerts that there are: what evaluation and people write, and dispatch reads."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects import postgresql, sqlite

from watchbill.alerts.database import among
from watchbill.alerts.history import remember
from watchbill.alerts.tables import alerts
from watchbill.model.alerts import Alert

State = Literal["pending", "firing", "resolved"]
SENT, EXPLICIT = "sent", "explicit"  # by hand or by a task: to whom the routing says, or to named channels


@dataclass(frozen=True)
class AlertState:
    """An alert from one origin. Two origins with the same labels are one alert to who hears of it."""

    alert: Alert
    origin: str
    state: State

    @property
    def fingerprint(self) -> str:
        return self.alert.fingerprint


_WHOLE = tuple(alerts.c[name] for name in (
    "fingerprint", "origin", "status", "updated_at",
    "type", "labels", "annotations", "metadata", "starts_at", "ends_at", "expires_at"))
"""The name of an alert, its version, and what it says."""
_Row = Any  # of these, or of the first four


class Read(NamedTuple):
    """An alert, and what would be otherwise had it changed since: origin, status, time of its last word."""

    alert: Alert
    version: tuple[str, str, datetime]


def put(tx: Connection, alert: Alert, origin: str, state: State, *, now: datetime) -> bool:
    """Writes an alert's present state; whether the state changed. Repeating it changes nothing."""
    where = (alerts.c.fingerprint == alert.fingerprint) & (alerts.c.origin == origin)
    values = {
        "status": state, "type": alert.type, "labels": dict(alert.labels),
        "annotations": dict(alert.annotations), "metadata": dict(alert.metadata),
        "starts_at": alert.starts_at, "updated_at": now,
        "ends_at": alert.ends_at if state == "resolved" else None,
        "expires_at": alert.ends_at if state == "firing" else None,
    }
    dialect = postgresql if tx.dialect.name == "postgresql" else sqlite
    new = dialect.insert(alerts).values(fingerprint=alert.fingerprint, origin=origin, **values)
    before = None
    if tx.execute(new.on_conflict_do_nothing().returning(alerts.c.origin)).first() is None:
        before = tx.execute(select(alerts.c.status).where(where).with_for_update()).scalar_one()
        tx.execute(update(alerts).where(where).values(**values))
    if before != state:
        remember(tx, f"alert_{state}", alert.fingerprint, now=now, origin=origin, labels=dict(alert.labels),
                 metadata=dict(alert.metadata))
    return before != state


def resolve(tx: Connection, fingerprint: str, origin: str, *, at: datetime, now: datetime) -> bool:
    """Ends a firing alert. Whether it fired."""
    where = (alerts.c.fingerprint == fingerprint) & (alerts.c.origin == origin)
    ended = tx.execute(update(alerts).where(where & (alerts.c.status == "firing"))
                       .values(status="resolved", ends_at=at, expires_at=None, updated_at=now)).rowcount
    if ended:
        remember(tx, "alert_resolved", fingerprint, now=now, origin=origin)
    return bool(ended)


def expire(tx: Connection, *, now: datetime) -> int:
    """Ends what fires past its expiry; how many."""
    query = select(alerts.c.fingerprint, alerts.c.origin, alerts.c.expires_at).where(
        (alerts.c.status == "firing") & (alerts.c.expires_at <= now))
    return sum(resolve(tx, row.fingerprint, row.origin, at=row.expires_at, now=now)
               for row in tx.execute(query).all())


def read(tx: Connection) -> dict[str, Read]:
    """Every firing alert that the routing decides about, by fingerprint."""
    query = select(*_WHOLE).where((alerts.c.status == "firing") & (alerts.c.origin != EXPLICIT))
    return {name: Read(_alert(row), row[1:4]) for name, row in _newest(tx.execute(query).all()).items()}


def routed(tx: Connection) -> dict[str, Alert]:
    """The same, the alerts alone."""
    return {name: one.alert for name, one in read(tx).items()}


def load(tx: Connection, fingerprints: Collection[str], *, explicit: bool = False) -> dict[str, Alert]:
    """These alerts as they are now, firing or resolved; one that is unknown or pending is left out."""
    query = _present(tx, fingerprints, *_WHOLE, explicit=explicit)
    return {name: _alert(row) for name, row in _newest(tx.execute(query).all()).items()}


def reload(tx: Connection, fingerprints: Collection[str], before: Mapping[str, Read]) -> dict[str, Alert]:
    """The same for alerts of which most have not changed since they were read."""
    versions = _newest(tx.execute(_present(tx, fingerprints, *_WHOLE[:4])).all())
    same = {name: known.alert for name, row in versions.items()
            if (known := before.get(name)) is not None and known.version == row[1:]}
    return same | load(tx, versions.keys() - same.keys())


def _present(tx: Connection, fingerprints: Collection[str], *columns: Any, explicit: bool = False) -> Any:
    kind = alerts.c.origin == EXPLICIT if explicit else alerts.c.origin != EXPLICIT
    return select(*columns).where(among(tx, alerts.c.fingerprint, fingerprints) & kind & (alerts.c.status != "pending"))


def every(tx: Connection, states: Collection[State]) -> list[AlertState]:
    query = select(*_WHOLE).where(alerts.c.status.in_(sorted(states))).order_by(alerts.c.starts_at)
    return [_state(row) for row in tx.execute(query)]


def sent_with(tx: Connection, labels: Mapping[str, str]) -> list[AlertState]:
    """What people and tasks have sent, fires, and has all of these labels."""
    query = select(*_WHOLE).where((alerts.c.status == "firing") & alerts.c.origin.in_([SENT, EXPLICIT]))
    found = [_state(row) for row in tx.execute(query)]
    return [one for one in found if labels.items() <= one.alert.labels.items()]


def sent_of_type(tx: Connection, type: str, since: datetime) -> list[tuple[AlertState, datetime]]:  # noqa: A002
    """What was sent, is of this type and fires, or has ended since: each with the time of its last word."""
    recent = (alerts.c.status == "firing") | ((alerts.c.status == "resolved") & (alerts.c.ends_at >= since))
    query = select(*_WHOLE).where((alerts.c.type == type) & (alerts.c.origin == SENT) & recent)
    return [(_state(row), row.updated_at) for row in tx.execute(query)]


def one(tx: Connection, fingerprint: str, origin: str) -> AlertState | None:
    where = (alerts.c.fingerprint == fingerprint) & (alerts.c.origin == origin)
    row = tx.execute(select(*_WHOLE).where(where).with_for_update()).one_or_none()
    return None if row is None else _state(row)


def _newest(rows: Iterable[_Row]) -> dict[str, _Row]:
    """By fingerprint. Firing wins over resolved; else the newest origin speaks."""
    found: dict[str, _Row] = {}
    for row in rows:
        other = found.setdefault(row[0], row)
        if other is not row and _rank(row) > _rank(other):
            found[row.fingerprint] = row
    return found


def _rank(row: _Row) -> tuple[bool, datetime, str]:
    return row.status == "firing", row.updated_at, row.origin


def _state(row: _Row) -> AlertState:
    return AlertState(_alert(row), row.origin, row.status)


def _alert(row: _Row) -> Alert:
    _, _, status, _, kind, labels, annotations, metadata, starts_at, ends_at, expires_at = row
    return Alert(labels, starts_at, "resolved" if status == "resolved" else "firing", kind, annotations, metadata,
                 ends_at or expires_at)


def to_json(alert: Alert) -> dict[str, Any]:
    return {
        "labels": dict(alert.labels), "annotations": dict(alert.annotations),
        "metadata": dict(alert.metadata), "type": alert.type, "status": alert.status,
        "starts_at": alert.starts_at.isoformat(),
        "ends_at": alert.ends_at.isoformat() if alert.ends_at else None,
    }


def from_json(data: Mapping[str, Any]) -> Alert:
    ends_at = data["ends_at"]
    return Alert(**{**data, "starts_at": datetime.fromisoformat(data["starts_at"]),
                    "ends_at": datetime.fromisoformat(ends_at) if ends_at else None})
