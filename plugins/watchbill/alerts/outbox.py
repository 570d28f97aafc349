"""What is to be sent: written with the state that causes it, claimed by lease, tried until it is taken.

One row for each channel and notice. Unsent rows of a group's channel become one when they are claimed,
and one at a time is under way, so that firing never follows its own resolve.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any, NamedTuple

from sqlalchemy import Connection, RowMapping, and_, bindparam, insert, or_, select, update

from watchbill.alerts.groups import Known, channel_id
from watchbill.alerts.history import remember, remember_all
from watchbill.alerts.states import from_json, to_json
from watchbill.alerts.tables import group_channels, groups, outbox
from watchbill.model.alerts import Alert, Channel, Notification

UNSENT = ("pending", "leased")
KNOWN_LEASE = timedelta(minutes=1)  # where the vendor knows a notification again: soon is safe, and late is not


@dataclass(frozen=True)
class Claimed:
    """A notification that is ours to send until the lease ends."""

    notification: Notification
    group: str
    channel: str
    attempt: int  # from 1; also proves that the claim is still ours
    unsure_since: datetime | None = None  # when an earlier try began that the vendor may have taken


def notification_id(group: str, channel: str, sequence: int) -> str:
    return blake2b(f"{group}\xff{channel}\xff{sequence}".encode(), digest_size=12).hexdigest()


class Due(NamedTuple):
    """A notice on its way into the outbox."""

    known: Known
    channel: Channel
    sequence: int
    reason: str
    firing: Sequence[Alert]
    resolved: Sequence[Alert]


def enqueue(tx: Connection, notices: Sequence[Due], *, now: datetime) -> None:
    """Adds them; the unique key over group, channel and sequence refuses a second one."""
    if not notices:
        return
    rows = [_row(one, now) for one in notices]
    tx.execute(insert(outbox), rows)
    remember_all(tx, "notification_queued", [
        (row["id"], {"receiver": row["receiver"], "reason": row["reason"]}) for row in rows], now=now)


def _row(due: Due, now: datetime) -> dict[str, Any]:
    channel = channel_id(due.channel)
    return {
        "id": notification_id(due.known.id, channel, due.sequence), "group_id": due.known.id, "channel_id": channel,
        "sequence": due.sequence, "receiver": due.known.receiver, "reason": due.reason, "status": "pending",
        "attempts": 0, "next_attempt_at": now, "ambiguous": False, "answer": {}, "created_at": now,
        "channel": {"kind": due.channel.kind, "target": due.channel.target, "connection": due.channel.connection,
                    "options": dict(due.channel.options)},
        "firing": [to_json(alert) for alert in due.firing],
        "resolved": [to_json(replace(alert, status="resolved")) for alert in due.resolved],
    }


def due_receivers(tx: Connection, now: datetime) -> list[str]:
    """Who has something that may be claimed."""
    rows = tx.execute(select(outbox.c.receiver).where(_due(now)).distinct()).scalars()
    return sorted(rows)


def with_unsent(tx: Connection, names: Collection[str]) -> set[str]:
    """Those of the groups that have something unsent."""
    query = select(outbox.c.group_id).where(outbox.c.group_id.in_(names) & outbox.c.status.in_(UNSENT)).distinct()
    return set(tx.execute(query).scalars())


def candidates(tx: Connection, receiver: str, now: datetime, holder: str = "") -> list[tuple[str, str]]:
    """(group, channel) with something due, the longest waiting first; the holder's own leases count as ended."""
    due = or_(_due(now), _held(holder)) & (outbox.c.receiver == receiver)
    query = (select(outbox.c.group_id, outbox.c.channel_id).where(due)
             .order_by(outbox.c.created_at, outbox.c.sequence, outbox.c.id))
    return list(dict.fromkeys((row.group_id, row.channel_id) for row in tx.execute(query)))


def claim(
    tx: Connection, group: str, channel: str, *, now: datetime, lease: timedelta, holder: str = "",
) -> Claimed | None:
    """Makes one notification of the channel's unsent rows and leases it. None: nothing to send just now.

    A `holder` is one at a time: what it leased and did not end, it died with. "" is nobody.

    The group's row of the channel is the lock; who finds it taken leaves it to the other.
    """
    place = tx.execute(_LOCKED, {"of_group": group, "of_channel": channel}).mappings().first()
    if place is None:
        return None
    rows = _unsent(tx, group, channel)
    if not rows or any(_must_wait(row, now, holder) for row in rows):
        return None
    told = _told_by_the_dead(tx, place, rows, now)
    head, merged = rows[-1], _merge(rows, told)
    for row in rows[:-1]:
        _end(tx, row["id"], "superseded", now=now, by=head["id"])
    if not merged.firing and not merged.resolved:
        _end(tx, head["id"], "superseded", now=now, by="its own resolve")
        return None
    leased = {"status": "leased", "leased_until": now + _lease(head, lease), "holder": holder or None,
              "attempts": head["attempts"] + 1, "unsure_since": head["unsure_since"] or now, **_rewritten(rows, merged)}
    if not tx.execute(_UNCHANGED, {"of_id": head["id"], "of_attempts": head["attempts"], **leased}).rowcount:
        return None
    return Claimed(_notification(head, merged, place["thread"], told), group, channel, head["attempts"] + 1,
                   head["unsure_since"])


