"""Tokens between pages: a place in an answer, good for the very request that it came from."""

import base64
import binascii
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

import orjson


def _digest(request: Mapping[str, Any]) -> str:
    asked = {name: value for name, value in request.items() if name != "NextToken"}
    return blake2b(orjson.dumps(asked, option=orjson.OPT_SORT_KEYS), digest_size=8).hexdigest()


def token(request: Mapping[str, Any], place: Any) -> str:
    """What the caller must bring back, unread, to go on at `place` (anything that JSON can say)."""
    return base64.urlsafe_b64encode(orjson.dumps([_digest(request), place])).decode()


def place(request: Mapping[str, Any], refused: Exception) -> Any:
    """Where to go on, None at the start. Raises `refused` for a token of another request or of nobody."""
    if "NextToken" not in request:
        return None
    try:
        digest, at = orjson.loads(base64.urlsafe_b64decode(request["NextToken"]))
    except (binascii.Error, ValueError, TypeError):
        raise refused from None
    if digest != _digest(request):
        raise refused
    return at
