"""A process that dies: its calls to the disk and to the clouds are counted, and after one of them nothing happens."""

import threading
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
from pyarrow import fs

from tests.contract.schedules.place import Place
from watchbill.lake.lake import Lake


class Killed(BaseException):
    """Not an Exception, so that nothing in between can handle it."""


class Life:
    """Ends at the `last` of its calls, just before it is done or just after; None never ends. Safe in any thread."""

    def __init__(self, last: int | None = None) -> None:
        self._left, self._lock = last, threading.Lock()
        self.is_over = False

    def call(self) -> None:
        """Stands before and after each call. Raises Killed, from the end on again and again."""
        with self._lock:
            if self._left is not None:
                self.is_over = self.is_over or self._left <= 0
                self._left -= 1
            if self.is_over:
                raise Killed


def open_lake(place: Place, life: Life) -> Lake:
    """The lake as that process sees it."""
    disk = place.open()
    lake = Lake(fs.PyFileSystem(_Disk(life, disk)), place.root)
    lake._files.is_bucket = isinstance(disk, fs.S3FileSystem)  # which is hidden from it
    return lake


class _Disk(fs.FileSystemHandler):
    """This machine's, or a bucket, as far as the lake uses it."""

    def __init__(self, life: Life, disk: fs.FileSystem) -> None:
        self._life, self._disk = life, disk

    def get_file_info(self, paths: Sequence[str]) -> Any:
        self._life.call()
        return self._disk.get_file_info(list(paths))

    def get_file_info_selector(self, selector: fs.FileSelector) -> Any:
        self._life.call()
        return self._disk.get_file_info(selector)

    def open_input_file(self, path: str) -> pa.NativeFile:
        self._life.call()
        return self._disk.open_input_file(path)

    def open_output_stream(self, path: str, metadata: Any) -> pa.NativeFile:
        self._life.call()
        stream = self._disk.open_output_stream(path)
        if isinstance(self._disk, fs.S3FileSystem):  # shows nothing until all of it is there
            return stream
        try:
            self._life.call()
        except Killed:
            with stream:
                stream.write(b"PAR1 and no more")
            raise
        return stream

    def create_dir(self, path: str, recursive: bool) -> None:
        self._life.call()
        self._disk.create_dir(path, recursive=recursive)

    def move(self, path: str, to: str) -> None:
        self._life.call()
        self._disk.move(path, to)
        self._life.call()

    def delete_file(self, path: str) -> None:
        self._life.call()
        self._disk.delete_file(path)
        self._life.call()

    def get_type_name(self) -> str:
        return "mortal"

    def normalize_path(self, path: str) -> str:
        return path

    def _unused(self, *_: object) -> Any:
        raise NotImplementedError("the lake does without this")

    delete_dir = delete_dir_contents = delete_root_dir_contents = copy_file = _unused
    open_append_stream = open_input_stream = _unused
