"""Series, windows and points to write, in few words."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

import pyarrow as pa

from watchbill.model.series import Series, Source
from watchbill.model.windows import Window

MIDNIGHT = datetime(2026, 1, 31, tzinfo=UTC)
NOON = MIDNIGHT + timedelta(hours=12)


def minute(count: float) -> datetime:
    """So many minutes after noon."""
    return NOON + timedelta(minutes=count)


def window(start: float, end: float) -> Window:
    """Minutes after noon."""
    return Window(minute(start), minute(end))


def a_series(metric: str = "latency", source: Source = "cloudwatch", unit: str = "", period_s: int = 60,
             **dimensions: str) -> Series:
    return Series(source, "123456789012", "eu-west-1", "shop", metric, "Average", period_s,
                  tuple(dimensions.items()), unit)


def points(*of: tuple[Series, Mapping[float, float]]) -> pa.Table:
    """Values by minute after noon, for each series."""
    return table((one.key, minute(at), value) for one, values in of for at, value in values.items())


def table(rows: Iterable[tuple[int, datetime, float]]) -> pa.Table:
    every = list(rows)
    return pa.table({"series": pa.array([key for key, _, _ in every], pa.int64()),
                     "timestamp": pa.array([moment for _, moment, _ in every], pa.timestamp("ms", "UTC")),
                     "value": pa.array([value for _, _, value in every], pa.float64())})


def rows(answer: pa.Table) -> list[tuple[int, datetime, float]]:
    assert answer.column_names == ["series", "timestamp", "value"]
    return [(row["series"], row["timestamp"].astimezone(UTC), row["value"])
            for row in answer.to_pylist()]


def by_minute(answer: pa.Table) -> dict[float, float]:
    """What `points` takes, of an answer with one series."""
    return {(moment - NOON).total_seconds() / 60: value for _, moment, value in rows(answer)}
