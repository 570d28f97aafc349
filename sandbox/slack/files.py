"""Slack's way to take a file: ask for a place, send the bytes there, say that it is complete."""

from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from sandbox.faults import Faults
from sandbox.slack.refusals import Refused, listed
from sandbox.slack.store import Store

ASK = "files.getUploadURLExternal"


def get_upload_url(store: Store, arguments: dict[str, Any], base_url: str) -> dict[str, Any]:
    """https://docs.slack.dev/reference/methods/files.getUploadURLExternal"""
    name, length = str(arguments.get("filename") or ""), str(arguments.get("length") or "")
    if not name or not length.isdigit() or length == "0":
        raise Refused("invalid_arguments", ["missing required field: filename, length"])
    file = store.expect(name, int(length))
    return {"upload_url": f"{base_url}/upload/v1/{file.id}", "file_id": file.id}


def route(store: Store, faults: Faults) -> Route:
    """Where the bytes go, as they are."""

    async def upload(request: Request) -> Response:
        body = await request.body()
        file = store.files.get(request.path_params["ticket"])

        def answer() -> Response:
            if file is None or file.content is not None or len(body) != file.length:
                return PlainTextResponse("invalid upload", 400)
            file.content = body
            return PlainTextResponse(f"OK - {len(body)}")

        return await faults.apply("slack", "upload", answer)

    return Route("/upload/v1/{ticket}", upload, methods=["POST"])


def complete_upload(store: Store, arguments: dict[str, Any]) -> dict[str, Any]:
    """https://docs.slack.dev/reference/methods/files.completeUploadExternal"""
    given = listed(arguments, "files")
    if not given or not all(isinstance(each, dict) for each in given):
        raise Refused("invalid_arguments", ["missing required field: files"])
    channel = arguments.get("channel_id")
    if channel and store.channel(str(channel)) != channel:
        raise Refused("channel_not_found")
    found = [store.files.get(str(each.get("id"))) for each in given]
    files = [file for file in found if file is not None and file.content is not None and file.completed_at is None]
    if len(files) != len(given):
        raise Refused("file_not_found")
    for file, each in zip(files, given, strict=True):
        file.title, file.completed_at = str(each.get("title") or file.name), store.clock()
    return {"files": [{"id": file.id, "title": file.title, "mimetype": ""} for file in files]}  # not looked at yet
