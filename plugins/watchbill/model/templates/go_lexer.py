"""First step of a Go template: its text in; plain text and actions, cut into tokens, out.

https://pkg.go.dev/text/template: `{{- ` and ` -}}` trim the blanks around an action, comments say nothing.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from watchbill.model.failures import WatchbillError

_BLANKS = " \t\r\n"
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_TOKEN = re.compile(
    r"""(?P<blank>[ \t\r\n]+)
      |(?P<text>"(?:[^"\\\n]|\\.)*")
      |(?P<raw>`[^`]*`)
      |(?P<sign>'(?:[^'\\\n]|\\.)+')
      |(?P<number>[+-]?(?:0[xX][0-9a-fA-F]+|\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+)(?![\w.]))
      |(?P<field>\.[^\W\d]\w*)
      |(?P<variable>\$\w*)
      |(?P<word>[^\W\d]\w*)
      |(?P<mark>:=|[=|(),.])""",
    re.VERBOSE,
)


class TemplateError(WatchbillError):
    """A template cannot be used; `line` counts from 1 inside its text, `fix` is what to write instead."""

    def __init__(self, problem: str, line: int = 0, fix: str = "") -> None:
        super().__init__(problem)
        self.problem = problem
        self.line = line
        self.fix = fix


class Token(NamedTuple):
    kind: str  # text, raw, sign, number, field, variable, word, mark
    text: str
    glued: bool  # nothing between it and the token before: `.A.B` is one chain, `.A .B` are two


@dataclass(frozen=True)
class Action:
    """What stands between two pairs of braces."""

    tokens: tuple[Token, ...]
    line: int


Piece = str | Action


def pieces(text: str) -> list[Piece]:
    """Plain text and actions in order, trimmed as they ask for. Raises TemplateError."""
    found: list[Piece] = []
    at, trim = 0, False
    while True:
        start = text.find("{{", at)
        plain = text[at:] if start < 0 else text[at:start]
        plain = plain.lstrip(_BLANKS) if trim else plain
        if start < 0:
            return [*found, plain] if plain else found
        inside = start + 2
        if text[inside:inside + 1] == "-" and text[inside + 1:inside + 2] in tuple(_BLANKS):
            plain, inside = plain.rstrip(_BLANKS), inside + 1
        found += [plain] if plain else []
        line = text.count("\n", 0, start) + 1
        action, at, trim = _action(text, inside, line)
        found += [action] if action else []


def _action(text: str, at: int, line: int) -> tuple[Action | None, int, bool]:
    """The action (none for a comment), where it ends, and whether what follows is trimmed."""
    begun = at
    while text[at:at + 1] in tuple(_BLANKS):
        at += 1
    comment = _COMMENT.match(text, at)
    if comment:
        closing = re.compile(r"\s+-\}\}|\}\}").match(text, comment.end())
        if closing is None:
            raise TemplateError("a comment does not end with */}}", line)
        return None, closing.end(), closing[0] != "}}"
    tokens: list[Token] = []
    at, glued = begun, False
    while not text.startswith("}}", at):
        if text.startswith("-}}", at) and not glued and at > begun:
            return Action(tuple(tokens), line), at + 3, True
        token = _TOKEN.match(text, at)
        if token is None:
            raise TemplateError(_unreadable(text, at), line)
        at, glued = token.end(), token.lastgroup != "blank"
        if glued:
            tokens.append(Token(str(token.lastgroup), token[0], _is_glued(text, token.start(), begun)))
    return Action(tuple(tokens), line), at + 2, False


def _is_glued(text: str, at: int, begun: int) -> bool:
    return at > begun and text[at - 1] not in _BLANKS


def _unreadable(text: str, at: int) -> str:
    if at >= len(text):
        return "an action is not closed: }} is missing"
    if text[at] in "\"`":
        return "a quote is not closed"
    return f"{text[at]!r} cannot stand in an action"


def words(tokens: tuple[Token, ...]) -> Iterator[str]:
    """As they were written, one blank between those that were apart."""
    for token in tokens:
        yield token.text if token.glued else f" {token.text}"
