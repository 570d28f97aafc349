"""What lies in the lake's files, read by nothing of the lake's own: the newest row of each point, as its docs say."""

from collections.abc import Iterator
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq


class Kept(NamedTuple):
    """Of several rows for a point the greatest counts: the newest, of these the greater value, then what is there."""

    collected_at: datetime
    value: float
    there: bool


def sound_files(lake: Path) -> dict[Path, bytes]:
    """The files of points that are what their names say."""
    found = {file: file.read_bytes() for file in points_files(lake)}
    return {file: content for file, content in found.items()
            if file.stem.endswith(blake2b(content, digest_size=8).hexdigest())}


def points_files(lake: Path) -> list[Path]:
    return sorted(file for file in lake.glob("points/*/*/*.parquet") if not file.name.startswith("."))


def kept(lake: Path) -> dict[tuple[int, datetime], Kept]:
    """By series' key and timestamp."""
    points: dict[tuple[int, datetime], Kept] = {}
    for content in sound_files(lake).values():
        for row in _rows(content):
            at = row["series"], row["timestamp"]
            one = Kept(row["collected_at"], row["value"], not row["vanished"])
            points[at] = max(points.get(at, one), one)
    return points


def _rows(content: bytes) -> Iterator[dict[str, Any]]:
    yield from pq.read_table(pa.BufferReader(content)).to_pylist()
