"""A step of a group's escalation: what nobody has acknowledged in time is told to one receiver more. Pure.

The step is a group of its own beside the one that it is of, with the same machinery and without repeats. An alert joins
it when its time has come and it is told once in each firing episode; it leaves when it resolves.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from watchbill.alerts.grouping import Fingerprints, Group, Notice, Timing, flush, insert

_PACE = timedelta(seconds=1)
"""A step speaks in the run in which its time comes: what comes due together was told together before."""


def overdue(since: Mapping[str, datetime], after: timedelta, now: datetime) -> Fingerprints:
    """The members that a group could tell of so long ago."""
    return frozenset(name for name, first in since.items() if now - first >= after)


def told_of(step: Group) -> Fingerprints:
    """Of what the step has told, in this episode of each."""
    return frozenset().union(*(told.firing | told.owed for told in step.told.values()))


def escalate(
    step: Group, due: Collection[str], held_back: Collection[str], resolved: Collection[str],
    channels: Mapping[str, bool], tick: timedelta, now: datetime,
) -> tuple[Group, list[Notice]]:
    """The step and what it tells now.

    `held_back`: acknowledged, silenced, inhibited or muted; what was told already stays told all the same.
    `resolved`: those of its members, and of what its channels are owed, that fire no longer.
    """
    timing = Timing(timedelta(0), _PACE, timedelta(days=1), tick)
    step = insert(step, frozenset(due) - frozenset(held_back), timing, now)
    untold = step.members - told_of(step)
    quiet = untold & (frozenset(held_back) | frozenset(resolved))
    after, notices = flush(step, resolved, quiet, channels, timing, now, repeats=False)
    # Without repeats nothing would ever be told of a second episode that a channel takes for known.
    told = {name: replace(one, firing=one.firing & after.members) for name, one in after.told.items()}
    over = not after.members and not any(one.owed - frozenset(resolved) for one in told.values())
    return replace(after, told=told, next_flush=None if over else after.next_flush), notices
