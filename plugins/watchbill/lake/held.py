"""Which questions a time was asked, by share: what a second run need not ask again.

Time whose file was damaged and set aside counts as not asked, although a later file of the same share may say so: that
one left out what it found in the damaged one.
"""

from watchbill.lake.files import Files
from watchbill.lake.layout import (
    StoredFile,
    clip,
    day_folder,
    day_window,
    in_utc,
    merge,
    quarantine_path,
    subtract,
)
from watchbill.lake.listing import list_all, on_settled
from watchbill.lake.notes import collected_by
from watchbill.lake.read import list_days
from watchbill.model.series import Source
from watchbill.model.windows import Window


def held(files: Files, source: Source, window: Window) -> dict[str, list[Window]]:
    """Share -> the windows of it that were collected, in order; on the days that the window touches."""
    def read(found: list[StoredFile]) -> dict[str, list[Window]]:
        parts: dict[str, list[Window]] = {}
        for file in found:
            for share, whole in collected_by(files, file):
                part = clip(whole, day_window(file.day)) if file.day else None
                parts.setdefault(share, []).extend([part] if part else [])
        return {share: merge(windows) for share, windows in parts.items()}

    found = on_settled(files, lambda: list_days(files, source, window), read)
    for file in _set_aside(files, source, window):
        assert file.day  # noqa: S101  # a file of points has one
        lost = file.window or day_window(file.day)
        for share in [file.share] if file.window else list(found):
            found[share] = subtract(found.get(share, []), lost)
    return found


def _set_aside(files: Files, source: Source, window: Window) -> list[StoredFile]:
    return list_all(files, [quarantine_path(day_folder(source, day)) for day in in_utc(window).days()])
