"""Datadog's language for searching logs, read: `service:web (@status:>=500 OR -@cached:true) "out of memory"`.

https://docs.datadoghq.com/logs/explorer/search_syntax
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True)
class Term:
    """A word or phrase of the message; `attribute` is "" there, `*` where any attribute may hold it."""

    attribute: str  # @http.status_code, service, …
    value: str  # may hold * and ?, where it is no phrase
    is_phrase: bool = False


@dataclass(frozen=True)
class Compared:
    attribute: str
    sign: str  # > >= < <=
    value: str


@dataclass(frozen=True)
class Variable:
    """`$name` alone, or `attribute:$name`."""

    name: str
    attribute: str = ""


@dataclass(frozen=True)
class Not:
    of: "Search"


@dataclass(frozen=True)
class Every:
    """All of them; none is everything."""

    of: tuple["Search", ...]


@dataclass(frozen=True)
class Some:
    of: tuple["Search", ...]


Search = Term | Compared | Variable | Not | Every | Some

_TOKEN = re.compile(r"""\s*(?:
    (?P<sign>[()])
    | (?P<minus>[-!])(?=\S)
    | (?P<attribute>[@\w*](?:\\.|[^\s():"\[\]{}<>=\\])*):(?![\s)]|$)(?!:)
    | (?P<range>[\[{]\s*(?P<low>\S+)\s+TO\s+(?P<high>\S+?)\s*(?P<end>[\]}]))
    | (?P<compare>[<>]=?)\s*(?P<than>[^\s()]+)
    | "(?P<phrase>(?:\\.|[^"\\])*)"
    | (?P<word>(?:\\.|[^\s()"\\])+)
)""", re.VERBOSE)
_VARIABLE = re.compile(r"\$([\w.-]+?)(?:\.value|\.key)?")
_DEEPEST = 40


@lru_cache(maxsize=2048)
def read_search(text: str) -> Search:
    """Raises ValueError in words that follow `the search`."""
    if len(text) > 20_000:
        raise ValueError("is too long")
    reader = _Reader(text)
    found = reader.any_of("", 0)
    if reader.token is not None:
        raise ValueError(f"cannot be read from {text[reader.token.start():].strip()[:40]!r} on")
    return found


def variables_in(search: Search) -> Iterator[Variable]:
    match search:
        case Variable():
            yield search
        case Not():
            yield from variables_in(search.of)
        case Every() | Some():
            for one in search.of:
                yield from variables_in(one)


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self.token: re.Match[str] | None = None
        self._next()

    def _next(self) -> None:
        if not self._text[self._at:].strip():
            self.token = None
            return
        self.token = _TOKEN.match(self._text, self._at)
        if self.token is None:
            raise ValueError(f"cannot be read from {self._text[self._at:].strip()[:40]!r} on")
        self._at = self.token.end()

    def _is(self, word: str) -> bool:
        return self.token is not None and self.token["word"] == word

    def any_of(self, attribute: str, depth: int) -> Search:
        if depth > _DEEPEST:
            raise ValueError("is nested too deeply")
        found = [self._all_of(attribute, depth)]
        while self._is("OR"):
            self._next()
            found.append(self._all_of(attribute, depth))
        return found[0] if len(found) == 1 else Some(tuple(found))

    def _all_of(self, attribute: str, depth: int) -> Search:
        found: list[Search] = []
        while self.token is not None and self.token["sign"] != ")" and not self._is("OR"):
            if self._is("AND"):
                self._next()
                continue
            found.append(self._one(attribute, depth))
        return found[0] if len(found) == 1 else Every(tuple(found))

    def _one(self, attribute: str, depth: int) -> Search:
        token = self.token
        if token is None:
            raise ValueError("ends too early")
        if depth > _DEEPEST:
            raise ValueError("is nested too deeply")
        self._next()
        if token["minus"] or token["word"] == "NOT":
            return Not(self._one(attribute, depth + 1))
        if token["sign"]:
            return self._closed(self.any_of(attribute, depth + 1))
        if token["attribute"]:
            return self._one(_plain(token["attribute"]), depth + 1)
        return _leaf(token, attribute)

    def _closed(self, found: Search) -> Search:
        if self.token is None or self.token["sign"] != ")":
            raise ValueError("has an open parenthesis")
        self._next()
        return found


def _leaf(token: re.Match[str], attribute: str) -> Search:
    if token["range"]:
        return _range(token, attribute)
    if token["compare"]:
        return Compared(attribute, token["compare"], token["than"])
    if token["phrase"] is not None:
        return Term(attribute, _plain(token["phrase"]), True)
    variable = _VARIABLE.fullmatch(token["word"])
    if variable is not None:
        return Variable(variable[1], attribute)
    if "$" in token["word"]:
        raise ValueError(f"puts a variable inside a word: {token['word']}")
    return Term(attribute, token["word"].replace("\\", ""))


def _range(token: re.Match[str], attribute: str) -> Search:
    bounds: list[Search] = []
    if token["low"] != "*":
        bounds.append(Compared(attribute, ">=" if token["range"][0] == "[" else ">", token["low"]))
    if token["high"] != "*":
        bounds.append(Compared(attribute, "<=" if token["end"] == "]" else "<", token["high"]))
    return bounds[0] if len(bounds) == 1 else Every(tuple(bounds))


def _plain(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)
