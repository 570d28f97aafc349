"""Stories of `watchbill outbox`, as they are read in a terminal."""

import json
from pathlib import Path

import pytest

from tests.unit.cli.ledgers import BEGAN, environ, make_ledger
from tests.unit.cli.terminal import Said, watchbill
from watchbill.alerts.ledger import Ledger
from watchbill.flows.deliver_notifications import deliver_notifications
from watchbill.flows.send_alert import send_alert
from watchbill.model.alerts import Alert, Channel, Notification
from watchbill.model.failures import TransportError


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    """Two letters of #gone are dead, one to #away waits."""
    made = make_ledger(tmp_path)
    for number, target in enumerate(("#gone", "#gone", "#away")):
        labels, said = {"alertname": "Release", "number": str(number)}, {"summary": f"R{number}\x1b[31m"}
        alert = Alert(labels, BEGAN, annotations=said)
        send_alert(alert, made, None, now=BEGAN, channels=[Channel("slack", target, "slack_api_default")])

    def refuse(notification: Notification) -> dict[str, str]:
        raise TransportError("Slack: channel_not_found", permanent=notification.channel.target == "#gone")

    deliver_notifications(made, "explicit", refuse, now=BEGAN)
    return made


def run(home: Path, *words: str) -> Said:
    return watchbill("outbox", *words, cwd=home, **environ(home))


def test_what_is_dead_and_what_waits_is_listed(ledger: Ledger, tmp_path: Path) -> None:
    head, *rows = run(tmp_path, "list").out.splitlines()
    assert head.split() == ["id", "status", "receiver", "channel", "alerts", "created", "tries", "next", "error"]
    assert sorted(row.split()[1] for row in rows) == ["dead", "dead", "pending"]
    assert "\x1b" not in "".join(rows)
    [waiting] = json.loads(run(tmp_path, "list", "--status", "waiting", "--json").out)
    assert (waiting["status"], waiting["target"], waiting["error"]) == ("pending", "#away", "Slack: channel_not_found")


def test_dead_letters_are_tried_again_or_dropped(ledger: Ledger, tmp_path: Path) -> None:
    one, other = (row["id"] for row in json.loads(run(tmp_path, "list", "--status", "dead", "--json").out))
    again = run(tmp_path, "retry", one[:10], "-a", "ann")
    assert again == Said(0, f"{one} is sent at the next tick\n", "1 notification\n")
    assert run(tmp_path, "drop", "--all") == Said(0, f"{other} is given up\n", "1 notification\n")
    assert run(tmp_path, "drop", "--all") == Said(1, "", "watchbill: there is no dead letter\n")
    assert ledger.history(one)[-1]["detail"] == {"by": "ann"}


def test_what_is_no_dead_letter_is_said_so(ledger: Ledger, tmp_path: Path) -> None:
    said = run(tmp_path, "retry", "xyz")
    assert said == Said(1, "", "watchbill: there is no dead letter 'xyz': `watchbill outbox list` shows them\n")
    assert run(tmp_path, "retry").code == 2
    assert run(tmp_path, "retry", "xyz", "--all").code == 2
