"""Stories of `watchbill alerts`, as they are read in a terminal."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.unit.cli.ledgers import BEGAN, environ, make_ledger
from tests.unit.cli.terminal import Said, watchbill
from watchbill.alerts.ledger import Ledger
from watchbill.flows.deliver_notifications import deliver_notifications
from watchbill.flows.dispatch_notifications import dispatch_notifications
from watchbill.flows.send_alert import resolve_alert
from watchbill.flows.silence_alerts import silence_alerts
from watchbill.model.alerting import Alerting
from watchbill.model.alerts import fingerprint
from watchbill.model.silences import parse_words

ALERTING = Alerting.model_validate({
    "route": {"receiver": "ops", "group_by": ["alertname"]},
    "receivers": [{"name": "ops", "slack_configs": [{"channel": "#ops", "send_resolved": True}]}]})
CHECKOUT, SEARCH = (fingerprint({"alertname": "Errors", "service": name}) for name in ("checkout", "search"))


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    """`checkout` was told to Slack, `search` is silenced."""
    ledger = make_ledger(tmp_path, "checkout", "search")
    silence_alerts(ledger, parse_words(["service=search"]), starts_at=BEGAN, ends_at=BEGAN + timedelta(days=1),
                   author="ann", comment="known", now=BEGAN, name="the-silence")
    for name in dispatch_notifications(ALERTING, ledger, now=BEGAN + timedelta(minutes=1)):
        deliver_notifications(ledger, name, lambda _: {"ts": "1.2"}, now=BEGAN + timedelta(minutes=2))
    return ledger


def run(home: Path, *words: str) -> Said:
    return watchbill("alerts", *words, cwd=home, **environ(home))


def test_what_fires_is_listed_with_what_keeps_it_quiet(ledger: Ledger, tmp_path: Path) -> None:
    rows = [line.split() for line in run(tmp_path, "list").out.splitlines()]
    began = f"{BEGAN:%Y-%m-%dT%H:%M:%SZ}"
    assert rows[0] == ["fingerprint", "state", "since", "quiet", "acknowledged", "labels"]
    assert sorted(rows[1:]) == sorted([
        [CHECKOUT, "firing", began, "-", "-", '{alertname="Errors",service="checkout"}'],
        [SEARCH, "firing", began, "silenced", "-", '{alertname="Errors",service="search"}']])
    [told] = json.loads(run(tmp_path, "list", "service=search", "--json").out)
    assert told == {
        "fingerprint": SEARCH, "state": "firing", "labels": {"alertname": "Errors", "service": "search"},
        "annotations": {}, "metadata": {}, "type": "metric", "starts_at": began, "ends_at": None, "origins": ["sent"],
        "silenced_by": ["the-silence"], "inhibited_by": [], "muted_by": [], "acknowledged": None}


def test_alerts_are_taken_on_and_given_back(ledger: Ledger, tmp_path: Path) -> None:
    assert run(tmp_path, "ack", CHECKOUT, "-a", "bob", "-c", "on it", "--for", "2h") == Said(
        0, f"{CHECKOUT}\n", "1 alert acknowledged\n")
    [standing] = [one for one in ledger.standings(now=datetime.now(UTC)) if one.acknowledged]
    assert standing.acknowledged is not None
    assert (standing.alert.fingerprint, standing.acknowledged.author) == (CHECKOUT, "bob")
    assert run(tmp_path, "list", CHECKOUT).out.splitlines()[1].split()[4] == "bob"
    assert run(tmp_path, "unack", "Errors", "-a", "eve") == Said(0, f"{CHECKOUT}\n", "1 alert no longer acknowledged\n")
    told = json.loads(run(tmp_path, "ack", "Errors", "--json", "-a", "bob").out)
    assert sorted(one["fingerprint"] for one in told) == sorted([CHECKOUT, SEARCH])
    assert {(one["author"], one["until"], one["ended_at"]) for one in told} == {("bob", None, None)}


def test_all_that_happened_to_an_alert_is_told(ledger: Ledger, tmp_path: Path) -> None:
    run(tmp_path, "ack", CHECKOUT, "-a", "bob", "-c", "on it")
    over = datetime.now(UTC) + timedelta(minutes=5)
    resolve_alert({"service": "checkout"}, ledger, ALERTING, now=over)
    deliver_notifications(ledger, "ops", lambda _: {"ts": "1.2"}, now=over)
    lines = run(tmp_path, "show", CHECKOUT).out.splitlines()
    assert [line[22:] for line in lines[lines.index("") + 1:]] == [
        "firing",
        "notification queued: slack #ops of ops, as firing, new",
        "notification sent: slack #ops of ops, as firing, answer {'ts': '1.2'}",
        "acknowledged: by bob, comment on it",
        "resolved",
        "notification queued: slack #ops of ops, as resolved, resolved",
        "notification sent: slack #ops of ops, as resolved, answer {'ts': '1.2'}"]
    assert lines[:3] == [f"alert        {CHECKOUT}", "state        resolved",
                         'labels       {alertname="Errors",service="checkout"}']


def test_the_history_says_what_silenced_it(ledger: Ledger, tmp_path: Path) -> None:
    told = json.loads(run(tmp_path, "show", "service=search", "--json").out)
    assert [(each["kind"], each.get("by")) for each in told["history"]] == [
        ("alert_firing", None), ("alert_silenced", ["the-silence"])]
    assert told["silenced_by"] == ["the-silence"]


@pytest.mark.parametrize(("words", "code", "says"), [
    (["show", "0123456789abcdef"], 1, "watchbill: there is no such alert"),
    (["show", "Errors"], 1, "watchbill: 2 alerts match: "),
    (["ack", "0123456789abcdef"], 1, "watchbill: alert 0123456789abcdef does not fire"),
    (["ack", CHECKOUT, "service=checkout"], 1, "watchbill: give fingerprints, or matchers, not both"),
    (["ack", "a=~.*"], 1, "watchbill: at least one matcher must ask for a label"),
    (["ack", "Errors", "--for", "1h", "--until", "2026-01-01"], 2, "give --for or --until, not both"),
    (["ack", "Errors", "--until", "2026-01-01"], 1, "watchbill: an acknowledgement cannot end in the past"),
    (["unack", "Errors"], 1, "watchbill: no acknowledged alert matches"),
])
def test_what_cannot_be_is_a_sentence(ledger: Ledger, tmp_path: Path, words: list[str], code: int, says: str) -> None:
    said = run(tmp_path, *words)
    assert (said.code, said.out) == (code, "")
    assert says in said.err
