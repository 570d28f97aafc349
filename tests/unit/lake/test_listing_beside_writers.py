"""A folder is read while files in it come and go: pyarrow then finds a file that is gone, and fails the reading."""

from pathlib import Path
from typing import Any

import pytest
from pyarrow import fs

from watchbill.lake.files import Files
from watchbill.model.failures import LakeError


class Restless:
    """A disk on which a file goes in each of so many readings of a folder."""

    def __init__(self, times: int) -> None:
        self._disk, self.left = fs.LocalFileSystem(), times

    def get_file_info(self, what: Any) -> Any:
        if isinstance(what, fs.FileSelector) and self.left:
            self.left -= 1
            raise FileNotFoundError("Cannot list directory")
        return self._disk.get_file_info(what)


def test_a_file_that_goes_meanwhile_is_no_failure(tmp_path: Path):
    (tmp_path / "date=2026-01-31").mkdir()
    disk: Any = Restless(3)
    assert Files(disk, str(tmp_path)).folders("") == ["date=2026-01-31"]
    assert disk.left == 0


def test_a_folder_that_can_never_be_read_is_one(tmp_path: Path):
    disk: Any = Restless(1000)
    with pytest.raises(LakeError, match="cannot be listed: Cannot list directory"):
        Files(disk, str(tmp_path)).folders("")
    assert disk.left > 900
