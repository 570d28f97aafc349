"""What the documents show can be done as they show it: YAML, commands, targets, events and links."""

import ast
import re
import shutil
from itertools import pairwise
from pathlib import Path

import pytest

from tests.unit.cli.terminal import ROOT, watchbill
from watchbill.declare.load import load

README = (ROOT / "README.md").read_text()
OPERATIONS = (ROOT / "docs/operations.md").read_text()
DECISIONS = (ROOT / "docs/decisions/README.md").read_text()
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def place(block: str) -> str:
    """The file that its first line names, below include/."""
    found = re.fullmatch(r"# include/(\S+\.yaml)", block.split("\n", 1)[0])
    assert found, f"the first line of a YAML block names its file: {block[:60]}"
    return found[1]


@pytest.fixture
def include(tmp_path: Path) -> Path:
    """The shipped declarations, with those of the README added."""
    folder = tmp_path / "include"
    shutil.copytree(ROOT / "include", folder)
    for block in blocks("yaml"):
        (folder / place(block)).write_text(block)
    return folder


def test_there_is_yaml_for_a_metric_a_rule_a_route_and_a_dashboard():
    assert [place(block).split("/")[0] for block in blocks("yaml")] == [
        "metrics", "rules", "alerting.yaml", "dashboards"]


def test_the_yaml_of_the_readme_is_sound_beside_what_is_shipped(include):
    assert load(include, {}).findings == ()


@pytest.mark.parametrize("number", range(len(blocks("yaml"))))
def test_each_yaml_block_can_be_added_in_the_order_of_the_page(number, tmp_path):
    folder = tmp_path / "include"
    shutil.copytree(ROOT / "include", folder)
    for block in blocks("yaml")[: number + 1]:
        (folder / place(block)).write_text(block)
    assert load(folder, {}).findings == ()


def test_the_commands_of_the_readme_answer_as_shown(include):
    shown = next(block for block in blocks("console") if "watchbill check" in block)
    for command, answer in said(shown):
        told = watchbill(*command.split()[1:], cwd=include.parent)
        assert (told.code, told.out) == (0, answer)


def said(block: str) -> list[tuple[str, str]]:
    """(command, what it printed) of a block of terminal."""
    starts = [found.start() for found in re.finditer(r"^\$ ", block, re.MULTILINE)] + [len(block)]
    parts = [block[start:end].split("\n", 1) for start, end in pairwise(starts)]
    return [(command.removeprefix("$ "), answer) for command, answer in parts]


def test_every_python_block_compiles():
    assert blocks("python")
    for block in blocks("python"):
        compile(block, "README.md", "exec")


def test_every_make_target_stands_in_the_readme_with_its_words():
    makefile = (ROOT / "Makefile").read_text()
    declared = re.findall(r"^([a-z-]+):[^#\n]*## (.+)$", makefile, re.MULTILINE)
    assert sorted(re.findall(r"^\| `make ([a-z-]+)` \| (.+) \|$", README, re.MULTILINE)) == sorted(declared)


def test_every_event_that_a_flow_logs_is_explained_and_no_other():
    table = OPERATIONS.split("## Events")[1].split("\n## ")[0]
    explained = re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)
    assert sorted(explained) == sorted(logged())


def logged() -> set[str]:
    """The first argument of every `log.info`, `log.warning` and `log.error` under flows/ and on_airflow/."""
    found = set()
    rooms = (ROOT / "plugins/watchbill" / room for room in ("flows", "on_airflow"))
    for path in (file for room in rooms for file in room.rglob("*.py")):
        for call in ast.walk(ast.parse(path.read_text())):
            if isinstance(call, ast.Call) and ast.unparse(call.func) in ("log.info", "log.warning", "log.error"):
                found |= {text.value for text in ast.walk(call.args[0]) if isinstance(text, ast.Constant)
                          and isinstance(text.value, str)}
    return found


def test_every_decision_is_listed_once_and_in_order():
    files = sorted(path.name for path in (ROOT / "docs/decisions").glob("0*.md"))
    assert re.findall(r"\((0[^)]+\.md)\)", DECISIONS) == files


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_to_a_file_leads_somewhere(page):
    for target in re.findall(r"\]\((?!https?://)([^)]+)\)", page.read_text()):
        path, _, anchor = target.partition("#")
        found = (page.parent / path).resolve() if path else page
        assert found.exists(), target
        assert not anchor or anchor in anchors(found), target


def anchors(page: Path) -> set[str]:
    """As GitHub names headings."""
    heads = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}
