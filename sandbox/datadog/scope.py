"""Boolean scopes of a metric query: `env:prod AND (zone:a OR zone IN (b, c)) AND NOT host:web-*`.

Text and the tags of a series in, whether it lies in the scope out. The other form, with `,` and `!`, is query.py's.
https://docs.datadoghq.com/metrics/advanced-filtering/
"""

import re
from collections.abc import Callable
from fnmatch import fnmatchcase

from sandbox.datadog.refused import Refused
from sandbox.datadog.store import Tags

Takes = Callable[[Tags], bool]

_TOKEN = re.compile(r"[(),]|[^\s(),]+")
_KEYWORDS = ("AND", "OR", "NOT", "IN")
_FILTER = re.compile(r"[\w.\-/*]+(?::[\w.\-/:*]*)?$")


def is_boolean(text: str) -> bool:
    """Whether it uses the operators that are words."""
    return any(_keyword(token) for token in _TOKEN.findall(text))


def parse(text: str) -> Takes:
    """Raises `Refused` (400): for both ways of writing at once in the vendor's words, else ValueError."""
    parser = _Parser(_TOKEN.findall(text))
    takes = parser.either()
    if parser.token == "," or any(token.startswith("!") for token in _TOKEN.findall(text)):
        raise Refused(400, "Error parsing query: 'AND' and 'OR' cannot be mixed with ','")
    if parser.token:
        raise ValueError(parser.token)
    return takes


def has(tags: Tags, pattern: str) -> bool:
    return any(fnmatchcase(tag, pattern) for tag in tags)


def _keyword(token: str) -> str | None:
    return token.upper() if token.upper() in _KEYWORDS and (token.isupper() or token.islower()) else None


class _Parser:
    def __init__(self, tokens: list[str]) -> None:
        self._tokens, self._at = tokens, 0

    @property
    def token(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def either(self) -> Takes:
        any_of = [self._both()]
        while self._take("OR"):
            any_of.append(self._both())
        return lambda tags: any(takes(tags) for takes in any_of)

    def _both(self) -> Takes:
        all_of = [self._not()]
        while self._take("AND"):
            all_of.append(self._not())
        return lambda tags: all(takes(tags) for takes in all_of)

    def _not(self) -> Takes:
        if self._take("NOT"):
            inner = self._not()
            return lambda tags: not inner(tags)
        if self.token == "(":
            self._at += 1
            inner = self.either()
            self._close()
            return inner
        return self._one()

    def _one(self) -> Takes:
        pattern = self._next().lower().removeprefix("!")
        if not _FILTER.match(pattern):
            raise ValueError(pattern)
        is_out = _keyword(self.token) == "NOT"
        if is_out:
            self._at += 1
        if not self._take("IN"):
            if is_out:
                raise ValueError(pattern)
            return lambda tags: has(tags, pattern)
        values = self._values()
        return lambda tags: any(has(tags, f"{pattern}:{value}") for value in values) != is_out

    def _values(self) -> list[str]:
        if self._next() != "(":
            raise ValueError("IN")
        values = [self._next().lower()]
        while self.token == ",":
            self._at += 1
            values.append(self._next().lower())
        self._close()
        return values

    def _close(self) -> None:
        if self._next() != ")":
            raise ValueError("(")

    def _next(self) -> str:
        if not self.token:
            raise ValueError("the end")
        token = self.token
        self._at += 1
        return token

    def _take(self, keyword: str) -> bool:
        if _keyword(self.token) == keyword:
            self._at += 1
            return True
        return False
