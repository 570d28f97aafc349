"""A listing is taken again until it can be whole, and once more when its files have gone since."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from pyarrow import fs

from watchbill.lake.files import Files
from watchbill.lake.layout import StoredFile, read_path
from watchbill.lake.listing import on_settled, settled
from watchbill.model.failures import LakeError

FOLDER = "points/source=cloudwatch/date=2026-01-31"


def file(name: str) -> StoredFile:
    found = read_path(f"{FOLDER}/{name}-0123456789abcdef.parquet", 1)
    assert found
    assert found.day == date(2026, 1, 31)
    return found


FIRST, SECOND = (file(f"20260131T12{minute}00Z-20260131T13{minute}00Z-0") for minute in ("00", "05"))
COMPACTED = file("compact")


def listings(*of: list[StoredFile]) -> Callable[[], list[StoredFile]]:
    left = iter(of)
    return lambda: next(left)


def test_a_listing_that_saw_an_input_go_but_not_what_replaced_it_is_taken_again() -> None:
    assert settled(listings([FIRST], [COMPACTED], [COMPACTED])) == [COMPACTED]


def test_new_collections_between_two_listings_do_not_matter() -> None:
    assert settled(listings([COMPACTED, FIRST], [COMPACTED, FIRST, SECOND])) == [COMPACTED, FIRST]


def test_what_was_compacted_away_while_it_was_read_is_looked_for_again(tmp_path: Path) -> None:
    files = Files(fs.LocalFileSystem(), str(tmp_path))
    (tmp_path / FOLDER).mkdir(parents=True)
    (tmp_path / COMPACTED.path).write_bytes(b"x")

    def use(found: list[StoredFile]) -> list[StoredFile]:
        if FIRST in found:
            raise LakeError("gone")
        return found

    assert on_settled(files, listings([FIRST], [FIRST], [COMPACTED], [COMPACTED]), use) == [COMPACTED]
    (tmp_path / FIRST.path).write_bytes(b"still here: it failed for another reason")
    with pytest.raises(LakeError, match="gone"):
        on_settled(files, listings([FIRST], [FIRST]), use)


def test_a_lake_that_never_settles_is_an_error_and_no_guess() -> None:
    names = iter(range(1000))
    with pytest.raises(LakeError, match="again and again"):
        settled(lambda: [StoredFile(f"{FOLDER}/compact-{next(names):016x}.parquet", 1, date(2026, 1, 31))])
