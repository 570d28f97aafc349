"""What the ledger remembers of live dashboards: what nobody has touched is not asked for, and a touch is seen.

All of it may be lost: dashboards say themselves whose they are.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple

from sqlalchemy import Connection, and_, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from watchbill.alerts import marks
from watchbill.alerts.tables import dashboard_versions as versions
from watchbill.alerts.tables import dashboards
from watchbill.model.places import Place

VersionKind = Literal["begun", "applied", "by hand", "rolled back"]
BEGUN: VersionKind = "begun"  # a write whose end was not kept, yet or ever
BURIED = "deleted"
_KEY = ("cloud", "connection", "dashboard")


@dataclass(frozen=True)
class Kept:
    ref: str
    version: str  # as the cloud's list shows it; "" where that is not known
    digest: str  # of what was declared
    held: str  # of what the cloud had, right after it was written
    url: str
    note: str = ""
    applied_at: datetime | None = None
    creating_at: datetime | None = None

    @property
    def is_buried(self) -> bool:
        return not self.ref and self.note == BURIED


class Version(NamedTuple):
    number: int
    kind: VersionKind
    body: dict[str, Any]
    author: str
    at: datetime


def of(tx: Connection, place: Place, *dashboard: str) -> dict[str, Kept]:
    """By the ids of declarations: all, or one."""
    query = select(dashboards).where(_at(dashboards, place, *dashboard))
    return {row["dashboard"]: Kept(**{name: value for name, value in row.items() if name not in _KEY})
            for row in tx.execute(query).mappings()}


def places(tx: Connection) -> list[Place]:
    """All where we keep something."""
    query = select(dashboards.c.cloud, dashboards.c.connection).where(dashboards.c.ref != "").distinct()
    return sorted(Place(row.cloud, row.connection) for row in tx.execute(query))


def keep(tx: Connection, place: Place, dashboard: str, kept: Kept) -> None:
    """Writes what is known of one, over what was."""
    dialect = postgresql if tx.dialect.name == "postgresql" else sqlite
    key = {"cloud": place.cloud, "connection": place.connection, "dashboard": dashboard}
    new = dialect.insert(dashboards).values(**key, **asdict(kept))
    tx.execute(new.on_conflict_do_update(index_elements=list(_KEY), set_=asdict(kept)))


def bury(tx: Connection, place: Place, dashboard: str, *, now: datetime) -> None:
    """It was deleted. Its versions can still be looked up; what bears its mark later is somebody's copy."""
    keep(tx, place, dashboard, Kept("", "", "", "", "", BURIED, applied_at=now))


def remember(tx: Connection, place: Place, dashboard: str, kind: VersionKind, body: dict[str, Any], *, author: str,
             most: int, now: datetime) -> int:
    """Adds a version; of all that there are, `most` stay. Its number."""
    new = insert(versions).values(cloud=place.cloud, connection=place.connection, dashboard=dashboard, kind=kind,
                                  body=body, author=author, at=now)
    number = int(tx.execute(new.returning(versions.c.id)).scalar_one())
    newest = (select(versions.c.id).where(_at(versions, place, dashboard)).order_by(versions.c.id.desc())
              .offset(most - 1).limit(1)).scalar_subquery()
    tx.execute(delete(versions).where(_at(versions, place, dashboard) & (versions.c.id < newest)))
    return number


def settle(tx: Connection, place: Place, dashboard: str, number: int, kind: VersionKind) -> None:
    """What was begun has ended well; what was begun before it is of no use any more."""
    tx.execute(update(versions).where(versions.c.id == number).values(kind=kind))
    tx.execute(delete(versions).where(_at(versions, place, dashboard) & (versions.c.kind == BEGUN)))


def history(tx: Connection, place: Place, dashboard: str) -> list[Version]:
    """The newest first."""
    query = select(versions).where(_at(versions, place, dashboard)).order_by(versions.c.id.desc())
    return [Version(row.id, row.kind, row.body, row.author, row.at) for row in tx.execute(query)]


def hold(tx: Connection, place: Place, holder: str, until: datetime, *, now: datetime) -> str:
    """"" where the place is the holder's alone until then, whoever else asks; else who has it now."""
    mark = marks.read(tx, _mark(place))
    other = str(mark.value.get("holder", "")) if mark else ""
    if mark and other not in ("", holder) and datetime.fromisoformat(mark.value["until"]) > now:
        return other
    won = marks.move(tx, _mark(place), mark, {"holder": holder, "until": until.isoformat()}, now=now)
    return "" if won else "another sync"


def release(tx: Connection, place: Place, holder: str, *, now: datetime) -> None:
    mark = marks.read(tx, _mark(place))
    if mark and mark.value.get("holder") == holder:
        marks.move(tx, _mark(place), mark, {"holder": "", "until": now.isoformat()}, now=now)


def _mark(place: Place) -> str:
    return f"sync_dashboards {place.cloud} {place.connection}"


def _at(table: Any, place: Place, *dashboard: str) -> Any:
    values: Sequence[str] = (*place, *dashboard)
    return and_(*(table.c[name] == value for name, value in zip(_KEY, values, strict=False)))
