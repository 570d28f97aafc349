"""What is refused for good is told through another channel, and waits for a person."""

from datetime import timedelta
from typing import Any

import pytest

from tests.contract.flows.world import ALERTING, MINUTE, START, World
from watchbill.alerts.dead_letters import ALERT
from watchbill.alerts.ledger import Ledger
from watchbill.flows.outbox_by_hand import drop_notifications, list_outbox, retry_notifications
from watchbill.flows.send_alert import send_alert
from watchbill.model.alerts import Alert, Channel, Notification
from watchbill.model.failures import LedgerError, TransportError

SLACK, OPS, TOPIC = "#alerts", "#ops", "arn:aws:sns:eu-west-1:123456789012:watchbill-alerts"
GONE = "Slack: channel_not_found; trying again cannot help"


def refused(times: int = 1) -> list[Exception]:
    return [TransportError(GONE, permanent=True) for _ in range(times)]


def letters(taken: list[Notification]) -> list[tuple[str, str, str]]:
    """Who was told of dead letters: (target, status, whose)."""
    return [(one.channel.target, alert.status, alert.labels["recipient"]) for one in taken for alert in one.alerts
            if alert.labels["alertname"] == ALERT]


def dead(world: World) -> list[dict[str, Any]]:
    return list_outbox(world.ledger, "dead", 100)


def world_with(ledger: Ledger, *targets: str, alerting: dict[str, Any] | None = None) -> World:
    """`checkout` fires, and these channels refuse."""
    world = World(ledger, alerting=alerting)
    world.lake.put("checkout", 0, 200, minutes=60)
    world.vendor.errors = {target: refused() for target in targets}
    world.tick(5)
    return world


def test_a_dead_letter_is_told_through_another_channel_and_never_through_its_own(ledger: Ledger) -> None:
    world = world_with(ledger, SLACK)
    assert [(one["status"], one["target"], one["error"]) for one in dead(world)] == [("dead", SLACK, GONE)]
    world.tick(10)
    world.tick(15)
    assert letters(world.vendor.taken) == [(TOPIC, "firing", SLACK)]
    [alert] = [alert for one in world.vendor.taken for alert in one.alerts if alert.labels["alertname"] == ALERT]
    assert alert.labels == {"alertname": ALERT, "severity": "critical", "channel": "slack", "recipient": SLACK,
                            "connection": "slack_api_default"}
    assert (alert.title, alert.message.split("\n")[0]) == (f"Notifications do not reach slack {SLACK}", GONE)
    assert alert.metadata["receiver"] == "ops"


def test_where_the_routing_names_no_other_channel_any_other_is_told_once(ledger: Ledger) -> None:
    only_slack = {**ALERTING, "receivers": [
        {"name": "ops", "slack_configs": [{"channel": SLACK, "send_resolved": True}]},
        {"name": "quiet", "slack_configs": [{"channel": OPS}], "email_configs": [{"to": "a@b.example"}]}]}
    world = world_with(ledger, SLACK, alerting=only_slack)
    for minute in (10, 15, 20):
        world.tick(minute)
    assert letters(world.vendor.taken) == [("a@b.example", "firing", SLACK)]


def test_when_the_other_channel_is_dead_too_it_goes_to_a_third_and_then_ends(ledger: Ledger) -> None:
    world = world_with(ledger, SLACK)
    world.vendor.errors = {TOPIC: refused(9), OPS: refused(9), SLACK: refused(9)}
    for minute in range(10, 60, 5):
        world.tick(minute)
    assert letters(world.vendor.taken) == []
    firing = {one.alert.labels["recipient"] for one in ledger.alerts(["firing"]) if "recipient" in one.alert.labels}
    assert firing == {SLACK, TOPIC, OPS}
    assert len(dead(world)) <= 5  # no letter about letters begets another for ever


def test_the_others_go_on_while_one_channel_is_dead(ledger: Ledger) -> None:
    world = world_with(ledger, SLACK)
    world.lake.put("search", 5, 200, minutes=60)
    world.tick(10)
    assert world.vendor.heard(SLACK) == [("firing", ["checkout", "search"], [])]  # it may be there again
    assert ("firing", ["checkout", "search"], []) in world.vendor.heard(TOPIC)


