"""A disk that fails on purpose at the n-th call that changes something: full, or gone with the process."""

from typing import Any

import pyarrow as pa
from pyarrow import fs


class Death(BaseException):
    """The process ends here: not an error that anybody handles."""


class HalfWritten:
    """A stream that takes the first half of what it is given, then fails."""

    def __init__(self, stream: Any, failure: BaseException) -> None:
        self._stream, self._failure = stream, failure

    def write(self, content: bytes) -> int:
        self._stream.write(content[:len(content) // 2])
        raise self._failure

    def flush(self) -> None:
        self._stream.flush()

    def close(self) -> None:
        self._stream.close()

    @property
    def closed(self) -> bool:
        return bool(self._stream.closed)


class FaultyDisk(fs.FileSystemHandler):
    """The local disk, until `calls` changes were made; then `failure`, for ever or once."""

    def __init__(self, calls: int, failure: BaseException) -> None:
        self.disk = fs.LocalFileSystem()
        self.left = calls
        self.failure = failure
        self.spent = False

    def _change(self) -> bool:
        """Whether this change fails; a dead process changes nothing any more."""
        self.left -= 1
        if self.left < 0 and (isinstance(self.failure, Death) or not self.spent):
            self.spent = True
            return True
        return False

    def _guard(self) -> None:
        if self._change():
            raise self.failure

    def get_type_name(self) -> str:
        return "faulty"

    def normalize_path(self, path: str) -> str:
        return path

    def get_file_info(self, paths: list[str]) -> list[fs.FileInfo]:
        return self.disk.get_file_info(paths)

    def get_file_info_selector(self, selector: fs.FileSelector) -> list[fs.FileInfo]:
        return self.disk.get_file_info(selector)

    def open_input_stream(self, path: str) -> pa.NativeFile:
        return self.disk.open_input_stream(path)

    def open_input_file(self, path: str) -> pa.NativeFile:
        return self.disk.open_input_file(path)

    def open_output_stream(self, path: str, metadata: Any) -> pa.NativeFile:
        stream = self.disk.open_output_stream(path)
        return pa.PythonFile(HalfWritten(stream, self.failure), mode="w") if self._change() else stream

    def open_append_stream(self, path: str, metadata: Any) -> pa.NativeFile:
        raise NotImplementedError

    def create_dir(self, path: str, recursive: bool) -> None:
        self._guard()
        self.disk.create_dir(path, recursive=recursive)

    def delete_dir(self, path: str) -> None:
        self._guard()
        self.disk.delete_dir(path)

    def delete_dir_contents(self, path: str, missing_dir_ok: bool) -> None:
        raise NotImplementedError

    def delete_root_dir_contents(self) -> None:
        raise NotImplementedError

    def delete_file(self, path: str) -> None:
        self._guard()
        self.disk.delete_file(path)

    def move(self, src: str, dest: str) -> None:
        self._guard()
        self.disk.move(src, dest)

    def copy_file(self, src: str, dest: str) -> None:
        raise NotImplementedError
