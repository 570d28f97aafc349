"""An expression of CloudWatch's metric math -> a tree.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from watchbill.model.languages.tokens import NotReadError, Token, tokens
from watchbill.model.notation import DEEPEST

LONGEST = 10_000  # characters


@dataclass(frozen=True, slots=True)
class Number:
    value: float


@dataclass(frozen=True, slots=True)
class Text:
    value: str


@dataclass(frozen=True, slots=True)
class Name:
    """The id of another row, or a word such as REPEAT or DESC."""

    id: str


@dataclass(frozen=True, slots=True)
class Call:
    function: str  # in capitals
    arguments: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Several:
    """`[m1, m2]`"""

    items: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """`operator` is one of + - * / ^ == != < <= > >= AND OR; `left` is None for a sign before `right`."""

    operator: str
    left: "Node | None"
    right: "Node"


Node = Number | Text | Name | Call | Several | Operation

_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)|(?P<text>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
    r"|(?P<name>[A-Za-z][A-Za-z0-9_]*)|(?P<sign>==|!=|<=|>=|&&|\|\||[-+*/^()\[\],<>]))")
_SAME = {"&&": "AND", "||": "OR"}
_LEVELS = (("OR",), ("AND",), ("==", "!=", "<", "<=", ">", ">="), ("+", "-"), ("*", "/"))


def parse(text: str) -> Node:
    """Raises NotReadError."""
    if len(text) > LONGEST:
        raise NotReadError("is too long")
    words = tokens(_TOKEN, text, lambda rest: f"cannot be read from {rest[:30]!r} on")
    return _Parser([_one_word(kind, word) for kind, word in words]).whole()


def walk(node: Node) -> Iterator[Node]:
    yield node
    for part in parts(node):
        yield from walk(part)


def parts(node: Node) -> tuple[Node, ...]:
    match node:
        case Call(arguments=arguments):
            return arguments
        case Several(items=items):
            return items
        case Operation(left=left, right=right):
            return (right,) if left is None else (left, right)
    return ()


def _one_word(kind: str, word: str) -> Token:
    """`&&` and `and` are AND."""
    if kind == "sign":
        return "sign", _SAME.get(word, word)
    return ("sign", word.upper()) if kind == "name" and word.upper() in ("AND", "OR") else (kind, word)


class _Parser:
    def __init__(self, words: list[Token]) -> None:
        self._tokens = [*words, ("end", "")]
        self._at = 0
        self._depth = 0

    def whole(self) -> Node:
        node = self._level(0)
        if self._tokens[self._at][0] != "end":
            raise NotReadError(f"has more than one expression: {self._tokens[self._at][1][:30]!r} was not expected")
        return node

    def _level(self, level: int) -> Node:
        if level == len(_LEVELS):
            return self._signed()
        node = self._level(level + 1)
        while self._sign() in _LEVELS[level]:
            node = Operation(self._next(), node, self._level(level + 1))
        return node

    def _signed(self) -> Node:
        if self._sign() in ("-", "+"):
            operator = self._next()
            return Operation(operator, None, self._nested(self._signed))
        base = self._atom()
        return Operation(self._next(), base, self._nested(self._signed)) if self._sign() == "^" else base

    def _atom(self) -> Node:
        kind, word = self._tokens[self._at]
        self._at += 1
        match kind, word:
            case "number", _:
                return Number(float(word))
            case "text", _:
                return Text(re.sub(r"\\(.)", r"\1", word[1:-1]))
            case "name", _ if self._sign() == "(":
                self._at += 1
                return Call(word.upper(), self._several(")"))
            case "name", _:
                return Name(word)
            case "sign", "[":
                return Several(self._several("]"))
            case "sign", "(":
                node = self._nested(lambda: self._level(0))
                self._expect(")")
                return node
        raise NotReadError(f"has {word[:30]!r} where a value should be" if word else "ends too early")

    def _several(self, end: str) -> tuple[Node, ...]:
        if self._sign() == end:
            self._at += 1
            return ()
        items = [self._nested(lambda: self._level(0))]
        while self._sign() == ",":
            self._at += 1
            items.append(self._nested(lambda: self._level(0)))
        self._expect(end)
        return tuple(items)

    def _nested(self, read: Callable[[], Node]) -> Node:
        self._depth += 1
        if self._depth > DEEPEST:
            raise NotReadError("is nested too deeply")
        node = read()
        self._depth -= 1
        return node

    def _sign(self) -> str:
        kind, word = self._tokens[self._at]
        return word if kind == "sign" else ""

    def _next(self) -> str:
        self._at += 1
        return self._tokens[self._at - 1][1]

    def _expect(self, sign: str) -> None:
        if self._sign() != sign:
            raise NotReadError(f"lacks a {sign!r}")
        self._at += 1
