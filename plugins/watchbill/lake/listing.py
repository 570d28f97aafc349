"""Which files hold what was written, as seen beside writers and compactions that go on meanwhile."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from watchbill.lake.files import AT_ONCE, Files
from watchbill.lake.layout import StoredFile
from watchbill.model.failures import LakeError

_ATTEMPTS = 20  # each is lost only to one more compaction in the same moment
Found = TypeVar("Found")


def settled(listing: Callable[[], list[StoredFile]]) -> list[StoredFile]:
    """A listing that holds everything once written, although a compaction runs.

    A folder is not listed in one instant: the names read first may miss a new compacted file, and the names
    read last the inputs it has replaced. It is there before they go, so the next listing shows it.
    """
    earlier = listing()
    for _ in range(_ATTEMPTS):
        later = listing()
        if {file for file in later if file.gathered} <= set(earlier):
            return earlier
        earlier = later
    raise LakeError("the lake was compacted again and again while it was listed; try once more")


def on_settled(files: Files, listing: Callable[[], list[StoredFile]],
               use: Callable[[list[StoredFile]], Found]) -> Found:
    """What `use` makes of a whole listing; done again when a compaction has taken files away meanwhile."""
    for _ in range(_ATTEMPTS):
        found = settled(listing)
        try:
            return use(found)
        except LakeError:
            if not files.any_gone(found):
                raise
    raise LakeError("the lake was compacted again and again while it was read; try once more")


def list_all(files: Files, folders: list[str]) -> list[StoredFile]:
    """Every file of these folders, asked for several folders at a time."""
    if len(folders) < 2:
        return [file for folder in folders for file in files.listed(folder)]
    with ThreadPoolExecutor(min(AT_ONCE, len(folders))) as threads:
        return [file for found in threads.map(files.listed, folders) for file in found]
