"""Declarations that are wrong, a file each below broken/: its first comments say what `watchbill check` tells of it.
"""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.unit.cli.terminal import watchbill
from tests.unit.declare.folder import SOUND, Include

FILES = sorted((Path(__file__).parent / "broken").glob("*.yaml"))
_EXPECTED = re.compile(r"# (error|warning) in line (\d+): (.*)")


@pytest.fixture(scope="module")
def findings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, Any]]]:
    """What one run over all of them tells, by file."""
    include = Include(tmp_path_factory.mktemp("broken") / "include")
    assert "metrics: [requests, errors]" in SOUND["metrics/shop.yaml"]
    for file in FILES:
        include.write(f"dashboards/{file.name}", file.read_bytes())
    said = watchbill("check", "--json", "--include", include.path, cwd=include.path)
    assert said.code == 1
    found: dict[str, list[dict[str, Any]]] = {}
    for one in json.loads(said.out)["findings"]:
        found.setdefault(one["file"], []).append(one)
    return found


def test_there_are_many() -> None:
    assert len(FILES) >= 60


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_broken_declaration_is_told_with_its_line_its_widget_its_reason_and_its_fix(
    file: Path, findings: dict[str, list[dict[str, Any]]],
) -> None:
    expected = [found.groups() for line in file.read_text().splitlines() if (found := _EXPECTED.fullmatch(line))]
    assert expected
    assert [(one["severity"], str(one["line"]), _told(one)) for one in findings.get(f"dashboards/{file.name}", [])] \
        == expected


def _told(one: dict[str, Any]) -> str:
    widget = f" [{one['widget']}]" if one["widget"] else ""
    field = f"{one['field']}{widget}: " if one["field"] else ""
    fix = "allowed: …" if "allowed: alert_graph" in one["fix"] else one["fix"]  # every type that there is
    return f"{field}{one['problem']}{f' ({fix})' if fix else ''}"


def test_a_sound_dashboard_beside_them_has_no_finding(findings: dict[str, list[dict[str, Any]]]) -> None:
    assert "dashboards/shop.yaml" not in findings
