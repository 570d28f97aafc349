"""A minute-by-minute past for the tests of the sources, and tables of points as plain rows."""

from datetime import UTC, datetime, timedelta

from watchbill.model.series import Series
from watchbill.model.windows import Window, floor_time
from watchbill.sources.fetched import POINTS, Fetched

Points = dict[Series, list[tuple[int, float]]]


def minutes_ago(minutes: int, length: int) -> Window:
    """`length` minutes that began so many whole minutes ago."""
    start = floor_time(datetime.now(UTC), 60) - timedelta(minutes=minutes)
    return Window(start, start + timedelta(minutes=length))


def epoch(window: Window, *minutes: int) -> list[int]:
    """Epoch seconds of these minutes of a window, all of them where none is named."""
    start = int(window.start.timestamp())
    return [start + 60 * minute for minute in (minutes or range(window.points(60)))]


def points(fetched: Fetched) -> Points:
    assert fetched.points.schema == POINTS
    by_key = {series.key: series for series in fetched.series}
    out: Points = {series: [] for series in fetched.series}
    for row in fetched.points.to_pylist():
        out[by_key[row["series"]]].append((int(row["timestamp"].timestamp()), row["value"]))
    return out
