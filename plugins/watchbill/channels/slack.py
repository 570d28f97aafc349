"""A notification to a Slack channel, by chat.postMessage, once."""

import http.client
import json
import re
from typing import Any
from urllib.error import URLError

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web import SlackResponse

from watchbill.channels.refusals import SLACK, Verdict, refusal, seconds
from watchbill.channels.slack_message import render
from watchbill.model.alerts import Answer, Notification
from watchbill.model.failures import TransportError

_CODE = re.compile(r"[a-z0-9_]+")
_NO_THREAD = ("thread_not_found", "cannot_reply_to_message", "restricted_action_non_threadable_channel")


def send(notification: Notification, client: WebClient) -> Answer:
    """`{"ts", "channel"}`. Raises TransportError. The client must not retry by itself (`retry_handlers=[]`).

    What follows the group's first message goes into its thread, and to the channel too, lest it go unseen.
    """
    arguments: dict[str, Any] = {
        "channel": notification.channel.target, "unfurl_links": False, "unfurl_media": False,
        **render(notification),
    }
    try:
        answer = _post(client, arguments, notification.thread.get("ts"))
    except SlackApiError as error:
        raise _refused(error) from None
    except (OSError, http.client.HTTPException, SlackClientError, ValueError, AttributeError) as error:
        # The client reads an answer without checking it: AttributeError for JSON that is no object.
        # Not chained: http.client quotes the header that it cannot send, and that header is the token.
        raise refusal("Slack", f"{type(error).__name__} on the way", _on_the_way(error)) from None
    return {"ts": str(answer["ts"]), "channel": str(answer["channel"])}


def _post(client: WebClient, arguments: dict[str, Any], parent: str | None) -> SlackResponse:
    """In the thread. Where somebody has deleted its first message, Slack takes nothing: then beside it."""
    if not parent:
        return client.chat_postMessage(**arguments)
    try:
        return client.chat_postMessage(**arguments, thread_ts=parent, reply_broadcast=True)
    except SlackApiError as error:
        if _code(error) not in _NO_THREAD:
            raise
        return client.chat_postMessage(**arguments)


def _refused(error: SlackApiError) -> TransportError:
    code, status = _code(error), error.response.status_code
    headers = {str(name).lower(): str(value) for name, value in error.response.headers.items()}
    said = code if _CODE.fullmatch(code) else f"HTTP {status}"
    return refusal("Slack", said, _verdict(code, status), seconds(headers.get("retry-after")))


def _code(error: SlackApiError) -> str:
    data = error.response.data
    return str(data.get("error", "")) if isinstance(data, dict) else ""


def _verdict(code: str, status: int) -> Verdict:
    if code in SLACK:
        return SLACK[code]
    if code.startswith("restricted_action"):
        return "permanent"
    if status == 200 and not _CODE.fullmatch(code):
        return "ambiguous"  # taken, perhaps, and the answer garbled by something in between
    return "retry"


def _on_the_way(error: Exception) -> Verdict:
    """urllib wraps what fails before the request is out in URLError; what fails later comes as it is."""
    if isinstance(error, URLError):
        return "retry"
    is_of_the_answer = isinstance(error, (UnicodeDecodeError, json.JSONDecodeError))
    return "permanent" if isinstance(error, ValueError) and not is_of_the_answer else "ambiguous"
