"""How much the lake holds, source by source."""

from collections.abc import Sequence
from datetime import date
from functools import partial
from itertools import groupby
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from watchbill.lake.files import Files
from watchbill.lake.layout import StoredFile, points_folder
from watchbill.lake.listing import on_settled
from watchbill.lake.opened import footer
from watchbill.lake.points import from_ms, load, newest
from watchbill.lake.series_table import SeriesTable
from watchbill.model.series import SOURCES


def stats(files: Files, known: SeriesTable) -> list[dict[str, Any]]:
    """source, series, points, files, bytes, first and last timestamp (None without points), one row a source.

    Points count once however often they were collected: a compacted day is counted from its footer, another
    one is read.
    """
    rows = []
    for source in SOURCES:
        listing = partial(files.listed, points_folder(source), recursive=True)
        counted = on_settled(files, listing, partial(_count, files))
        rows.append({"source": source, "series": len(known.all(source)), **counted})
    return rows


def _count(files: Files, found: list[StoredFile]) -> dict[str, Any]:
    by_day = [list(group) for _, group in groupby(found, key=lambda file: file.day or date.min)]
    counts = [_count_day(files, group) for group in by_day]
    edges = [edge for _, *bounds in counts for edge in bounds if edge is not None]
    return {
        "points": sum(points for points, _, _ in counts),
        "files": len(found),
        "bytes": sum(file.size_bytes for file in found),
        "first": from_ms(min(edges)) if edges else None,
        "last": from_ms(max(edges)) if edges else None,
    }


def _count_day(files: Files, found: Sequence[StoredFile]) -> tuple[int, int | None, int | None]:
    """Points, first and last timestamp of one day in milliseconds since the epoch."""
    if len(found) > 1:
        points = newest(load(files, found))
        moments = points["timestamp"].cast(pa.int64())
        return len(points), pc.min(moments).as_py(), pc.max(moments).as_py()
    held = footer(files, found[0])
    column = held.schema.names.index("timestamp")
    groups = [held.row_group(index).column(column).statistics for index in range(held.num_row_groups)]
    edges: list[Any] = [edge for group in groups if group for edge in (group.min_raw, group.max_raw)]
    return held.num_rows, min(edges, default=None), max(edges, default=None)
