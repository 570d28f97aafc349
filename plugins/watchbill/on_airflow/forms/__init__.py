"""The pages that a message's links lead to: forms that are filled by their URL, which Airflow's own cannot be.

They are static and know nothing. The browser fills them from the query and triggers the DAG through Airflow's REST
API, as who is logged in: what may be done, and by whom, is Airflow's to say. A plain ASGI application, because this
module is imported in every component of Airflow and a framework costs seconds there.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

Scope = MutableMapping[str, Any]
Send = Callable[[dict[str, Any]], Awaitable[None]]

PREFIX = "/watchbill"
FILES = {
    "silence": ("silence.html", "text/html; charset=utf-8"),
    "acknowledge": ("acknowledge.html", "text/html; charset=utf-8"),
    "forms.js": ("forms.js", "text/javascript; charset=utf-8"),
    "forms.css": ("forms.css", "text/css; charset=utf-8"),
}
HEADERS = {
    # Nothing but our own files runs or is asked, and no other site may put the form into a frame and have it clicked.
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
                               "form-action 'none'; base-uri 'none'; frame-ancestors 'self'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",  # the query names labels
    "cache-control": "no-cache",
}


async def app(scope: Scope, receive: Callable[[], Awaitable[Any]], send: Send) -> None:  # noqa: ARG001
    """GET and HEAD of the files above; 404 for everything else."""
    if scope["type"] != "http":
        return
    name = name_of(scope)
    if scope["method"] not in ("GET", "HEAD"):
        await answer(send, 405, b"", "text/plain", {"allow": "GET, HEAD"})
    elif name not in FILES:
        await answer(send, 404, b"not found\n", "text/plain")
    else:
        file, kind = FILES[name]
        body = (Path(__file__).parent / file).read_bytes()
        await answer(send, 200, body if scope["method"] == "GET" else b"", kind)


def name_of(scope: Scope) -> str:
    """Of the file that is asked for."""
    return str(scope["path"]).removeprefix(str(scope.get("root_path", ""))).removeprefix(PREFIX).strip("/")


async def answer(send: Send, status: int, body: bytes, kind: str, more: dict[str, str] | None = None) -> None:
    """With the headers that all answers have."""
    headers = {"content-type": kind, **HEADERS, **(more or {})}
    await send({"type": "http.response.start", "status": status,
                "headers": [(name.encode(), value.encode()) for name, value in headers.items()]})
    await send({"type": "http.response.body", "body": body})
