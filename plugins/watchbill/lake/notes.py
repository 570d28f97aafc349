"""What a file says beside its points: by its name, and where it is compacted, by the notes in its footer."""

import json
from collections.abc import Iterable, Mapping, Sequence

import pyarrow.parquet as pq

from watchbill.lake.files import Files
from watchbill.lake.layout import StoredFile, clip, day_window, merge
from watchbill.lake.opened import footer
from watchbill.model.windows import Window

COVERAGE = "watchbill.coverage"  # share -> windows, which file names said before
DROPPED = "watchbill.dropped"  # keys of series that were collected and are not kept: too old, or folded


def collected_by(files: Files, file: StoredFile) -> list[tuple[str, Window]]:
    """Share and window of every collection in the file; several where it is compacted."""
    if file.window:
        return [(file.share, file.window)]
    return noted(footer(files, file))


def noted(held: pq.FileMetaData) -> list[tuple[str, Window]]:
    """What the note in a compacted file's footer says was collected."""
    note = json.loads((held.metadata or {}).get(COVERAGE.encode(), b"{}"))
    return [(share, Window.from_json(window)) for share, windows in note.items() for window in windows]


def dropped(held: pq.FileMetaData) -> set[int]:
    """Of the series of a compacted file's day, those whose points are kept no more."""
    note = json.loads((held.metadata or {}).get(DROPPED.encode(), b"[]"))
    return {int(key, 16) for key in note}


def claims(files: Files, file: StoredFile, share: int | str | None) -> list[Window]:
    """What the file says was collected of its own day; each other day of its window has a file for itself."""
    parts = [clip(part, day_window(file.day)) for name, part in collected_by(files, file)
             if file.day and (share is None or name == str(share))]
    return [part for part in parts if part]


def as_notes(by_share: Mapping[str, Sequence[Window]], gone: Iterable[int]) -> dict[str, str]:
    """What `noted` and `dropped` read: the same time in the fewest windows, by share."""
    notes = {COVERAGE: json.dumps({share: [window.to_json() for window in merge(list(parts))]
                                   for share, parts in sorted(by_share.items()) if parts})}
    keys = sorted(gone)
    return {**notes, DROPPED: json.dumps([f"{key:016x}" for key in keys])} if keys else notes


def merged_notes(files: Files, found: Sequence[StoredFile], gone: Iterable[int] = ()) -> dict[str, str]:
    """What these files of one day say together, as notes for the one that replaces them."""
    by_share: dict[str, list[Window]] = {}
    keys = set(gone)
    for file in found:
        assert file.day  # noqa: S101  # a file of points has one
        held = None if file.window else footer(files, file)
        keys |= dropped(held) if held else set()
        for share, window in noted(held) if held else collected_by(files, file):
            part = clip(window, day_window(file.day))
            if part:
                by_share.setdefault(share, []).append(part)
    return as_notes(by_share, keys)
