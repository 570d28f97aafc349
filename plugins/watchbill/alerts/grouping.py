"""Decides when a group notifies and of what: (state, event, now) in, state and notices out. No I/O.

Alertmanager's dispatcher (dispatch/dispatch.go) and its deduplication (notify/notify.go) without their
timers: a run asks at its tick what is due. Two differences are meant. The resolution is the tick: a
`group_wait` below it flushes in the run that opened the group, and runs that come a little late do not
drift. And a resolve is told to whom its firing was told, muted or not.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Literal

Reason = Literal["new", "changed", "repeat", "resolved", "escalated"]
Fingerprints = frozenset[str]
_NONE: Fingerprints = frozenset()

EMPTY_GROUP_LIVES = timedelta(seconds=30)
"""Alertmanager's dispatcher collects empty groups every 30 s; only then is the next alert a new group."""


@dataclass(frozen=True)
class Timing:
    """A route's timers, and the resolution at which anything can happen (0: exactly in time)."""

    group_wait: timedelta
    group_interval: timedelta
    repeat_interval: timedelta
    tick: timedelta = timedelta(0)

    def slot(self, now: datetime) -> datetime:
        """The tick that `now` belongs to, so that late runs keep to the schedule."""
        if not self.tick:
            return now
        tick_s = self.tick.total_seconds()
        return datetime.fromtimestamp(now.timestamp() // tick_s * tick_s, UTC)


@dataclass(frozen=True)
class Told:
    """What one channel has been given of a group (Alertmanager's notification log)."""

    firing: Fingerprints = _NONE
    resolved: Fingerprints = _NONE
    at: datetime | None = None  # the flush of the last notice; None: never any
    owed: Fingerprints = _NONE  # firing has gone out, its resolve has not


@dataclass(frozen=True)
class Group:
    """A group between two runs."""

    members: Fingerprints = _NONE  # resolved ones stay until the next flush
    next_flush: datetime | None = None  # None: closed, the next alert opens it anew
    emptied_at: datetime | None = None
    told: Mapping[str, Told] = field(default_factory=dict)  # by channel
    since: Mapping[str, datetime] = field(default_factory=dict)  # the flush that could first tell of each member


@dataclass(frozen=True)
class Notice:
    """What one channel is to hear."""

    channel: str
    reason: Reason
    firing: Fingerprints
    resolved: Fingerprints


def insert(
    group: Group, firing: Collection[str], timing: Timing, now: datetime, *, held: bool = False,
) -> Group:
    """Alerts that fire join; the first one opens the group. `held`: it may not close, something is unsent."""
    if group.next_flush is not None and group.emptied_at is not None:
        expired = not held and not group.members and now - group.emptied_at >= EMPTY_GROUP_LIVES
        group = replace(group, next_flush=None) if expired else group
    if not firing:
        return group
    if group.next_flush is None:
        at = timing.slot(now)
        waits = timing.group_wait >= timing.tick
        group = replace(group, next_flush=at + timing.group_wait if waits else at)
    return replace(group, members=group.members | frozenset(firing), emptied_at=None)


def flush(
    group: Group, resolved: Collection[str], muted: Collection[str], channels: Mapping[str, bool],
    timing: Timing, now: datetime, *, repeats: bool = True, acknowledged: Collection[str] = (),
) -> tuple[Group, list[Notice]]:
    """Every channel's notice where the flush is due, else nothing.

    `resolved`: those of the members, and of what any channel is owed, that fire no longer. `channels`:
    each with its `send_resolved`. `repeats`: false for a group that no route leads to any more. `acknowledged`:
    nothing is repeated where all that fire are.
    """
    if group.next_flush is None or group.next_flush > now:
        return group, []
    at = _last_due(group.next_flush, timing.group_interval, now)
    gone = frozenset(resolved)
    firing = group.members - gone - frozenset(muted)
    repeat = timing.repeat_interval if repeats and not firing <= frozenset(acknowledged) else None
    told, notices = dict(group.told), []
    for channel, send_resolved in channels.items():
        before = told.get(channel, Told())
        heard = ((group.members & gone) - frozenset(muted)) | (before.owed & gone)
        reason = _reason(before, firing, heard, send_resolved=send_resolved, repeat=repeat, at=at)
        if reason is None:
            continue
        told[channel] = replace(before, firing=firing, resolved=heard, at=at)
        if firing or send_resolved:
            notices.append(Notice(channel, reason, firing, heard if send_resolved else _NONE))
    members = group.members - gone
    emptied_at = None if members else group.emptied_at or at
    since = {name: group.since.get(name, at) for name in members if name in firing or name in group.since}
    return Group(members, at + timing.group_interval, emptied_at, told, since), notices


def _last_due(due: datetime, interval: timedelta, now: datetime) -> datetime:
    """The schedule's last flush at or before `now`: missed ones are not made up for."""
    return due + (now - due) // interval * interval


def _reason(
    before: Told, firing: Fingerprints, resolved: Fingerprints, *, send_resolved: bool,
    repeat: timedelta | None, at: datetime,
) -> Reason | None:
    """Alertmanager's DedupStage.needsUpdate, and the resolves that a channel is owed."""
    if not firing and not resolved:
        return None
    owed = send_resolved and bool((before.owed & resolved) - before.resolved)
    if before.at is None:
        return "new" if firing else "resolved" if owed else None
    if not firing <= before.firing:
        return "changed" if before.firing else "new"
    if not firing:
        return "resolved" if before.firing or owed else None
    if send_resolved and not resolved <= before.resolved:
        return "changed"
    return "repeat" if repeat is not None and at - before.at >= repeat else None
