"""The condition of a `filter` of CloudWatch Logs Insights -> a tree.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Filter.html
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from watchbill.model.languages.tokens import NotReadError, Token, tokens
from watchbill.model.notation import DEEPEST


@dataclass(frozen=True, slots=True)
class Compared:
    """`operator`: = != < <= > >=; `like` (contains) and `=~` (a regular expression, as `like /…/`); `present`."""

    field: str
    operator: str
    value: str | float = ""


@dataclass(frozen=True, slots=True)
class Joined:
    operator: str  # and, or
    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Negated:
    part: "Condition"


Condition = Compared | Joined | Negated

_TOKEN = re.compile(
    r"\s*(?:(?P<regex>/(?:[^/\\]|\\.)*/)|(?P<text>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
    r"|(?P<number>-?\d+(?:\.\d+)?(?![\w.]))|(?P<sign>=~|!=|<=|>=|==|[=<>()\[\],])"
    r"|(?P<name>`[^`]+`|@?[A-Za-z_$][\w.@$\[\]{}-]*))")
_SIGNS = ("=", "!=", "<", "<=", ">", ">=")
_PRESENCE = {"ispresent": True, "isblank": False, "isempty": False}


def parse_filter(text: str) -> Condition:
    """Raises NotReadError."""
    words = tokens(_TOKEN, text, lambda rest: f"has a filter that cannot be read: {rest[:40]}")
    return _Parser(list(words)).whole()


class _Parser:
    def __init__(self, words: list[Token]) -> None:
        self._tokens = [*words, ("end", "")]
        self._at = 0
        self._depth = 0

    def whole(self) -> Condition:
        found = self._any()
        if self._tokens[self._at][0] != "end":
            raise self._lost()
        return found

    def _any(self) -> Condition:
        return self._joined("or", self._all)

    def _all(self) -> Condition:
        return self._joined("and", self._one)

    def _joined(self, word: str, read: Callable[[], Condition]) -> Condition:
        parts = [read()]
        while self._takes(word):
            parts.append(read())
        return parts[0] if len(parts) == 1 else Joined(word, tuple(parts))

    def _one(self) -> Condition:
        self._depth += 1
        if self._depth > DEEPEST:
            raise NotReadError("has a filter that is nested too deeply")
        found = self._condition()
        self._depth -= 1
        return found

    def _condition(self) -> Condition:
        if self._takes("not"):
            return Negated(self._one())
        if self._takes("("):
            found = self._any()
            self._expect(")")
            return found
        kind, word = self._next()
        if kind != "name":
            raise self._lost()
        if self._takes("("):
            return self._called(word.lower())
        return self._compared(word.strip("`"))

    def _called(self, function: str) -> Condition:
        field = self._next()[1].strip("`")
        if function in _PRESENCE:
            self._expect(")")
            present = Compared(field, "present")
            return present if _PRESENCE[function] else Negated(present)
        if function in ("strcontains", "contains"):
            self._expect(",")
            kind, text = self._next()
            self._expect(")")
            if kind == "text" and (not self._takes("=") or self._next()[1] == "1"):
                return Compared(field, "like", _unquoted(text))
        raise NotReadError(f"filters by what {function}() computes")

    def _compared(self, field: str) -> Condition:
        if self._takes("not"):
            return Negated(self._matched(field))
        sign = self._tokens[self._at]
        if sign[0] == "sign" and sign[1] in (*_SIGNS, "=="):
            self._at += 1
            return Compared(field, sign[1].replace("==", "="), self._value())
        return self._matched(field)

    def _matched(self, field: str) -> Condition:
        if self._takes("in"):
            self._expect("[")
            values = [self._value()]
            while self._takes(","):
                values.append(self._value())
            self._expect("]")
            return Joined("or", tuple(Compared(field, "=", value) for value in values))
        if self._takes("like") or self._takes("=~"):
            kind, word = self._next()
            if kind == "regex":
                return Compared(field, "=~", word[1:-1])
            if kind == "text":
                return Compared(field, "like", _unquoted(word))
        raise self._lost()

    def _value(self) -> str | float:
        kind, word = self._next()
        if kind == "text":
            return _unquoted(word)
        if kind == "number":
            return float(word)
        raise NotReadError(f"compares with {word[:30]!r}, which is neither a text nor a number")

    def _takes(self, word: str) -> bool:
        kind, found = self._tokens[self._at]
        if kind in ("name", "sign") and found.lower() == word:
            self._at += 1
            return True
        return False

    def _next(self) -> tuple[str, str]:
        self._at += 1
        return self._tokens[min(self._at, len(self._tokens)) - 1]

    def _expect(self, sign: str) -> None:
        if not self._takes(sign):
            raise self._lost()

    def _lost(self) -> NotReadError:
        rest = " ".join(word for _, word in self._tokens[self._at:self._at + 4])
        return NotReadError(f"has a filter that cannot be read: {rest[:40]}".rstrip(": "))


def _unquoted(text: str) -> str:
    return re.sub(r"\\(['\"\\])", r"\1", text[1:-1])