def test_a_dead_letter_that_is_tried_again_says_how_things_are_now_and_the_alert_ends(ledger: Ledger) -> None:
    world = world_with(ledger, SLACK)
    world.tick(10)
    [letter] = dead(world)
    now = START + 11 * MINUTE
    assert retry_notifications(ledger, [letter["id"][:8]], now=now, by="ann") == {letter["id"]: "pending"}
    world.tick(15)
    world.tick(20)
    assert world.vendor.heard(SLACK) == [("firing", ["checkout"], [])]
    assert letters(world.vendor.taken) == [(TOPIC, "firing", SLACK), (TOPIC, "resolved", SLACK)]
    assert dead(world) == []
    kinds = [row["kind"] for row in ledger.history(letter["id"])]
    assert kinds == ["notification_queued", "notification_dead", "notification_retried", "notification_sent"]


def test_what_has_ended_meanwhile_is_not_told_as_firing(ledger: Ledger) -> None:
    world = World(ledger)
    world.lake.put("checkout", 0, 200)
    world.lake.put("checkout", 5, 0, minutes=60)
    world.vendor.errors = {SLACK: refused()}
    world.tick(5)
    world.tick(10)
    [letter] = dead(world)
    retry_notifications(ledger, [letter["id"]], now=START + 11 * MINUTE, by="ann")
    world.tick(15)
    assert world.vendor.heard(SLACK) == []
    assert [one["status"] for one in list_outbox(ledger, "all", 100) if one["id"] == letter["id"]] == ["superseded"]


def test_what_the_channel_has_been_told_since_is_not_sent_again(ledger: Ledger) -> None:
    world = world_with(ledger, SLACK)
    world.lake.put("search", 5, 200, minutes=60)
    world.tick(10)
    [letter] = dead(world)
    assert retry_notifications(ledger, [letter["id"]], now=START + 11 * MINUTE, by="ann") == {
        letter["id"]: "superseded"}


def test_a_dead_letter_that_is_dropped_is_not_sent_and_ends_the_alert(ledger: Ledger) -> None:
    world = world_with(ledger, SLACK)
    world.tick(10)
    [letter] = dead(world)
    drop_notifications(ledger, [letter["id"]], now=START + 11 * MINUTE, by="ann")
    world.tick(15)
    world.tick(20)
    assert world.vendor.heard(SLACK) == []
    assert letters(world.vendor.taken) == [(TOPIC, "firing", SLACK), (TOPIC, "resolved", SLACK)]
    assert ledger.history(letter["id"])[-1]["kind"] == "notification_dropped"


@pytest.mark.parametrize("name", ["", "nothing", "z"])
def test_what_is_no_dead_letter_is_neither_tried_nor_dropped(ledger: Ledger, name: str) -> None:
    world = world_with(ledger, SLACK)
    [letter] = dead(world)
    for verb in (retry_notifications, drop_notifications):
        with pytest.raises(LedgerError, match="dead letter"):
            verb(ledger, [letter["id"], name], now=START + 6 * MINUTE, by="ann")
    assert dead(world) == [letter]


def test_an_alert_to_named_channels_can_be_tried_again_too(ledger: Ledger) -> None:
    world = World(ledger)
    world.vendor.errors = {"#gone": refused()}
    alert = Alert({"alertname": "Release", "severity": "info"}, START)
    send_alert(alert, ledger, world.alerting, now=START, channels=[Channel("slack", "#gone", "slack_api_default")])
    world.deliver(1)
    [letter] = dead(world)
    retry_notifications(ledger, [letter["id"]], now=START + 2 * MINUTE, by="ann")
    world.deliver(3)
    assert [one.channel.target for one in world.vendor.taken] == ["#gone"]


def test_the_alert_of_dead_letters_that_nobody_looks_after_ends_after_a_week(ledger: Ledger) -> None:
    world = world_with(ledger, SLACK)
    world.dispatch((timedelta(days=7) + 10 * MINUTE) / MINUTE)
    assert ALERT not in {one.alert.labels["alertname"] for one in ledger.alerts(["firing"])}
