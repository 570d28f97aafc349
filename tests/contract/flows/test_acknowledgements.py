"""Acknowledgements at dispatch: nothing is repeated, changes and resolves are told, and the next episode is new."""

from typing import Any

import pytest

from tests.contract.flows.world import ALERTING, MINUTE, START, World
from watchbill.alerts.ledger import Ledger
from watchbill.flows.acknowledge_alerts import acknowledge_alerts, unacknowledge_alerts
from watchbill.flows.send_alert import send_alert
from watchbill.model.acknowledgements import Acknowledgement
from watchbill.model.alerts import Alert, Channel
from watchbill.model.failures import WatchbillError
from watchbill.model.silences import parse_words

SLACK = "#alerts"
REPEATING = {**ALERTING, "route": {**ALERTING["route"], "repeat_interval": "5m"}}


@pytest.fixture
def world(ledger: Ledger) -> World:
    """`checkout` fires from 5 on, and everything is repeated at every tick."""
    world = World(ledger, alerting=REPEATING)
    world.lake.put("checkout", 0, 200, minutes=30)
    world.tick(5)
    return world


def ack(world: World, minute: float, *words: str, **options: Any) -> list[Acknowledgement]:
    options = {"author": "ann", **options}
    if "minutes" in options:
        options["until"] = START + (minute + options.pop("minutes")) * MINUTE
    return acknowledge_alerts(world.ledger, matchers=parse_words(words or ["Errors"]), now=START + minute * MINUTE,
                              **options)


def reasons(world: World) -> list[str]:
    return [one.reason for one in world.vendor.taken if one.channel.target == SLACK]


def kinds(world: World) -> list[str]:
    return [row["kind"] for row in world.ledger.history() if "ack" in row["kind"]]


def test_what_is_acknowledged_is_not_repeated(world: World) -> None:
    [one] = ack(world, 6)
    assert (one.author, one.until) == ("ann", None)
    for minute in (10, 15, 20):
        world.tick(minute)
    assert reasons(world) == ["new"]


def test_it_is_repeated_again_when_the_acknowledgement_expires(world: World) -> None:
    ack(world, 6, minutes=7)
    for minute in (10, 15):
        world.tick(minute)
    assert reasons(world) == ["new", "repeat"]
    assert kinds(world) == ["alert_acknowledged", "acknowledgement_expired"]


def test_it_is_repeated_again_when_it_is_given_back(world: World) -> None:
    ack(world, 6)
    world.tick(10)
    [ended] = unacknowledge_alerts(world.ledger, matchers=parse_words(["Errors"]), by="bob", now=START + 11 * MINUTE)
    assert ended.ended == "withdrawn by bob"
    world.tick(15)
    assert reasons(world) == ["new", "repeat"]
    assert kinds(world) == ["alert_acknowledged", "alert_unacknowledged"]


def test_its_resolve_is_told(world: World) -> None:
    ack(world, 6)
    world.lake.put("checkout", 5, 0, minutes=60)
    world.tick(10)
    assert reasons(world) == ["new", "resolved"]


def test_firing_again_it_is_not_acknowledged(world: World) -> None:
    ack(world, 6)
    world.lake.put("checkout", 5, 0)
    for minute in (10, 15, 20):
        world.tick(minute)
    assert reasons(world) == ["new", "resolved", "new", "repeat"]


def test_firing_again_before_anybody_looked_it_is_not_acknowledged_either(world: World) -> None:
    ack(world, 6)
    world.lake.put("checkout", 5, 0)
    world.evaluate(10)
    world.evaluate(15)
    world.dispatch(15)
    world.deliver(15)
    assert reasons(world) == ["new", "repeat"]


def test_an_alert_that_joins_an_acknowledged_one_is_told(world: World) -> None:
    ack(world, 6)
    world.lake.put("search", 5, 200, minutes=60)
    for minute in (10, 15):
        world.tick(minute)
    assert reasons(world) == ["new", "changed", "repeat"]
    ack(world, 16, "service=search")
    world.tick(20)
    assert len(reasons(world)) == 3


def test_an_acknowledgement_in_place_of_another_counts(world: World) -> None:
    ack(world, 6, minutes=2)
    ack(world, 7, author="bob")
    for minute in (10, 15):
        world.tick(minute)
    assert reasons(world) == ["new"]
    [standing] = world.ledger.standings(now=START + 15 * MINUTE)
    assert standing.acknowledged is not None
    assert standing.acknowledged.author == "bob"


def test_an_alert_that_does_not_fire_cannot_be_acknowledged(world: World) -> None:
    with pytest.raises(WatchbillError, match="alert 0123456789abcdef does not fire"):
        acknowledge_alerts(world.ledger, fingerprints=["0123456789abcdef"], author="ann", now=START)
    with pytest.raises(WatchbillError, match="no alert that fires matches"):
        ack(world, 6, "service=nope")
    with pytest.raises(WatchbillError, match="cannot end in the past"):
        ack(world, 6, minutes=-1)
    with pytest.raises(WatchbillError, match="needs an author"):
        ack(world, 6, author="")
    assert kinds(world) == []


def test_an_alert_to_named_channels_needs_none(world: World) -> None:
    alert = Alert({"alertname": "Hello"}, START)
    send_alert(alert, world.ledger, world.alerting, now=START, channels=[Channel("slack", "#ops", "slack_api_default")])
    with pytest.raises(WatchbillError, match="went to channels that were named"):
        acknowledge_alerts(world.ledger, fingerprints=[alert.fingerprint], author="ann", now=START)


def test_what_is_not_acknowledged_cannot_be_given_back(world: World) -> None:
    [mark] = [one.fingerprint for one in world.ledger.alerts(["firing"])]
    now = START + 6 * MINUTE
    with pytest.raises(WatchbillError, match=f"alert {mark} is not acknowledged"):
        unacknowledge_alerts(world.ledger, fingerprints=[mark], by="ann", now=now)
    with pytest.raises(WatchbillError, match="no acknowledged alert matches"):
        unacknowledge_alerts(world.ledger, matchers=parse_words(["Errors"]), by="ann", now=now)
    assert unacknowledge_alerts(world.ledger, fingerprints=[mark], by="ann", now=now, again=True) == []


def test_an_acknowledgement_of_a_name_is_made_once(world: World) -> None:
    assert ack(world, 6, name="run") == ack(world, 7, name="run")
    assert kinds(world) == ["alert_acknowledged"]


def test_a_story_tells_it_all(world: World) -> None:
    world.tick(10)
    ack(world, 11, comment="on it")
    world.lake.put("checkout", 10, 0, minutes=60)
    world.tick(15)
    [standing] = world.ledger.standings(now=START + 15 * MINUTE, resolved=True)
    story = world.ledger.story(standing.alert)
    to_slack = [(each["kind"], each["as"]) for each in story if each.get("target") == SLACK]
    assert to_slack == [("notification_queued", "firing"), ("notification_sent", "firing")] * 2 + [
        ("notification_queued", "resolved"), ("notification_sent", "resolved")]
    assert [each["kind"] for each in story if "notification" not in each] == [
        "alert_firing", "alert_acknowledged", "alert_resolved"]
    first = story[0]
    assert (first["metadata"]["value"], first["at"]) == (1000.0, START + 5 * MINUTE + (first["at"] - START) % MINUTE)
    sent = next(each for each in story if each["kind"] == "notification_sent" and each["target"] == SLACK)
    assert (sent["receiver"], sent["channel"], sent["answer"]) == ("ops", "slack", sent["answer"])
    assert sent["answer"]["ts"]