def _lease(row: RowMapping, lease: timedelta) -> timedelta:
    return min(lease, KNOWN_LEASE) if Channel(**row["channel"]).deduplicates else lease


def _due(now: datetime) -> Any:
    pending = and_(outbox.c.status == "pending", outbox.c.next_attempt_at <= now)
    return or_(pending, and_(outbox.c.status == "leased", outbox.c.leased_until <= now))


def _held(holder: str) -> Any:
    return and_(outbox.c.status == "leased", outbox.c.holder == holder)  # "" is never written


def _must_wait(row: RowMapping, now: datetime, holder: str) -> bool:
    if row["status"] == "leased":
        return bool(row["leased_until"] > now) and not (holder and row["holder"] == holder)
    return bool(row["next_attempt_at"] > now)


def _unsent(tx: Connection, group: str, channel: str) -> list[RowMapping]:
    """With the key and the labels of their group."""
    return list(tx.execute(_ROWS, {"of_group": group, "of_channel": channel}).mappings().all())


def _told_by_the_dead(tx: Connection, place: RowMapping, rows: list[RowMapping], now: datetime) -> set[str]:
    """A lease that ended without an answer may have been sent: what it said counts as told."""
    told = set(place["told"])
    for row in rows:
        if row["status"] == "leased":
            told |= {from_json(alert).fingerprint for alert in row["firing"]}
            tx.execute(update(outbox).where(outbox.c.id == row["id"]).values(ambiguous=True))
            remember(tx, "notification_lease_ended", row["id"], now=now, attempt=row["attempts"])
    if told != set(place["told"]):
        know(tx, place["group_id"], place["channel_id"], told=sorted(told))
    return told


class _Merged(NamedTuple):
    firing: Sequence[Alert]
    resolved: Sequence[Alert]
    reason: str


def _merge(rows: list[RowMapping], told: Collection[str]) -> _Merged:
    """The newest firing set, every resolve since, and the reason that weighs most; nothing but resolves only of what
    the channel was told of.
    """
    firing = {alert.fingerprint: alert for alert in map(from_json, rows[-1]["firing"])}
    resolved = {alert.fingerprint: alert for row in rows for alert in map(from_json, row["resolved"])}
    heard = [alert for name, alert in resolved.items() if name not in firing and (firing or name in told)]
    reasons = [row["reason"] for row in rows if row["reason"] != "repeat"] or ["repeat"]
    return _Merged(list(firing.values()), heard, reasons[0] if firing else reasons[-1])


def _rewritten(rows: list[RowMapping], merged: _Merged) -> dict[str, Any]:
    """What the last of them says now; one alone from which nothing was left out says what it said."""
    if len(rows) == 1 and len(merged.resolved) == len(rows[0]["resolved"]):
        return {}
    return {"firing": [to_json(alert) for alert in merged.firing],
            "resolved": [to_json(alert) for alert in merged.resolved], "reason": merged.reason}


def _notification(
    row: RowMapping, merged: _Merged, thread: Mapping[str, str], told: Collection[str],
) -> Notification:
    return Notification(
        id=row["id"], group_key=row["key"], group_labels=row["labels"], receiver=row["receiver"],
        status="firing" if merged.firing else "resolved", alerts=(*merged.firing, *merged.resolved),
        channel=Channel(**row["channel"]), reason=merged.reason, thread=thread, told=frozenset(told),
    )


def _end(tx: Connection, name: str, status: str, *, now: datetime, by: str) -> None:
    tx.execute(update(outbox).where(outbox.c.id == name).values(status=status, leased_until=None))
    remember(tx, f"notification_{status}", name, now=now, by=by)


def know(tx: Connection, group: str, channel: str, **values: Any) -> None:
    """What the channel knows of the group: `told`, `thread`."""
    tx.execute(_KNOWN, {"of_group": group, "of_channel": channel, **values})


# Written once: to put such a statement together costs as much as to execute it, and each is of every notification.
_PLACE = (group_channels.c.group_id == bindparam("of_group")) & (group_channels.c.channel_id == bindparam("of_channel"))
_LOCKED = select(group_channels).where(_PLACE).with_for_update(skip_locked=True)
_KNOWN = update(group_channels).where(_PLACE)
_ROWS = (select(outbox, groups.c.key, groups.c.labels).join(groups, groups.c.id == outbox.c.group_id)
         .where(outbox.c.group_id == bindparam("of_group"), outbox.c.channel_id == bindparam("of_channel"),
                outbox.c.status.in_(UNSENT)).order_by(outbox.c.sequence))
_UNCHANGED = update(outbox).where(outbox.c.id == bindparam("of_id"), outbox.c.attempts == bindparam("of_attempts"))
LEASED = _UNCHANGED.where(outbox.c.status == "leased")
"""Takes values for the row that was claimed, by `of_id` and `of_attempts`, while the lease is still the claim's."""
