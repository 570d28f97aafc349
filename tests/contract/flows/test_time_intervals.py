"""Routes that are mute at times: nothing is told then, resolves are, and what still fires is told after."""

from typing import Any

from tests.contract.flows.world import ALERTING, World, errors_rule
from watchbill.alerts.ledger import Ledger

SLACK = "#alerts"
QUARTER = [{"times": [{"start_time": "10:10", "end_time": "10:25"}]}]


def _alerting(**route: Any) -> dict[str, Any]:
    top = {**ALERTING["route"], "repeat_interval": "5m",
           "routes": [{"matchers": ["alertname=Errors"], **route}]}
    return {**ALERTING, "route": top, "time_intervals": [{"name": "quarter", "time_intervals": QUARTER}]}


def test_a_mute_route_tells_nothing_until_the_interval_is_over(ledger: Ledger) -> None:
    world = World(ledger, alerting=_alerting(mute_time_intervals=["quarter"], repeat_interval="4h"))
    world.lake.put("checkout", 5, 200, minutes=60)
    for minute in (10, 15, 20):
        world.tick(minute)
    assert world.vendor.taken == []
    world.tick(25)
    assert world.vendor.heard(SLACK) == [("firing", ["checkout"], [])]


def test_nothing_is_repeated_while_a_route_is_mute(ledger: Ledger) -> None:
    world = World(ledger, alerting=_alerting(mute_time_intervals=["quarter"]))
    world.lake.put("checkout", 0, 200, minutes=60)
    told = []
    for minute in range(5, 40, 5):
        world.tick(minute)
        told.append(len(world.vendor.heard(SLACK)))
    assert told == [1, 1, 1, 1, 2, 3, 4]


def test_a_resolve_is_told_although_the_route_is_mute(ledger: Ledger) -> None:
    world = World(ledger, alerting=_alerting(mute_time_intervals=["quarter"]))
    world.lake.put("checkout", 0, 200, minutes=10)
    world.lake.put("search", 0, 200, minutes=60)
    world.lake.put("checkout", 10, 0, minutes=60)
    for minute in (5, 10, 15, 20):
        world.tick(minute)
    assert world.vendor.heard(SLACK) == [("firing", ["checkout", "search"], []), ("resolved", [], ["checkout"])]
    world.tick(25)
    assert world.vendor.heard(SLACK)[2:] == [("firing", ["search"], [])]


def test_what_came_and_went_while_the_route_was_mute_is_never_told(ledger: Ledger) -> None:
    world = World(ledger, alerting=_alerting(mute_time_intervals=["quarter"]))
    world.lake.put("checkout", 5, 200)
    world.lake.put("checkout", 10, 0, minutes=60)
    for minute in range(10, 40, 5):
        world.tick(minute)
    assert world.vendor.taken == []


def test_a_route_with_active_intervals_speaks_inside_of_them_only(ledger: Ledger) -> None:
    world = World(ledger, alerting=_alerting(active_time_intervals=["quarter"], repeat_interval="4h"))
    world.lake.put("checkout", 0, 200, minutes=60)
    world.tick(5)
    assert world.vendor.taken == []
    world.tick(10)
    assert world.vendor.heard(SLACK) == [("firing", ["checkout"], [])]


def test_child_routes_do_not_inherit_the_mute(ledger: Ledger) -> None:
    alerting = _alerting(mute_time_intervals=["quarter"],
                         routes=[{"matchers": ["severity=critical"], "receiver": "ops"}])
    world = World(ledger, errors_rule(), alerting=alerting)
    world.lake.put("checkout", 5, 200, minutes=60)
    world.tick(10)
    assert world.vendor.heard(SLACK) == [("firing", ["checkout"], [])]
