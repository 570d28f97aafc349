"""Slack, through its own client, over HTTP."""

import pytest

from sandbox.credentials import SLACK_CHANNELS
from sandbox.faults import Fault
from sandbox.server import Sandbox
from tests.sandbox_fixtures import slack_client
from tests.unit.channels.made import NASTY, alert, notification
from watchbill.channels import slack
from watchbill.channels.slack_message import render
from watchbill.model.failures import TransportError


def _failure(sandbox: Sandbox, token: str | None = None, target: str = "#alerts") -> TransportError:
    client = slack_client(sandbox, *([token] if token else []), retry_handlers=[])
    with pytest.raises(TransportError) as caught:
        slack.send(notification(target=target), client)
    return caught.value


def test_a_notification_is_posted_as_it_is_rendered(sandbox: Sandbox) -> None:
    answer = slack.send(notification(), slack_client(sandbox))
    posted = [message.to_json() for message in sandbox.slack.messages]
    assert posted == [
        {"channel": SLACK_CHANNELS["alerts"], "ts": answer["ts"], "thread_ts": None, "edited": False}
        | render(notification())
    ]
    assert answer == {"ts": posted[0]["ts"], "channel": SLACK_CHANNELS["alerts"]}


def test_what_follows_goes_into_the_thread(sandbox: Sandbox) -> None:
    client = slack_client(sandbox)
    first = slack.send(notification(), client)
    slack.send(notification(alert(status="resolved"), thread={"ts": first["ts"]}), client)
    assert [message.thread_ts for message in sandbox.slack.messages] == [None, first["ts"]]


def test_a_thread_that_somebody_deleted_does_not_swallow_an_alert(sandbox: Sandbox) -> None:
    answer = slack.send(notification(thread={"ts": "1.000001"}), slack_client(sandbox))
    assert [message.thread_ts for message in sandbox.slack.messages] == [None]
    assert answer["ts"] == sandbox.slack.messages[0].ts


def test_whatever_an_alert_says_is_taken(sandbox: Sandbox) -> None:
    sandbox.slack.burst = len(NASTY)
    for nasty in NASTY:
        slack.send(notification(alert(nasty, nasty, metadata={nasty[:500]: nasty})), slack_client(sandbox))
    assert len(sandbox.slack.messages) == len(NASTY)


def test_a_channel_that_does_not_exist_is_permanent(sandbox: Sandbox) -> None:
    error = _failure(sandbox, target="#nowhere")
    assert (error.permanent, error.ambiguous) == (True, False)
    assert str(error) == "Slack: channel_not_found; trying again cannot help"


def test_a_wrong_token_is_permanent_and_not_told(sandbox: Sandbox) -> None:
    error = _failure(sandbox, token="xoxb-secret")
    assert error.permanent
    assert "xoxb" not in str(error)


def test_a_rate_limit_says_when_to_come_back(sandbox: Sandbox) -> None:
    sandbox.slack.burst = 0
    error = _failure(sandbox)
    assert (error.permanent, error.ambiguous) == (False, False)
    assert error.retry_after_s
    assert error.retry_after_s >= 1


@pytest.mark.parametrize(
    ("fault", "ambiguous"),
    [
        (Fault("slack", "chat.postMessage", status=503), False),
        (Fault("slack", "chat.postMessage", status=500, body="<html>"), False),
        (Fault("slack", "chat.postMessage", body="<html>"), True),
        (Fault("slack", "chat.postMessage", body=[1]), True),
        (Fault("slack", "chat.postMessage", body={"ok": False, "error": "internal_error"}), True),
        (Fault("slack", "chat.postMessage", cut=True), True),
        (Fault("slack", "chat.postMessage", cut=True, after=True), True),
        (Fault("slack", "chat.postMessage", partial=True), True),
        (Fault("slack", "chat.postMessage", delay_s=2), True),
    ],
)
def test_trouble_on_the_way_is_tried_again_and_known_as_ambiguous_where_it_is(
    sandbox: Sandbox, fault: Fault, ambiguous: bool
) -> None:
    sandbox.faults.add(fault)
    client = slack_client(sandbox, retry_handlers=[])
    client.timeout = 1
    with pytest.raises(TransportError) as caught:
        slack.send(notification(), client)
    assert (caught.value.permanent, caught.value.ambiguous) == (False, ambiguous)
    assert sandbox.faults.calls["slack", "chat.postMessage"] == 1


def test_a_slack_that_is_not_there_is_tried_again(sandbox: Sandbox) -> None:
    client = slack_client(sandbox, retry_handlers=[])
    client.base_url = "http://127.0.0.1:1/api/"
    with pytest.raises(TransportError) as caught:
        slack.send(notification(), client)
    assert (caught.value.permanent, caught.value.ambiguous) == (False, False)
