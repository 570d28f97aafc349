"""Slack, through its own client, over HTTP."""

from dataclasses import replace
from time import sleep

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


def test_a_group_has_one_message_that_is_edited_and_what_is_new_goes_into_its_thread(sandbox: Sandbox) -> None:
    client, later = slack_client(sandbox), alert("Search fails", labels={"service": "search"})
    first = slack.send(notification(), client)
    grown = notification(alert(), later, thread=first, told={alert().fingerprint})
    answer = slack.send(grown, client)
    top, reply = (message.to_json() for message in sandbox.slack.messages)
    assert top == {"channel": first["channel"], "ts": first["ts"], "thread_ts": None, "edited": True,
                   "before": [render(notification())], **render(grown)}
    assert reply == {"channel": first["channel"], "ts": answer["ts"], "thread_ts": first["ts"], "edited": False,
                     "broadcast": True, **render(replace(grown, alerts=(later,)))}
    assert answer == {"ts": reply["ts"], "channel": first["channel"], "edited": first["ts"]}


def test_a_resolve_edits_the_message_and_does_not_call_the_whole_channel(sandbox: Sandbox) -> None:
    client = slack_client(sandbox)
    first = slack.send(notification(), client)
    slack.send(notification(alert(status="resolved"), thread=first, told={alert().fingerprint}), client)
    top, reply = sandbox.slack.messages
    assert top.text.startswith("[RESOLVED] Checkout fails")
    assert (reply.thread_ts, reply.broadcast) == (first["ts"], False)
    assert reply.blocks == top.blocks


def test_a_reminder_says_everything_again_to_the_channel_too(sandbox: Sandbox) -> None:
    client = slack_client(sandbox)
    first = slack.send(notification(), client)
    slack.send(notification(thread=first, told={alert().fingerprint}), client)
    top, reply = sandbox.slack.messages
    assert (reply.blocks, reply.broadcast) == (top.blocks, True)


def test_by_choice_there_is_a_new_message_each_time(sandbox: Sandbox) -> None:
    client = slack_client(sandbox)
    first = slack.send(notification(options={"update_message": False}), client)
    slack.send(notification(alert(status="resolved"), thread=first, options={"update_message": False}), client)
    assert [(message.thread_ts, message.edited) for message in sandbox.slack.messages] == [(None, False)] * 2


@pytest.mark.parametrize("error", ["message_not_found", "cant_update_message", "edit_window_closed"])
def test_a_message_that_cannot_be_edited_is_posted_anew_and_what_follows_belongs_to_that(
    sandbox: Sandbox, error: str
) -> None:
    client = slack_client(sandbox)
    first = slack.send(notification(), client)
    sandbox.faults.add(Fault("slack", "chat.update", body={"ok": False, "error": error}))
    answer = slack.send(notification(alert(status="resolved"), thread=first), client)
    new = sandbox.slack.messages[-1]
    assert (new.thread_ts, new.text.split("\n")[0]) == (None, "[RESOLVED] Checkout fails")
    assert answer["thread"] == {"ts": new.ts, "channel": first["channel"]}


def test_a_message_that_somebody_deleted_does_not_swallow_an_alert(sandbox: Sandbox) -> None:
    client = slack_client(sandbox)
    first = slack.send(notification(), client)
    sandbox.slack.remove(first["ts"])
    answer = slack.send(notification(thread=first), client)
    [message] = sandbox.slack.messages
    assert (answer["ts"], message.thread_ts) == (message.ts, None)


def test_a_thread_that_is_locked_does_not_swallow_what_is_new(sandbox: Sandbox) -> None:
    client = slack_client(sandbox)
    first = slack.send(notification(), client)
    locked = {"ok": False, "error": "restricted_action_thread_locked"}
    sandbox.faults.add(Fault("slack", "chat.postMessage", body=locked))
    slack.send(notification(alert("New"), thread=first), client)
    assert [message.thread_ts for message in sandbox.slack.messages] == [None, None]


def test_a_channel_that_was_made_anew_under_its_name_gets_a_new_message(sandbox: Sandbox) -> None:
    client = slack_client(sandbox)
    first = slack.send(notification(), client) | {"channel": "C0GONE00001"}
    answer = slack.send(notification(alert(status="resolved"), thread=first), client)
    assert answer["thread"]["channel"] == SLACK_CHANNELS["alerts"]


@pytest.mark.parametrize("gone", ["archived", "deleted"])
def test_a_channel_that_goes_between_two_sends_is_permanent(sandbox: Sandbox, gone: str) -> None:
    client = slack_client(sandbox)
    first = slack.send(notification(), client)
    getattr(sandbox.slack, gone).add("alerts")
    with pytest.raises(TransportError) as caught:
        slack.send(notification(alert(status="resolved"), thread=first), client)
    assert caught.value.permanent


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
    while fault.delay_s and not sandbox.slack.messages:
        sleep(0.05)  # it is taken after all


def test_a_slack_that_is_not_there_is_tried_again(sandbox: Sandbox) -> None:
    client = slack_client(sandbox, retry_handlers=[])
    client.base_url = "http://127.0.0.1:1/api/"
    with pytest.raises(TransportError) as caught:
        slack.send(notification(), client)
    assert (caught.value.permanent, caught.value.ambiguous) == (False, False)
