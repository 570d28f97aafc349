"""Notifications that no try will send any more: the alert that says so, and what a person does about them.

The alert (`NotificationDead`, one for each channel) fires while such letters lie there. The routing decides who hears
of it, but never through a channel that has them: it would be one more.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, RowMapping, select, update

from watchbill.alerts import explicit, states
from watchbill.alerts.groups import channel_id
from watchbill.alerts.history import remember
from watchbill.alerts.states import SENT, from_json, to_json
from watchbill.alerts.tables import outbox
from watchbill.model.alerts import Alert, Channel, Notification, fingerprint
from watchbill.model.failures import LedgerError

ALERT = "NotificationDead"
LASTS = timedelta(days=7)  # without another death, if nobody looks after them


def tell(tx: Connection, dead: Notification, error: str, *, now: datetime) -> None:
    """Raises the alert of the channel, in the transaction that gives the letter up."""
    channel, labels = dead.channel, _labels(dead.channel)
    known = states.one(tx, fingerprint(labels), SENT)
    began = known.alert.starts_at if known and known.state == "firing" else now
    alert = Alert(
        labels, began, type="watchbill", ends_at=now + LASTS,
        annotations={"summary": f"Notifications do not reach {channel.kind} {channel.target}",
                     "description": f"{error}\n`watchbill outbox list` shows what was not told; `outbox retry` or "
                                    "`outbox drop` ends this alert."},
        metadata={"receiver": dead.receiver, "notification": dead.id, "channel_id": channel_id(channel)})
    states.put(tx, alert, SENT, "firing", now=now)


def closed(firing: Iterable[Alert]) -> frozenset[str]:
    """The channels that have dead letters, as far as these alerts tell."""
    return frozenset(str(alert.metadata.get("channel_id", "")) for alert in firing if is_about_letters(alert))


def is_about_letters(alert: Alert) -> bool:
    return alert.type == "watchbill" and alert.labels.get("alertname") == ALERT


def another(channels: Sequence[Channel], shut: Collection[str], alert: Alert) -> Channel | None:
    """Whom to tell where the routing names only channels with dead letters: rather another kind than the same."""
    open_ones = [channel for channel in channels if channel_id(channel) not in shut]
    return min(open_ones, key=lambda one: one.kind == alert.labels.get("channel"), default=None)


def retry(tx: Connection, names: Collection[str], *, now: datetime, by: str) -> dict[str, str]:
    """Queues dead letters again, as things are now: id -> `pending`, or `superseded` where the channel knows better."""
    found = {row["id"]: _revive(tx, row, now, by) for row in _dead(tx, names)}
    _end_alerts(tx, now)
    return found


def drop(tx: Connection, names: Collection[str], *, now: datetime, by: str) -> dict[str, str]:
    """Gives dead letters up for good; they stay in the history."""
    rows = _dead(tx, names)
    for row in rows:
        _set(tx, row["id"], now, by, status="dropped")
    _end_alerts(tx, now)
    return {row["id"]: "dropped" for row in rows}


def _dead(tx: Connection, names: Collection[str]) -> list[RowMapping]:
    """Each by its id or the beginning of it. Raises LedgerError for what is none, or more than one."""
    rows = list(tx.execute(select(outbox).where(outbox.c.status == "dead").order_by(outbox.c.sequence)
                           .with_for_update()).mappings())
    found: dict[str, RowMapping] = {}
    for name in names:
        meant = [row for row in rows if row["id"].startswith(name)]
        if len(meant) != 1 or not name:
            why = "there is no dead letter" if not meant else f"{len(meant)} dead letters begin with"
            raise LedgerError(f"{why} {name!r}: `watchbill outbox list` shows them")
        found[meant[0]["id"]] = meant[0]
    return sorted(found.values(), key=lambda row: int(row["sequence"]))


def _revive(tx: Connection, row: RowMapping, now: datetime, by: str) -> str:
    """What has ended meanwhile is not told as firing, and nothing where a later notice has reached the channel."""
    later = select(outbox.c.id).where(
        (outbox.c.group_id == row["group_id"]) & (outbox.c.channel_id == row["channel_id"])
        & (outbox.c.sequence > row["sequence"]) & (outbox.c.status == "sent")).limit(1)
    if tx.execute(later).first() is not None:
        return _set(tx, row["id"], now, by, status="superseded")
    firing = [from_json(alert) for alert in row["firing"]]
    is_explicit = row["receiver"] == explicit.RECEIVER
    present = states.load(tx, [alert.fingerprint for alert in firing], explicit=is_explicit)
    now_known = [present.get(alert.fingerprint, replace(alert, status="resolved", ends_at=now)) for alert in firing]
    ended = [alert for alert in now_known if alert.status == "resolved"]
    return _set(tx, row["id"], now, by, status="pending", attempts=0, next_attempt_at=now, ambiguous=False,
                unsure_since=None,
                firing=[to_json(alert) for alert in now_known if alert.status == "firing"],
                resolved=[*row["resolved"], *map(to_json, ended)])


def _set(tx: Connection, name: str, now: datetime, by: str, *, status: str, **values: object) -> str:
    tx.execute(update(outbox).where(outbox.c.id == name).values(status=status, leased_until=None, **values))
    remember(tx, "notification_retried" if status == "pending" else f"notification_{status}", name, now=now, by=by)
    return status


def _end_alerts(tx: Connection, now: datetime) -> None:
    """Where no letter lies any more."""
    left = {row.channel_id for row in tx.execute(
        select(outbox.c.channel_id).where(outbox.c.status == "dead").distinct())}
    for known in states.sent_with(tx, {"alertname": ALERT}):
        if is_about_letters(known.alert) and known.alert.metadata.get("channel_id") not in left:
            if known.origin == SENT:
                states.resolve(tx, known.fingerprint, SENT, at=now, now=now)
            else:
                explicit.end(tx, known.fingerprint, now=now)


def _labels(channel: Channel) -> Mapping[str, str]:
    return {"alertname": ALERT, "severity": "critical", "channel": channel.kind, "recipient": channel.target,
            "connection": channel.connection}
