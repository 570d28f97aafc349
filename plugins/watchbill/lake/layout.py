"""Where things lie in the lake. Windows and shares become file names, file names become windows again.

    points/source=cloudwatch/date=2026-01-31/<start>-<end>-<share>-<digest>.parquet   as collected
    points/source=cloudwatch/date=2026-01-31/<start>-<end>-<share>!-<digest>.parquet  …against other shares
    points/source=cloudwatch/date=2026-01-31/compact-<digest>.parquet                 a tidied day
    series/source=cloudwatch/<digest>.parquet                                         what the keys mean
    quarantine/points/source=cloudwatch/…                                             damaged, never read

The digest is of the file's content. So the same write lands on the same name, a different one never
overwrites, and a file that was read can be deleted without asking whether it has changed since. Any other
name (a half written one begins with a dot) is no part of the lake.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from hashlib import blake2b
from urllib.parse import quote, unquote

from watchbill.model.failures import LakeError
from watchbill.model.series import SOURCES, Source
from watchbill.model.windows import Window, utc

_MOMENT = "%Y%m%dT%H%M%SZ"
_COLLECTED = re.compile(r"(\d{8}T\d{6}Z)-(\d{8}T\d{6}Z)-(.+?)(!?)-[0-9a-f]{16}\.parquet")
_COMPACTED = re.compile(r"compact-[0-9a-f]{16}\.parquet")
_SERIES = re.compile(r"[0-9a-f]{16}\.parquet")
_DAY = re.compile(r"date=(\d{4}-\d{2}-\d{2})")

SAVED = "saved"
"""The share of sound points in time that lost others; nobody asks for it."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One file of points or of series, as a listing shows it."""

    path: str  # below the lake's root
    size_bytes: int
    day: date | None = None  # of points: the UTC day of every timestamp inside
    window: Window | None = None  # of points as collected: what was asked for
    share: str = ""  # of points as collected: which part of the window's series
    objects: bool = False  # to what another share brought: all of them have to look into it

    @property
    def source(self) -> Source:
        found: Source = next(source for source in SOURCES if f"/source={source}/" in self.path)
        return found

    @property
    def gathered(self) -> bool:
        """It may hold what files held that are gone by now."""
        return self.window is None or self.share == SAVED


def points_folder(source: Source) -> str:
    return f"points/source={source}"


def day_folder(source: Source, day: date) -> str:
    return f"{points_folder(source)}/date={day.isoformat()}"


def series_folder(source: Source) -> str:
    return f"series/source={source}"


def digest(content: memoryview) -> str:
    return blake2b(content, digest_size=8).hexdigest()


def is_named_after(path: str, content: memoryview) -> bool:
    """Whether the file still holds what was written under its name."""
    return path.endswith(f"{digest(content)}.parquet")


def collected_path(source: Source, day: date, window: Window, share: int | str, content: memoryview, *,
                   objects: bool = False) -> str:
    """Raises LakeError for a window that is not in whole seconds: its name would say something else."""
    if window.start.microsecond or window.end.microsecond:
        raise LakeError(f"a window begins and ends on whole seconds, not {window.start} to {window.end}")
    edges = f"{_written(window.start)}-{_written(window.end)}"
    name = quote(str(share), safe="") + "!" * objects  # which no quoted name has
    return f"{day_folder(source, day)}/{edges}-{name}-{digest(content)}.parquet"


def compacted_path(source: Source, day: date, content: memoryview) -> str:
    return f"{day_folder(source, day)}/compact-{digest(content)}.parquet"


def series_path(source: Source, content: memoryview) -> str:
    return f"{series_folder(source)}/{digest(content)}.parquet"


def quarantine_path(path: str) -> str:
    return f"quarantine/{path}"


def read_path(path: str, size_bytes: int) -> StoredFile | None:
    """What a path below the root stands for; None where it is no part of the lake."""
    folder, _, name = path.rpartition("/")
    if folder.startswith("series/"):
        return StoredFile(path, size_bytes) if _SERIES.fullmatch(name) else None
    dated = _DAY.fullmatch(folder.rpartition("/")[2])
    if not dated:
        return None
    day = date.fromisoformat(dated[1])
    if _COMPACTED.fullmatch(name):
        return StoredFile(path, size_bytes, day)
    collected = _COLLECTED.fullmatch(name)
    if not collected:
        return None
    window = Window(_moment(collected[1]), _moment(collected[2]))
    return StoredFile(path, size_bytes, day, window, unquote(collected[3]), bool(collected[4]))


def day_window(day: date) -> Window:
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return Window(start, start + timedelta(days=1))


def in_utc(window: Window) -> Window:
    """The same time; the days that it touches are UTC days then."""
    return Window(utc(window.start), utc(window.end))


def clip(window: Window, bounds: Window) -> Window | None:
    """The part of a window inside the bounds; None where there is none."""
    start, end = max(window.start, bounds.start), min(window.end, bounds.end)
    return Window(start, end) if start < end else None


def merge(windows: list[Window]) -> list[Window]:
    """The same time in the fewest windows, in order; neighbours become one."""
    merged: list[Window] = []
    for window in sorted(windows):
        if merged and window.start <= merged[-1].end:
            merged[-1] = Window(merged[-1].start, max(merged[-1].end, window.end))
        else:
            merged.append(window)
    return merged


def subtract(windows: list[Window], *taken: Window) -> list[Window]:
    """What is left of the windows, in order, merged."""
    left = merge(windows)
    for gone in taken:
        edges = [edge for window in left for edge in ((window.start, min(window.end, gone.start)),
                                                      (max(window.start, gone.end), window.end))]
        left = [Window(start, end) for start, end in edges if start < end]
    return left


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime(_MOMENT)


@lru_cache(maxsize=4096)  # a folder's names have the same edges, many times
def _moment(text: str) -> datetime:
    return datetime.strptime(text, _MOMENT).replace(tzinfo=UTC)
