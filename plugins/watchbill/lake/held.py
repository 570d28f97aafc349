"""Which questions a time was asked, by share: what a second run need not ask again."""

from watchbill.lake.files import Files
from watchbill.lake.layout import StoredFile, clip, day_window, merge
from watchbill.lake.listing import on_settled
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

    return on_settled(files, lambda: list_days(files, source, window), read)
