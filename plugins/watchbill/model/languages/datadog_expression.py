"""Datadog's queries and formulas, read: a text in, its tree out.

    100 - top(avg:system.cpu.idle{env:prod} by {host}.rollup(min, 60), 10, 'mean', 'desc')
    week_before(query1) / query2 * 100

One language for both: in a formula the operands are names of queries, in a query that is written out (`q` of the older
widgets, a monitor's query) they are the metrics themselves. https://docs.datadoghq.com/dashboards/functions and
https://docs.datadoghq.com/dashboards/guide/query-to-the-graph
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from watchbill.model.languages.datadog_scope import Scope, read_scope


@dataclass(frozen=True)
class Modifier:
    name: str
    arguments: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f".{self.name}({', '.join(self.arguments)})"


@dataclass(frozen=True)
class Selection:
    """`space:metric{scope} by {groups}.modifier(…)`: a metric, before any function."""

    space: str  # avg, sum, min, max, count or a percentile; "" where it is left to Datadog
    metric: str
    scope_text: str  # between the braces
    by: tuple[str, ...] = ()
    modifiers: tuple[Modifier, ...] = ()

    @property
    def scope(self) -> Scope:
        """Raises ValueError where it is more than a list of conditions."""
        return read_scope(self.scope_text)


@dataclass(frozen=True)
class Name:
    """A query of a formula."""

    name: str


@dataclass(frozen=True)
class Number:
    text: str


@dataclass(frozen=True)
class Text:
    """An argument in quotes."""

    text: str


@dataclass(frozen=True)
class Call:
    function: str
    arguments: tuple["Expression", ...]
    modifiers: tuple[Modifier, ...] = ()


@dataclass(frozen=True)
class Binary:
    sign: str  # + - * /
    left: "Expression"
    right: "Expression"


@dataclass(frozen=True)
class Negative:
    of: "Expression"


Expression = Selection | Name | Number | Text | Call | Binary | Negative

SELECTION = re.compile(
    r"(?:(?P<space>avg|sum|min|max|count|p\d{1,3}(?:\.\d+)?)\s*:)?\s*(?P<metric>[A-Za-z][\w.]*)\s*"
    r"\{(?P<scope>[^{}]*)\}(?:\s*by\s*\{(?P<by>[^{}]*)\})?(?P<modifiers>(?:\s*\.\s*\w+\([^()]*\))*)")
"""One metric with its scope, wherever it stands in a text."""
_MODIFIER = re.compile(r"\s*\.\s*(\w+)\(([^()]*)\)")
_TOKEN = re.compile(r"\s*(?:(?P<number>\d+(?:\.\d*)?(?:[eE][-+]?\d+)?|\.\d+)|(?P<sign>[-+*/(),])"
                    r"|(?P<text>'[^']*'|\"[^\"]*\")|(?P<name>[A-Za-z_][\w.]*))")
_DEEPEST = 60
_LONGEST = 20_000


@lru_cache(maxsize=4096)
def read_list(text: str) -> tuple[Expression, ...]:
    """Expressions separated by commas, as an older widget's `q` may hold.

    Raises ValueError in words that follow `the query`.
    """
    if len(text) > _LONGEST:
        raise ValueError(f"is longer than {_LONGEST} characters")
    return _Reader(text).read()


def read(text: str) -> Expression:
    """Raises ValueError in words that follow `the query`."""
    found = read_list(text)
    if len(found) != 1:
        raise ValueError("is a list of several queries")
    return found[0]


def leaves(tree: Expression) -> Iterator[Expression]:
    """Its metrics, names of queries, numbers and texts, from left to right."""
    match tree:
        case Binary():
            yield from leaves(tree.left)
            yield from leaves(tree.right)
        case Negative():
            yield from leaves(tree.of)
        case Call():
            for argument in tree.arguments:
                yield from leaves(argument)
        case _:
            yield tree


class _Reader:
    """By precedence: lists of sums of products of factors."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._depth = 0

    def read(self) -> tuple[Expression, ...]:
        found = [self._sum()]
        while self._took(","):
            found.append(self._sum())
        if self._text[self._at:].strip():
            raise self._unread()
        return tuple(found)

    def _sum(self) -> Expression:
        left = self._product()
        while sign := self._took("+", "-"):
            left = Binary(sign, left, self._product())
        return left

    def _product(self) -> Expression:
        left = self._factor()
        while sign := self._took("*", "/"):
            left = Binary(sign, left, self._factor())
        return left

    def _factor(self) -> Expression:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise ValueError("is nested too deeply")
        try:
            if self._took("-"):
                return Negative(self._factor())
            if self._took("+"):
                return self._factor()
            return self._grouped() if self._took("(") else self._operand()
        finally:
            self._depth -= 1

    def _grouped(self) -> Expression:
        found = self._sum()
        self._closed()
        return found

    def _operand(self) -> Expression:
        blank = re.compile(r"\s*").match(self._text, self._at)
        selection = SELECTION.match(self._text, blank.end() if blank else self._at)
        if selection is not None:
            self._at = selection.end()
            return _selection(selection)
        token = _TOKEN.match(self._text, self._at)
        if token is None or token["sign"]:
            raise self._unread()
        self._at = token.end()
        if token["number"]:
            return Number(token["number"])
        if token["text"]:
            return Text(token["text"][1:-1])
        return self._call(token["name"]) if self._took("(") else Name(token["name"])

    def _call(self, function: str) -> Expression:
        arguments: list[Expression] = []
        if not self._took(")"):
            arguments.append(self._sum())
            while self._took(","):
                arguments.append(self._sum())
            self._closed()
        return self._modified(Call(function, tuple(arguments)))

    def _modified(self, call: Call) -> Expression:
        """`top(avg:a{*}, …).rollup(…)`, and the groups of a formula's function, which are its own."""
        while modifier := _MODIFIER.match(self._text, self._at):
            self._at = modifier.end()
            call = replace(call, modifiers=(*call.modifiers, _modifier(modifier)))
        return call

    def _took(self, *signs: str) -> str:
        token = _TOKEN.match(self._text, self._at)
        if token is None or token["sign"] not in signs:
            return ""
        self._at = token.end()
        return token["sign"]

    def _closed(self) -> None:
        if not self._took(")"):
            raise self._unread()

    def _unread(self) -> ValueError:
        rest = self._text[self._at:].strip()
        return ValueError(f"cannot be read from {rest[:40]!r} on" if rest else "ends too early")


