"""A file system that sees which files of a newer version are opened, for readers that do not look themselves."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import fs

from watchbill.lake.schema import check_version
from watchbill.model.failures import LakeError


def _refuse(*_: object) -> None:
    raise OSError("this file system only reads")


_refused: Any = _refuse


class Guarded(fs.FileSystemHandler):
    """Only what a scan of known files needs.

    It raises nothing, for a scan inside DuckDB waits for ever on an error from Python: ask `check` when it is done.
    """

    def __init__(self, filesystem: fs.FileSystem) -> None:
        self._filesystem = filesystem
        self._newer: list[str] = []

    def check(self) -> None:
        """Raises LakeError where a file was opened that a newer Watchbill wrote."""
        for said in self._newer:
            raise LakeError(said)

    def open_input_file(self, path: str) -> pa.NativeFile:
        try:
            stream = self._filesystem.open_input_file(path)
        except OSError:
            return pa.BufferReader(b"")  # the scan fails on it
        try:
            notes = pq.read_metadata(stream).metadata
        except (OSError, pa.ArrowException):
            return stream  # the scan fails on it too
        try:
            check_version(path, notes)
        except LakeError as error:
            self._newer.append(str(error))
        return stream

    def open_input_stream(self, path: str) -> pa.NativeFile:
        return self._filesystem.open_input_stream(path)

    def get_type_name(self) -> str:
        return self._filesystem.type_name

    def normalize_path(self, path: str) -> str:
        return path

    def get_file_info(self, paths: Sequence[str]) -> Any:
        return self._filesystem.get_file_info(list(paths))

    def get_file_info_selector(self, selector: fs.FileSelector) -> Any:
        return self._filesystem.get_file_info(selector)

    create_dir = delete_dir = delete_dir_contents = delete_root_dir_contents = delete_file = _refused
    move = copy_file = open_output_stream = open_append_stream = _refused
