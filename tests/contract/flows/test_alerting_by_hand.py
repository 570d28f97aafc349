"""Alerts that people and tasks send: routed like any other, or to channels that were named."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from tests.contract.flows.world import ALERTING, MINUTE, START, TICK, World
from watchbill.alerts.ledger import Ledger
from watchbill.flows.send_alert import resolve_alert, send_alert
from watchbill.model.alerting import Alerting
from watchbill.model.alerts import Alert, Channel
from watchbill.model.failures import TransportError

LABELS: Mapping[str, str] = {"alertname": "TaskFailed", "severity": "error", "dag_id": "etl", "service": "etl"}
ALERT = Alert(labels=LABELS, starts_at=START, type="airflow", annotations={"summary": "etl failed"},
              metadata={"run_id": "r1"})
OPS, SLACK = Channel("slack", "#ops", "slack_api_default"), "#alerts"


def _send(world: World, alert: Alert, minute: float = 1, **options: Any) -> list[str]:
    return send_alert(alert, world.ledger, world.alerting, now=START + minute * MINUTE, tick=TICK, **options)


def _resolve(world: World, minute: float, **labels: str) -> list[str]:
    return resolve_alert(labels, world.ledger, world.alerting, now=START + minute * MINUTE, tick=TICK)


def test_an_alert_by_hand_is_routed_and_delivered_at_once(ledger: Ledger) -> None:
    world = World(ledger)
    assert _send(world, ALERT) == ["ops"]
    world.deliver(1)
    [notification] = [one for one in world.vendor.taken if one.channel.target == SLACK]
    assert notification.alerts == (ALERT,)


def test_the_same_alert_again_is_not_told_again(ledger: Ledger) -> None:
    world = World(ledger)
    for minute in (1, 2, 3):
        _send(world, replace(ALERT, starts_at=START + minute * MINUTE), minute)
        world.deliver(minute)
    assert len(world.vendor.heard(SLACK)) == 1


def test_the_next_success_resolves_what_a_failure_raised(ledger: Ledger) -> None:
    world = World(ledger)
    _send(world, ALERT)
    world.deliver(1)
    assert _resolve(world, 3, dag_id="other") == []
    _resolve(world, 4, dag_id="etl")
    world.dispatch(10)
    world.deliver(10)
    assert world.vendor.heard(SLACK) == [("firing", ["etl"], []), ("resolved", [], ["etl"])]


def test_an_alert_with_an_end_expires_by_itself(ledger: Ledger) -> None:
    world = World(ledger)
    _send(world, replace(ALERT, ends_at=START + 7 * MINUTE))
    world.deliver(1)
    world.dispatch(5)
    assert world.firing() == ["etl"]
    world.dispatch(10)
    world.deliver(10)
    assert world.vendor.heard(SLACK)[-1] == ("resolved", [], ["etl"])
    assert [one.alert.ends_at for one in ledger.alerts(["resolved"])] == [START + 7 * MINUTE]


def test_resolve_timeout_ends_what_has_no_end(ledger: Ledger) -> None:
    world = World(ledger)
    world.alerting = Alerting.model_validate({**ALERTING, "global": {"resolve_timeout": "5m"}})
    _send(world, ALERT)
    assert [one.alert.ends_at for one in ledger.alerts()] == [START + 6 * MINUTE]


def test_named_channels_hear_of_it_and_nobody_else(ledger: Ledger) -> None:
    world = World(ledger)
    assert _send(world, ALERT, channels=[OPS]) == ["explicit"]
    world.deliver(1)
    world.tick(5)
    assert [(one.channel, one.reason, one.alerts) for one in world.vendor.taken] == [(OPS, "event", (ALERT,))]


def test_a_task_that_is_tried_again_sends_to_named_channels_once(ledger: Ledger) -> None:
    world = World(ledger)
    for minute in (1, 2):
        _send(world, ALERT, minute, channels=[OPS])
        world.deliver(minute)
    _send(world, replace(ALERT, starts_at=START + timedelta(hours=1)), 60, channels=[OPS])
    world.deliver(60)
    assert len(world.vendor.heard("#ops")) == 2


def test_named_channels_hear_of_the_end_if_they_heard_of_the_beginning(ledger: Ledger) -> None:
    world = World(ledger)
    world.vendor.errors["#gone"] = [TransportError("channel_not_found", permanent=True)]
    _send(world, ALERT, channels=[OPS, Channel("slack", "#gone", "slack_api_default")])
    world.deliver(1)
    _resolve(world, 2, dag_id="etl")
    world.deliver(2)
    assert world.vendor.heard("#ops") == [("firing", ["etl"], []), ("resolved", [], ["etl"])]
    assert world.vendor.heard("#gone") == []


def test_the_routed_and_the_named_alert_of_the_same_labels_live_apart(ledger: Ledger) -> None:
    world = World(ledger)
    _send(world, ALERT)
    _send(world, ALERT, channels=[OPS])
    world.deliver(1)
    assert sorted(one.channel.target for one in world.vendor.taken) == sorted(
        [SLACK, "#ops", "arn:aws:sns:eu-west-1:123456789012:watchbill-alerts"])
