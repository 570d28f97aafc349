"""From a verdict to the vendors' channels and back: who hears what, when, and how often."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from tests.contract.flows.world import ALERTING, MINUTE, START, TICK, World, errors_rule
from watchbill.alerts.ledger import Ledger
from watchbill.flows.deliver_notifications import deliver_notifications
from watchbill.model.alerts import Alert, Channel, Notification
from watchbill.model.failures import TransportError

SLACK, SNS = "#alerts", "arn:aws:sns:eu-west-1:123456789012:watchbill-alerts"


def test_an_incident_is_told_once_kept_quiet_and_resolved(ledger: Ledger) -> None:
    world = World(ledger)
    world.lake.put("checkout", 0, 200, minutes=20)
    world.lake.put("checkout", 20, 0, minutes=20)
    for minute in range(5, 40, 5):
        world.tick(minute)
    told = [("firing", ["checkout"], []), ("resolved", [], ["checkout"])]
    assert world.vendor.heard(SLACK) == told
    assert world.vendor.heard(SNS) == told


def test_a_notification_says_all_there_is_to_say(ledger: Ledger) -> None:
    world = World(ledger)
    world.lake.put("checkout", 0, 200)
    [report] = world.tick(5)
    [notification] = [one for one in world.vendor.taken if one.channel.target == SLACK]
    [state] = ledger.alerts(["firing"])
    assert notification == Notification(
        id=notification.id, group_key='{}:{alertname="Errors"}', group_labels={"alertname": "Errors"},
        receiver="ops", status="firing", alerts=(state.alert,), reason="new", thread={},
        channel=Channel("slack", SLACK, "slack_api_default"))
    [sent] = [one for one in report.sent if one["target"] == SLACK]
    ts = sent["answer"]["ts"]
    assert sent == {
        "id": notification.id, "receiver": "ops", "channel": "slack", "target": SLACK,
        "group_key": '{}:{alertname="Errors"}', "status": "firing", "reason": "new", "attempt": 1,
        "firing": 1, "resolved": 0, "answer": {"ts": ts}}
    [row] = [row for row in ledger.notifications() if row["target"] == SLACK]
    assert row == {
        "id": notification.id, "receiver": "ops", "channel": "slack", "target": SLACK, "status": "sent",
        "reason": "new", "group_key": '{}:{alertname="Errors"}', "firing": 1, "resolved": 0, "attempts": 1,
        "ambiguous": False, "error": None, "answer": {"ts": ts}, "fingerprints": [state.fingerprint],
        "created_at": START + TICK + timedelta(seconds=8), "sent_at": START + TICK + timedelta(seconds=9),
        "next_attempt_at": START + TICK + timedelta(seconds=8)}


def test_a_group_repeats_after_repeat_interval_and_not_before(ledger: Ledger) -> None:
    alerting = {**ALERTING, "route": {**ALERTING["route"], "repeat_interval": "20m"}}
    world = World(ledger, alerting=alerting)
    world.lake.put("checkout", 0, 200, minutes=60)
    for minute in range(5, 50, 5):
        world.tick(minute)
    assert [one.reason for one in world.vendor.taken if one.channel.target == SLACK] == ["new", "repeat", "repeat"]


def test_a_second_alert_of_the_group_joins_the_thread(ledger: Ledger) -> None:
    world = World(ledger)
    world.lake.put("checkout", 0, 200, minutes=60)
    [first] = world.tick(5)
    [ts] = [one["answer"]["ts"] for one in first.sent if one["target"] == SLACK]
    world.lake.put("search", 5, 200, minutes=60)
    world.tick(10)
    assert world.vendor.heard(SLACK)[1] == ("firing", ["checkout", "search"], [])
    assert [one.thread for one in world.vendor.taken if one.channel.target == SLACK] == [{}, {"ts": ts}]


def test_a_group_that_opens_again_begins_a_thread_of_its_own(ledger: Ledger) -> None:
    world = World(ledger)
    world.lake.put("checkout", 0, 200)
    world.lake.put("checkout", 5, 0, minutes=20)
    world.lake.put("checkout", 25, 200)
    for minute in range(5, 35, 5):
        world.tick(minute)
    assert [(one.status, bool(one.thread)) for one in world.vendor.taken if one.channel.target == SLACK] == [
        ("firing", False), ("resolved", True), ("firing", False)]


def test_a_channel_without_send_resolved_hears_of_the_next_incident_all_the_same(ledger: Ledger) -> None:
    world = World(ledger, errors_rule(labels={"severity": "info"}))
    world.lake.put("checkout", 0, 200)
    world.lake.put("checkout", 5, 0, minutes=20)
    world.lake.put("checkout", 25, 200)
    for minute in range(5, 35, 5):
        world.tick(minute)
    assert world.vendor.heard("#ops") == [("firing", ["checkout"], []), ("firing", ["checkout"], [])]


INHIBITING = {**ALERTING, "inhibit_rules": [
    {"source_matchers": ["alertname=Down"], "target_matchers": ["alertname=Errors"], "equal": ["service"]}]}


def _down() -> dict[str, Any]:
    rule = errors_rule(alert="Down")
    rule["condition"] = {**rule["condition"], "metric": "down"}
    return rule


def test_an_effect_is_muted_by_its_cause_in_the_same_run(ledger: Ledger) -> None:
    world = World(ledger, errors_rule(), _down(), alerting=INHIBITING)
    world.lake.put("checkout", 0, 200)
    world.lake.put("checkout", 0, 200, metric="down")
    world.tick(5)
    assert [one.group_labels for one in world.vendor.taken] == [{"alertname": "Down"}] * 2


def test_a_resolve_is_told_although_its_alert_was_muted_meanwhile(ledger: Ledger) -> None:
    world = World(ledger, errors_rule(), _down(), alerting=INHIBITING)
    world.lake.put("checkout", 0, 200, minutes=10)
    world.lake.put("checkout", 10, 0, minutes=20)
    world.lake.put("checkout", 5, 200, metric="down", minutes=25)
    for minute in range(5, 25, 5):
        world.tick(minute)
    errors = [one.status for one in world.vendor.taken
              if one.channel.target == SLACK and one.group_labels == {"alertname": "Errors"}]
    assert errors == ["firing", "resolved"]


def test_one_channel_that_fails_never_stops_another(ledger: Ledger) -> None:
    world = World(ledger)
    world.lake.put("checkout", 0, 200, minutes=30)
    world.vendor.errors[SLACK] = [TransportError("Slack says internal_error", ambiguous=True)]
    [report] = world.tick(5)
    assert [one["target"] for one in report.sent] == [SNS]
    assert [(one["target"], one["error"], one["ambiguous"]) for one in report.failed] == [
        (SLACK, "Slack says internal_error", True)]
    [retried] = world.tick(10)
    assert [(one["target"], one["attempt"]) for one in retried.sent] == [(SLACK, 2)]
    assert len(world.vendor.taken) == 2


def test_a_vendor_that_asks_for_a_pause_gets_it_for_the_whole_channel(ledger: Ledger) -> None:
    world = World(ledger, errors_rule(), errors_rule(alert="More"))
    world.lake.put("checkout", 0, 200, minutes=60)
    world.vendor.errors[SLACK] = [TransportError("ratelimited", retry_after_s=600)]
    world.tick(5)
    assert world.vendor.heard(SLACK) == []
    world.tick(10)
    assert world.vendor.heard(SLACK) == []
    world.tick(20)
    assert len(world.vendor.heard(SLACK)) == 2


def test_a_permanent_refusal_is_a_dead_letter_and_its_resolve_is_not_sent(ledger: Ledger) -> None:
    world = World(ledger)
    world.lake.put("checkout", 0, 200)
    world.lake.put("checkout", 5, 0, minutes=20)
    world.vendor.errors[SLACK] = [TransportError("channel_not_found", permanent=True)]
    [report] = world.tick(5)
    assert [one["error"] for one in report.dead] == ["channel_not_found"]
    for minute in (10, 15):
        world.tick(minute)
    assert world.vendor.heard(SLACK) == []
    about_letters = ("firing", [""], [])
    assert [one for one in world.vendor.heard(SNS) if one != about_letters] == [
        ("firing", ["checkout"], []), ("resolved", [], ["checkout"])]
    assert about_letters in world.vendor.heard(SNS)


def test_a_channel_that_is_away_is_tried_three_times_a_run_and_holds_up_no_other(ledger: Ledger) -> None:
    world = World(ledger, alerting={**ALERTING, "route": {**ALERTING["route"], "group_by": ["service"]}})
    for number in range(10):
        world.lake.put(f"service-{number}", 0, 200)
    world.vendor.errors[SLACK] = [TransportError("timed out", ambiguous=True) for _ in range(50)]
    [report] = world.tick(5)
    assert (len(report.failed), len(report.sent), len(world.vendor.errors[SLACK])) == (3, 10, 47)
    world.vendor.errors.clear()
    world.deliver(6)
    assert len(world.vendor.heard(SLACK)) == 10


def test_retries_end_in_the_dead_letters(ledger: Ledger) -> None:
    world = World(ledger)
    world.lake.put("checkout", 0, 200)
    world.vendor.errors[SLACK] = [TransportError("503") for _ in range(50)]
    world.tick(5)
    reports = [report for minute in range(10, 600, 5) for report in world.deliver(minute)]
    assert sum(len(report.dead) for report in reports) == 1
    assert len(world.vendor.errors[SLACK]) == 38


def test_an_error_of_our_own_is_raised_after_the_others_were_sent(ledger: Ledger) -> None:
    world = World(ledger)
    world.lake.put("checkout", 0, 200)
    world.vendor.errors[SLACK] = [KeyError("token xoxb-1")]
    world.evaluate(5)
    world.dispatch(5)
    with pytest.raises(ExceptionGroup):
        world.deliver(5)
    assert len(world.vendor.heard(SNS)) == 1
    [row] = [row for row in ledger.notifications() if row["target"] == SLACK]
    assert (row["status"], row["error"]) == ("pending", "an error in our own code: KeyError")


def test_what_was_not_sent_yet_becomes_one_notification(ledger: Ledger) -> None:
    world = World(ledger)
    world.lake.put("checkout", 0, 200, minutes=60)
    world.lake.put("search", 5, 200, minutes=60)
    for minute in (5, 10):
        world.evaluate(minute)
        world.dispatch(minute)
    world.deliver(10)
    assert world.vendor.heard(SLACK) == [("firing", ["checkout", "search"], [])]
    assert [one.reason for one in world.vendor.taken] == ["new", "new"]


def test_what_resolved_before_anybody_heard_of_it_is_not_told(ledger: Ledger) -> None:
    world = World(ledger)
    world.lake.put("checkout", 0, 200)
    world.lake.put("checkout", 5, 0)
    for minute in (5, 10):
        world.evaluate(minute)
        world.dispatch(minute)
    world.deliver(10)
    assert world.vendor.taken == []
    assert {row["status"] for row in ledger.notifications()} == {"superseded"}


def test_a_failed_firing_does_not_overtake_its_resolve(ledger: Ledger) -> None:
    world = World(ledger)
    world.lake.put("checkout", 0, 200)
    world.lake.put("checkout", 5, 0, minutes=30)
    world.vendor.errors[SLACK] = [TransportError("timed out", ambiguous=True, retry_after_s=360)]
    for minute in (5, 10, 15, 20):
        world.tick(minute)
    assert world.vendor.heard(SLACK) == [("resolved", [], ["checkout"])]  # the time-out may have been heard


def test_running_every_task_twice_sends_nothing_twice(ledger: Ledger) -> None:
    world = World(ledger)
    world.lake.put("checkout", 0, 200, minutes=10)
    world.lake.put("checkout", 10, 0, minutes=10)
    for minute in (5, 10, 15, 20):
        for _ in range(2):
            world.evaluate(minute)
            world.dispatch(minute)
            world.dispatch(minute)
            world.deliver(minute)
            world.deliver(minute)
    assert world.vendor.heard(SLACK) == [("firing", ["checkout"], []), ("resolved", [], ["checkout"])]


def test_workers_side_by_side_send_each_notification_once(ledger: Ledger) -> None:
    world = World(ledger, *[errors_rule(alert=f"Errors{number}") for number in range(6)])
    world.lake.put("checkout", 0, 200)
    world.evaluate(5)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: world.dispatch(5), range(4)))
        list(pool.map(lambda _: world.deliver(5), range(4)))
    world.deliver(5)
    sent = sorted((one.channel.target, one.group_key) for one in world.vendor.taken)
    assert len(sent) == len(set(sent)) == 12


def test_a_receiver_that_is_gone_and_an_alerting_file_that_is_broken_stop_nothing(ledger: Ledger) -> None:
    world = World(ledger)
    world.lake.put("checkout", 0, 200, minutes=60)
    world.evaluate(5)
    world.dispatch(5)
    world.alerting = None  # type: ignore[assignment]
    assert world.dispatch(6) == ["ops"]
    assert len(world.deliver(6)[0].sent) == 2
    world = World(ledger, alerting={"route": {"receiver": "new"}, "receivers": [{"name": "new"}]})
    assert world.dispatch(10) == []


def test_labels_that_no_database_takes_as_text_are_delivered(ledger: Ledger) -> None:
    world = World(ledger, errors_rule(labels={"zone": "a \udcff"}))
    world.alerting = world.alerting.model_copy(
        update={"route": world.alerting.route.model_copy(update={"group_by": ("...",)})})
    world.lake.put("check\x00out", 0, 200)
    world.tick(5)
    assert world.vendor.heard(SLACK) == [("firing", ["check\x00out"], [])]
    assert world.vendor.taken[0].alerts[0].labels["zone"] == "a \udcff"


def test_the_waits_between_tries_are_the_same_on_every_machine(ledger: Ledger) -> None:
    world = World(ledger)
    world.lake.put("checkout", 0, 200)
    world.vendor.errors[SLACK] = [TransportError("503")]
    world.evaluate(5)
    world.dispatch(5)
    now = START + TICK + timedelta(seconds=9)
    [failed] = deliver_notifications(ledger, "ops", world.vendor.send, now=now).failed
    [row] = [row for row in ledger.notifications() if row["target"] == SLACK]
    assert failed["again_at"] == row["next_attempt_at"].isoformat()
    assert timedelta(seconds=24) <= row["next_attempt_at"] - now <= timedelta(seconds=36)


def test_an_alert_is_the_same_to_who_hears_it_whatever_raised_it(ledger: Ledger) -> None:
    world = World(ledger)
    world.lake.put("checkout", 0, 200)
    world.evaluate(5)
    [state] = ledger.alerts(["firing"])
    assert isinstance(state.alert, Alert)
    assert state.fingerprint == state.alert.fingerprint
    assert MINUTE * 5 == TICK
