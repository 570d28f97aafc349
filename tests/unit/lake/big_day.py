"""A day too big to be read as a whole, one byte of it changed at a time: writes what every way of asking then says.

    python -m tests.unit.lake.big_day FOLDER footer|pages

A process of its own, for Arrow may end the one that opens such a file.
"""

import json
import random
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.unit.lake.given import a_series, minute, points, window
from watchbill.lake.lake import Lake
from watchbill.lake.seal import SMALL_BYTES
from watchbill.model.failures import LakeError

SERIES = [a_series(service=str(number)) for number in range(120)]
WHOLE = window(0, 700)


def collect(folder: Path) -> Path:
    """The one file of its day."""
    lake, chance = Lake.open("lake", home=folder), random.Random(1)
    for start in (0, 350):
        given = points(*((one, {at: chance.random() for at in range(start, start + 350)}) for one in SERIES))
        lake.write("cloudwatch", window(start, start + 350), "a", given, SERIES, collected_at=minute(start + 350))
    lake.compact("cloudwatch", minute(0).date(), now=minute(5000))
    [file] = folder.glob("lake/points/*/*/*.parquet")
    assert file.stat().st_size > SMALL_BYTES
    return file


def ways(folder: Path) -> dict[str, Callable[[], Any]]:
    lake = Lake.open("lake", home=folder)
    return {"stats": lake.stats, "read": lambda: lake.read(SERIES, WHOLE),
            "one": lambda: lake.read(SERIES[:1], window(3, 9)),
            "sql": lambda: lake.sql("SELECT id, value FROM points ORDER BY id"),
            "coverage": lambda: lake.coverage("cloudwatch", WHOLE, "a"),
            "verify": lambda: lake.verify().faults}


def footer(content: bytes) -> Iterator[tuple[int, int]]:
    length = int.from_bytes(content[-8:-4], "little")
    for place in range(len(content) - 8 - length, len(content), length // 40):
        yield place, content[place] ^ 1 << place % 8


def pages(content: bytes) -> Iterator[tuple[int, int]]:
    """The headers of the values' pages: from BYTE_STREAM_SPLIT (9, written as 18) to PLAIN, and a few more."""
    held = pq.read_metadata(pa.BufferReader(content))
    for number in range(held.num_row_groups):
        start = held.row_group(number).column(2).data_page_offset
        yield start + content[start:start + 60].index(18), 0
        yield start + 7 * number % 20, content[start + 7 * number % 20] ^ 1


def said(ask: Callable[[], Any], truth: Any) -> str:
    try:
        answer = ask()
    except LakeError as error:
        return "damaged" if "is damaged" in str(error) else str(error)
    return "the truth" if answer == truth else "something" if truth != () else "damaged"


def main() -> None:
    folder, which = Path(sys.argv[1]), {"footer": footer, "pages": pages}[sys.argv[2]]
    file = collect(folder)
    content = file.read_bytes()
    truth = {name: ask() for name, ask in ways(folder).items()}
    for place, byte in which(content):
        file.write_bytes(content[:place] + bytes([byte]) + content[place + 1:])
        answers = {name: said(ask, truth[name]) for name, ask in ways(folder).items()}
        sys.stdout.write(f"{json.dumps(answers)}\n")


if __name__ == "__main__":
    main()
