from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.rules.points import AT, a_rule
from watchbill.rules.lifecycle import InstanceState, advance, advance_all

TICK = timedelta(minutes=5)
MISSED = "missed"  # no evaluation in that interval


def lived(rule, *seen):
    """The state after each evaluation, one interval after the other."""
    states, state = [], None
    for step, breached in enumerate(seen):
        if breached is not MISSED:
            state = advance(rule, state, breached, AT + step * TICK, interval=TICK)
            states.append(state)
    return states


def names(states):
    return [state.state for state in states]


def test_a_rule_without_for_fires_at_once():
    assert lived(a_rule(), True) == [InstanceState("firing", AT, active_at=AT, fired_at=AT)]


def test_for_is_time_elapsed_and_not_a_count_of_evaluations():
    assert names(lived(a_rule(**{"for": "10m"}), True, True, True)) == ["pending", "pending", "firing"]
    assert names(lived(a_rule(**{"for": "11m"}), True, True, True, True)) == ["pending"] * 3 + ["firing"]


def test_one_good_evaluation_sets_the_clock_of_for_back():
    seen = (True, True, False, True, True, True)
    assert names(lived(a_rule(**{"for": "10m"}), *seen)) == [
        "pending", "pending", "inactive", "pending", "pending", "firing"]


def test_a_hole_in_evaluation_does_not_satisfy_for():
    states = lived(a_rule(**{"for": "10m"}), True, MISSED, True, True, True)
    assert names(states) == ["pending", "pending", "pending", "firing"]
    assert states[-1].active_at == AT + 2 * TICK


def test_a_firing_instance_lives_through_a_hole():
    states = lived(a_rule(), True, MISSED, MISSED, True)
    assert states[-1] == InstanceState("firing", AT + 3 * TICK, active_at=AT, fired_at=AT)


def test_keep_firing_for_ends_once_elapsed_is_at_least_its_value():
    states = lived(a_rule(keep_firing_for="10m"), True, False, False, False)
    assert names(states) == ["firing", "firing", "firing", "inactive"]
    assert [state.clear_since for state in states] == [None, AT + TICK, AT + TICK, None]
    assert states[-1].resolved_at == AT + 3 * TICK


def test_a_new_breach_ends_the_time_that_is_kept():
    seen = (True, False, True, False, False, False)
    assert names(lived(a_rule(keep_firing_for="10m"), *seen)) == ["firing"] * 5 + ["inactive"]


def test_missing_data_resolves_and_says_so_where_it_is_missing():
    states = lived(a_rule(), True, None)
    assert states[-1] == InstanceState("inactive", AT + TICK, resolved_at=AT + TICK, no_data=True)


def test_a_rule_that_ignores_missing_data_keeps_its_last_state():
    rule = a_rule(treat_missing_data="ignore")
    assert names(lived(rule, True, None, None)) == ["firing"] * 3
    assert names(lived(rule, False, None)) == ["inactive"] * 2
    assert names(lived(rule, None)) == ["inactive"]


def test_the_clock_of_for_stands_still_while_missing_data_is_ignored():
    rule = a_rule(treat_missing_data="ignore", **{"for": "10m"})
    assert names(lived(rule, True, None, None, None, True, True)) == ["pending"] * 5 + ["firing"]
    assert names(lived(rule, True, MISSED, None, True, True, True)) == ["pending"] * 4 + ["firing"]


def test_missing_data_may_breach_and_waits_for_for():
    rule = a_rule(treat_missing_data="breaching", **{"for": "5m"})
    states = lived(rule, None, None, False)
    assert [(state.state, state.no_data) for state in states] == [
        ("pending", True), ("firing", True), ("inactive", False)]


def test_missing_data_may_be_fine():
    assert names(lived(a_rule(treat_missing_data="notBreaching"), True, None)) == ["firing", "inactive"]


@pytest.mark.parametrize("back", [timedelta(0), TICK])
def test_an_evaluation_at_or_before_the_last_one_changes_nothing(back):
    state = InstanceState("firing", AT, active_at=AT, fired_at=AT)
    assert advance(a_rule(), state, False, AT - back, interval=TICK) is state


@given(st.lists(st.lists(st.sampled_from([True, False, None, "gone"]), min_size=3, max_size=3), max_size=20),
       st.sampled_from(["missing", "ignore", "breaching", "notBreaching"]), st.sampled_from(["0s", "7m"]),
       st.sampled_from(["0s", "12m"]))
def test_all_instances_at_once_stand_where_each_of_them_would_alone(seen, policy, wait, keep):
    rule = a_rule(treat_missing_data=policy, keep_firing_for=keep, **{"for": wait})
    gone = a_rule(keep_firing_for=keep, **{"for": wait})
    alone = dict.fromkeys("abc")
    standing = {}
    for step, row in enumerate(seen):
        at, told = AT + step * TICK, dict(zip("abc", row, strict=True))
        before = {name: state.state if state else "inactive" for name, state in alone.items()}
        for name, verdict in told.items():
            its = gone if verdict == "gone" else rule
            alone[name] = advance(its, alone[name], None if verdict == "gone" else verdict, at, interval=TICK)
        standing, ended = advance_all(
            rule, standing, at, breached={name for name, verdict in told.items() if verdict is True},
            missing={name for name, verdict in told.items() if verdict is None},
            known={name: 0 for name, verdict in told.items() if verdict != "gone"}, interval=TICK)
        active = {name: state for name, state in alone.items() if state.state != "inactive"}
        assert {name: replace(state, resolved_at=None) for state, names in standing.items() for name in names} == {
            name: replace(state, resolved_at=None) for name, state in active.items()}
        assert ended == {name for name in alone if before[name] == "firing" and name not in active}


@given(st.lists(st.sampled_from([True, False, None, MISSED]), max_size=30),
       st.sampled_from(["missing", "ignore", "breaching", "notBreaching"]), st.integers(1, 30))
def test_nothing_fires_before_its_for_has_passed_in_evaluations_without_a_hole(seen, policy, minutes):
    rule = a_rule(treat_missing_data=policy, **{"for": f"{minutes}m"})
    breaching = 0  # intervals between neighbouring evaluations that ended in a breach
    state = None
    for step, breached in enumerate(seen):
        if breached is MISSED:
            breaching = 0
            continue
        before = state.state if state else "inactive"
        state = advance(rule, state, breached, AT + step * TICK, interval=TICK)
        counts = breached is True or (breached is None and policy == "breaching")
        if counts and before == "pending" and state.state == "firing":
            assert (breaching) * 5 >= minutes
        breaching = breaching + 1 if counts else breaching if breached is None and policy == "ignore" else 0
        assert before != "inactive" or state.state != "firing"
