"""Files of points, opened for no more than is wanted of them, and only where that is what was written.

Arrow is given nothing that was not held against a digest: over a damaged footer or page header it may say something
else, or end the whole process.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pyarrow as pa
import pyarrow.parquet as pq

from watchbill.lake.files import AT_ONCE, Files, damaged, first_line
from watchbill.lake.layout import StoredFile, is_named_after
from watchbill.lake.schema import STORED, as_stored, check_version, with_vanished
from watchbill.lake.seal import SMALL_BYTES, Sealed, read_seal
from watchbill.model.failures import LakeError


@contextmanager
def opened(files: Files, file: StoredFile,
           wanted: Callable[[pq.FileMetaData], list[int]]) -> Iterator[tuple[pq.ParquetFile, list[int]]]:
    """The file, and which of its row groups may be read. Raises OSError where these or the footer are damaged."""
    with files.filesystem.open_input_file(files.full(file.path)) as stream:
        seal = _seal(stream, file)
        content = None if seal else _whole(stream, file)
        metadata = seal.metadata if seal else pq.read_metadata(pa.BufferReader(content))
        groups = wanted(metadata)
        source = seal.fetch(stream, groups) if seal else content
        with pq.ParquetFile(pa.BufferReader(source), metadata=metadata) as parquet:
            yield parquet, groups


def footer(files: Files, file: StoredFile) -> pq.FileMetaData:
    """Counts, bounds and notes without the rows. LakeError names a damaged file."""
    try:
        with files.filesystem.open_input_file(files.full(file.path)) as stream:
            seal = _seal(stream, file)
            held = seal.metadata if seal else pq.read_metadata(pa.BufferReader(_whole(stream, file)))
    except (OSError, pa.ArrowException) as error:
        check_each(files, [file])
        raise LakeError(f"{files.full(file.path)} cannot be read: {first_line(error)}") from error
    check_version(files.full(file.path), held.metadata)
    return held


def check_each(files: Files, found: Sequence[StoredFile]) -> None:
    """Raises LakeError naming the first file that is unreadable, damaged or newer than this program."""
    for file in found:
        check_contents(files, [file])
        try:
            table = pq.read_table(pa.BufferReader(files.read(file.path)))
            check_version(files.full(file.path), table.schema.metadata)
            with_vanished(as_stored(table)).select(STORED.names)
        except (OSError, ValueError, KeyError, pa.ArrowException) as error:
            raise damaged(files.full(file.path), error) from error


def check_contents(files: Files, found: Sequence[StoredFile]) -> None:
    """Raises LakeError naming a file that is unreadable or not what was written."""
    def check(file: StoredFile) -> None:
        content = files.read(file.path)
        try:
            check_content(file, content)
        except OSError as error:
            raise damaged(files.full(file.path), error) from error

    with ThreadPoolExecutor(AT_ONCE) as threads:
        list(threads.map(check, found))


def check_content(file: StoredFile, content: pa.Buffer) -> None:
    """Raises OSError where that is not what was written under the file's name."""
    if not is_named_after(file.path, memoryview(content)):
        raise OSError("its content is not what its name says")


def _seal(stream: pa.NativeFile, file: StoredFile) -> Sealed | None:
    return read_seal(stream, file.size_bytes) if file.size_bytes > SMALL_BYTES else None


def _whole(stream: pa.NativeFile, file: StoredFile) -> pa.Buffer:
    stream.seek(0)
    content = stream.read_buffer()
    check_content(file, content)
    return content
