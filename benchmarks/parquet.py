"""How the baselines keep points, and what any side has kept: the sides must leave the same points behind."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import blake2b
from pathlib import Path

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

_COLUMNS: dict[str, pa.DataType] = {
    "series": pa.int64(), "timestamp": pa.timestamp("ms", "UTC"), "value": pa.float64(),
}
SCHEMA = pa.schema(_COLUMNS)


def write(path: Path, series: Sequence[int], timestamps: Sequence[datetime | int], values: Sequence[float],
          collected_at: datetime) -> None:
    """The lake's columns in one file, by pyarrow as it comes but for zstd. Timestamps may be epoch milliseconds."""
    write_table(path, [pa.array(column, kind) for column, kind in zip((series, timestamps, values), SCHEMA.types,
                                                                      strict=True)], collected_at)


def write_table(path: Path, columns: Sequence[pa.Array], collected_at: datetime) -> None:
    """The same of Arrow's arrays."""
    stamps = pa.repeat(pa.scalar(collected_at, SCHEMA.field("timestamp").type), len(columns[0]))
    pq.write_table(pa.table([*columns, stamps], names=[*SCHEMA.names, "collected_at"]), path, compression="zstd")


def kept(folder: Path) -> str:
    """What the Parquet files below the folder hold, whatever their number, order and encoding."""
    files = sorted(str(path) for path in folder.rglob("*.parquet"))
    return digest(ds.dataset(files, schema=SCHEMA).to_table())


def digest(points: pa.Table) -> str:
    """How many points, and a hash of all."""
    ordered = points.select(SCHEMA.names).cast(SCHEMA).sort_by([("series", "ascending"), ("timestamp", "ascending")])
    hashed = blake2b(digest_size=8)
    for column in ordered.columns:
        hashed.update(column.to_numpy().tobytes())
    return f"{len(ordered)} points {hashed.hexdigest()}"
