"""Metric math as text in, a tree of nodes out.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Number:
    value: float


@dataclass(frozen=True)
class Text:
    value: str  # between its quotation marks, as it stands


@dataclass(frozen=True)
class Name:
    """An id of another query, or a word of a function, as REPEAT, AVG, DESC."""

    name: str


@dataclass(frozen=True)
class Listed:
    items: "tuple[Node, ...]"


@dataclass(frozen=True)
class Call:
    function: str
    arguments: "tuple[Node, ...]"


@dataclass(frozen=True)
class Negated:
    operand: "Node"


@dataclass(frozen=True)
class Operation:
    operator: str
    left: "Node"
    right: "Node"


Node = Number | Text | Name | Listed | Call | Negated | Operation

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+)|(?P<text>'[^']*'|\"[^\"]*\")|(?P<name>[A-Za-z_]\w*)"
    r"|(?P<mark>==|!=|<=|>=|&&|\|\||[-+*/^()\[\],<>]))"
)
_LEVELS = (("OR", "||"), ("AND", "&&"), ("==", "!=", "<=", ">=", "<", ">"), ("+", "-"), ("*", "/"))
_SAME = {"||": "OR", "&&": "AND"}
_END = ("end", "")


def parse(text: str) -> Node:
    """Raises ValueError for what is no metric math."""
    parser = _Parser(text)
    node = parser.level(0)
    if parser.token != _END:
        raise ValueError(f"Unexpected '{parser.token[1]}'")
    return node


def walk(node: Node) -> Iterator[Node]:
    """The node and all below it."""
    yield node
    match node:
        case Listed(items):
            below = items
        case Call(_, arguments):
            below = arguments
        case Negated(operand):
            below = (operand,)
        case Operation(_, left, right):
            below = (left, right)
        case _:
            below = ()
    for each in below:
        yield from walk(each)


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    at, text = 0, text.rstrip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise ValueError("it cannot be parsed")
        at = found.end()
        kind = str(found.lastgroup)
        yield kind, found[kind]


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self.token = _END
        self._next()

    def _next(self) -> tuple[str, str]:
        before, self.token = self.token, next(self._tokens, _END)
        return before

    def _skip(self, mark: str) -> None:
        if self.token != ("mark", mark):
            raise ValueError("it cannot be parsed")
        self._next()

    def level(self, number: int) -> Node:
        """Operators of one precedence, and all that binds closer."""
        if number == len(_LEVELS):
            return self._negated()
        left = self.level(number + 1)
        while self.token[0] in ("mark", "name") and self.token[1] in _LEVELS[number]:
            sign = self._next()[1]
            left = Operation(_SAME.get(sign, sign), left, self.level(number + 1))
        return left

    def _negated(self) -> Node:
        if self.token == ("mark", "-"):
            self._next()
            return Negated(self._negated())
        base = self._one()
        if self.token == ("mark", "^"):
            self._next()
            return Operation("^", base, self._negated())
        return base

    def _one(self) -> Node:
        kind, text = self._next()
        if kind == "number":
            return Number(float(text))
        if kind == "text":
            return Text(text[1:-1])
        if kind == "name" and self.token == ("mark", "("):
            self._next()
            return Call(text, self._items(")"))
        if kind == "name":
            return Name(text)
        if (kind, text) == ("mark", "["):
            return Listed(self._items("]"))
        if (kind, text) == ("mark", "("):
            inner = self.level(0)
            self._skip(")")
            return inner
        raise ValueError("it cannot be parsed")

    def _items(self, end: str) -> tuple[Node, ...]:
        items: list[Node] = []
        while self.token != ("mark", end):
            if items:
                self._skip(",")
            items.append(self.level(0))
        self._next()
        return tuple(items)
