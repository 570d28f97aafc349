"""Groups between two runs: the ledger's rows in, grouping's values out, and back under the group's lock."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select, update
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


def steps(tx: Connection, parent: str | None = None) -> dict[str, dict[tuple[str, str], frozenset[str]]]:
    """The steps of escalation that are open, of each group or of one: the members by (key, receiver)."""
    query = select(groups).where(groups.c.next_flush.is_not(None) & (_IS_STEP if parent is None else
                                                                     groups.c.parent == parent))
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


def lock(
    tx: Connection, key: str, receiver: str, labels: Mapping[str, str], timing: Timing, parent: str = "",
) -> Known:
    """The group, made where there is none, and nobody else's until the transaction ends."""
    dialect = postgresql if tx.dialect.name == "postgresql" else sqlite
    name = group_id(key, receiver)
    # A NUL or a lone surrogate in a label must not stop dispatch: PostgreSQL takes neither as text.
    shown = key.encode("utf-8", "backslashreplace").decode().replace("\x00", "\\x00")
    tx.execute(dialect.insert(groups).values(
        id=name, key=shown, receiver=receiver, labels=dict(labels), timing={}, members=[], sequence=0,
        since={}, parent=parent,
    ).on_conflict_do_nothing())
    known = lock_id(tx, name, timing.tick)
    return Known(known.id, known.key, known.receiver, known.labels, timing, known.sequence, known.group)


def lock_id(tx: Connection, name: str, tick: timedelta) -> Known:
    row = tx.execute(select(groups).where(groups.c.id == name).with_for_update()).mappings().one()
    channels = tx.execute(select(group_channels).where(group_channels.c.group_id == name)).mappings()
    told = {each["channel_id"]: Told(frozenset(each["firing"]), frozenset(each["resolved"]),
                                     each["notified_at"], frozenset(each["told"])) for each in channels}
    group = Group(frozenset(row["members"]), row["next_flush"], row["emptied_at"], told, _times(row["since"]))
    return Known(row["id"], row["key"], row["receiver"], row["labels"], _timing(row, tick), row["sequence"],
                 group)


def save(tx: Connection, known: Known, group: Group, sequence: int) -> None:
    """Writes what grouping decided; what the vendors were told is delivery's to write."""
    timing = {name: getattr(known.timing, name).total_seconds()
              for name in ("group_wait", "group_interval", "repeat_interval")}
    tx.execute(update(groups).where(groups.c.id == known.id).values(
        members=sorted(group.members), next_flush=group.next_flush, emptied_at=group.emptied_at,
        since={name: at.isoformat() for name, at in sorted(group.since.items())}, sequence=sequence, timing=timing))
    if known.group.next_flush is None and group.next_flush is not None:
        end_threads(tx, known.id)
    for channel, told in group.told.items():
        before = known.group.told.get(channel)
        values = {"firing": sorted(told.firing), "resolved": sorted(told.resolved), "notified_at": told.at}
        if before is None:
            names = {"group_id": known.id, "channel_id": channel}
            tx.execute(insert(group_channels).values(**names, told=[], thread={}, **values))
        elif before != told:
            tx.execute(update(group_channels).where(_channel(known.id, channel)).values(**values))


def end_threads(tx: Connection, group: str) -> None:
    """What comes now is another story, in a thread of its own."""
    tx.execute(update(group_channels).where(group_channels.c.group_id == group).values(thread={}))


def owed(group: Group, channels: Collection[str]) -> frozenset[str]:
    """Alerts whose resolve some channel still waits for."""
    return frozenset().union(*(told.owed for channel, told in group.told.items() if channel in channels))


def _channel(group: str, channel: str) -> Any:
    return (group_channels.c.group_id == group) & (group_channels.c.channel_id == channel)


def _timing(row: RowMapping, tick: timedelta) -> Timing:
    stored = {name: timedelta(seconds=value) for name, value in row["timing"].items()}
    return Timing(**{"group_wait": timedelta(0), "group_interval": timedelta(minutes=5),
                     "repeat_interval": timedelta(hours=4), **stored}, tick=tick)
