"""From files to points, to records, and to what is known about a time without opening it."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa

from watchbill.lake.files import Files
from watchbill.lake.layout import StoredFile, clip, day_folder, in_utc, merge
from watchbill.lake.listing import list_all, on_settled
from watchbill.lake.notes import claims
from watchbill.lake.points import Wanted, from_ms, load, newest
from watchbill.lake.schema import MOMENT, POINTS, STORED
from watchbill.model.series import Series, Source, point_id
from watchbill.model.windows import Window

_READ = [*POINTS.names, "collected_at"]


def read(files: Files, series: Sequence[Series], window: Window) -> pa.Table:
    """series, timestamp, value: one row per series and timestamp, sorted by both."""
    keys: dict[Source, set[int]] = {}
    for one in series:
        keys.setdefault(one.source, set()).add(one.key)
    return _newest([_read_source(files, source, sorted(wanted), window) for source, wanted in sorted(keys.items())])


def points(files: Files, source: Source, keys: Sequence[int], window: Window) -> pa.Table:
    """The same, by the keys of one source's series."""
    return _newest([_read_source(files, source, sorted(keys), window)])


def _newest(tables: Sequence[pa.Table]) -> pa.Table:
    return newest(pa.concat_tables([STORED.empty_table().select(_READ), *tables])).select(POINTS.names)


def records(files: Files, series: Sequence[Series], window: Window) -> Iterator[dict[str, Any]]:
    """The same points as a user sees them, each with the id that it always has; `period` in seconds."""
    named = {one.key: one for one in series}
    points = read(files, series, window)
    moments = points["timestamp"].cast(pa.int64())
    for row in points.set_column(1, "timestamp", moments).to_pylist():
        one, timestamp = named[row["series"]], from_ms(row["timestamp"])
        yield {
            "id": point_id(one.key, timestamp), "timestamp": timestamp, "source": one.source,
            "namespace": one.namespace, "name": one.metric, "value": row["value"], "unit": one.unit,
            "dimensions": dict(one.dimensions), "statistic": one.statistic, "period": one.period_s,
            "account": one.account, "region": one.region,
            "tags": dict(one.tags),
        }


def coverage(files: Files, source: Source, window: Window, share: int | str | None = None) -> list[Window]:
    """The parts of the window that were collected, in order, by that share or by any.

    A part without points is among them when it was asked for and had none.
    """
    def collected(found: list[StoredFile]) -> list[Window]:
        parts = [clip(part, window) for file in found for part in claims(files, file, share)]
        return merge([part for part in parts if part])

    return on_settled(files, lambda: list_days(files, source, window), collected)


def list_days(files: Files, source: Source, window: Window) -> list[StoredFile]:
    """The files of every day that the window touches."""
    return list_all(files, [day_folder(source, day) for day in in_utc(window).days()])


def _read_source(files: Files, source: Source, keys: list[int], window: Window) -> pa.Table:
    wanted = Wanted(in_utc(window), tuple(keys))
    return on_settled(files, lambda: list_days(files, source, window),
                      lambda found: _load(files, within(found, window), wanted))


def _load(files: Files, found: Sequence[StoredFile], wanted: Wanted) -> pa.Table:
    """When a point was collected is read only where another file may say it too."""
    many = Counter(file.day for file in found)
    alone = load(files, [file for file in found if many[file.day] == 1], wanted, POINTS.names)
    never = pa.repeat(pa.scalar(0, MOMENT), len(alone))
    several = load(files, [file for file in found if many[file.day] > 1], wanted, _READ)
    return pa.concat_tables([alone.append_column("collected_at", never), several])


def within(found: Sequence[StoredFile], window: Window) -> list[StoredFile]:
    """Those that may hold points of the window."""
    return [file for file in found if _may_hold(file, window)]


def _may_hold(file: StoredFile, window: Window) -> bool:
    """A name that tells another time spares the opening; a compacted file's tells only the day."""
    return file.window is None or clip(file.window, window) is not None
