"""The body of a columnar answer, bytes -> JSON in which a row of numbers is packed, and no object for each of them.

simdjson reads numbers straight into doubles. It is asked only for what is as it should be: whatever is not, orjson
reads, so that it alone says what an odd answer means.
"""

from functools import lru_cache
from typing import Any

import orjson
import simdjson

_LARGE_BYTES = 4 << 20
_PARSER = simdjson.Parser()  # keeps its memory, some times the last body; fresh pages cost as much as the reading
_ODD = (ValueError, KeyError, TypeError, IndexError, AttributeError, RuntimeError)


def loads(body: bytes) -> Any:
    """As orjson reads it, but of data.attributes only what is used: of `values` each row of numbers alone as a
    memoryview of doubles, and `series` as its own JSON, for most answers have those of the last one. Raises
    ValueError for what is no JSON."""
    try:
        return _quickly(body)
    except _ODD:
        return orjson.loads(body)


def _quickly(body: bytes) -> dict[str, Any]:
    """Raises one of _ODD where the answer carries an error, or might mean something else to orjson."""
    parser = _PARSER if len(body) < _LARGE_BYTES else simdjson.Parser()
    answer: Any = parser.parse(body)
    attributes = answer["data"]["attributes"]
    if "errors" in answer or any(_repeats(one) for one in (answer, answer["data"], attributes)):
        raise ValueError("to be read by orjson")
    series, times = attributes["series"], attributes["times"].as_list()
    if not isinstance(series, simdjson.Array):
        raise TypeError("a list was expected")
    names, rows = series.mini, _rows(attributes["values"], len(times))
    if _lists(body) != _lists_once(names) + 2 + len(rows) or _hides_brackets(body):
        raise ValueError("a list inside of a row was made flat, in place of numbers that lacked")
    return {"data": {"attributes": {"series": names, "times": times, "values": rows}}}


def _rows(rows: Any, count: int) -> list[Any]:
    """Memoryviews of as many doubles, and lists where a null is among them, or what is no number at all."""
    if any(len(row) != count for row in rows):
        raise ValueError("as many values as times were expected")
    try:
        flat = _doubles(rows)
    except TypeError:
        return [_row(row) for row in rows]
    if len(flat) != len(rows) * count:
        raise ValueError("a list inside of a row was made flat")
    return [flat[at:at + count] for at in range(0, len(flat), count)]


def _row(row: Any) -> "memoryview[float] | list[Any]":
    try:
        return _doubles(row)
    except TypeError:
        values: list[Any] = row.as_list()
        return values


def _doubles(numbers: Any) -> "memoryview[float]":
    """Of all lists inside too, one after the other. Raises TypeError where not all are numbers."""
    return memoryview(numbers.as_buffer(of_type="d")).cast("d")


@lru_cache(32)
def _lists_once(names: bytes) -> int:
    return _lists(names)


def _lists(body: bytes) -> int:
    """How many lists begin in it; a bracket in a text counts too. bytes.count takes three times as long."""
    count, at = 0, body.find(b"[")
    while at >= 0:
        count, at = count + 1, body.find(b"[", at + 1)
    return count


def _hides_brackets(body: bytes) -> bool:
    """Whether a text may have one that is only counted once it is read."""
    escape = body.find(b"\\")
    return escape >= 0 and body.find(b"\\u005", escape) >= 0


def _repeats(one: Any) -> bool:
    """Whether it has a key twice, of which simdjson takes the first and orjson the last."""
    keys = list(one.keys())
    return len(set(keys)) < len(keys)
