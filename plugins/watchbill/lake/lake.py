"""The lake: what was collected, one point per series and timestamp, as Parquet on a disk or in a bucket.

Collection writes here; rules, people and SQL read here. Any number of processes may do both at once.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import fs

from watchbill.lake import export, gaps, held, kept, quarantine, read, stats, thin, update, upkeep, verify, write
from watchbill.lake.files import Files, refused
from watchbill.lake.gaps import Gaps
from watchbill.lake.series_table import SeriesTable
from watchbill.lake.thin import Keeping, Thinned
from watchbill.lake.update import Updated
from watchbill.lake.upkeep import Compacted
from watchbill.lake.verify import Fault, Verified
from watchbill.lake.write import Written
from watchbill.model.failures import LakeError
from watchbill.model.series import SOURCES, Series, Source
from watchbill.model.windows import Window

_S3_CONNECT_S, _S3_REQUEST_S = 5, 30


class Lake:
    """Every method raises LakeError where the disk, the bucket or a file refuses; what was there stays."""

    def __init__(self, filesystem: fs.FileSystem, root: str) -> None:
        self._files = Files(filesystem, root)
        self._known = SeriesTable(self._files)

    @property
    def files(self) -> Files:
        """What lies beneath, for who looks into the place rather than for points."""
        return self._files

    @classmethod
    def open(cls, url: str, *, home: Path, aws: Callable[[], Mapping[str, Any]] | None = None) -> "Lake":
        """A folder (relative to `home`), or s3://bucket/prefix.

        `aws` gives what pyarrow's S3FileSystem takes: access_key, secret_key, session_token, region,
        endpoint_override (with its http:// or https://). Without it the AWS SDK looks for credentials itself.
        """
        if not url.startswith("s3://"):
            if "://" in url:
                raise LakeError(f"a lake lies in a folder or at s3://bucket/prefix, not at {url.split('://')[0]}://")
            return cls(fs.LocalFileSystem(), str(home / url))
        root = url.removeprefix("s3://").strip("/")
        if not root or "@" in root:
            raise LakeError("write the lake as s3://bucket/prefix; credentials belong to its connection")
        return cls(_bucket(aws() if aws else {}), root)

    def write(self, source: Source, window: Window, share: int | str, points: pa.Table,
              series: Sequence[Series], *, collected_at: datetime) -> Written:
        """Keeps one answer of a source; the same answer again changes nothing. See write.write."""
        return write.write(self._files, self._known, source, window, share, points, series,
                           collected_at=collected_at)

    def update(self, source: Source, window: Window, share: int | str, points: pa.Table, series: Sequence[Series], *,
               collected_at: datetime, own: bool) -> Updated:
        """Keeps only what is new, corrected, vanished or back in an answer. See update.update."""
        return update.update(self._files, self._known, source, window, share, points, series,
                             collected_at=collected_at, own=own)

    def series(self, source: Source | None = None, namespace: str | None = None, metric: str | None = None,
               statistic: str | None = None, dimensions: Mapping[str, str] | None = None) -> list[Series]:
        """Every series that was ever collected and fits, in a stable order.

        `dimensions`: those that a series must have at least; the value `*` is any value.
        """
        wanted = dimensions or {}
        every = [one for each in SOURCES if source in (None, each) for one in self._known.all(each).values()]
        return sorted(
            (one for one in every
             if namespace in (None, one.namespace) and metric in (None, one.metric)
             and statistic in (None, one.statistic) and _fits(dict(one.dimensions), wanted)),
            key=lambda one: (one.source, one.namespace, one.metric, one.statistic, one.dimensions, one.key))

    def series_rows(self, source: Source) -> pa.Table:
        """Every series of the source by columns, for who looks at many of them. See SeriesTable.rows."""
        return self._known.rows(source)

    def points(self, source: Source, keys: Sequence[int], window: Window) -> pa.Table:
        """As `read`, by the keys of the source's series."""
        return read.points(self._files, source, keys, window)

    def read(self, series: Sequence[Series], window: Window) -> pa.Table:
        """series (Series.key), timestamp (ms, UTC), value: one row for each of the first two, sorted."""
        return read.read(self._files, series, window)

    def records(self, series: Sequence[Series], window: Window) -> Iterator[dict[str, Any]]:
        """The same points with id, timestamp, source, namespace, name, value, unit, dimensions and more."""
        return read.records(self._files, series, window)

    def count(self, series: Sequence[Series], window: Window) -> int:
        return len(self.read(series, window))

    def coverage(self, source: Source, window: Window, share: int | str | None = None) -> list[Window]:
        """The parts of the window that were collected, in order, by that share or by any."""
        return read.coverage(self._files, source, window, share)

    def collected(self, source: Source, window: Window, share: int | str | None = None) -> bool:
        """Whether all of the window was collected, with or without points."""
        return self.coverage(source, window, share) == [window]

    def held(self, source: Source, window: Window) -> dict[str, list[Window]]:
        """What was collected of the days that the window touches: share -> windows, in order."""
        return held.held(self._files, source, window)

    def keep(self, key: str, value: Any) -> None:
        """Keeps an answer that changes slowly, as JSON; what was kept for the key before is replaced."""
        kept.keep(self._files, key, value)

    def kept(self, key: str) -> Any | None:
        """What `keep` kept last; None where there is nothing."""
        return kept.kept(self._files, key)

    def spend(self, source: Source, day: date, name: str, billed_metrics: int) -> None:
        """Notes what calls were billed; `name` tells them from all others of the UTC day."""
        kept.spend(self._files, source, day, name, billed_metrics)

    def spent(self, source: Source, day: date) -> int:
        """The billed metrics of a UTC day."""
        return kept.spent(self._files, source, day)

    def gaps(self, source: Source, share: str, start: datetime | None = None, end: datetime | None = None,
             series: Sequence[Series] | None = None) -> Gaps:
        """What is missing between the two, or between the first and last window of that share; of all series, or
        of these. See gaps.find_gaps.
        """
        return gaps.find_gaps(self._files, source, self.series(source) if series is None else series, share, start, end)

    def export(self, series: Sequence[Series], start: datetime | None = None,
               end: datetime | None = None) -> Iterator[pa.Table]:
        """The records of `records`, day by day in tables of the schema export.RECORDS; memory stays flat."""
        return export.export(self._files, series, start, end)

    def verify(self) -> Verified:
        """Opens every file and says which are not what was written."""
        return verify.verify(self._files)

    def quarantine(self, faults: Iterable[Fault]) -> list[Fault]:
        """Sets damaged files aside, so that their time counts as not collected; which went. See quarantine."""
        return quarantine.quarantine(self._files, faults)

    def sql(self, query: str, *, window: Window | None = None) -> pa.Table:
        """The rows of one SELECT over the views `points` and `series`. See query.sql."""
        from watchbill.lake import query as queries  # DuckDB takes 60 ms to load, and only this needs it

        return queries.sql(self._files, self._known, query, window)

    def stats(self) -> list[dict[str, Any]]:
        """A row a source: source, series, points, files, bytes, first, last."""
        return stats.stats(self._files, self._known)

    def days_to_compact(self, source: Source, before: date) -> list[date]:
        return upkeep.days_to_compact(self._files, source, before)

    def compact(self, source: Source, day: date, *, now: datetime) -> Compacted:
        """Makes one file of a day; safe beside writers, readers and another compaction."""
        return upkeep.compact(self._files, source, day, now=now)

    def compact_series(self, source: Source, *, now: datetime) -> int:
        """Makes one file of the table of series; how many files it replaced."""
        return self._known.compact(source, now=now)

    def days_to_migrate(self, source: Source) -> list[date]:
        """The days with files of an older version; compact writes the newest."""
        return upkeep.days_to_migrate(self._files, source)

    def has_old_series(self, source: Source) -> bool:
        """Whether the table of series has a file of an older version; compact_series writes the newest."""
        return self._known.is_old(source)

    def expire(self, retention: timedelta, *, now: datetime, sources: Iterable[Source] = SOURCES) -> list[date]:
        """Deletes the days that ended before now - retention; which days went."""
        return upkeep.expire(self._files, sources, retention, now=now)

    def days_to_thin(self, source: Source, keepings: Iterable[Keeping], *, now: datetime) -> list[date]:
        return thin.days_to_thin(self._files, source, keepings, now=now)

    def thin(self, source: Source, day: date, keepings: Mapping[int, Keeping], *, now: datetime) -> Thinned:
        """Drops and folds what is due of a day, by the key of its series. See thin.thin."""
        return thin.thin(self._files, self._known, source, day, keepings, now=now)


def _fits(has: Mapping[str, str], wanted: Mapping[str, str]) -> bool:
    return all(name in has and value in ("*", has[name]) for name, value in wanted.items())


def _bucket(options: Mapping[str, Any]) -> fs.S3FileSystem:
    given = {name: value for name, value in options.items() if value is not None}
    scheme, found, host = str(given.get("endpoint_override", "")).partition("://")
    if found:
        given |= {"scheme": scheme, "endpoint_override": host.rstrip("/")}
    # Opened late, a small object is one PUT instead of a multipart upload of three calls.
    with refused("the bucket's connection cannot be used"):
        return fs.S3FileSystem(**{"connect_timeout": _S3_CONNECT_S, "request_timeout": _S3_REQUEST_S,
                                  "allow_delayed_open": True, **given})
