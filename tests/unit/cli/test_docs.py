"""Every command and option is explained, in its help and in docs/cli.md."""

from collections.abc import Iterator

import pytest
import typer

import watchbill
from tests.unit.cli.terminal import ROOT, Said
from tests.unit.cli.terminal import watchbill as run
from watchbill.cli.app import app

DOCS = (ROOT / "docs/cli.md").read_text()


def commands(command, path="watchbill") -> Iterator[tuple[str, object]]:
    if not hasattr(command, "list_commands"):
        yield path, command
        return
    for name in command.list_commands(None):
        yield from commands(command.get_command(None, name), f"{path} {name}")


COMMANDS = dict(commands(typer.main.get_command(app)))


def test_the_commands_are_found():
    assert {"watchbill check", "watchbill lake sql"} <= set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_and_a_chapter(name):
    assert COMMANDS[name].help
    assert f"\n## {name}\n" in DOCS
    for parameter in COMMANDS[name].params:
        assert parameter.help, f"{name} {parameter.name}"
        for option in parameter.opts:
            assert not option.startswith("--") or f"`{option}`" in DOCS, f"{name} {option}"


def test_no_chapter_is_left_of_a_command_that_is_gone():
    chapters = {line.removeprefix("## ") for line in DOCS.splitlines() if line.startswith("## ")}
    assert chapters == set(COMMANDS)


def test_the_version_is_told():
    assert run("version", cwd=ROOT) == Said(0, f"watchbill {watchbill.__version__}\n", "")
