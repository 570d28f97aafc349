"""The sandbox's Slack through slack_sdk: what it keeps, and what it refuses as Slack does."""

from typing import Any

import httpx
import pytest
from slack_sdk.errors import SlackApiError

from sandbox.credentials import SLACK_BOT_TOKEN, SLACK_CHANNELS
from sandbox.server import Sandbox
from tests.sandbox_fixtures import slack_client

ALERTS = SLACK_CHANNELS["alerts"]


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def refusal(sandbox: Sandbox, **arguments: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        slack_client(sandbox).chat_postMessage(**{"channel": "#alerts"} | arguments)
    assert caught.value.response.status_code == 200
    return str(caught.value.response["error"])


def test_a_token_names_the_bot(sandbox: Sandbox) -> None:
    assert slack_client(sandbox).auth_test()["user"] == "watchbill"


def test_every_answer_tells_the_token_s_scopes(sandbox: Sandbox) -> None:
    assert slack_client(sandbox).auth_test().headers["x-oauth-scopes"] == "chat:write,files:write"
    sandbox.permissions.allow(None, None, ["im:read"])
    assert slack_client(sandbox).auth_test().headers["x-oauth-scopes"] == "im:read"
    with pytest.raises(SlackApiError, match="missing_scope"):
        slack_client(sandbox).chat_postMessage(channel="#alerts", text="hello")


def test_a_wrong_token_and_none_are_told_apart(sandbox: Sandbox) -> None:
    with pytest.raises(SlackApiError, match="invalid_auth"):
        slack_client(sandbox, token="xoxb-other").auth_test()
    assert httpx.post(f"{sandbox.url}/slack/api/auth.test").json() == {"ok": False, "error": "not_authed"}


@pytest.mark.parametrize("name", ["#alerts", "alerts", ALERTS])
def test_a_channel_goes_by_name_or_id(sandbox: Sandbox, name: str) -> None:
    answer = slack_client(sandbox).chat_postMessage(channel=name, text="hello", blocks=[section("*hello*")])
    assert httpx.get(f"{sandbox.url}/_sandbox/slack/messages").json() == [
        {
            "channel": ALERTS,
            "ts": answer["ts"],
            "text": "hello",
            "blocks": [section("*hello*")],
            "thread_ts": None,
            "edited": False,
        }
    ]


def test_a_form_is_taken_as_json_is(sandbox: Sandbox) -> None:
    form = {"token": SLACK_BOT_TOKEN, "channel": "ops", "text": "hi", "blocks": '[{"type": "divider"}]'}
    answer = httpx.post(f"{sandbox.url}/slack/api/chat.postMessage", data=form).json()
    assert answer["ok"]
    assert sandbox.slack.messages[0].blocks == [{"type": "divider"}]


def test_a_reply_goes_into_the_thread_of_its_parent(sandbox: Sandbox) -> None:
    client = slack_client(sandbox)
    parent = client.chat_postMessage(channel="#alerts", text="firing")
    client.chat_postMessage(channel="#alerts", text="resolved", thread_ts=parent["ts"])
    assert [message.thread_ts for message in sandbox.slack.messages] == [None, parent["ts"]]
    assert refusal(sandbox, text="lost", thread_ts="1.000001") == "thread_not_found"


def test_an_update_edits_in_place_and_its_text_alone_takes_the_blocks_away(sandbox: Sandbox) -> None:
    client = slack_client(sandbox)
    ts = client.chat_postMessage(channel="#alerts", text="firing", blocks=[section("firing")])["ts"]
    client.chat_update(channel=ALERTS, ts=ts, text="resolved")
    assert [message.to_json() for message in sandbox.slack.messages] == [
        {
            "channel": ALERTS,
            "ts": ts,
            "text": "resolved",
            "blocks": [],
            "thread_ts": None,
            "edited": True,
            "before": [{"text": "firing", "blocks": [section("firing")]}],
        }
    ]


def test_an_update_needs_the_id_and_a_message(sandbox: Sandbox) -> None:
    client = slack_client(sandbox)
    ts = client.chat_postMessage(channel="#alerts", text="firing")["ts"]
    with pytest.raises(SlackApiError, match="channel_not_found"):
        client.chat_update(channel="#alerts", ts=ts, text="resolved")
    with pytest.raises(SlackApiError, match="message_not_found"):
        client.chat_update(channel=ALERTS, ts="1.000001", text="resolved")
    with pytest.raises(SlackApiError, match="msg_too_long"):
        client.chat_update(channel=ALERTS, ts=ts, text="x" * 4001)


def test_what_cannot_be_posted_is_named(sandbox: Sandbox) -> None:
    assert refusal(sandbox, channel="#nowhere", text="x") == "channel_not_found"
    assert refusal(sandbox, text="") == "no_text"
    assert refusal(sandbox, text="x", blocks=[section("x" * 2600)] * 4) == "msg_blocks_too_long"
    assert sandbox.slack.messages == []


@pytest.mark.parametrize(
    ("block", "complaint"),
    [
        (section("x" * 3001), "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"),
        (section(""), "must be more than 0 characters [json-pointer:/blocks/0/text/text]"),
        ({"type": "section"}, "missing required field: text [json-pointer:/blocks/0]"),
        (
            {"type": "section", "fields": [{"type": "mrkdwn", "text": "x"}] * 11},
            "no more than 10 items allowed [json-pointer:/blocks/0/fields]",
        ),
        (
            {"type": "section", "fields": [{"type": "mrkdwn", "text": "x" * 2001}]},
            "must be less than 2001 characters [json-pointer:/blocks/0/fields/0/text]",
        ),
        (
            {"type": "header", "text": {"type": "plain_text", "text": "x" * 151}},
            "must be less than 151 characters [json-pointer:/blocks/0/text/text]",
        ),
        (
            {"type": "header", "text": {"type": "mrkdwn", "text": "x"}},
            "must provide an object of type plain_text [json-pointer:/blocks/0/text]",
        ),
        (
            {"type": "context", "elements": [{"type": "mrkdwn", "text": "x"}] * 11},
            "no more than 10 items allowed [json-pointer:/blocks/0/elements]",
        ),
        (
            {
                "type": "actions",
                "elements": [{"type": "button", "text": {"type": "plain_text", "text": "x" * 76}}],
            },
            "must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]",
        ),
        ({"type": "video"}, "unsupported type: video [json-pointer:/blocks/0/type]"),
        ({"type": "divider", "text": "x"}, "invalid additional property: text [json-pointer:/blocks/0]"),
    ],
)
def test_a_block_beyond_a_limit_is_refused_with_its_place(
    sandbox: Sandbox, block: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(SlackApiError) as caught:
        slack_client(sandbox).chat_postMessage(channel="#alerts", text="x", blocks=[block])
    assert caught.value.response.data == {
        "ok": False,
        "error": "invalid_blocks",
        "errors": [complaint],
        "response_metadata": {"messages": [f"[ERROR] {complaint}"]},
    }


def test_fifty_blocks_are_taken_and_fifty_one_are_not(sandbox: Sandbox) -> None:
    divider = {"type": "divider"}
    slack_client(sandbox).chat_postMessage(channel="#alerts", text="x", blocks=[divider] * 50)
    assert refusal(sandbox, text="x", blocks=[divider] * 51) == "invalid_blocks"


def test_blocks_in_an_attachment_have_the_same_limits(sandbox: Sandbox) -> None:
    attachments = [{"color": "#d00", "blocks": [section("x" * 3001)]}]
    assert refusal(sandbox, text="x", attachments=attachments) == "invalid_blocks"
    attachments = [{"color": "#d00", "blocks": [section("down")]}]
    slack_client(sandbox).chat_postMessage(channel="#alerts", attachments=attachments)
    assert sandbox.slack.messages[0].to_json()["attachments"] == attachments


def test_long_text_is_cut(sandbox: Sandbox) -> None:
    slack_client(sandbox).chat_postMessage(channel="#alerts", text="x" * 40_001)
    assert len(sandbox.slack.messages[0].text) == 40_000


def test_a_channel_takes_about_one_message_a_second(sandbox: Sandbox) -> None:
    sandbox.slack.burst = 1
    client = slack_client(sandbox)
    client.chat_postMessage(channel="#alerts", text="one")
    with pytest.raises(SlackApiError) as caught:
        client.chat_postMessage(channel="#alerts", text="two")
    answer = caught.value.response
    assert (answer.status_code, answer["error"], answer.headers["Retry-After"]) == (429, "ratelimited", "1")
    client.chat_postMessage(channel="#ops", text="another channel")
