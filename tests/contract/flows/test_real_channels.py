"""The flows with real channels behind them: what an on-call team gets to see of an incident, and of a bad day."""

import json
from datetime import timedelta

import pytest

from sandbox.credentials import SNS_TOPIC_ARN
from sandbox.server import Sandbox
from tests.contract.flows.world import ALERTING, MINUTE, START, World
from tests.sandbox_fixtures import aws_client, sandbox, sandbox_server, slack_client  # noqa: F401 - fixtures
from watchbill.alerts.ledger import Ledger
from watchbill.channels import email, slack, sns
from watchbill.flows.illustrate import Illustrator
from watchbill.flows.judged_lines import Judgement
from watchbill.flows.outbox_by_hand import list_outbox, retry_notifications
from watchbill.flows.send_alert import send_alert
from watchbill.model.alerts import Alert, Answer, Notification
from watchbill.model.settings import Settings

ROUTED = {**ALERTING, "receivers": [
    {"name": "ops", "slack_configs": [{"channel": "#alerts", "send_resolved": True}],
     "email_configs": [{"to": "ops@example.com", "send_resolved": True}],
     "sns_configs": [{"topic_arn": SNS_TOPIC_ARN}]},
    {"name": "quiet", "slack_configs": [{"channel": "#ops"}]},
]}


@pytest.fixture
def world(ledger: Ledger, sandbox: Sandbox) -> World:  # noqa: F811
    made = World(ledger, alerting=ROUTED)
    sandbox.slack.burst = 100

    def send(notification: Notification) -> Answer:
        shown = Illustrator(lambda: made.lake, lambda: Judgement((), Settings()),  # type: ignore[arg-type,return-value]
                            now=START + timedelta(minutes=20))(notification)
        if shown.channel.kind == "slack":
            return slack.send(shown, slack_client(sandbox, retry_handlers=[]))
        if shown.channel.kind == "email":
            return email.send(shown, aws_client(sandbox, "sesv2"), sender="watchbill@example.com")
        return sns.send(shown, aws_client(sandbox, "sns"))

    made.vendor.send = send  # type: ignore[method-assign]
    return made


def test_an_incident_is_one_message_with_a_thread_one_mail_thread_and_pictures(world: World, sandbox: Sandbox) -> None:  # noqa: F811
    world.lake.put("checkout", 0, 200, minutes=10)
    world.lake.put("checkout", 10, 0, minutes=30)
    world.lake.put("search", 5, 200, minutes=5)
    world.lake.put("search", 10, 0, minutes=30)
    for minute in (5, 10, 15, 20):
        world.tick(minute)
    top, *replies = sandbox.slack.messages
    heads = [each["text"].split("\n")[0] for each in (*top.before, {"text": top.text})]
    assert heads == ["[CRITICAL] checkout has errors", "[CRITICAL] 2 firing: Errors", "[RESOLVED] 2 resolved: Errors"]
    assert [(reply.thread_ts, reply.broadcast, reply.text.split("\n")[0]) for reply in replies] == [
        (top.ts, True, "[CRITICAL] search has errors"), (top.ts, False, "[RESOLVED] 2 resolved: Errors")]
    assert all(any(block["type"] == "image" for block in each["blocks"]) for each in top.before)
    first, *later = sandbox.aws.mail.all()
    assert "image/png" in str(first["headers"]) or first["html"].count("cid:") == 1
    assert {mail["headers"]["References"] for mail in later} == {f"<{first['message_id']}@eu-west-1.amazonses.com>"}


def test_a_channel_that_is_deleted_between_two_sends_is_told_of_elsewhere_and_the_others_go_on(
    world: World, sandbox: Sandbox,  # noqa: F811
) -> None:
    world.lake.put("checkout", 0, 200, minutes=60)
    world.tick(5)
    sandbox.slack.deleted.add("alerts")
    world.lake.put("search", 5, 200, minutes=60)
    for minute in (10, 15, 20):
        world.tick(minute)
    [letter] = list_outbox(world.ledger, "dead", 10)
    assert (letter["target"], letter["error"]) == (
        "#alerts", "Slack: channel_not_found; trying again cannot help")
    subjects = [mail["subject"] for mail in sandbox.aws.mail.all()]
    assert subjects == ["[CRITICAL] checkout has errors", "[CRITICAL] 2 firing: Errors",
                        "[CRITICAL] Notifications do not reach slack #alerts"]
    assert len(sandbox.aws.topics.all()) == 3

    sandbox.slack.deleted.clear()
    retry_notifications(world.ledger, [letter["id"]], now=START + 21 * MINUTE, by="ann")
    world.tick(25)
    world.tick(30)
    assert sandbox.slack.messages[0].text.split("\n")[0] == "[CRITICAL] 2 firing: Errors"
    assert sandbox.aws.mail.all()[-1]["subject"] == "[RESOLVED] Notifications do not reach slack #alerts"


def test_ten_thousand_labels_and_a_megabyte_of_text_reach_every_channel(world: World, sandbox: Sandbox) -> None:  # noqa: F811
    labels = {f"label_{number}": "<!channel> \u202e\x00🔥" for number in range(10_000)}
    alert = Alert({"alertname": "Huge", "severity": "critical", **labels}, START, annotations={
        "summary": "line\r\nBcc: everyone@example.com", "description": "<script>&" * 100_000})
    send_alert(alert, world.ledger, world.alerting, now=START)
    [report] = world.deliver(1)
    assert (len(report.sent), report.failed, report.dead) == (3, [], [])
    [message], [mail], [note] = sandbox.slack.messages, sandbox.aws.mail.all(), sandbox.aws.topics.all()
    assert "<!channel" not in json.dumps(message.blocks)
    assert "Bcc" not in mail["headers"]
    assert "<script" not in mail["html"]
    assert json.loads(note["message"])["title"] == "line Bcc: everyone@example.com"
