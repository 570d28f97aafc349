"""Two bodies of one cloud -> whether they mean the same, and what differs, for who compares and for who reads it.

`normalise` leaves out what servers and their editors add by themselves. It is for comparing only: what is sent is the
body as it was rendered.
"""

import json
from collections.abc import Iterator
from hashlib import blake2b
from typing import Any

import orjson

from watchbill.dashboards.normal_cloudwatch import normal_cloudwatch
from watchbill.dashboards.normal_datadog import normal_datadog
from watchbill.model.dashboards import Cloud

LINES = 200
TEXT = 120
_NORMAL = {"cloudwatch": normal_cloudwatch, "datadog": normal_datadog}


def normalise(cloud: Cloud, body: dict[str, Any]) -> dict[str, Any]:
    """The part of a body that means something: equal where nothing has to be done. Doing it twice changes nothing."""
    normal: dict[str, Any] = _NORMAL[cloud](_plain_numbers(body))
    return normal


def digest(body: Any) -> str:
    """The same for equal bodies, whatever the order of their keys."""
    text = orjson.dumps(body, option=orjson.OPT_SORT_KEYS)
    return blake2b(text, digest_size=16).hexdigest()


def _plain_numbers(value: Any) -> Any:
    """50.0 and 50 are one number to JSON, and servers write either."""
    if isinstance(value, dict):
        return {key: _plain_numbers(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain_numbers(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else value


def difference(held: Any, wanted: Any) -> list[str]:
    """`widgets[2].properties.period: 300 -> 60`, `+ …` for what is new, `- …` for what goes."""
    found = list(lines("", held, wanted))
    return found if len(found) <= LINES else [*found[:LINES], f"and {len(found) - LINES} more"]


def lines(path: str, held: Any, wanted: Any) -> Iterator[str]:
    """The same below a path, each as it is found."""
    if held == wanted:
        return
    if isinstance(held, dict) and isinstance(wanted, dict):
        for key in sorted({*held, *wanted}):
            yield from _member(f"{path}.{key}".lstrip("."), key, held, wanted)
    elif isinstance(held, list) and isinstance(wanted, list):
        for at in range(max(len(held), len(wanted))):
            yield from _member(f"{path}[{at}]", at, dict(enumerate(held)), dict(enumerate(wanted)))
    else:
        yield f"{path}: {shortened(held)} -> {shortened(wanted)}"


def _member(path: str, key: Any, held: dict[Any, Any], wanted: dict[Any, Any]) -> Iterator[str]:
    if key not in held:
        yield f"+ {path}: {shortened(wanted[key])}"
    elif key not in wanted:
        yield f"- {path}: {shortened(held[key])}"
    else:
        yield from lines(path, held[key], wanted[key])


def shortened(value: Any) -> str:
    """As JSON, in one line."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return text if len(text) <= TEXT else f"{text[:TEXT - 1]}…"
