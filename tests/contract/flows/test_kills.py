"""A process may die at any line: nothing is lost, and what may have been sent twice says so."""

from datetime import timedelta
from typing import Any

import pytest

from tests.contract.flows.world import ALERTING, MINUTE, START, World
from watchbill.alerts import answers, groups, outbox
from watchbill.alerts.ledger import Ledger
from watchbill.flows.deliver_notifications import TRIES_OF_ONE
from watchbill.flows.outbox_by_hand import list_outbox
from watchbill.model.alerts import Notification
from watchbill.model.failures import TransportError

SLACK, SNS = "#alerts", "arn:aws:sns:eu-west-1:123456789012:watchbill-alerts"


class Killed(BaseException):
    """Not an Exception, so that nothing in between can handle it."""


def _die(*_: Any, **__: Any) -> Any:
    raise Killed


@pytest.mark.parametrize(("module", "name"), [
    (groups, "lock"), (groups, "save"), (outbox, "enqueue"), (outbox, "with_unsent"),
])
def test_dispatch_that_dies_is_made_up_for(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, module: Any, name: str,
) -> None:
    world = World(ledger)
    world.lake.put("checkout", 0, 200)
    world.evaluate(5)
    monkeypatch.setattr(module, name, _die)
    with pytest.raises(Killed):
        world.dispatch(5)
    monkeypatch.undo()
    assert ledger.notifications() == []
    world.dispatch(5)
    world.deliver(5)
    assert world.vendor.heard(SLACK) == [("firing", ["checkout"], [])]
    assert world.vendor.heard(SNS) == [("firing", ["checkout"], [])]


def test_a_run_that_dies_before_dispatch_or_delivery_is_made_up_for_by_the_next(ledger: Ledger) -> None:
    world = World(ledger)
    world.lake.put("checkout", 0, 200, minutes=60)
    world.evaluate(5)
    world.evaluate(10)
    world.dispatch(10)
    world.tick(15)
    assert world.vendor.heard(SLACK) == [("firing", ["checkout"], [])]


def test_a_worker_that_dies_before_it_sends_is_made_up_for_when_its_lease_ends(ledger: Ledger) -> None:
    world = World(ledger)
    world.lake.put("checkout", 0, 200, minutes=60)
    world.evaluate(5)
    world.dispatch(5)
    send, world.vendor.send = world.vendor.send, _die  # type: ignore[method-assign]
    with pytest.raises(Killed):
        world.deliver(5)
    world.vendor.send = send  # type: ignore[method-assign]
    world.deliver(6)  # the other channel is free, this one is leased
    assert len(world.vendor.taken) == 1
    world.tick(20)
    assert sorted(one.channel.target for one in world.vendor.taken) == [SLACK, SNS]


