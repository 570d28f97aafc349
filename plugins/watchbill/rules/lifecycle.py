"""Third step of judgement: one instance of a rule moves between inactive, pending and firing.

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

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from watchbill.model.rules import Rule

State = Literal["inactive", "pending", "firing"]
_MOMENTS = ("at", "active_at", "fired_at", "clear_since", "resolved_at")


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

    def to_json(self) -> dict[str, Any]:
        moments = {name: getattr(self, name) for name in _MOMENTS}
        return {"state": self.state, "no_data": self.no_data,
                **{name: moment.isoformat() if moment else None for name, moment in moments.items()}}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "InstanceState":
        moments = {name: datetime.fromisoformat(data[name]) if data[name] else None for name in _MOMENTS}
        return cls(**{**data, **moments})


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
