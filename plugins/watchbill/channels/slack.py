"""A notification to a Slack channel, once: by chat.postMessage at first, then by chat.update and a reply."""

import http.client
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.error import URLError

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web import SlackResponse

from watchbill.channels.refusals import SLACK, Verdict, refusal, seconds
from watchbill.channels.slack_message import render
from watchbill.channels.slack_picture import code, shown, upload
from watchbill.channels.slack_template import poster
from watchbill.channels.words import news
from watchbill.model.alerts import Answer, Notification
from watchbill.model.failures import TransportError

_NO_THREAD = ("thread_not_found", "cannot_reply_to_message", "restricted_action_non_threadable_channel",
              "restricted_action_thread_locked")
# A channel may have been made anew under its old name: posting by the name finds that out.
_NO_EDIT = ("message_not_found", "cant_update_message", "edit_window_closed", "message_not_editable",
            "channel_not_found", "is_archived")


def send(notification: Notification, client: WebClient) -> Answer:
    """`{"ts", "channel"}`. Raises TransportError. The client must not retry by itself (`retry_handlers=[]`).

    A group has one message, which is edited to say how things are now; what is new goes into its thread. With the
    channel's option `update_message: false` there is a new message each time.
    """
    with explained():
        return _send(notification, client)


@contextmanager
def explained() -> Iterator[None]:
    """Raises TransportError for whatever a call of Slack's client raises inside."""
    try:
        yield
    except SlackApiError as error:
        raise _refused(error) from None
    except (OSError, http.client.HTTPException, SlackClientError, ValueError, AttributeError) as error:
        # The client reads an answer without checking it: AttributeError for JSON that is no object.
        # Not chained: http.client quotes the header that it cannot send, and that header is the token.
        raise refusal("Slack", f"{type(error).__name__} on the way", _on_the_way(error)) from None


def _send(notification: Notification, client: WebClient) -> Answer:
    file, trouble = upload(notification.picture, client)
    answer = _told(notification, client, file)
    return {**answer, "picture": trouble} if trouble else answer


def _told(notification: Notification, client: WebClient, file: str) -> Answer:
    ts, channel = notification.thread.get("ts"), notification.thread.get("channel")
    edits = notification.channel.options.get("update_message", True)
    if not (edits and ts and channel):
        return _named(_post(client, notification, file))
    try:
        shown(lambda one: client.chat_update(channel=channel, ts=ts, **render(notification, one)), file)
    except SlackApiError as error:
        if code(error) not in _NO_EDIT:
            raise
        # Somebody has deleted it, or may no longer edit it: what follows belongs to the new one.
        first = _named(_post(client, notification, file))
        return {**first, "thread": first}
    return {**_named(_reply(client, news(notification), ts)), "edited": ts}


def _reply(client: WebClient, notification: Notification, parent: str) -> SlackResponse:
    """In the thread, and to the channel too where something fires: nobody is told of an edit.

    Repeating an edit is harmless, so it comes first; repeating a reply is not.
    """
    is_pressing = notification.status == "firing" and any(one.status == "firing" for one in notification.alerts)
    try:
        return _post(client, notification, thread_ts=parent, reply_broadcast=is_pressing)
    except SlackApiError as error:
        if code(error) not in _NO_THREAD:
            raise
        return _post(client, notification)


def _post(client: WebClient, notification: Notification, file: str = "", **place: Any) -> SlackResponse:
    return shown(lambda one: client.chat_postMessage(
        channel=notification.channel.target, unfurl_links=False, unfurl_media=False,
        **poster(notification), **render(notification, one), **place), file)


def _named(answer: SlackResponse) -> dict[str, str]:
    return {"ts": str(answer["ts"]), "channel": str(answer["channel"])}


def _refused(error: SlackApiError) -> TransportError:
    word, status = code(error), error.response.status_code
    headers = {str(name).lower(): str(value) for name, value in error.response.headers.items()}
    return refusal("Slack", word or f"HTTP {status}", _verdict(word, status), seconds(headers.get("retry-after")))


def _verdict(word: str, status: int) -> Verdict:
    if word in SLACK:
        return SLACK[word]
    if word.startswith("restricted_action"):
        return "permanent"
    if status == 200 and not word:
        return "ambiguous"  # taken, perhaps, and the answer garbled by something in between
    return "retry"


def _on_the_way(error: Exception) -> Verdict:
    """urllib wraps what fails before the request is out in URLError; what fails later comes as it is."""
    if isinstance(error, URLError):
        return "retry"
    is_of_the_answer = isinstance(error, (UnicodeDecodeError, json.JSONDecodeError))
    return "permanent" if isinstance(error, ValueError) and not is_of_the_answer else "ambiguous"
