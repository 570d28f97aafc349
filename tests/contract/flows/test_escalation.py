"""Escalation: who is told too when nobody acknowledges in time; once an episode and step, and of the end."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.contract.flows.test_acknowledgements import ack
from tests.contract.flows.test_silences import silence
from tests.contract.flows.world import ALERTING, MINUTE, START, World
from watchbill.alerts import groups, history, outbox
from watchbill.alerts.ledger import Ledger
from watchbill.flows import dispatch_group
from watchbill.flows.acknowledge_alerts import unacknowledge_alerts
from watchbill.model.silences import parse_words

SLACK, MANAGER, DIRECTOR = "#alerts", "boss@example.com", "director@example.com"


def alerting(*, send_resolved: bool = True, **route: Any) -> dict[str, Any]:
    steps = [{"after": "10m", "receiver": "manager"}, {"after": "20m", "receiver": "director"}]
    mail = [{"name": name, "email_configs": [{"to": to, "send_resolved": send_resolved}]}
            for name, to in (("manager", MANAGER), ("director", DIRECTOR))]
    return {**ALERTING, "receivers": [*ALERTING["receivers"], *mail],
            "route": {**ALERTING["route"], "escalations": steps, **route}}


def world_of(ledger: Ledger, fires: int = 60, **options: Any) -> World:
    world = World(ledger, alerting=alerting(**options))
    world.lake.put("checkout", 0, 200, minutes=fires)
    world.lake.put("checkout", fires, 0, minutes=60)
    return world


def run(world: World, first: int, last: int) -> None:
    for minute in range(first, last + 1, 5):
        world.tick(minute)


def test_what_nobody_acknowledges_is_told_step_by_step_and_once(ledger: Ledger) -> None:
    world = world_of(ledger)
    run(world, 5, 10)
    assert (world.vendor.heard(MANAGER), world.vendor.heard(DIRECTOR)) == ([], [])
    run(world, 15, 20)
    assert (world.vendor.heard(MANAGER), world.vendor.heard(DIRECTOR)) == ([("firing", ["checkout"], [])], [])
    run(world, 25, 50)
    assert world.vendor.heard(MANAGER) == world.vendor.heard(DIRECTOR) == [("firing", ["checkout"], [])]
    assert world.vendor.heard(SLACK) == [("firing", ["checkout"], [])]
    [told] = [one for one in world.vendor.taken if one.channel.target == MANAGER]
    assert (told.receiver, told.reason, told.group_labels) == ("manager", "escalated", {"alertname": "Errors"})
    events = [row["detail"] for row in ledger.history() if row["kind"] == "alert_escalated"]
    assert events == [{"receiver": "manager", "after_s": 600.0}, {"receiver": "director", "after_s": 1200.0}]


def test_the_end_is_told_to_whom_the_beginning_was(ledger: Ledger) -> None:
    world = world_of(ledger, fires=20)
    run(world, 5, 40)
    told = [("firing", ["checkout"], []), ("resolved", [], ["checkout"])]
    assert (world.vendor.heard(SLACK), world.vendor.heard(MANAGER), world.vendor.heard(DIRECTOR)) == (told, told, [])


def test_what_is_acknowledged_in_time_is_not_escalated(ledger: Ledger) -> None:
    world = world_of(ledger, fires=45)
    run(world, 5, 10)
    ack(world, 11)
    run(world, 15, 60)
    assert (world.vendor.heard(MANAGER), world.vendor.heard(DIRECTOR)) == ([], [])


def test_an_acknowledgement_stops_the_steps_that_are_still_to_come(ledger: Ledger) -> None:
    world = world_of(ledger, fires=45)
    run(world, 5, 15)
    ack(world, 16)
    run(world, 20, 60)
    assert world.vendor.heard(MANAGER) == [("firing", ["checkout"], []), ("resolved", [], ["checkout"])]
    assert world.vendor.heard(DIRECTOR) == []


def test_given_back_it_goes_on_where_it_would_be(ledger: Ledger) -> None:
    world = world_of(ledger)
    run(world, 5, 10)
    ack(world, 11)
    run(world, 15, 25)
    unacknowledge_alerts(ledger, matchers=parse_words(["Errors"]), by="ann", now=START + 26 * MINUTE)
    run(world, 30, 35)
    assert world.vendor.heard(MANAGER) == world.vendor.heard(DIRECTOR) == [("firing", ["checkout"], [])]


def test_an_acknowledgement_that_expires_escalates_and_one_that_comes_and_goes_does_not_repeat(ledger: Ledger) -> None:
    world = world_of(ledger)
    run(world, 5, 15)
    ack(world, 16, minutes=2)
    run(world, 20, 20)
    ack(world, 21, minutes=2)
    run(world, 25, 40)
    assert world.vendor.heard(MANAGER) == world.vendor.heard(DIRECTOR) == [("firing", ["checkout"], [])]


@pytest.mark.parametrize("send_resolved", [True, False])
def test_every_episode_is_escalated_anew(ledger: Ledger, send_resolved: bool) -> None:
    world = World(ledger, alerting=alerting(send_resolved=send_resolved))
    for service, spans in (("checkout", [(0, 20), (30, 60)]), ("search", [(0, 60)])):
        world.lake.put(service, 0, 0, minutes=90)
        for first, last in spans:
            world.lake.put(service, first, 200, minutes=last - first)
    run(world, 5, 70)
    firing = [firing for _, firing, _ in world.vendor.heard(MANAGER) if firing]
    both = ["checkout", "search"]
    assert firing == ([both, ["search"], both] if send_resolved else [both, both])


def test_an_alert_that_joins_later_has_a_time_of_its_own(ledger: Ledger) -> None:
    world = world_of(ledger)
    world.lake.put("search", 10, 200, minutes=60)
    run(world, 5, 20)
    assert world.vendor.heard(MANAGER) == [("firing", ["checkout"], [])]
    run(world, 25, 25)
    assert world.vendor.heard(MANAGER)[1:] == [("firing", ["checkout", "search"], [])]


def test_what_is_silenced_is_not_escalated_and_does_not_repeat_after(ledger: Ledger) -> None:
    world = world_of(ledger)
    run(world, 5, 10)
    silence(world, 11, "Errors", minutes=12)
    run(world, 15, 20)
    assert world.vendor.heard(MANAGER) == []
    run(world, 25, 25)
    assert world.vendor.heard(MANAGER) == [("firing", ["checkout"], [])]
    silence(world, 26, "Errors", minutes=7)
    run(world, 30, 45)
    assert world.vendor.heard(MANAGER) == world.vendor.heard(DIRECTOR) == [("firing", ["checkout"], [])]


def test_a_mute_route_does_not_escalate_and_its_time_begins_when_it_can_be_told(ledger: Ledger) -> None:
    declared = alerting(routes=[{"matchers": ["alertname=Errors"], "mute_time_intervals": ["night"]}])
    declared["time_intervals"] = [
        {"name": "night", "time_intervals": [{"times": [{"start_time": "10:00", "end_time": "10:20"}]}]}]
    world = World(ledger, alerting=declared)
    world.lake.put("checkout", 0, 200, minutes=60)
    run(world, 5, 25)
    assert (world.vendor.heard(SLACK), world.vendor.heard(MANAGER)) == ([("firing", ["checkout"], [])], [])
    run(world, 30, 30)
    assert world.vendor.heard(MANAGER) == [("firing", ["checkout"], [])]


def test_child_routes_inherit_the_steps_and_may_have_none(ledger: Ledger) -> None:
    quiet = {"matchers": ["service=search"], "escalations": []}
    world = World(ledger, alerting=alerting(routes=[quiet]))
    for service in ("checkout", "search"):
        world.lake.put(service, 0, 200, minutes=60)
    run(world, 5, 15)
    assert world.vendor.heard(MANAGER) == [("firing", ["checkout"], [])]


def test_steps_that_are_taken_away_still_tell_the_end(ledger: Ledger) -> None:
    world = world_of(ledger, fires=20)
    run(world, 5, 15)
    world.alerting = type(world.alerting).model_validate(alerting(escalations=[]))
    run(world, 20, 30)
    assert world.vendor.heard(MANAGER) == [("firing", ["checkout"], []), ("resolved", [], ["checkout"])]


def test_dispatchers_at_once_escalate_once(ledger: Ledger) -> None:
    world = world_of(ledger)
    run(world, 5, 10)
    world.evaluate(15)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(world.dispatch, [15] * 4))
    world.deliver(15)
    assert world.vendor.heard(MANAGER) == [("firing", ["checkout"], [])]


class Killed(BaseException):
    """Not an Exception, so that nothing in between can handle it."""


@pytest.mark.parametrize(("module", "name"), [
    (groups, "lock"), (groups, "save"), (groups, "steps"), (outbox, "enqueue"), (outbox, "remember"),
    (dispatch_group, "remember"), (history, "insert"),
])
@pytest.mark.parametrize("call", [1, 2])
def test_a_dispatcher_that_dies_anywhere_in_it_is_made_up_for(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, module: Any, name: str, call: int,
) -> None:
    world = world_of(ledger, fires=20)
    run(world, 5, 10)
    world.evaluate(15)
    calls, inner = [0], getattr(module, name)

    def die(*words: Any, **options: Any) -> Any:
        calls[0] += 1
        if calls[0] == call:
            raise Killed
        return inner(*words, **options)

    monkeypatch.setattr(module, name, die)
    try:
        world.dispatch(15)
    except Killed:
        assert world.vendor.heard(MANAGER) == []
    monkeypatch.undo()
    world.dispatch(15.5)
    world.deliver(15.5)
    run(world, 20, 30)
    told = [("firing", ["checkout"], []), ("resolved", [], ["checkout"])]
    assert world.vendor.heard(MANAGER) == told
    assert world.vendor.heard(SLACK) == told


def test_a_clock_that_goes_back_loses_and_doubles_nothing(ledger: Ledger) -> None:
    world = world_of(ledger)
    run(world, 5, 15)
    for minute in (12, 8, 15, 20):
        world.dispatch(minute)
        world.deliver(minute)
    assert world.vendor.heard(MANAGER) == [("firing", ["checkout"], [])]
    run(world, 25, 25)
    assert world.vendor.heard(DIRECTOR) == [("firing", ["checkout"], [])]