def _selection(found: re.Match[str]) -> Selection:
    by = tuple(word.strip() for word in (found["by"] or "").split(",") if word.strip())
    modifiers = tuple(map(_modifier, _MODIFIER.finditer(found["modifiers"])))
    return Selection(found["space"] or "", found["metric"], found["scope"].strip(), by, modifiers)


def _modifier(found: re.Match[str]) -> Modifier:
    return Modifier(found[1], tuple(word.strip().strip("'\"") for word in found[2].split(",") if word.strip()))


def substituted(tree: Expression, queries: Mapping[str, Expression]) -> Expression:
    """A formula with its queries in the place of their names. Raises ValueError for a name that is none's."""
    match tree:
        case Name():
            if tree.name not in queries:
                raise ValueError(f"names {tree.name}, which is no query")
            return queries[tree.name]
        case Binary():
            return replace(tree, left=substituted(tree.left, queries), right=substituted(tree.right, queries))
        case Negative():
            return Negative(substituted(tree.of, queries))
        case Call():
            return replace(tree, arguments=tuple(substituted(one, queries) for one in tree.arguments))
    return tree


def written(tree: Expression) -> str:
    """As text, with no more brackets than it needs."""
    return _written(tree, 0)


def _written(tree: Expression, above: int) -> str:
    match tree:
        case Selection():
            by = f" by {{{','.join(tree.by)}}}" if tree.by else ""
            space = f"{tree.space}:" if tree.space else ""
            return f"{space}{tree.metric}{{{tree.scope_text}}}{by}{''.join(map(str, tree.modifiers))}"
        case Call():
            arguments = ", ".join(_written(one, 0) for one in tree.arguments)
            return f"{tree.function}({arguments}){''.join(map(str, tree.modifiers))}"
        case Binary():
            rank = 1 if tree.sign in "+-" else 2
            text = f"{_written(tree.left, rank)} {tree.sign} {_written(tree.right, rank + 1)}"
            return f"({text})" if above > rank else text
        case Negative():
            text = f"-{_written(tree.of, 3)}"
            return f"({text})" if above > 1 else text
        case Name():
            return tree.name
        case Text():
            return f"'{tree.text}'"
    return tree.text
