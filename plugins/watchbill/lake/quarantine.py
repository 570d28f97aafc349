"""Damaged files leave for `quarantine/`, and their time counts as not collected from then on.

A mark says that a window is whole; what it says of lost time is taken back before the file goes. So death at any
line leaves either the damage to be found again or a window to be collected again, never a loss that nobody sees.
"""

from collections.abc import Collection, Iterable

from watchbill.lake.files import Files
from watchbill.lake.layout import (
    StoredFile,
    clip,
    collected_path,
    compacted_path,
    day_folder,
    day_window,
    quarantine_path,
    subtract,
)
from watchbill.lake.notes import as_notes, claims, dropped, noted
from watchbill.lake.opened import footer
from watchbill.lake.points import encode, load
from watchbill.lake.verify import Fault
from watchbill.model.windows import Window


def quarantine(files: Files, faults: Iterable[Fault], mark: str) -> list[Fault]:
    """Moves the damaged files, each to quarantine/<its path>; which went. Raises LakeError.

    `mark`: the share without points that says of a window that all of its shares are in the lake.
    """
    broken = [fault for fault in faults if fault.damaged]
    gone = {fault.file.path for fault in broken}
    for fault in broken:
        if fault.lost:
            _take_back(files, fault.file, fault.lost, mark, gone)
    return [fault for fault in broken if files.move(fault.file.path, quarantine_path(fault.file.path))]


def _take_back(files: Files, broken: StoredFile, lost: Window, mark: str, gone: Collection[str]) -> None:
    """Replaces every file of the day that calls the lost time whole by one that does not."""
    assert broken.day  # noqa: S101  # a file of points has one
    for file in files.listed(day_folder(broken.source, broken.day)):
        if file.path in gone or not any(clip(window, lost) for window in claims(files, file, mark)):
            continue
        if file.window is None:
            _rewrite(files, file, lost, mark)
        elif not footer(files, file).num_rows:  # one with points speaks of these alone
            _shrink(files, file, file.window, lost)


def _shrink(files: Files, file: StoredFile, window: Window, lost: Window) -> None:
    """A mark of the time before the lost, another of the time after."""
    assert file.day  # noqa: S101
    content = files.read(file.path)
    whole = clip(window, day_window(file.day))
    for part in subtract([whole] if whole else [], lost):
        files.put(collected_path(file.source, file.day, part, file.share, memoryview(content)), content)
    files.delete([file.path])


def _rewrite(files: Files, file: StoredFile, lost: Window, mark: str) -> None:
    """The same points under a note that is silent about the lost time."""
    assert file.day  # noqa: S101
    note: dict[str, list[Window]] = {}
    held = footer(files, file)
    for share, window in noted(held):
        note.setdefault(share, []).append(window)
    note[mark] = subtract(note[mark], lost)
    content = encode(load(files, [file]), as_notes(note, dropped(held)))
    files.put(compacted_path(file.source, file.day, memoryview(content)), content)
    files.delete([file.path])
