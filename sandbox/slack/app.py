"""Slack's Web API: a request to `/api/<method>` goes in, `{"ok": …}` comes out, nearly always with HTTP 200.

https://docs.slack.dev/apis/web-api/
"""

import json
import math
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.credentials import SLACK_BOT_TOKEN
from sandbox.faults import Faults
from sandbox.permissions import Permissions
from sandbox.slack import blocks as block_kit
from sandbox.slack import files
from sandbox.slack.refusals import Refused, listed
from sandbox.slack.store import Message, Store

TEXT_CUT = 40_000  # chat.postMessage cuts longer text
TEXT_UPDATE = 4_000  # chat.update refuses it: "cannot exceed 4,000 characters"
BLOCKS_TEXT = 10_000  # over all blocks together; not documented, reported by users
ATTACHMENTS = 100


def create_app(store: Store, permissions: Permissions, faults: Faults) -> Starlette:
    async def method(request: Request) -> Response:
        name = request.path_params["method"]
        body = await request.body()

        def answer() -> Response:
            try:
                return JSONResponse({"ok": True} | _call(store, permissions, name, request, body),
                                    headers={"X-OAuth-Scopes": ",".join(_scopes(permissions))})
            except Refused as refused:
                return refused.response()

        return await faults.apply("slack", name, answer)

    return Starlette(routes=[Route("/api/{method}", method, methods=["GET", "POST"]),
                             files.route(store, faults)])



def _call(store: Store, permissions: Permissions, name: str, request: Request, body: bytes) -> dict[str, Any]:
    if name not in (*METHODS, files.ASK):
        raise Refused("unknown_method")
    arguments = _arguments(request, body)
    header = request.headers.get("authorization", "")
    token = header.removeprefix("Bearer ") or arguments.pop("token", None)
    if not token:
        raise Refused("not_authed")
    if token != SLACK_BOT_TOKEN:
        raise Refused("invalid_auth")
    scopes = permissions.slack
    if scopes is not None and SCOPES.get(name) not in (None, *scopes):
        raise Refused("missing_scope", needed=NEEDED.get(name, ""), provided=",".join(sorted(scopes)))
    if name == files.ASK:
        return files.get_upload_url(store, arguments, str(request.url).partition("/api/")[0])
    return METHODS[name](store, arguments)


def _scopes(permissions: Permissions) -> list[str]:
    """Of the token, as the vendor tells them with every answer."""
    return sorted(set(SCOPES.values()) if permissions.slack is None else permissions.slack)


def _arguments(request: Request, body: bytes) -> dict[str, Any]:
    arguments: dict[str, Any] = dict(request.query_params)
    kind = request.headers.get("content-type", "").partition(";")[0]
    if kind == "application/json":
        try:
            arguments |= json.loads(body or b"{}")
        except (ValueError, TypeError) as error:
            raise Refused("invalid_json") from error
    elif kind == "application/x-www-form-urlencoded":
        arguments |= dict(parse_qsl(body.decode(), keep_blank_values=True))
    elif body:
        raise Refused("invalid_post_type")
    return arguments


def _auth_test(_store: Store, _arguments: dict[str, Any]) -> dict[str, Any]:
    return {
        "url": "https://sandbox.slack.com/",
        "team": "Sandbox",
        "user": "watchbill",
        "team_id": "T0SANDBOX01",
        "user_id": "U0SANDBOX01",
        "bot_id": "B0SANDBOX01",
        "is_enterprise_install": False,
    }


def _post_message(store: Store, arguments: dict[str, Any]) -> dict[str, Any]:
    channel = store.channel(str(arguments.get("channel", "")))
    if channel is None:
        raise Refused("channel_not_found")
    if store.is_archived(channel):
        raise Refused("is_archived")
    text, blocks, attachments = _content(store, arguments)
    thread = arguments.get("thread_ts")
    if thread is not None and store.find(channel, str(thread)) is None:
        raise Refused("thread_not_found")
    wait_s = store.wait_s(channel)
    if wait_s:
        raise Refused("ratelimited", retry_after_s=math.ceil(wait_s))
    message = store.add(Message(channel, "", text[:TEXT_CUT], blocks or [], attachments or [], thread,
                                broadcast=thread is not None and _is_true(arguments.get("reply_broadcast"))))
    return {"channel": channel, "ts": message.ts, "message": _shown(message)}


def _update(store: Store, arguments: dict[str, Any]) -> dict[str, Any]:
    """Edits in place: text alone takes the blocks away, attachments stay. Takes a channel's id, no name.

    https://docs.slack.dev/reference/methods/chat.update
    """
    channel = str(arguments.get("channel", ""))
    if not channel or store.channel(channel) != channel:
        raise Refused("channel_not_found")
    if store.is_archived(channel):
        raise Refused("is_archived")
    message = store.find(channel, str(arguments.get("ts", "")))
    if message is None:
        raise Refused("message_not_found")
    text, blocks, attachments = _content(store, arguments)
    if len(text) > TEXT_UPDATE:
        raise Refused("msg_too_long")
    message.before.append({"text": message.text, "blocks": message.blocks})
    kept = [] if text else message.blocks
    message.text, message.edited = text, True
    message.blocks = kept if blocks is None else blocks
    message.attachments = message.attachments if attachments is None else attachments
    return {"channel": channel, "ts": message.ts, "text": text, "message": _shown(message)}


def _is_true(value: Any) -> bool:
    return value in (True, "true", "True", "1", 1)


def _content(store: Store, arguments: dict[str, Any]) -> tuple[str, list[Any] | None, list[Any] | None]:
    text = str(arguments.get("text") or "")
    blocks, attachments = listed(arguments, "blocks"), listed(arguments, "attachments")
    if not (text or blocks or attachments):
        raise Refused("no_text")
    if len(attachments or []) > ATTACHMENTS:
        raise Refused("too_many_attachments")
    nested = [each["blocks"] for each in attachments or [] if isinstance(each, dict) and "blocks" in each]
    for some in [blocks or [], *nested]:
        if complaints := block_kit.complaints(some, store.shows):
            raise Refused("invalid_blocks", complaints)
    if block_kit.size([blocks, *nested]) > BLOCKS_TEXT:
        raise Refused("msg_blocks_too_long")
    return text, blocks, attachments


def _shown(message: Message) -> dict[str, Any]:
    author = {"type": "message", "user": "U0SANDBOX01", "bot_id": "B0SANDBOX01"}
    hidden = ("channel", "edited", "broadcast", "before")
    return author | {key: value for key, value in message.to_json().items() if value and key not in hidden}


METHODS: dict[str, Callable[[Store, dict[str, Any]], dict[str, Any]]] = {
    "auth.test": _auth_test,
    "chat.postMessage": _post_message,
    "chat.update": _update,
    "files.completeUploadExternal": files.complete_upload,
}
SCOPES = {"chat.postMessage": "chat:write", "chat.update": "chat:write", "files.getUploadURLExternal": "files:write",
          "files.completeUploadExternal": "files:write"}  # auth.test needs none
NEEDED = {"chat.postMessage": "chat:write:bot", "chat.update": "chat:write:bot",  # so the vendor calls it there
          "files.getUploadURLExternal": "files:write", "files.completeUploadExternal": "files:write"}
