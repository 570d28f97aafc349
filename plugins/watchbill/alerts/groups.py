"""Groups between two runs: the ledger's rows in, grouping's values out, and back under the group's lock."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any, NamedTuple

from sqlalchemy import Connection, RowMapping, bindparam, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from watchbill.alerts.grouping import Group, Timing, Told
from watchbill.alerts.tables import group_channels, groups
from watchbill.model.alerts import Channel

_IS_STEP = groups.c.parent != ""


@dataclass(frozen=True)
class Known:
    """A group with its names."""

    id: str
    key: str
    receiver: str
    labels: Mapping[str, str]
    timing: Timing
    sequence: int  # of its last notice
    group: Group


def group_id(key: str, receiver: str) -> str:
    return blake2b(f"{receiver}\xff{key}".encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def channel_id(channel: Channel) -> str:
    return f"{channel.kind}:{channel.connection}:{channel.target}"


@dataclass(frozen=True)
class Waiting:
    """A group whose flush is not due yet."""

    members: frozenset[str]
    since: Mapping[str, datetime]  # when it could first tell of each


def ids(tx: Connection) -> set[str]:
    """The groups that are open; not the steps of their escalation."""
    return set(tx.execute(select(groups.c.id).where(groups.c.next_flush.is_not(None) & ~_IS_STEP)).scalars())


def steps(
    tx: Connection, parents: Collection[str] | None = None,
) -> dict[str, dict[tuple[str, str], frozenset[str]]]:
    """The steps of escalation that are open, of each group or of these: the members by (key, receiver)."""
    query = select(groups).where(groups.c.next_flush.is_not(None) & (_IS_STEP if parents is None else
                                                                     groups.c.parent.in_(parents)))
    found: dict[str, dict[tuple[str, str], frozenset[str]]] = {}
    for row in tx.execute(query):
        found.setdefault(row.parent, {})[row.key, row.receiver] = frozenset(row.members)
    return found


def step_place(key: str, receiver: str, place: int) -> tuple[str, str]:
    """(key, receiver) of a group's step, the first of which is 1: its time may change without its being another."""
    return f"{key}#escalation-{place}", receiver


def waiting(tx: Connection, now: datetime) -> dict[str, Waiting]:
    rows = tx.execute(select(groups.c.id, groups.c.members, groups.c.since).where(groups.c.next_flush > now))
    return {row.id: Waiting(frozenset(row.members), _times(row.since)) for row in rows}


def _times(stored: Mapping[str, str]) -> dict[str, datetime]:
    return {name: datetime.fromisoformat(at) for name, at in stored.items()}


class Place(NamedTuple):
    """Where a group stands."""

    key: str
    receiver: str
    labels: Mapping[str, str]
    timing: Timing
    parent: str = ""

    @property
    def id(self) -> str:
        return group_id(self.key, self.receiver)


def lock(
    tx: Connection, places: Iterable[Place], names: Collection[str] = (), tick: timedelta = timedelta(0),
) -> dict[str, Known]:
    """Groups by id, and nobody else's until the transaction ends; those of `places` are made where there are none.

    Those of `names` keep the timing that they had, with this tick. In one order, so that two runs never wait for each
    other's.
    """
    placed = {place.id: place for place in places}
    if placed:
        dialect = postgresql if tx.dialect.name == "postgresql" else sqlite
        tx.execute(dialect.insert(groups).on_conflict_do_nothing(),
                   [_new(name, place) for name, place in sorted(placed.items())])
    wanted = sorted({*placed, *names})
    query = select(groups).where(groups.c.id.in_(wanted)).order_by(groups.c.id).with_for_update()
    rows = tx.execute(query).mappings().all()
    told: dict[str, dict[str, Told]] = {name: {} for name in wanted}
    for each in tx.execute(select(group_channels).where(group_channels.c.group_id.in_(wanted))).mappings():
        told[each["group_id"]][each["channel_id"]] = Told(frozenset(each["firing"]), frozenset(each["resolved"]),
                                                          each["notified_at"], frozenset(each["told"]))
    return {row["id"]: _known(row, told[row["id"]], placed[row["id"]].timing if row["id"] in placed
                              else _timing(row, tick)) for row in rows}


def _new(name: str, place: Place) -> dict[str, Any]:
    # A NUL or a lone surrogate in a label must not stop dispatch: PostgreSQL takes neither as text.
    shown = place.key.encode("utf-8", "backslashreplace").decode().replace("\x00", "\\x00")
    return {"id": name, "key": shown, "receiver": place.receiver, "labels": dict(place.labels), "timing": {},
            "members": [], "sequence": 0, "since": {}, "parent": place.parent}


def _known(row: RowMapping, told: Mapping[str, Told], timing: Timing) -> Known:
    group = Group(frozenset(row["members"]), row["next_flush"], row["emptied_at"], told, _times(row["since"]))
    return Known(row["id"], row["key"], row["receiver"], row["labels"], timing, row["sequence"], group)


def save(tx: Connection, decided: Sequence[tuple[Known, Group, int]]) -> None:
    """Writes what grouping decided, and the sequence of its last notice; what vendors were told is delivery's to write.
    """
    if not decided:
        return
    tx.execute(_SAVED, [_saved(known, group, sequence) for known, group, sequence in decided])
    opened = [known.id for known, group, _ in decided if known.group.next_flush is None and group.next_flush]
    if opened:
        end_threads(tx, *opened)
    new, changed = list[dict[str, Any]](), list[dict[str, Any]]()
    for known, group, _ in decided:
        for channel, told in group.told.items():
            values = {"firing": sorted(told.firing), "resolved": sorted(told.resolved), "notified_at": told.at}
            if (before := known.group.told.get(channel)) is None:
                new.append({"group_id": known.id, "channel_id": channel, "told": [], "thread": {}, **values})
            elif before != told:
                changed.append({"of_group": known.id, "of_channel": channel, **values})
    if new:
        tx.execute(insert(group_channels), new)
    if changed:
        tx.execute(_CHANGED, changed)


_SAVED = update(groups).where(groups.c.id == bindparam("of_id"))
_CHANGED = update(group_channels).where((group_channels.c.group_id == bindparam("of_group"))
                                        & (group_channels.c.channel_id == bindparam("of_channel")))


def _saved(known: Known, group: Group, sequence: int) -> dict[str, Any]:
    timing = {name: getattr(known.timing, name).total_seconds()
              for name in ("group_wait", "group_interval", "repeat_interval")}
    return {"of_id": known.id, "members": sorted(group.members), "next_flush": group.next_flush,
            "emptied_at": group.emptied_at, "sequence": sequence, "timing": timing,
            "since": {name: at.isoformat() for name, at in sorted(group.since.items())}}


def end_threads(tx: Connection, *names: str) -> None:
    """What comes now is another story, in a thread of its own."""
    tx.execute(update(group_channels).where(group_channels.c.group_id.in_(names)).values(thread={}))


def owed(group: Group, channels: Collection[str]) -> frozenset[str]:
    """Alerts whose resolve some channel still waits for."""
    return frozenset().union(*(told.owed for channel, told in group.told.items() if channel in channels))


def _timing(row: RowMapping, tick: timedelta) -> Timing:
    stored = {name: timedelta(seconds=value) for name, value in row["timing"].items()}
    return Timing(**{"group_wait": timedelta(0), "group_interval": timedelta(minutes=5),
                     "repeat_interval": timedelta(hours=4), **stored}, tick=tick)
