"""Are the files what was written? Every one is opened, and judged by its own words.

Those are the digest in its name, the order of its rows and the window that it is named for. What fails there can be
set aside (quarantine.py); what only lacks a name cannot be mended that way.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from watchbill.lake.files import AT_ONCE, Files, first_line
from watchbill.lake.layout import StoredFile, clip, day_window, is_named_after, series_folder
from watchbill.lake.listing import on_settled
from watchbill.lake.notes import noted
from watchbill.lake.points import inside
from watchbill.lake.schema import STORED, as_stored, check_version, with_vanished
from watchbill.lake.series_table import keyed
from watchbill.model.failures import LakeError
from watchbill.model.series import SOURCES, Source
from watchbill.model.windows import Window


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one file."""

    file: StoredFile
    problem: str
    damaged: bool  # setting the file aside and collecting again mends it

    @property
    def lost(self) -> Window | None:
        """The time whose points may be missing without the file; None for one of series."""
        if self.file.day is None:
            return None
        day = day_window(self.file.day)
        return clip(self.file.window, day) if self.file.window else day


@dataclass(frozen=True, slots=True)
class Verified:
    files: int  # that were opened
    faults: tuple[Fault, ...]


Problem = str
Judge = Callable[[StoredFile, pa.Buffer], Problem]
"""What is wrong with a file's content; empty where nothing is. May raise what Arrow raises."""


def verify(files: Files) -> Verified:
    """Opens every file. Raises LakeError only where the lake cannot be listed."""
    points = files.listed("points", recursive=True)  # before the names, which are written first
    opened, faults = len(points), list[Fault]()
    for source in SOURCES:
        named, keys, wrong = _names(files, source)
        nameless: list[Fault] = []
        judge = partial(_points_problem, None if wrong else pa.array(sorted(keys), pa.int64()), nameless)
        opened += named
        faults += wrong + _judged(files, [file for file in points if file.source == source], judge) + nameless
    return Verified(opened, tuple(faults))


def _names(files: Files, source: Source) -> tuple[int, set[int], list[Fault]]:
    """How many files the table of series has, the keys in them, and what is wrong with them."""
    def read(found: list[StoredFile]) -> tuple[int, set[int], list[Fault]]:
        keys: set[int] = set()

        def problem(file: StoredFile, content: pa.Buffer) -> Problem:
            rows = keyed(file.path, content)
            keys.update(rows)
            wrong = [key for key, series in rows.items() if series.key != key]
            return f"{len(wrong)} rows have another series' key" if wrong else ""

        faults = _judged(files, found, problem)
        if files.any_gone(found):
            raise LakeError("the table of series was compacted meanwhile")
        return len(found), keys, faults

    return on_settled(files, lambda: files.listed(series_folder(source)), read)


def _judged(files: Files, found: Sequence[StoredFile], judge: Judge) -> list[Fault]:
    """Of several files at a time. A file that a compaction has replaced meanwhile has no fault."""
    def fault(file: StoredFile) -> Fault | None:
        try:
            content = files.read(file.path)
        except LakeError as error:
            return None if files.any_gone([file]) else Fault(file, str(error), damaged=False)
        try:
            problem = _digest_problem(file, content) or judge(file, content)
        except LakeError as error:  # of a newer version: sound, and nothing that this program can judge
            return Fault(file, str(error), damaged=False)
        except (OSError, KeyError, ValueError, TypeError, AttributeError, pa.ArrowException) as error:
            problem = first_line(error)
        return Fault(file, problem, damaged=True) if problem else None

    with ThreadPoolExecutor(AT_ONCE) as threads:
        return [each for each in threads.map(fault, found) if each]


def _digest_problem(file: StoredFile, content: pa.Buffer) -> Problem:
    """Comes first: Arrow may end the whole process over what is damaged."""
    same = is_named_after(file.path, memoryview(content))
    return "" if same else "the content is not the one that the name was made from"


def _points_problem(names: "pa.Array[Any] | None", nameless: list[Fault], file: StoredFile,
                    content: pa.Buffer) -> Problem:
    """Row group by row group, so that a big file takes little more memory than a small one.

    `names` are the keys that the table of series knows, None where it is damaged itself.
    """
    with pq.ParquetFile(pa.BufferReader(content)) as parquet:
        check_version(file.path, parquet.metadata.metadata)
        bounds = day_window(file.day) if file.day else None
        window = clip(file.window, bounds) if file.window and bounds else bounds
        if file.gathered:
            noted(parquet.metadata)
        last, strange = STORED.empty_table(), set[int]()
        for group in range(parquet.num_row_groups):
            rows = with_vanished(as_stored(parquet.read_row_group(group))).select(STORED.names)
            problem = _rows_problem(pa.concat_tables([last, rows]), window)
            if problem:
                return problem
            last = rows.slice(max(0, len(rows) - 1))
            if names is not None:
                keys = rows["series"].combine_chunks().unique()
                strange.update(filter(None, keys.filter(pc.invert(pc.is_in(keys, value_set=names))).to_pylist()))
    if strange:
        nameless.append(Fault(file, f"{len(strange)} of its series have no name: their next collection names them "
                                    "again", damaged=False))
    return ""


def _rows_problem(rows: pa.Table, window: Window | None) -> Problem:
    if any(column.null_count for column in rows.columns):
        return "a row lacks its series, timestamp or value"
    if window is None or len(rows.filter(inside(window))) < len(rows):
        return f"points lie outside of {window}"
    series, moments = rows["series"].combine_chunks(), rows["timestamp"].combine_chunks()
    later = pc.and_(pc.equal(series[1:], series[:-1]), pc.greater(moments[1:], moments[:-1]))
    if len(rows) > 1 and not pc.all(pc.or_(pc.greater(series[1:], series[:-1]), later)).as_py():
        return "rows are not sorted by series and timestamp, or there twice"
    return ""

