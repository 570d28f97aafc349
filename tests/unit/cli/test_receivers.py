"""Stories of `watchbill receivers test`, with the small cloud behind the connections."""

import json
from pathlib import Path

import pytest

from sandbox.credentials import SNS_FIFO_TOPIC, SNS_TOPIC_ARN
from sandbox.server import Sandbox
from sandbox.stack.airflow import connections
from tests.sandbox_fixtures import sandbox, sandbox_server  # noqa: F401 - fixtures
from tests.unit.cli.terminal import Said, watchbill

pytestmark = pytest.mark.server

ALERTING = f"""\
route: {{receiver: on-call}}
receivers:
  - name: on-call
    slack_configs: [{{channel: "#alerts", send_resolved: true}}]
    email_configs: [{{to: ops@example.com, headers: {{Subject: "{{{{ CommonAnnotations.summary }}}}!"}}}}]
    sns_configs: [{{topic_arn: "{SNS_TOPIC_ARN.rpartition(":")[0]}:{SNS_FIFO_TOPIC}"}}]
  - {{name: half, slack_configs: [{{channel: "#nowhere"}}, {{channel: "#ops"}}]}}
  - {{name: nobody}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "include").mkdir()
    (tmp_path / "include" / "alerting.yaml").write_text(ALERTING)
    return tmp_path


def run(folder: Path, cloud: Sandbox, *words: str) -> Said:
    environ = connections("", cloud.url, cloud.aws_url) | {"AIRFLOW_HOME": str(folder / "home")}
    return watchbill("receivers", "test", *words, cwd=folder, **environ)


def test_every_channel_gets_a_message_that_is_marked(folder: Path, sandbox: Sandbox) -> None:  # noqa: F811
    said = run(folder, sandbox, "on-call", "--author", "ann", "--end")
    assert (said.code, said.out) == (0, "")
    assert [line.split(":")[0] for line in said.err.splitlines()] == [
        "slack #alerts (firing)", "slack #alerts (resolved)", "email ops@example.com (firing)",
        f"sns {SNS_TOPIC_ARN.rpartition(':')[0]}:{SNS_FIFO_TOPIC} (firing)".split(":")[0],
        f"sns {SNS_TOPIC_ARN.rpartition(':')[0]}:{SNS_FIFO_TOPIC} (resolved)".split(":")[0]]
    top, reply = sandbox.slack.messages
    assert top.posted == "[INFO] TEST of the receiver on-call: nothing is wrong\nann tries whether this arrives."
    assert (top.edited, reply.thread_ts) == (True, top.ts)
    assert "image" in {block["type"] for block in top.before[0]["blocks"]}
    [mail] = sandbox.aws.mail.all()
    assert mail["subject"] == "TEST of the receiver on-call: nothing is wrong!"
    assert [json.loads(note["message"])["status"] for note in sandbox.aws.topics.all()] == ["firing", "resolved"]


def test_a_channel_that_refuses_is_named_and_the_others_are_tried(folder: Path, sandbox: Sandbox) -> None:  # noqa: F811
    said = run(folder, sandbox, "half", "--json")
    first, second = json.loads(said.out)
    assert said.code == 1
    assert (first["target"], first["answer"], first["error"].split(";")[0]) == ("#nowhere", None,
                                                                              "Slack: channel_not_found")
    assert (second["target"], second["error"]) == ("#ops", None)
    assert second["answer"]["ts"]


def test_a_receiver_that_cannot_be_tried_is_said_so(folder: Path, sandbox: Sandbox) -> None:  # noqa: F811
    assert run(folder, sandbox, "nobody") == Said(
        1, "", "watchbill: the receiver 'nobody' has no channel: nobody would be told\n")
    assert run(folder, sandbox, "on-cal") == Said(
        1, "", "watchbill: alerting.yaml has no receiver 'on-cal'; there are on-call, half, nobody\n")
    assert sandbox.slack.messages == []
