"""A step of a group's escalation: what nobody has acknowledged in time is told to one receiver more. Pure.

The step is a group of its own beside the one that it is of, with the same machinery and without repeats. An alert joins
it when its time has come and it is told once in each firing episode; it leaves when it resolves.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from watchbill.alerts.grouping import Fingerprints, Group, Notice, Timing, Told, flush, insert

_PACE = timedelta(seconds=1)
"""A step speaks in the run in which its time comes: what comes due together was told together before."""


def overdue(since: Mapping[str, datetime], after: timedelta, now: datetime) -> Fingerprints:
    """The members that a group could tell of so long ago."""
    return frozenset(name for name, first in since.items() if now - first >= after)


def told_of(step: Group) -> Fingerprints:
    """Of what the step has told, in this episode of each."""
    return frozenset().union(*(told.firing | told.owed for told in step.told.values()))


def escalate(
    step: Group, due: Collection[str], held_back: Collection[str], present: Collection[str], firing: Collection[str],
    channels: Mapping[str, bool], tick: timedelta, now: datetime,
) -> tuple[Group, list[Notice]]:
    """The step and what it tells now.

    `held_back`: acknowledged, silenced, inhibited or muted; what was told already stays told all the same. `present`:
    the members of the group that it is a step of, after its flush: who is none of them has ended, and that is told.
    `firing`: who fires at this moment; one that is present and does not may fire again before the group looks, and
    then nothing has happened.
    """
    timing = Timing(timedelta(0), _PACE, timedelta(days=1), tick)
    step = insert(step, (frozenset(due) & frozenset(firing)) - frozenset(held_back), timing, now)
    known = step.members | told_of(step)
    ended, unsure = known - frozenset(present), (known & frozenset(present)) - frozenset(firing)
    untold = step.members - told_of(step)
    quiet = (untold & (frozenset(held_back) | ended)) | unsure
    after, notices = flush(step, ended, quiet, channels, timing, now, repeats=False)
    told = {name: replace(one, firing=_still_told(step.told.get(name), one, unsure) & after.members)
            for name, one in after.told.items()}
    over = not after.members and not any(one.owed - ended for one in told.values())
    return replace(after, told=told, next_flush=None if over else after.next_flush), notices


def _still_told(before: Told | None, after: Told, unsure: Fingerprints) -> Fingerprints:
    """Only who is there: without repeats nothing would be told of a second firing of what is taken for known."""
    return after.firing | (before.firing & unsure if before else frozenset())
