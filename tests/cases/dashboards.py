"""The files of dashboards that real projects have."""

import json
from pathlib import Path
from typing import Any

from tests.cases.replay import FOLDER
from watchbill.model.clouds import Cloud


def files(cloud: Cloud) -> list[Path]:
    """Every one there is, wherever under the folder."""
    return sorted(FOLDER.rglob(f"dashboards/**/{cloud}/**/*.json"))


def body(file: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(file.read_text())
    return found


def name(file: Path) -> str:
    return file.stem
