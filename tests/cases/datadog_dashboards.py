"""Dashboards of Datadog as others made them: every file of the folder, and every body that was recorded."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FOLDER = (Path(__file__).parents[2] / os.environ.get("WATCHBILL_CASES", "../shared")).resolve()
FILES = sorted((FOLDER / "data/dashboards/datadog").glob("*.json"))
RECORDED = sorted((FOLDER / "data/datadog-recorded").glob("*.json"))


def body(file: Path) -> dict[str, Any]:
    return json.loads(file.read_text())


def recorded(file: Path) -> Iterator[dict[str, Any]]:
    """Every body of a dashboard in what was sent and answered."""
    yield from _bodies(json.loads(file.read_text()))


def _bodies(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if isinstance(value.get("widgets"), list) and "layout_type" in value:
            yield value
        for each in value.values():
            yield from _bodies(each)
    elif isinstance(value, list):
        for each in value:
            yield from _bodies(each)
    elif isinstance(value, str) and value[:1] in ("{", "["):
        try:
            yield from _bodies(json.loads(value))
        except ValueError:
            return
