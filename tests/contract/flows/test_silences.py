"""Silences at dispatch: who hears nothing, of what they hear all the same, and what the history says."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from tests.contract.flows.world import ALERTING, MINUTE, START, World, errors_rule
from watchbill.alerts.ledger import Ledger
from watchbill.flows.silence_alerts import expire_silences, silence_alerts, silenced_now
from watchbill.model.failures import WatchbillError
from watchbill.model.silences import Silence, parse_words

SLACK = "#alerts"


def silence(world: World, minute: float, *words: str, minutes: float = 60, **options: Any) -> Silence:
    now = START + minute * MINUTE
    starts_at = options.pop("starts_at", now)
    return silence_alerts(world.ledger, parse_words(words), starts_at=starts_at, ends_at=starts_at + minutes * MINUTE,
                          **{"author": "ann", "comment": "known", **options}, now=now)


def events(world: World, kind: str) -> list[Any]:
    return [row["detail"].get("by") for row in world.ledger.history() if row["kind"] == kind]


def test_what_is_silenced_is_not_told_and_the_rest_is(ledger: Ledger) -> None:
    world = World(ledger)
    world.lake.put("checkout", 0, 200, minutes=60)
    world.lake.put("search", 0, 200, minutes=60)
    made = silence(world, 4, "service=checkout")
    world.tick(5)
    assert world.vendor.heard(SLACK) == [("firing", ["search"], [])]
    assert silenced_now(ledger, made) == 1
    assert events(world, "alert_silenced") == [[made.id]]


def test_what_still_fires_when_the_silence_ends_is_told_then(ledger: Ledger) -> None:
    world = World(ledger)
    world.lake.put("checkout", 0, 200, minutes=60)
    made = silence(world, 0, "Errors", minutes=12)
    for minute in (5, 10):
        world.tick(minute)
    assert world.vendor.taken == []
    world.tick(15)
    assert world.vendor.heard(SLACK) == [("firing", ["checkout"], [])]
    assert (events(world, "alert_silenced"), events(world, "alert_unsilenced")) == ([[made.id]], [None])


def test_a_silence_that_is_pending_silences_nothing_yet(ledger: Ledger) -> None:
    world = World(ledger)
    world.lake.put("checkout", 0, 200, minutes=60)
    silence(world, 0, "Errors", starts_at=START + 10 * MINUTE)
    world.tick(5)
    assert world.vendor.heard(SLACK) == [("firing", ["checkout"], [])]


def test_nothing_is_repeated_while_it_is_silenced(ledger: Ledger) -> None:
    alerting = {**ALERTING, "route": {**ALERTING["route"], "repeat_interval": "5m"}}
    world = World(ledger, alerting=alerting)
    world.lake.put("checkout", 0, 200, minutes=60)
    world.tick(5)
    silence(world, 6, "Errors", minutes=15)
    for minute in (10, 15, 20):
        world.tick(minute)
    assert len(world.vendor.heard(SLACK)) == 1
    world.tick(25)
    assert [one.reason for one in world.vendor.taken if one.channel.target == SLACK] == ["new", "repeat"]


def test_a_resolve_is_told_although_it_is_silenced(ledger: Ledger) -> None:
    world = World(ledger)
    world.lake.put("checkout", 0, 200)
    world.lake.put("checkout", 5, 0, minutes=60)
    world.tick(5)
    silence(world, 6, "Errors")
    for minute in (10, 15):
        world.tick(minute)
    assert world.vendor.heard(SLACK) == [("firing", ["checkout"], []), ("resolved", [], ["checkout"])]


def test_what_fired_and_resolved_silenced_is_never_told(ledger: Ledger) -> None:
    world = World(ledger)
    world.lake.put("checkout", 0, 200)
    world.lake.put("checkout", 5, 0, minutes=60)
    silence(world, 0, "Errors")
    for minute in (5, 10, 15):
        world.tick(minute)
    assert world.vendor.taken == []
    assert events(world, "alert_unsilenced") == []  # it resolved, which says enough


def test_a_silence_that_is_ended_silences_no_more_and_is_kept(ledger: Ledger) -> None:
    world = World(ledger)
    world.lake.put("checkout", 0, 200, minutes=60)
    made = silence(world, 0, "Errors")
    world.tick(5)
    [ended] = expire_silences(ledger, [made.id], by="bob", now=START + 7 * MINUTE)
    assert (ended.ends_at, ended.expired_by) == (START + 7 * MINUTE, "bob")
    world.tick(10)
    assert world.vendor.heard(SLACK) == [("firing", ["checkout"], [])]
    assert ledger.silences() == [ended]
    assert [row["kind"] for row in ledger.history(made.id)] == ["silence_added", "silence_expired"]


def test_silences_are_ended_all_or_none(ledger: Ledger) -> None:
    world = World(ledger)
    made = silence(world, 0, "Errors")
    with pytest.raises(WatchbillError, match="there is no silence 'nope'"):
        expire_silences(ledger, [made.id, "nope"], by="bob", now=START)
    assert ledger.silences()[0].state(START) == "active"
    expire_silences(ledger, [made.id], by="bob", now=START)
    with pytest.raises(WatchbillError, match="is over already"):
        expire_silences(ledger, [made.id], by="bob", now=START)
    assert expire_silences(ledger, [made.id], by="bob", now=START, again=True) == ledger.silences()


def test_a_silence_of_a_name_is_made_once(ledger: Ledger) -> None:
    world = World(ledger)
    first = silence(world, 0, "Errors", name="one")
    assert silence(world, 1, "Errors", name="one") == first
    assert [row["kind"] for row in ledger.history()] == ["silence_added"]


def test_texts_of_any_kind_are_kept_as_they_are(ledger: Ledger) -> None:
    world = World(ledger)
    odd = "a\x00b \u202e <!channel> \ud800 🚒"
    made = silence(world, 0, f"service={odd}", author=odd, comment=odd)
    assert ledger.silences() == [made]


@pytest.mark.parametrize("options", [{"author": " "}, {"comment": ""}])
def test_a_silence_without_author_or_comment_is_refused(ledger: Ledger, options: dict[str, str]) -> None:
    with pytest.raises(WatchbillError, match="a silence needs"):
        silence(World(ledger), 0, "Errors", **options)
    assert ledger.silences() == []


def test_the_history_says_what_inhibited_and_what_muted(ledger: Ledger) -> None:
    alerting = {
        **ALERTING,
        "route": {**ALERTING["route"], "routes": [{"matchers": ["alertname=Errors"], "mute_time_intervals": ["all"]}]},
        "time_intervals": [{"name": "all", "time_intervals": [{}]}],
        "inhibit_rules": [{"source_matchers": ["alertname=Down"], "target_matchers": ["alertname=Errors"],
                           "equal": ["service"]}]}
    down = errors_rule(alert="Down")
    world = World(ledger, errors_rule(), {**down, "condition": {**down["condition"], "metric": "down"}},
                  alerting=alerting)
    world.lake.put("checkout", 0, 200, minutes=60)
    world.lake.put("checkout", 0, 200, metric="down")
    world.lake.put("checkout", 5, 0, metric="down", minutes=60)
    for minute in (5, 10, 15):
        world.tick(minute)
    [cause] = [one.fingerprint for one in ledger.alerts(["resolved"])]
    assert events(world, "alert_inhibited") == [[cause]]
    assert events(world, "alert_uninhibited") == [None]
    assert events(world, "alert_muted") == [[{"receiver": "ops", "intervals": ["all"]}]]


def test_two_dispatchers_at_once_say_it_once(ledger: Ledger) -> None:
    world = World(ledger)
    for service in "abcdefgh":
        world.lake.put(service, 0, 200, minutes=60)
    made = silence(world, 0, "service=~[a-d]")
    world.evaluate(5)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(world.dispatch, [5] * 4))
    world.deliver(5)
    assert events(world, "alert_silenced") == [[made.id]] * 4
    assert world.vendor.heard(SLACK) == [("firing", list("efgh"), [])]


def test_old_silences_go_with_the_rest_of_the_ledger(ledger: Ledger) -> None:
    world = World(ledger)
    silence(world, 0, "Errors", minutes=10)
    kept = silence(world, 0, "Errors", minutes=60 * 24 * 40)
    assert ledger.expire(timedelta(days=30), now=START + timedelta(days=31))["silences"] == 1
    assert ledger.silences() == [kept]
