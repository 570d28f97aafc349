"""GetMetricData's answers read by orjson inside botocore, which spends 20 µs on every timestamp.

Signing, retries, paging, errors and all other members stay botocore's. The event is not documented, so
tests hold what comes out against what botocore makes of the same bytes; what does not look as it should
is left to botocore. Except for a body that broke off in its middle: botocore takes it for an answer without members.
"""

import encodings.idna  # noqa: F401 - else the first connection of a process waits for it
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import orjson
from botocore.exceptions import IncompleteReadError

_EVENT = "before-parse.cloudwatch.GetMetricData"
_RESULTS = "MetricDataResults"


@contextmanager
def read_by_orjson(client: Any) -> Iterator[None]:
    """While inside, `Timestamps` of the client's GetMetricData are epoch seconds rather than datetimes."""
    client.meta.events.register(_EVENT, _read)
    try:
        yield
    finally:
        client.meta.events.unregister(_EVENT, _read)


class Milliseconds:
    """Epoch milliseconds of either kind; remembers the last, for results of one page mostly share theirs."""

    def __init__(self) -> None:
        self._asked: Sequence[float | datetime] = ()
        self._answer: list[int] = []

    def of(self, timestamps: Sequence[float | datetime]) -> list[int]:
        """The same object for equal timestamps. Raises AttributeError or TypeError for any other kind."""
        if timestamps != self._asked or not timestamps:
            self._answer = milliseconds(timestamps)
            self._asked = timestamps
        return self._answer


def milliseconds(timestamps: Sequence[float | datetime]) -> list[int]:
    """Epoch milliseconds of either kind. Raises AttributeError or TypeError for any other."""
    return [round((one.timestamp() if isinstance(one, datetime) else one) * 1000) for one in timestamps]


def _read(response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: Any) -> None:
    if response_dict["status_code"] != 200:
        return
    _check_length(response_dict)
    try:
        answer = orjson.loads(response_dict["body"])
        results = answer.pop(_RESULTS)
        kinds = {type(times[0]) for one in results if (times := one.get("Timestamps"))}
    except (ValueError, KeyError, TypeError, AttributeError):
        return  # no answer of CloudWatch, or not as we know it
    if kinds <= {int, float}:
        customized_response_dict[_RESULTS] = results
        response_dict["body"] = orjson.dumps(answer)


def _check_length(response_dict: dict[str, Any]) -> None:
    """Raises IncompleteReadError."""
    headers, there = response_dict["headers"], len(response_dict["body"])
    told = int(headers.get("content-length", there))
    if there < told and "content-encoding" not in headers:
        raise IncompleteReadError(actual_bytes=there, expected_bytes=told)
