"""Stories of `watchbill alerts preview`: files to look at, and nothing sent."""

import json
from email import message_from_bytes, policy
from pathlib import Path

from sandbox.slack.blocks import complaints
from tests.unit.cli.ledgers import environ, make_ledger
from tests.unit.cli.terminal import Said, watchbill

ALERTING = """\
route: {receiver: on-call}
receivers:
  - name: on-call
    slack_configs: [{channel: "#{{ CommonLabels.service }}", title: "{{ Status | upper }}", graph: false}]
"""


def run(home: Path, *words: str) -> Said:
    return watchbill("alerts", "preview", *words, cwd=home, **environ(home))


def test_a_sample_is_written_for_each_kind_of_channel(tmp_path: Path) -> None:
    said = run(tmp_path, "--output", "out", "--count", "3", "--base-url", "https://airflow.example.com")
    names = ["1-slack.json", "1-slack.txt", "2-email.txt", "2-email.eml", "2-email.html", "3-sns.json", "3-sns.txt"]
    assert said == Said(0, "".join(f"out/{name}\n" for name in names), "")
    out = tmp_path / "out"
    message = json.loads((out / "1-slack.json").read_text())
    assert complaints(message["blocks"]) == []
    assert {"image", "context"} <= {block["type"] for block in message["blocks"]}
    assert "https://airflow.example.com/watchbill/acknowledge" in (out / "2-email.txt").read_text()
    assert 'src="data:image/png;base64,' in (out / "2-email.html").read_text()
    mail = message_from_bytes((out / "2-email.eml").read_bytes(), policy=policy.default)
    assert mail["Subject"] == "[CRITICAL] 2 firing, 1 resolved: HighErrorRate"
    assert len(json.loads(json.loads((out / "3-sns.json").read_text())["Message"])["alerts"]) == 3


def test_a_given_alert_is_shown_as_its_receiver_writes_it(tmp_path: Path) -> None:
    ledger = make_ledger(tmp_path, "checkout", "search")
    (tmp_path / "include" / "alerting.yaml").write_text(ALERTING)
    one = next(each for each in ledger.alerts(["firing"]) if each.alert.labels["service"] == "search")
    [shown] = json.loads(run(tmp_path, one.fingerprint, "--receiver", "on-call", "--json").out)
    assert (shown["channel"], shown["target"]) == ("slack", "#{{ CommonLabels.service }}")
    message = json.loads(shown["files"]["json"])
    assert message["channel"] == "#search"
    assert message["blocks"][0]["text"]["text"] == "*FIRING*"
    assert not (tmp_path / "preview").exists()


def test_an_alert_or_a_receiver_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    make_ledger(tmp_path, "checkout")
    (tmp_path / "include" / "alerting.yaml").write_text(ALERTING)
    assert run(tmp_path, "beef").err == (
        "watchbill: there is no alert beef; `watchbill alerts list --resolved` shows what there is\n")
    assert run(tmp_path, "--receiver", "x").err == "watchbill: alerting.yaml has no receiver 'x'; there are on-call\n"
