"""What a file of points holds, in which version, and what its footer notes beside the rows.

    1  series, timestamp, value, collected_at; no note of a version
    2  vanished beside them; in the table of series, tags

A reader brings older versions to the newest one. A newer one than its own it refuses: what it does not know might
change what the rest means. Beside the note in each file, `versions/2` says of the whole lake that it has such files:
for readers that do not look into each.
"""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from watchbill.model.failures import LakeError

VERSION = 2
NOTE = "watchbill.schema"
FOLDER = "versions"

MOMENT = pa.timestamp("ms", "UTC")
_COLUMNS: dict[str, pa.DataType] = {"series": pa.int64(), "timestamp": MOMENT, "value": pa.float64()}
POINTS = pa.schema(_COLUMNS)
STORED = POINTS.append(pa.field("collected_at", MOMENT)).append(pa.field("vanished", pa.bool_()))
"""`vanished`: the source had the point once, with this value, and no more when it was asked again."""


def version(notes: Mapping[bytes, bytes] | None) -> int:
    """Of a file with these notes in its footer."""
    return int((notes or {}).get(NOTE.encode(), b"1"))


def check_version(path: str, notes: Mapping[bytes, bytes] | None) -> None:
    """Raises LakeError for a file that a newer Watchbill wrote."""
    refuse_newer(path, version(notes))


def refuse_newer(path: str, found: int) -> None:
    """Raises LakeError for a version that is newer than ours."""
    if found > VERSION:
        raise LakeError(f"{path} has version {found} of the lake's schema, and this Watchbill knows {VERSION} at most: "
                        "upgrade Watchbill wherever it reads this lake")


def as_stored(rows: pa.Table) -> pa.Table:
    """Rows of any version, with the columns of STORED that were read, in its types. May raise what Arrow raises."""
    if "vanished" in rows.column_names and rows["vanished"].null_count:
        place = rows.column_names.index("vanished")
        known: Any = pc.coalesce(rows["vanished"], pa.scalar(False))
        rows = rows.set_column(place, "vanished", known)
    wanted = pa.schema([STORED.field(name) for name in rows.column_names])
    if rows.schema.types == wanted.types:  # most of what there is, and a cast takes as long as reading a small file
        return pa.Table.from_arrays(rows.columns, schema=wanted)
    return rows.cast(wanted)


def without_nulls(schema: pa.Schema) -> pa.Schema:
    return pa.schema([field.with_nullable(False) for field in schema])


def with_vanished(rows: pa.Table) -> pa.Table:
    """Where an older file knows nothing of it, no point has vanished."""
    if "vanished" in rows.column_names:
        return rows
    none: pa.Array[Any] = pa.repeat(pa.scalar(False), len(rows))
    return rows.append_column("vanished", none)
