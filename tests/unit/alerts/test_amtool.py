"""Random routing trees and label sets, answered by the real amtool and by us. Skipped where there is no amtool."""

import random
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from watchbill.alerts.routing import routes
from watchbill.model.alerting import Alerting

pytestmark = pytest.mark.skipif(shutil.which("amtool") is None, reason="amtool is not installed")

NAMES = ["a", "b", "severity", "_x", "c9"]
VALUES = ["", "1", "critical", "crit", "A", "a b", "x,y", "é", "a=b", "{}", 'q"q', "back\\slash", "line\nbreak", "🙂"]
PATTERNS = ["", ".*", ".+", "crit.*", "1|A", "(?i)CRITICAL", "a b|x,y", "[^a]*", "é?", "line.break", "(?s)line.break",
            r"\d+", r"back\\slash", "A|", "^crit", "crit$", r"\QA\E", "q\"q", r"\p{L}", "x{0,2}|{}"]


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def _matcher(dice: random.Random) -> str:
    name, op = dice.choice(NAMES), dice.choice(["=", "!=", "=~", "!~"])
    value = dice.choice(PATTERNS if "~" in op else VALUES)
    is_bare = value.isalnum() and value.isascii() and dice.random() < 0.3
    blank = dice.choice(["", "", " "])
    return f"{name}{blank}{op}{blank}{value if is_bare else _quoted(value)}"


def _route(dice: random.Random, depth: int) -> dict[str, Any]:
    route: dict[str, Any] = {}
    if dice.random() < 0.8:
        route["receiver"] = dice.choice("rstuv")
    kind = dice.random()
    if kind < 0.7:
        found = [_matcher(dice) for _ in range(dice.choice([1, 1, 2]))]
        route["matchers"] = [f"{{{','.join(found)}}}"] if dice.random() < 0.3 else found
    elif kind < 0.85:
        route["match"] = {dice.choice(NAMES): dice.choice(VALUES)}
    else:
        route["match_re"] = {dice.choice(NAMES): dice.choice(PATTERNS)}
    if dice.random() < 0.5:
        route["continue"] = True
    if depth and dice.random() < 0.6:
        route["routes"] = [_route(dice, depth - 1) for _ in range(dice.choice([1, 2, 3]))]
    return route


def random_config(dice: random.Random) -> dict[str, Any]:
    return {"route": {"receiver": "root", "routes": [_route(dice, 3) for _ in range(4)]},
            "receivers": [{"name": name} for name in ["root", *"rstuv"]]}


def amtool(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["amtool", *words], capture_output=True, text=True, timeout=30, check=False)


@pytest.mark.parametrize("seed", range(40))
def test_random_trees_route_as_amtool_routes_them(seed: int, tmp_path: Path) -> None:
    dice = random.Random(seed)
    config = random_config(dice)
    file = tmp_path / "alertmanager.yml"
    file.write_text(yaml.safe_dump(config, allow_unicode=True))
    alerting = Alerting.model_validate(yaml.safe_load(file.read_text()))
    for _ in range(3):
        labels = {name: dice.choice(VALUES) for name in NAMES if dice.random() < 0.6}
        asked = [f"{name}={_quoted(value)}" for name, value in labels.items()]
        said = amtool("config", "routes", "test", f"--config.file={file}", *asked)
        assert said.returncode == 0, said.stderr
        assert ",".join(match.receiver for match in routes(alerting, labels)) == said.stdout.strip(), (labels, config)
