"""A dispatcher dies before each statement that it sends, with silences, acknowledgements and escalation in play.

Whatever it had done is done once and completely by the next: everybody hears what they would have heard.
"""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import delete, event

from tests.contract.flows.test_acknowledgements import ack
from tests.contract.flows.test_escalation import DIRECTOR, MANAGER, SLACK, alerting
from tests.contract.flows.test_silences import silence
from tests.contract.flows.world import World
from watchbill.alerts.ledger import Ledger
from watchbill.alerts.tables import metadata


class Killed(BaseException):
    """Not an Exception, so that nothing in between can handle it."""


Heard = dict[str, list[Any]]
DIES_AT = (10, 15, 20)  # a silence begins, a step comes due, alerts end while one is acknowledged and one silenced


def play(ledger: Ledger, dispatch: Callable[[World, float], None]) -> tuple[Heard, list[Any]]:
    """Half an hour of it; who heard what, and what the history has of each alert."""
    with ledger.transaction() as tx:
        for table in metadata.tables.values():
            tx.execute(delete(table))
    world = World(ledger, alerting=alerting(repeat_interval="5m"))
    for service, fires in (("checkout", 60), ("search", 15), ("catalog", 15)):
        world.lake.put(service, 0, 200, minutes=fires)
        world.lake.put(service, fires, 0, minutes=60)
    for minute in range(5, 35, 5):
        world.evaluate(minute)
        dispatch(world, minute)
        world.deliver(minute)
        if minute == 5:
            silence(world, 6, "service=search", name="quiet")
            ack(world, 6, "service=catalog", name="mine")
    kinds = [(row["subject"], row["kind"]) for row in ledger.history() if row["kind"].startswith(("alert_", "ack"))]
    return {target: world.vendor.heard(target) for target in (SLACK, MANAGER, DIRECTOR)}, sorted(kinds)


def killed_before(ledger: Ledger, minute: float, statement: int) -> tuple[Heard, list[Any], bool]:
    dead = False

    def dispatch(world: World, now: float) -> None:
        nonlocal dead
        if now == minute:
            sent = [0]

            def die(*_: Any) -> None:
                sent[0] += 1
                if sent[0] == statement:
                    raise Killed

            event.listen(ledger._engine, "before_cursor_execute", die)
            try:
                world.dispatch(now)
            except Killed:
                dead = True
            finally:
                event.remove(ledger._engine, "before_cursor_execute", die)
        world.dispatch(now)

    heard, kinds = play(ledger, dispatch)
    return heard, kinds, dead


@pytest.mark.parametrize("minute", DIES_AT)
def test_a_dispatcher_may_die_before_any_statement(ledger: Ledger, minute: int, request: Any) -> None:
    undisturbed = play(ledger, lambda world, now: (world.dispatch(now), None)[1])
    heard, _ = undisturbed
    assert heard[MANAGER] == [("firing", ["checkout"], [])]
    assert heard[DIRECTOR] == [("firing", ["checkout"], [])]
    stride = 3 if "sqlite" in request.node.name else 7  # 1 takes long
    statement, dead, deaths = 1, True, 0
    while dead:
        heard, kinds, dead = killed_before(ledger, minute, statement)
        assert (heard, kinds) == undisturbed, statement
        deaths, statement = deaths + dead, statement + stride
    assert deaths > 2
