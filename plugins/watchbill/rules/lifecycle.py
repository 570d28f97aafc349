"""Third step of judgement: the instances of a rule move between inactive, pending and firing.

`advance` moves one. `advance_all` moves all of a rule at once: instances of the same state that saw the same have the
same future, so it asks `advance` once for all of them. There may be a million, and few stories among them.

A pure function of the earlier state, what was just seen, and the evaluation's time. It decides as
Prometheus does (rules/alerting.go) where the evaluations are regular; three things are ours:

- A hole in evaluation never satisfies `for`: a pending instance that was last evaluated more than one
  interval ago starts its clock again. Nobody looked, so nothing is known to have held. A firing one
  stays as it is judged now. A source that failed is such a hole: do not call `advance` for it.
- Missing data has CloudWatch's four policies. `missing` (INSUFFICIENT_DATA there) is neither breaching
  nor fine: the instance goes back to inactive, marked `no_data`, as in Prometheus when a series ends.
  `ignore` keeps the state that was; the clock of a pending one stands still meanwhile.
- An evaluation at or before the last one changes nothing, so that a run can be repeated.
"""

from collections.abc import Collection, Mapping, Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from watchbill.model.rules import Rule

State = Literal["inactive", "pending", "firing"]


@dataclass(frozen=True, slots=True)
class InstanceState:
    """One instance as of its last evaluation; all times are evaluation times."""

    state: State
    at: datetime  # the last evaluation
    active_at: datetime | None = None  # when the clock of `for` began; None: it has not
    fired_at: datetime | None = None  # None unless firing
    clear_since: datetime | None = None  # firing only because of keep_firing_for, since then
    resolved_at: datetime | None = None  # the end of the last firing, until it is active again
    no_data: bool = False  # the last evaluation saw no value


Standing = Mapping[InstanceState, Set[str]]
"""The instances of a rule that are not inactive, by their state."""


def advance(
    rule: Rule, state: InstanceState | None, breached: bool | None, at: datetime, *, interval: timedelta,
) -> InstanceState:
    """The state after the evaluation at `at`; `breached` None: there was no value.

    `interval`: the regular distance between two evaluations of the rule's group, in whole ticks.
    """
    if state is not None and at <= state.at:
        return state
    no_data, before = breached is None, state or InstanceState("inactive", at)
    unseen = state is not None and at - state.at > interval
    if breached is None and rule.treat_missing_data == "ignore":
        return replace(before, at=at, no_data=True, active_at=_clock_held(before, at, unseen))
    if breached or (breached is None and rule.treat_missing_data == "breaching"):
        return replace(_breach(rule, before, at, unseen), no_data=no_data)
    return replace(_clear(rule, before, at), no_data=no_data)


def advance_all(
    rule: Rule, before: Standing, at: datetime, *, breached: Set[str], missing: Set[str], known: Mapping[str, object],
    interval: timedelta,
) -> tuple[dict[InstanceState, set[str]], set[str]]:
    """Where every instance stands after the evaluation at `at`, and which have just ceased to fire.

    `breached`, `missing` (no value) and `known` (all that were read) name instances. What is not even known is gone,
    and ends whatever the policy for missing data: it could never end otherwise.
    """
    gone = rule.model_copy(update={"treat_missing_data": "missing"})
    after: dict[InstanceState, set[str]] = {}
    ended: set[str] = set()

    def move(its: Rule, state: InstanceState | None, verdict: bool | None, names: Collection[str]) -> None:
        if names:
            moved = advance(its, state, verdict, at, interval=interval)
            if moved.state != "inactive":
                after.setdefault(moved, set()).update(names)
            elif moved.resolved_at == at:
                ended.update(names)

    active: set[str] = set()
    for state, names in before.items():
        active.update(names)
        breaching, unseen = names & breached, names & missing
        clear = names - breaching - unseen
        lost = {name for name in clear if name not in known}
        move(rule, state, True, breaching)
        move(rule, state, None, unseen)
        move(rule, state, False, clear - lost)
        move(gone, state, None, lost)
    move(rule, None, True, breached - active)
    if rule.treat_missing_data == "breaching":
        move(rule, None, None, missing - active)
    return after, ended


def _clock_held(before: InstanceState, at: datetime, unseen: bool) -> datetime | None:
    if before.state != "pending" or before.active_at is None:
        return before.active_at
    return None if unseen else before.active_at + (at - before.at)


def _breach(rule: Rule, before: InstanceState, at: datetime, unseen: bool) -> InstanceState:
    if before.state == "firing":
        return replace(before, at=at, clear_since=None)
    since = at if before.active_at is None or unseen else before.active_at
    if at - since >= rule.for_:
        return InstanceState("firing", at, active_at=since, fired_at=at)
    return InstanceState("pending", at, active_at=since)


def _clear(rule: Rule, before: InstanceState, at: datetime) -> InstanceState:
    if before.state != "firing":
        return InstanceState("inactive", at, resolved_at=before.resolved_at)
    since = before.clear_since or at
    if at - since < rule.keep_firing_for:
        return replace(before, at=at, clear_since=since)
    return InstanceState("inactive", at, resolved_at=at)
