"""The seal of a big file: checksums of its row groups and its footer. It spares reading all of it to trust a part.

Arrow believes a footer and the headers of pages, which have no checksum: damaged in one bit they may tell other counts
or values, hide rows, or end the whole process. A small file is held against the digest in its name; of a big one that
would take longer than what is looked for. So it carries, before its footer, where a Parquet reader passes them by,

    a CRC-32 of each row group, how many they are (4 bytes), `watchbill.sealed`, 8 bytes of BLAKE2b

the last of all that is before it, and of the footer up to the end of the file. Numbers are little-endian.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import pairwise
from operator import itemgetter
from struct import pack, unpack
from zlib import crc32

import pyarrow as pa
import pyarrow.parquet as pq

SMALL_BYTES = 1 << 19
"""Up to here a file is fetched as a whole: one call to a bucket, where its parts take three."""

_MARK = b"watchbill.sealed"
_DIGEST_BYTES, _COUNT_BYTES, _SUM_BYTES = 8, 4, 4
_END_BYTES = 8  # the footer's length, and PAR1
_TAIL_BYTES = 1 << 16  # holds seal and footer of most days
Span = tuple[int, int]
"""Half-open places in a file."""


@dataclass(frozen=True)
class Sealed:
    """A file whose footer is what was written."""

    size: int
    metadata: pq.FileMetaData
    spans: tuple[Span, ...]  # of its row groups
    sums: tuple[int, ...]  # of these

    def fetch(self, stream: pa.NativeFile, groups: Sequence[int]) -> pa.Buffer:
        """The file with these row groups, and anything where the rest is. Raises OSError where one is damaged."""
        sparse = pa.allocate_buffer(self.size)  # memory that nobody touches takes no room
        place = memoryview(sparse).cast("B")
        for start, end, near in _together([(*self.spans[group], group) for group in groups]):
            stream.seek(start)
            content = memoryview(stream.read_buffer(end - start)).cast("B")
            for group in near:
                first, last = self.spans[group]
                held = content[first - start:last - start]
                if crc32(held) != self.sums[group]:
                    raise OSError(f"row group {group} is not what was written")
                place[first:last] = held
        return sparse


def sealed(content: pa.Buffer) -> pa.Buffer:
    """A whole file, with the seal where it is big."""
    if content.size <= SMALL_BYTES:
        return content
    view = memoryview(content)
    footer = len(view) - _END_BYTES - _length(view)
    spans = _spans(pq.read_metadata(pa.BufferReader(content)), footer)
    seal = pack(f"<{len(spans) + 1}I", *(crc32(view[start:end]) for start, end in spans), len(spans)) + _MARK
    return pa.py_buffer(b"".join([view[:footer], seal, _digest(seal, view[footer:]), view[footer:]]))


def read_seal(stream: pa.NativeFile, size: int) -> Sealed | None:
    """Of a file of that size; None where there is no seal, or it does not fit."""
    tail = _tail(stream, size, min(size, _TAIL_BYTES))
    if len(tail) < _END_BYTES:
        return None
    footer = _length(tail) + _END_BYTES
    least = footer + _DIGEST_BYTES + len(_MARK) + _COUNT_BYTES
    tail = _tail(stream, size, least, tail)
    count = int.from_bytes(tail[-least:][:_COUNT_BYTES], "little")
    needed = least + count * _SUM_BYTES
    tail = _tail(stream, size, needed, tail)
    if len(tail) < needed:
        return None
    seal, kept = tail[-needed:-footer - _DIGEST_BYTES], tail[-footer - _DIGEST_BYTES:-footer]
    if bytes(seal[-len(_MARK):]) != _MARK or _digest(seal, tail[-footer:]) != bytes(kept):
        return None
    metadata = pq.read_metadata(pa.BufferReader(pa.py_buffer(tail[-footer:])))
    return Sealed(size, metadata, _spans(metadata, size - needed), unpack(f"<{count}I", seal[:count * _SUM_BYTES]))


def _tail(stream: pa.NativeFile, size: int, needed: int, known: memoryview | None = None) -> memoryview:
    """The last bytes of a file, as many as needed or more; too few where it has not as many."""
    if known is not None and (needed <= len(known) or needed > size):
        return known
    stream.seek(size - needed)
    return memoryview(stream.read_buffer(needed))


def _spans(metadata: pq.FileMetaData, end: int) -> tuple[Span, ...]:
    """Of each row group, up to the next one; of the last, up to `end`."""
    starts = [_start(metadata.row_group(number)) for number in range(metadata.num_row_groups)]
    return tuple(pairwise([*starts, end]))


def _start(group: pq.RowGroupMetaData) -> int:
    column = group.column(0)
    return column.dictionary_page_offset or column.data_page_offset


def _together(spans: Sequence[tuple[int, int, int]]) -> list[tuple[int, int, list[int]]]:
    """What is read in one go: what lies between is read too, where that takes less than one more call to a bucket."""
    reads: list[tuple[int, int, list[int]]] = []
    for start, end, group in sorted(spans, key=itemgetter(0)):
        if reads and start - reads[-1][1] <= SMALL_BYTES:
            reads[-1] = (reads[-1][0], end, [*reads[-1][2], group])
        else:
            reads.append((start, end, [group]))
    return reads


def _digest(*parts: memoryview | bytes) -> bytes:
    digest = blake2b(digest_size=_DIGEST_BYTES)
    for part in parts:
        digest.update(part)
    return digest.digest()


def _length(content: memoryview) -> int:
    """Of the footer, without the end that tells it."""
    return int.from_bytes(content[-_END_BYTES:][:4], "little")
