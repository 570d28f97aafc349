"""SEARCH's first argument: a schema in braces and search terms in, whether a metric meets them out.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sandbox.cloudwatch.metrics import MetricKey

LONGEST, MOST_SEARCHES = 1_024, 100
ACCOUNT = ":aws.AccountId"

Meets = Callable[[str, MetricKey], bool]
"""Of an account and a metric."""

_TOKEN = re.compile(r'\s*(?:"(?P<exact>(?:\\.|[^"\\])*)"|(?P<mark>[()=])|(?P<word>[^\s()="]+))')
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_CHUNK = re.compile(r"[A-Za-z0-9]+")


@dataclass(frozen=True)
class Search:
    namespace: str | None
    dimensions: frozenset[str]  # exactly these, where there are any
    meets_terms: Meets | None
    names_account: bool  # which monitoring accounts alone may do

    def meets(self, account: str, key: MetricKey) -> bool:
        if self.namespace is not None and key.namespace != self.namespace:
            return False
        if self.dimensions and {name for name, _ in key.dimensions} != self.dimensions:
            return False
        return self.meets_terms is None or self.meets_terms(account, key)


def parse(text: str, account: str) -> Search:
    """Raises ValueError. `account` is the caller's, which LOCAL stands for."""
    if len(text) > LONGEST:
        raise ValueError(f"a search expression has at most {LONGEST} characters")
    namespace, dimensions, rest = _schema(text)
    parser = _Parser(rest, account)
    terms = parser.whole()
    if namespace is None and terms is None:
        raise ValueError("a SEARCH needs a metric schema, a search term, or both")
    return Search(namespace, dimensions, terms, ACCOUNT in rest)


def _schema(text: str) -> tuple[str | None, frozenset[str], str]:
    """The schema may stand anywhere; a comma after it says nothing."""
    before, brace, after = text.partition("{")
    if not brace:
        return None, frozenset(), text
    inner, brace, rest = after.partition("}")
    names = [name.strip().strip('"') for name in inner.split(",")]
    if not brace or not all(names):
        raise ValueError("the metric schema of a SEARCH is {Namespace, DimensionName, ...}")
    return names[0], frozenset(names[1:]), f"{before} {rest.lstrip().removeprefix(',')}"


class _Parser:
    def __init__(self, text: str, account: str) -> None:
        self._tokens = list(_tokens(text))
        self._at, self._account = 0, account

    def whole(self) -> Meets | None:
        if not self._tokens:
            return None
        found = self._either()
        if self._at < len(self._tokens):
            raise ValueError("the search terms cannot be parsed")
        return found

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("end", "")

    def _take(self, token: tuple[str, str]) -> bool:
        if self._peek() == token:
            self._at += 1
            return True
        return False

    def _either(self) -> Meets:
        any_of = [self._both()]
        while self._take(("word", "OR")):
            any_of.append(self._both())
        return lambda account, key: any(one(account, key) for one in any_of)

    def _both(self) -> Meets:
        all_of = [self._not()]
        while self._take(("word", "AND")) or self._peek() not in (("end", ""), ("mark", ")"), ("word", "OR")):
            all_of.append(self._not())
        return lambda account, key: all(one(account, key) for one in all_of)

    def _not(self) -> Meets:
        if self._take(("word", "NOT")):
            inner = self._not()
            return lambda account, key: not inner(account, key)
        if self._take(("mark", "(")):
            inner = self._either()
            self._close()
            return inner
        kind, text = self._term()
        if self._take(("mark", "=")):
            return self._property(text)
        matches = _matcher(kind, text)
        return lambda _, key: any(matches(word) for word in _words(key))

    def _close(self) -> None:
        if not self._take(("mark", ")")):
            raise ValueError("a bracket of the search terms is not closed")

    def _term(self) -> tuple[str, str]:
        kind, text = self._peek()
        if kind not in ("word", "exact"):
            raise ValueError("the search terms cannot be parsed")
        self._at += 1
        return kind, text

    def _property(self, name: str) -> Meets:
        """`name=term` and `name=(term OR term)`."""
        terms = []
        if self._take(("mark", "(")):
            terms.append(self._term())
            while self._take(("word", "OR")):
                terms.append(self._term())
            self._close()
        else:
            terms.append(self._term())
        if name == ACCOUNT:
            wanted = {self._account if text.strip("'") == "LOCAL" else text for _, text in terms}
            return lambda account, _: account in wanted
        any_of = [_matcher(kind, text) for kind, text in terms]
        return lambda _, key: any(matches(value) for value in _values(name, key) for matches in any_of)


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    at, text = 0, text.rstrip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise ValueError("the search terms cannot be parsed")
        at = found.end()
        kind = str(found.lastgroup)
        yield kind, re.sub(r"\\(.)", r"\1", found[kind]) if kind == "exact" else found[kind]


def _values(name: str, key: MetricKey) -> list[str]:
    if name == "MetricName":
        return [key.metric]
    if name == "Namespace":
        return [key.namespace]
    return [value for dimension, value in key.dimensions if dimension == name]


def _words(key: MetricKey) -> list[str]:
    return [key.namespace, key.metric, *(word for pair in key.dimensions for word in pair)]


def _matcher(kind: str, text: str) -> Callable[[str], bool]:
    if kind == "exact":
        return lambda word: word == text
    chunks = [_PART.findall(chunk) for chunk in _CHUNK.findall(text)]
    parts = [(part, len(chunk) == 1) for chunk in chunks for part in chunk]
    whole = "".join(part for part, _ in parts).lower()

    def matches(word: str) -> bool:
        is_whole = bool(whole) and whole == "".join(_CHUNK.findall(word)).lower()
        return is_whole or _is_within(parts, _PART.findall(word))

    return matches


def _is_within(parts: list[tuple[str, bool]], of: list[str]) -> bool:
    """Whether the parts follow each other there; case counts where case alone parted them."""
    return bool(parts) and any(
        all(have.lower() == part.lower() if loose else have == part
            for (part, loose), have in zip(parts, of[at : at + len(parts)], strict=False))
        for at in range(len(of) - len(parts) + 1)
    )
