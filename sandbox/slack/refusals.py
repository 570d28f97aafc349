"""How Slack says no, and what every method refuses alike."""

import json
from collections.abc import Sequence
from typing import Any

from starlette.responses import JSONResponse, Response


class Refused(Exception):
    """An answer with `ok: false`."""

    def __init__(self, error: str, messages: Sequence[str] = (), retry_after_s: int | None = None,
                 **members: str) -> None:
        super().__init__(error)
        self.error, self.messages, self.retry_after_s = error, list(messages), retry_after_s
        self.members = members

    def response(self) -> Response:
        body: dict[str, Any] = {"ok": False, "error": self.error} | self.members
        if self.messages:
            said = [f"[ERROR] {message}" for message in self.messages]
            body |= {"errors": self.messages, "response_metadata": {"messages": said}}
        if self.retry_after_s is None:
            return JSONResponse(body)
        return JSONResponse(body, 429, {"Retry-After": str(self.retry_after_s)})


def listed(arguments: dict[str, Any], key: str) -> list[Any] | None:
    """An argument that is a list, or its JSON in a form."""
    value = arguments.get(key)
    if value is None or value == "":
        return None
    try:
        value = json.loads(value) if isinstance(value, str) else value
    except ValueError as error:
        raise Refused(f"invalid_{key}_format") from error
    if not isinstance(value, list):
        raise Refused(f"invalid_{key}_format")
    return value
