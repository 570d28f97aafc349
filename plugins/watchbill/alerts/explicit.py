"""Alerts that go to channels by name, past the routing: each is a group of its own, outside of dispatch."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from watchbill.alerts import groups, outbox, states
from watchbill.alerts.grouping import Timing, Told
from watchbill.alerts.groups import channel_id
from watchbill.alerts.states import EXPLICIT
from watchbill.alerts.tables import outbox as outbox_table
from watchbill.model.alerts import Alert, Channel

RECEIVER = "explicit"
"""Under this name the outbox keeps what goes to channels that were named; no route leads here."""

_AT_ONCE = Timing(timedelta(0), timedelta(minutes=5), timedelta(hours=4))


def put(tx: Connection, alert: Alert, channels: Sequence[Channel], *, now: datetime) -> bool:
    """Fires, and is queued for every channel; false for the same alert (labels and start) once more."""
    known = states.one(tx, alert.fingerprint, EXPLICIT)
    if known is not None and known.alert.starts_at == alert.starts_at:
        return False
    states.put(tx, alert, EXPLICIT, "firing", now=now)
    groups.end_threads(tx, _group(alert))
    _queue(tx, alert, channels, now)
    return True


def tell_end(tx: Connection, ended: Alert, *, now: datetime) -> None:
    """To every channel that the alert was sent to."""
    query = select(outbox_table.c.channel_id, outbox_table.c.channel).where(
        outbox_table.c.group_id == _group(ended))
    named = {row.channel_id: row.channel for row in tx.execute(query)}
    _queue(tx, ended, [Channel(**channel) for channel in named.values()], now)


def end(tx: Connection, fingerprint: str, *, now: datetime) -> None:
    """Resolves it where it fires, and tells those who were told."""
    known = states.one(tx, fingerprint, EXPLICIT)
    if known and states.resolve(tx, fingerprint, EXPLICIT, at=now, now=now):
        tell_end(tx, replace(known.alert, status="resolved", ends_at=now), now=now)


def _group(alert: Alert) -> str:
    return groups.group_id(f"explicit:{alert.fingerprint}", RECEIVER)


def _queue(tx: Connection, alert: Alert, channels: Sequence[Channel], now: datetime) -> None:
    """The group has no timer."""
    if not channels:
        return
    place = groups.Place(f"explicit:{alert.fingerprint}", RECEIVER, alert.labels, _AT_ONCE)
    (known,) = groups.lock(tx, [place]).values()
    told = {channel_id(channel): known.group.told.get(channel_id(channel), Told()) for channel in channels}
    groups.save(tx, [(known, replace(known.group, told={**known.group.told, **told}), known.sequence + 1)])
    firing, resolved = ([alert], []) if alert.status == "firing" else ([], [alert])
    outbox.enqueue(tx, [outbox.Due(known, channel, known.sequence + 1, "event", firing, resolved)
                        for channel in {channel_id(channel): channel for channel in channels}.values()], now=now)
