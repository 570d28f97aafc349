"""What lies in the lake's files, read by nothing of the lake's own: the newest row of each point, as its docs say."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from tests.contract.schedules.place import Place


class Kept(NamedTuple):
    """Of several rows for a point the greatest counts: the newest, of these the greater value, then what is there."""

    collected_at: datetime
    value: float
    there: bool


def kept(place: Place) -> dict[tuple[int, datetime], Kept]:
    """By series' key and timestamp."""
    points: dict[tuple[int, datetime], Kept] = {}
    for content in place.sound("points"):
        for row in _rows(content):
            at = row["series"], row["timestamp"]
            one = Kept(row["collected_at"], row["value"], not row["vanished"])
            points[at] = max(points.get(at, one), one)
    return points


def names(place: Place) -> dict[int, tuple[str, str]]:
    """Metric and service by series' key."""
    return {row["key"]: (row["metric"], dict(row["dimensions"])["service"])
            for content in place.sound("series") for row in _rows(content)}


def _rows(content: bytes) -> Iterator[dict[str, Any]]:
    yield from pq.read_table(pa.BufferReader(content)).to_pylist()
