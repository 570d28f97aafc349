"""Keeping the lake small: many files of a day become one, old days go. A step may die anywhere and run again.

What is compacted appears before what it replaces goes, and only files that were read go. Readers take both in
between, which says the same twice. Writers never touch a file that is there, so nothing can change under it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pyarrow as pa

from watchbill.lake.files import Files
from watchbill.lake.layout import (
    StoredFile,
    clip,
    compacted_path,
    day_folder,
    day_window,
    points_folder,
)
from watchbill.lake.listing import on_settled
from watchbill.lake.points import encode, load, newest
from watchbill.lake.read import COVERAGE, collected_by, covered_note, list_days
from watchbill.model.failures import LakeError
from watchbill.model.series import Source
from watchbill.model.windows import Window


@dataclass(frozen=True, slots=True)
class Compacted:
    points: int  # in the day's one file
    bytes: int  # of it
    replaced: int  # files that went; 0 where there was nothing to do


def compact(files: Files, source: Source, day: date, *, now: datetime) -> Compacted:
    """Makes one file of a day, sorted by series and time. Raises LakeError, with every input still there."""
    files.sweep(day_folder(source, day), now)

    def gather(found: list[StoredFile]) -> tuple[list[StoredFile], pa.Table, str]:
        return found, newest(load(files, found)), _coverage(files, found, day)

    inputs, points, covered = on_settled(files, lambda: list_days(files, source, day_window(day)), gather)
    if len(inputs) < 2:
        return Compacted(len(points), sum(file.size_bytes for file in inputs), 0)
    content = encode(points, {COVERAGE: covered})
    kept = compacted_path(source, day, memoryview(content))
    files.put(kept, content)
    replaced = [file.path for file in inputs if file.path != kept]
    files.delete(replaced)
    return Compacted(len(points), content.size, len(replaced))


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


def expire(files: Files, sources: Sequence[Source], retention: timedelta, *, now: datetime) -> list[date]:
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


def _coverage(files: Files, found: list[StoredFile], day: date) -> str:
    """What the names of the inputs said about this day, as a note for the file that replaces them."""
    by_share: dict[str, list[Window]] = {}
    for file in found:
        for share, window in collected_by(files, file):
            part = clip(window, day_window(day))
            if part:
                by_share.setdefault(share, []).append(part)
    return covered_note(by_share)
