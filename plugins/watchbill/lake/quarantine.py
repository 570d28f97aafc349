"""Damaged files leave for `quarantine/`, and their time counts as not collected from then on.

Files say of a window that it was collected, and a mark that it is whole. What any of them says of lost time is taken
back before the file goes, since a later file leaves out what it found in an earlier one. So death at any line leaves
either the damage to be found again or a window to be collected again, never a loss that nobody sees.
"""

from collections.abc import Collection, Iterable

from watchbill.lake.files import Files
from watchbill.lake.layout import (
    SAVED,
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


def quarantine(files: Files, faults: Iterable[Fault]) -> list[Fault]:
    """Moves the damaged files, each to quarantine/<its path>; which went. Raises LakeError."""
    broken = [fault for fault in faults if fault.damaged]
    gone = {fault.file.path for fault in broken}
    for fault in broken:
        if fault.lost:
            _take_back(files, fault.file, fault.lost, gone)
    return [fault for fault in broken if files.move(fault.file.path, quarantine_path(fault.file.path))]


def _take_back(files: Files, broken: StoredFile, lost: Window, gone: Collection[str]) -> None:
    """Replaces every file of the day that calls the lost time collected by one that does not."""
    assert broken.day  # noqa: S101  # a file of points has one
    for file in files.listed(day_folder(broken.source, broken.day)):
        if file.path in gone or file.share == SAVED:
            continue
        if any(clip(window, lost) for window in claims(files, file, None)):
            if file.window is None:
                _rewrite(files, file, lost)
            elif footer(files, file).num_rows:
                _save(files, file, file.window)
            else:
                _shrink(files, file, file.window, lost)


def _save(files: Files, file: StoredFile, window: Window) -> None:
    """The same points in no share's name."""
    assert file.day  # noqa: S101
    content = files.read(file.path)
    files.put(collected_path(file.source, file.day, window, SAVED, memoryview(content), objects=file.objects), content)
    files.delete([file.path])


def _shrink(files: Files, file: StoredFile, window: Window, lost: Window) -> None:
    """One that found nothing, of the time before the lost, and another of the time after."""
    assert file.day  # noqa: S101
    content = files.read(file.path)
    whole = clip(window, day_window(file.day))
    for part in subtract([whole] if whole else [], lost):
        files.put(collected_path(file.source, file.day, part, file.share, memoryview(content)), content)
    files.delete([file.path])


def _rewrite(files: Files, file: StoredFile, lost: Window) -> None:
    """The same points under a note that is silent about the lost time."""
    assert file.day  # noqa: S101
    note: dict[str, list[Window]] = {}
    held = footer(files, file)
    for share, window in noted(held):
        note.setdefault(share, []).append(window)
    left = {share: subtract(windows, lost) for share, windows in note.items()}
    content = encode(load(files, [file]), as_notes(left, dropped(held)))
    files.put(compacted_path(file.source, file.day, memoryview(content)), content)
    files.delete([file.path])
