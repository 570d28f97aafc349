"""The lake's files on a disk or in a bucket: list, put, delete. Every failure leaves as a LakeError.

A file appears whole or not at all. On a disk it is written beside its place, flushed and renamed; S3 shows
an object only once its PUT is complete.
"""

import os
import uuid
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta

import pyarrow as pa
from pyarrow import fs

from watchbill.lake.layout import StoredFile, read_path
from watchbill.lake.schema import FOLDER, VERSION, refuse_newer
from watchbill.model.failures import LakeError

AT_ONCE = 8  # calls to a bucket; each is mostly waiting
_TEMPORARY = ".tmp"
_READINGS = 20  # each is lost only to one more file that goes in the same moment
_GIVEN_UP = timedelta(hours=1)  # no writer needs that long for one file


class Files:
    """Paths are relative to the root; `root` is a folder, or bucket/prefix."""

    def __init__(self, filesystem: fs.FileSystem, root: str) -> None:
        self.filesystem = filesystem
        self.root = root.rstrip("/")
        self.is_bucket = isinstance(filesystem, fs.S3FileSystem)
        self._bucket_seen = False
        self._version_noted = False

    def full(self, path: str) -> str:
        return f"{self.root}/{path}"

    def listed(self, folder: str, *, recursive: bool = False) -> list[StoredFile]:
        """The lake's files below a folder, in order; none where the folder is not there."""
        found = (read_path(info.path.removeprefix(f"{self.root}/"), info.size)
                 for info in self._infos(folder, recursive=recursive) if info.type == fs.FileType.File)
        return sorted(filter(None, found), key=lambda file: file.path)

    def folders(self, folder: str) -> list[str]:
        """The names of the folders directly inside."""
        return sorted(info.base_name for info in self._infos(folder) if info.type == fs.FileType.Directory)

    def sweep(self, folder: str, now: datetime) -> None:
        """Deletes what dead writers began an hour ago or more and never finished."""
        for info in self._infos(folder):
            if info.base_name.endswith(_TEMPORARY) and info.mtime and info.mtime < now - _GIVEN_UP:
                self._delete(info.path.removeprefix(f"{self.root}/"))

    def read(self, path: str) -> pa.Buffer:
        with refused(f"{self.full(path)} cannot be read"), \
                self.filesystem.open_input_file(self.full(path)) as stream:
            return stream.read_buffer()

    def put(self, path: str, content: pa.Buffer) -> None:
        """Repeatable; after a failure there is nothing new under that name."""
        if path.startswith("points/") and not self._version_noted:
            self._note_version()
        with refused(f"{self.full(path)} cannot be written"):
            if self.is_bucket:
                self._write(self.full(path), content)
            else:
                self._write_beside(self.full(path), content)

    def check_versions(self) -> None:
        """Raises LakeError where the lake has files that a newer Watchbill wrote."""
        for info in self._infos(FOLDER):
            if info.base_name.isdecimal():
                refuse_newer(self.root, int(info.base_name))

    def _note_version(self) -> None:
        """Before the first file of it."""
        if str(VERSION) not in {info.base_name for info in self._infos(FOLDER)}:
            self.put(f"{FOLDER}/{VERSION}", pa.py_buffer(b""))
        self._version_noted = True

    def delete(self, paths: Iterable[str]) -> None:
        """Files that are gone already are no failure."""
        with ThreadPoolExecutor(AT_ONCE) as threads:
            list(threads.map(self._delete, paths))

    def delete_folder(self, folder: str) -> None:
        with refused(f"{self.full(folder)} cannot be deleted"), suppress(FileNotFoundError):
            self.filesystem.delete_dir(self.full(folder))

    def move(self, path: str, to: str) -> bool:
        """Whether it was there to be moved; what lay at the new place is replaced."""
        with refused(f"{self.full(path)} cannot be moved to {self.full(to)}"):
            if not self.is_bucket:
                self.filesystem.create_dir(self.full(to).rpartition("/")[0], recursive=True)
            try:
                self.filesystem.move(self.full(path), self.full(to))
            except FileNotFoundError:
                return False
        return True

    def any_gone(self, files: Iterable[StoredFile]) -> bool:
        paths = [self.full(file.path) for file in files]
        with refused(f"{self.root} cannot be listed"):
            return any(info.type == fs.FileType.NotFound for info in self.filesystem.get_file_info(paths))

    def _infos(self, folder: str, *, recursive: bool = False) -> list[fs.FileInfo]:
        selector = fs.FileSelector(self.full(folder), allow_not_found=True, recursive=recursive)
        with refused(f"{self.full(folder)} cannot be listed"):
            infos = self._selected(selector)
            if not infos:
                self._check_bucket()
        return infos

    def _selected(self, selector: fs.FileSelector) -> list[fs.FileInfo]:
        """A file that goes while its folder is read fails the reading: it is read once more."""
        for _ in range(_READINGS - 1):
            with suppress(FileNotFoundError):
                return self.filesystem.get_file_info(selector)
        return self.filesystem.get_file_info(selector)

    def _check_bucket(self) -> None:
        """A bucket that is not there lists like an empty one: a wrong name must not pass for "no data"."""
        bucket = self.root.partition("/")[0]
        if self.is_bucket and not self._bucket_seen:
            if self.filesystem.get_file_info(bucket).type == fs.FileType.NotFound:
                raise LakeError(f"the bucket {bucket} does not exist")
            self._bucket_seen = True

    def _delete(self, path: str) -> None:
        with refused(f"{self.full(path)} cannot be deleted"), suppress(FileNotFoundError):
            self.filesystem.delete_file(self.full(path))

    def _write(self, path: str, content: pa.Buffer) -> None:
        with self.filesystem.open_output_stream(path) as stream:
            stream.write(content)

    def _write_beside(self, path: str, content: pa.Buffer) -> None:
        folder, _, name = path.rpartition("/")
        temporary = f"{folder}/.{name}-{uuid.uuid4().hex}{_TEMPORARY}"
        self.filesystem.create_dir(folder, recursive=True)
        try:
            self._write(temporary, content)
            self._flush(temporary)
            self.filesystem.move(temporary, path)
            self._flush(folder)
        except BaseException:
            with suppress(OSError):  # what fails here is the same disk, and readers pass such names by
                self.filesystem.delete_file(temporary)
            raise

    def _flush(self, path: str) -> None:
        """Down to the disk, or a power cut may leave the name without the content."""
        if isinstance(self.filesystem, fs.LocalFileSystem):
            handle = os.open(path, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)


@contextmanager
def refused(what: str) -> Iterator[None]:
    """What the disk, the bucket or Arrow has against it, as one sentence."""
    try:
        yield
    except (OSError, pa.ArrowException) as error:
        raise LakeError(f"{what}: {first_line(error)}") from error


class DamagedError(LakeError):
    """A file is not what was written."""


def damaged(path: str, error: Exception) -> DamagedError:
    """For the reader of a file that cannot be what was written."""
    return DamagedError(f"{path} is damaged: {first_line(error)}; `watchbill lake verify --quarantine` sets it aside, "
                     "so that its window can be collected again")


def first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]