def test_a_worker_that_dies_before_it_writes_sends_again_and_says_so(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World(ledger)
    world.lake.put("checkout", 0, 200, minutes=60)
    world.evaluate(5)
    world.dispatch(5)
    monkeypatch.setattr(answers, "succeed", _die)
    with pytest.raises(Killed):
        world.deliver(5)
    monkeypatch.undo()
    world.tick(20)
    first = world.vendor.taken[0]
    assert [one.id for one in world.vendor.taken].count(first.id) == 2  # the same id, for who can tell
    [row] = [row for row in ledger.notifications() if row["id"] == first.id]
    assert (row["status"], row["ambiguous"], row["attempts"]) == ("sent", True, 2)


def test_what_a_dead_worker_may_have_told_is_resolved_to_it(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(ledger)
    world.lake.put("checkout", 0, 200)
    world.lake.put("checkout", 5, 0, minutes=60)
    world.evaluate(5)
    world.dispatch(5)
    monkeypatch.setattr(answers, "succeed", _die)
    with pytest.raises(Killed):
        world.deliver(5)
    monkeypatch.undo()
    target = world.vendor.taken[0].channel.target
    for minute in (10, 15, 20, 25):
        world.tick(minute)
    assert world.vendor.heard(target) == [("firing", ["checkout"], []), ("resolved", [], ["checkout"])]


def test_a_slow_worker_cannot_undo_what_the_next_one_did(ledger: Ledger) -> None:
    world = World(ledger)
    world.lake.put("checkout", 0, 200, minutes=60)
    world.evaluate(5)
    world.dispatch(5)
    now, slow = START + 5 * MINUTE + timedelta(seconds=9), list[Any]()

    def claim(at: Any) -> Any:
        with ledger.transaction() as tx:
            group, channel = outbox.candidates(tx, "ops", at)[0]
            return outbox.claim(tx, group, channel, now=at, lease=MINUTE)

    slow.append(claim(now))
    second = claim(now + 2 * MINUTE)
    assert second.notification.id == slow[0].notification.id
    with ledger.transaction() as tx:
        assert answers.succeed(tx, second, {"ts": "2"}, now=now + 2 * MINUTE)
        assert not answers.succeed(tx, slow[0], {"ts": "1"}, now=now + 3 * MINUTE)
    [row] = [row for row in ledger.notifications() if row["id"] == second.notification.id]
    assert (row["status"], row["answer"]) == ("sent", {"ts": "2"})
    assert isinstance(second.notification, Notification)


def test_a_task_that_is_tried_again_need_not_wait_for_its_own_lease(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World(ledger)
    world.lake.put("checkout", 0, 200, minutes=60)
    world.evaluate(5)
    world.dispatch(5)
    monkeypatch.setattr(answers, "succeed", _die)
    with pytest.raises(Killed):
        world.deliver(5, holder="evaluate_alerts/one/deliver_notifications/0")
    monkeypatch.undo()
    first = world.vendor.taken[0]
    world.deliver(5.2, holder="evaluate_alerts/two/deliver_notifications/0")
    assert [one.id for one in world.vendor.taken].count(first.id) == 1
    world.deliver(5.3, holder="evaluate_alerts/one/deliver_notifications/0")
    assert [one.id for one in world.vendor.taken].count(first.id) == 2


def test_a_fifo_topic_whose_answer_got_lost_is_asked_again_while_it_remembers(ledger: Ledger) -> None:
    fifo = f"{SNS}.fifo"
    world = World(ledger, alerting={"route": {"receiver": "ops"}, "receivers": [
        {"name": "ops", "slack_configs": [{"channel": SLACK}], "sns_configs": [{"topic_arn": fifo}]}]})
    world.lake.put("checkout", 0, 200, minutes=60)
    for target in (fifo, SLACK):
        world.vendor.errors[target] = [TransportError("cut off", ambiguous=True)]
    (report,) = world.tick(5)
    assert [one["target"] for one in report.sent] == [fifo]
    assert [one["target"] for one in report.failed] == [SLACK]


FIFO = "arn:aws:sns:eu-west-1:123456789012:watchbill-alerts.fifo"
TO_FIFO = {**ALERTING, "receivers": [
    {"name": "ops", "slack_configs": [{"channel": "#alerts"}], "sns_configs": [{"topic_arn": FIFO}]},
    {"name": "quiet", "slack_configs": [{"channel": "#ops"}]}]}


def died_sending_to_a_fifo_topic(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> World:
    """The topic has taken it, and the worker died before it could say so."""
    world = World(ledger, alerting=TO_FIFO)
    world.lake.put("checkout", 0, 200, minutes=60)
    world.evaluate(5)
    world.dispatch(5)

    def die_of_the_topic(tx: Any, claimed: Any, *rest: Any, **more: Any) -> Any:
        return (_die if claimed.notification.channel.target == FIFO else succeed)(tx, claimed, *rest, **more)

    succeed = answers.succeed
    monkeypatch.setattr(answers, "succeed", die_of_the_topic)
    with pytest.raises(Killed):
        world.deliver(5)
    monkeypatch.undo()
    return world


def taken_by_the_topic(world: World) -> list[str]:
    return [one.id for one in world.vendor.taken if one.channel.target == FIFO]


@pytest.mark.parametrize("later", [1.1, 3.8])
def test_a_fifo_topic_gets_it_again_while_it_knows_it(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, later: float,
) -> None:
    world = died_sending_to_a_fifo_topic(ledger, monkeypatch)
    world.deliver(5 + later)
    first, again = taken_by_the_topic(world)
    assert again == first  # its deduplication id: the topic passes on one
    assert ledger.notifications()[-1]["status"] == "sent"


def test_a_fifo_topic_that_no_longer_knows_it_does_not_get_it_again(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = died_sending_to_a_fifo_topic(ledger, monkeypatch)
    for minute in (9.3, 10, 15, 20):
        world.tick(minute)
    assert len(taken_by_the_topic(world)) == 1
    [dead] = list_outbox(ledger, "dead", 100)
    assert dead["error"].startswith("it may have been taken at 10:05:")
    told = [(one.channel.target, alert.labels["recipient"]) for one in world.vendor.taken for alert in one.alerts
            if alert.labels["alertname"] == "NotificationDead"]
    assert told == [("#alerts", FIFO)]


def test_a_fifo_topic_that_gave_no_answer_is_asked_again_while_it_knows(ledger: Ledger) -> None:
    world = World(ledger, alerting=TO_FIFO)
    world.lake.put("checkout", 0, 200, minutes=60)
    world.evaluate(5)
    world.dispatch(5)
    world.vendor.errors = {FIFO: [TransportError("SNS: no answer", ambiguous=True) for _ in range(TRIES_OF_ONE)]}
    [report] = world.deliver(5)
    assert [each["target"] for each in report.unsure] == [FIFO]
    [report] = world.deliver(5 + 10 / 60)  # as Airflow tries a task again
    assert report.unsure == []
    assert len(taken_by_the_topic(world)) == 1
    assert {row["status"] for row in ledger.notifications()} == {"sent"}


def test_a_refusal_leaves_no_doubt_about_a_fifo_topic(ledger: Ledger) -> None:
    world = World(ledger, alerting=TO_FIFO)
    world.lake.put("checkout", 0, 200, minutes=60)
    world.vendor.errors = {FIFO: [TransportError("SNS: throttled")]}
    world.tick(5)
    world.tick(10)
    assert len(taken_by_the_topic(world)) == 1
    assert {row["status"] for row in ledger.notifications()} == {"sent"}
