"""Keeping the lake small: many files of a day become one, old days go. A step may die anywhere and run again.

What is compacted appears before what it replaces goes, and only files that were read go. Readers take both in
between, which says the same twice. Writers never touch a file that is there, so nothing can change under it.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

import pyarrow as pa

from watchbill.lake.files import AT_ONCE, Files
from watchbill.lake.layout import StoredFile, compacted_path, day_folder, day_window, points_folder
from watchbill.lake.listing import on_settled
from watchbill.lake.notes import merged_notes
from watchbill.lake.opened import footer
from watchbill.lake.points import encode_tightly, load, newest, says_nothing
from watchbill.lake.read import list_days
from watchbill.lake.schema import VERSION, version
from watchbill.model.failures import LakeError
from watchbill.model.series import Source

SETTLED = timedelta(hours=4)
"""A day is left alone until it ended so long ago: at 60 s, the 201 points that a live tick reads again reach 3 h 21 min
back, and are compared with what their own share brought, which a compacted day does not tell.
"""


@dataclass(frozen=True, slots=True)
class Compacted:
    points: int  # in the day's one file
    bytes: int  # of it
    replaced: int  # files that went; 0 where there was nothing to do


@dataclass(frozen=True, slots=True)
class Changed:
    rows: pa.Table
    dropped: frozenset[int] = frozenset()  # series that have no rows any more


Change = Callable[[pa.Table], Changed]


def over(now: datetime) -> date:
    """The first day that may not be compacted yet."""
    return (now - SETTLED).date()


def compact(files: Files, source: Source, day: date, *, now: datetime, change: Change | None = None) -> Compacted:
    """Makes one file of a day, sorted by series and time, in the newest version. Raises LakeError, with every
    input still there. `change` says what becomes of the day's rows.
    """
    files.sweep(day_folder(source, day), now)

    def gather(found: list[StoredFile]) -> tuple[list[StoredFile], Changed, dict[str, str], bool]:
        points = newest(load(files, found))
        changed = change(points) if change else Changed(points)
        return found, changed, merged_notes(files, found, changed.dropped), any(map(partial(_is_old, files), found))

    inputs, changed, notes, old = on_settled(files, lambda: list_days(files, source, day_window(day)), gather)
    if not inputs or (len(inputs) < 2 and not old and not change):
        return Compacted(len(changed.rows), sum(file.size_bytes for file in inputs), 0)
    content = encode_tightly(changed.rows, notes)
    kept = compacted_path(source, day, memoryview(content))
    files.put(kept, content)
    replaced = [file.path for file in inputs if file.path != kept]
    files.delete(replaced)
    return Compacted(len(changed.rows), content.size, len(replaced))


def days(files: Files, source: Source) -> list[date]:
    """Every UTC day that has files of the source, in order."""
    names = files.folders(points_folder(source))
    return [date.fromisoformat(name.removeprefix("date=")) for name in names if name.startswith("date=")]


def days_to_compact(files: Files, source: Source, before: date) -> list[date]:
    """The days before that one which have more than one file, in order."""
    count: dict[date, int] = {}
    for file in files.listed(points_folder(source), recursive=True):
        if file.day and file.day < before:
            count[file.day] = count.get(file.day, 0) + 1
    return sorted(day for day, many in count.items() if many > 1)


def days_to_migrate(files: Files, source: Source) -> list[date]:
    """The days that have a file of an older version, in order. Opens the footer of every file."""
    def old(found: list[StoredFile]) -> list[date]:
        with ThreadPoolExecutor(AT_ONCE) as threads:
            flags = list(threads.map(partial(_is_old, files), found))
        return sorted({file.day for file, flag in zip(found, flags, strict=True) if flag and file.day})

    return on_settled(files, lambda: files.listed(points_folder(source), recursive=True), old)


def expire(files: Files, sources: Iterable[Source], retention: timedelta, *, now: datetime) -> list[date]:
    """Deletes the days that ended before now - retention, whole; which days went. The series stay known."""
    if retention <= timedelta(0):
        raise LakeError(f"a retention of {retention} would delete everything; name a span such as 455d")
    gone: set[date] = set()
    for source in sources:
        for day in days(files, source):
            if day_window(day).end <= now - retention:
                files.delete_folder(day_folder(source, day))
                gone.add(day)
    return sorted(gone)


def _is_old(files: Files, file: StoredFile) -> bool:
    return not says_nothing(file) and version(footer(files, file).metadata) < VERSION

