"""The words of CloudWatch's SEARCH -> which series they find, where that can be said as one metric and its dimensions.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html
"""

import re
from dataclasses import dataclass

from watchbill.model.languages.tokens import NotReadError, Token, tokens


@dataclass(frozen=True, slots=True)
class Match:
    """Values that fit: any of `values`, or none of them where `is_not`."""

    values: tuple[str, ...]
    exact: bool  # otherwise it is enough that the words stand anywhere in the value, in whatever case
    is_not: bool = False


@dataclass(frozen=True, slots=True)
class Search:
    namespace: str
    dimensions: tuple[str, ...]  # exactly these a series must have
    metric: Match | None  # None: every metric
    matches: tuple[tuple[str, Match], ...]  # of dimensions
    loose: tuple[Match, ...] = ()  # of whatever name or value


_SCHEMA = re.compile(r"\s*\{(?P<names>[^{}]*)\}(?P<term>.*)", re.DOTALL)
_NAME = re.compile(r'\s*(?:"(?P<quoted>[^"]*)"|(?P<plain>[^",\s][^",]*?))\s*(?:,|$)')
_TOKEN = re.compile(r'\s*(?:(?P<sign>[()=])|"(?P<quoted>[^"]*)"|(?P<word>[^\s()="]+))')


def parse(text: str) -> Search:
    """What stands between SEARCH's first quotes. Raises NotReadError, also for what no one metric says."""
    found = _SCHEMA.fullmatch(text)
    if found is None:
        raise NotReadError("searches without a schema in { }: for whatever has the words")
    names = _names(found["names"])
    if not names:
        raise NotReadError("searches in no namespace")
    terms = tokens(_TOKEN, found["term"], lambda rest: f"has words that cannot be read: {rest[:30]}")
    return _Terms(names[0], tuple(names[1:]), list(terms)).read()


def _names(text: str) -> list[str]:
    names, at = [], 0
    while text[at:].strip():
        found = _NAME.match(text, at)
        if found is None:
            raise NotReadError("has a schema that cannot be read")
        names.append(found["quoted"] if found["quoted"] is not None else found["plain"])
        at = found.end()
    return names


class _Terms:
    """Terms that all have to hold; OR only among the values of one name."""

    def __init__(self, namespace: str, dimensions: tuple[str, ...], words: list[Token]) -> None:
        self._namespace, self._dimensions = namespace, dimensions
        self._tokens = [*words, ("end", ""), ("end", "")]
        self._at = 0
        self._found: dict[str, Match] = {}
        self._loose: list[Match] = []

    def read(self) -> Search:
        is_not = False
        while self._kind() != "end":
            if self._is_word("AND"):
                self._at += 1
            elif self._is_word("OR"):
                raise NotReadError("joins its terms by OR")
            elif self._is_word("NOT"):
                is_not, self._at = not is_not, self._at + 1
            else:
                self._term(is_not)
                is_not = False
        metric = self._found.pop("MetricName", None)
        return Search(self._namespace, self._dimensions, metric, tuple(self._found.items()), tuple(self._loose))

    def _term(self, is_not: bool) -> None:
        if self._tokens[self._at + 1] != ("sign", "="):
            self._loose.append(self._values(is_not))
            return
        name = self._tokens[self._at][1]
        self._at += 2
        match = self._values(is_not)
        if name == "Namespace" and name not in self._dimensions:
            if match != Match((self._namespace,), match.exact):
                raise NotReadError("names another namespace than its schema")
        elif name in self._found:
            raise NotReadError(f"says twice what {name} is")
        elif name != "MetricName" and name not in self._dimensions:
            raise NotReadError(f"asks for {name}, which is no dimension of its schema")
        else:
            self._found[name] = match

    def _values(self, is_not: bool) -> Match:
        """One value, or `("a" OR "b")`."""
        if self._tokens[self._at] != ("sign", "("):
            kind, value = self._value()
            return Match((value,), kind == "quoted", is_not)
        self._at += 1
        found = [self._value()]
        while self._is_word("OR"):
            self._at += 1
            found.append(self._value())
        if self._tokens[self._at] != ("sign", ")") or len({kind for kind, _ in found}) > 1:
            raise NotReadError("has terms in brackets that are no values joined by OR")
        self._at += 1
        return Match(tuple(value for _, value in found), found[0][0] == "quoted", is_not)

    def _value(self) -> tuple[str, str]:
        kind, value = self._tokens[self._at]
        if kind not in ("quoted", "word"):
            raise NotReadError("has terms that cannot be read")
        if kind == "word" and value in ("AND", "OR", "NOT"):
            raise NotReadError("has terms in brackets that are no values joined by OR")
        self._at += 1
        return kind, value

    def _kind(self) -> str:
        return self._tokens[self._at][0]

    def _is_word(self, word: str) -> bool:
        return self._tokens[self._at] == ("word", word)
