"""A picture in a Slack message, through Slack's own client, over HTTP."""

from dataclasses import replace

import pytest

from sandbox.faults import Fault
from sandbox.server import Sandbox
from tests.sandbox_fixtures import slack_client
from tests.unit.channels.made import alert, notification
from watchbill.channels import slack, slack_picture
from watchbill.channels.slack_message import render
from watchbill.model.alerts import Picture

PNG = b"\x89PNG\r\n\x1a\n picture"
PICTURED = notification(picture=Picture(PNG, "errors of checkout <now>"))


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slack_picture, "WAITS_S", (0.15, 0.3))


def test_a_picture_is_uploaded_for_the_bot_alone_and_shown_by_the_message(sandbox: Sandbox) -> None:
    answer = slack.send(PICTURED, slack_client(sandbox))
    [file], [message] = sandbox.slack.files.values(), sandbox.slack.messages
    assert (file.content, file.name, file.completed_at is not None) == (PNG, "graph.png", True)
    assert message.blocks == render(PICTURED, file.id)["blocks"]
    assert {"type": "image", "slack_file": {"id": file.id}, "alt_text": "errors of checkout <now>"} in message.blocks
    assert set(answer) == {"ts", "channel"}


def test_the_edited_message_has_a_new_picture_and_the_reply_has_none(sandbox: Sandbox) -> None:
    client = slack_client(sandbox)
    first = slack.send(PICTURED, client)
    slack.send(replace(PICTURED, thread=first), client)
    top, reply = sandbox.slack.messages
    assert [block["slack_file"]["id"] for block in top.blocks if block["type"] == "image"] == [*sandbox.slack.files][1:]
    assert "image" not in {block["type"] for block in reply.blocks}


def test_while_slack_still_looks_at_the_file_the_message_waits_a_moment_and_then_goes_without(sandbox: Sandbox) -> None:
    sandbox.slack.processing_s = 3600
    slack.send(PICTURED, slack_client(sandbox))
    [message] = sandbox.slack.messages
    assert message.blocks == render(PICTURED)["blocks"]
    assert sandbox.faults.calls["slack", "chat.postMessage"] == 3


@pytest.mark.parametrize(("fault", "said"), [
    (Fault("slack", "files.getUploadURLExternal", body={"ok": False, "error": "missing_scope"}), "missing_scope"),
    (Fault("slack", "files.getUploadURLExternal", status=500, body="<html>"), "HTTP 500"),
    (Fault("slack", "upload", status=400), "HTTPError"),
    (Fault("slack", "upload", cut=True), ""),
    (Fault("slack", "upload", delay_s=2), "TimeoutError"),
    (Fault("slack", "files.completeUploadExternal", body={"ok": True, "files": []}), "IndexError"),
    (Fault("slack", "files.completeUploadExternal", body=[1]), ""),
], ids=lambda one: one if isinstance(one, str) else "")
def test_without_its_picture_a_message_goes_out_and_the_answer_says_why(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, fault: Fault, said: str
) -> None:
    monkeypatch.setattr(slack_picture, "CALL_S", 1)
    sandbox.faults.add(fault)
    answer = slack.send(PICTURED, slack_client(sandbox, retry_handlers=[]))
    assert [message.blocks for message in sandbox.slack.messages] == [render(notification())["blocks"]]
    assert answer["picture"].startswith(f"not uploaded: {said}")


def test_blocks_that_slack_refuses_for_another_reason_are_refused(sandbox: Sandbox) -> None:
    refused = {"ok": False, "error": "invalid_blocks"}
    sandbox.faults.add(Fault("slack", "chat.postMessage", body=refused, times=4))
    with pytest.raises(slack.TransportError, match="invalid_blocks"):
        slack.send(notification(alert(), picture=PICTURED.picture), slack_client(sandbox))
