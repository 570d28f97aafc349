"""JSON as the ledger keeps it."""

import json
from typing import Any

import orjson


def as_json(value: Any) -> str:
    """Without spaces; what JSON cannot say is kept as str(). Half of a surrogate pair passes, escaped."""
    try:
        return orjson.dumps(value).decode()
    except TypeError:
        return json.dumps(value, default=str, separators=(",", ":"))


def from_json(text: str | None) -> Any:
    """Half of a surrogate pair comes back as it was; None is none."""
    if text is None:
        return None
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return json.loads(text)
