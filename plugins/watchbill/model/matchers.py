"""Label matchers, as routes, inhibition and silences use them; written in Alertmanager's grammar."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import re2

Op = Literal["=", "!=", "=~", "!~"]
OPS: tuple[Op, ...] = ("=", "!=", "=~", "!~")
RESERVED = "{}!=~,\\\"'`"
BLANKS = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
"""Go's unicode.IsSpace; Python's isspace knows four more."""
_NAMED = {"\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v",
          "\\": "\\\\", '"': '\\"'}
_QUIET = re2.Options()
_QUIET.log_errors = False


def _compile(pattern: str) -> Any:
    """RE2 as in Go, anchored at both ends. Raises ValueError."""
    try:
        return re2.compile(f"^(?:{pattern})$", _QUIET)
    except re2.error as error:
        raise ValueError(f"{pattern!r} is no RE2 expression: {_words(error)}") from None


def _words(error: Exception) -> str:
    said = error.args[0] if error.args else error
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)


@dataclass(frozen=True)
class Matcher:
    """One comparison of one label; an absent label equals ""."""

    name: str
    op: Op
    value: str

    def __post_init__(self) -> None:
        if self.op in ("=~", "!~"):
            _ = self._pattern  # a bad expression is refused where it is written

    @cached_property
    def _pattern(self) -> Any:
        return _compile(self.value)

    def matches(self, labels: Mapping[str, str]) -> bool:
        return self.matches_value(labels.get(self.name, ""))

    def matches_value(self, value: str) -> bool:
        if self.op in ("=", "!="):
            return (value == self.value) == (self.op == "=")
        return (self._pattern.search(_utf8(value)) is not None) == (self.op == "=~")

    def __str__(self) -> str:
        if any(sign in BLANKS or sign in RESERVED for sign in self.name):
            return f"{_quote(self.name)}{self.op}{_quote(self.value)}"
        return f'{self.name}{self.op}"{_escape(self.value)}"'


def _utf8(value: str) -> str:
    """With U+FFFD for half surrogates, as Go reads bytes that are not UTF-8."""
    if value.isascii() or not any("\ud800" <= sign <= "\udfff" for sign in value):
        return value
    return "".join("\ufffd" if "\ud800" <= sign <= "\udfff" else sign for sign in value)


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')


def _quote(text: str) -> str:
    """Go's strconv.Quote."""
    return f'"{"".join(map(_quoted, text))}"'


def _quoted(sign: str) -> str:
    if sign in _NAMED:
        return _NAMED[sign]
    if sign.isprintable():
        return sign
    code = ord(sign)
    return f"\\x{code:02x}" if code < 0x80 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def matcher_order(matcher: Matcher) -> tuple[str, str, int]:
    """Alertmanager's order: by name, value and kind."""
    return matcher.name, matcher.value, OPS.index(matcher.op)


def format_matchers(matchers: tuple[Matcher, ...]) -> str:
    return "{" + ",".join(map(str, matchers)) + "}"
