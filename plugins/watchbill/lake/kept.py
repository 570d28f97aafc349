"""What is kept beside the points: answers that change slowly, and what each day's calls were billed.

    kept/<digest of the key>.json                               an answer, with its key
    spent/source=cloudwatch/date=2026-01-31/<billed>-<id>       an empty file: its name says it all

A listing of one folder tells what a day has cost, so that asking for it costs one call on S3.
"""

import json
import re
from datetime import date
from hashlib import blake2b
from typing import Any

import pyarrow as pa
from pyarrow import fs

from watchbill.lake.files import Files, refused
from watchbill.model.series import Source

_SPENT = re.compile(r"(\d+)-.+")


def keep(files: Files, key: str, value: Any) -> None:
    """`value` is JSON; what was kept for the key before is replaced."""
    files.put(_kept_path(key), pa.py_buffer(json.dumps({"key": key, "value": value}).encode()))


def kept(files: Files, key: str) -> Any | None:
    """What was kept last; None where there is nothing, or nothing that can be read."""
    path = files.full(_kept_path(key))
    with refused(f"{path} cannot be read"):
        if files.filesystem.get_file_info(path).type != fs.FileType.File:
            return None
    try:
        found = json.loads(files.read(_kept_path(key)).to_pybytes())
    except ValueError:
        return None
    return found["value"] if isinstance(found, dict) and found.get("key") == key else None


def spend(files: Files, source: Source, day: date, name: str, billed_metrics: int) -> None:
    """Notes what calls were billed; `name` tells these calls from all others of the day."""
    if billed_metrics:
        files.put(f"{_spent_folder(source, day)}/{billed_metrics}-{name}", pa.py_buffer(b""))


def spent(files: Files, source: Source, day: date) -> int:
    """The billed metrics of the day so far."""
    folder = files.full(_spent_folder(source, day))
    with refused(f"{folder} cannot be listed"):
        infos = files.filesystem.get_file_info(fs.FileSelector(folder, allow_not_found=True))
    return sum(int(found[1]) for info in infos if (found := _SPENT.fullmatch(info.base_name)))


def _kept_path(key: str) -> str:
    return f"kept/{blake2b(key.encode(), digest_size=16).hexdigest()}.json"


def _spent_folder(source: Source, day: date) -> str:
    return f"spent/source={source}/date={day.isoformat()}"
