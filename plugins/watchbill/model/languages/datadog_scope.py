"""What stands between the braces of a Datadog query, read: `env:prod,!host:a,$scope`, `(a:b OR a:c) AND NOT d:e*`.

https://docs.datadoghq.com/metrics/advanced-filtering and
https://docs.datadoghq.com/dashboards/template_variables/#use-template-variables-in-widgets
"""

import re
from dataclasses import dataclass
from functools import lru_cache

_WORD = re.compile(r"\s*(?:(?P<sign>[(),])|(?P<not>!)|(?P<word>(?:[^\s(),!{}][^\s(),{}]*)))")
_DEEPEST = 30


@dataclass(frozen=True)
class Filter:
    """One condition on a tag. Several values are alternatives; each may hold `*`, or be a `$variable`."""

    key: str  # "" where a template variable stands alone: the variable knows its tag
    values: tuple[str, ...]
    negated: bool = False


Scope = tuple[Filter, ...]
"""All of them hold. () is everything."""


@lru_cache(maxsize=4096)
def read_scope(text: str) -> Scope:
    """Raises ValueError where the conditions are no plain list of "and": words that follow `the scope`."""
    words = _words(text)
    found, at = _all(words, 0, 0)
    if at != len(words):
        raise ValueError(f"cannot be read from {words[at]!r} on")
    return tuple(each for each in found if each != _EVERYTHING)


_EVERYTHING = Filter("", ("*",))


def _words(text: str) -> list[str]:
    words, at = list[str](), 0
    while text[at:].strip():
        word = _WORD.match(text, at)
        if word is None:
            raise ValueError(f"cannot be read from {text[at:at + 20]!r} on")
        words.append(word["sign"] or word["not"] or word["word"])
        at = word.end()
    return words


def _all(words: list[str], at: int, depth: int) -> tuple[Scope, int]:
    """Conditions joined by commas or AND: commas and `AND` are the same."""
    if depth > _DEEPEST:
        raise ValueError("is nested too deeply")
    found: Scope = ()
    conditions, has_or = 0, False
    while at < len(words) and words[at] != ")":
        if words[at] == "," or words[at].upper() == "AND":
            at += 1
            continue
        each, at, alternatives = _alternatives(words, at, depth)
        found, conditions, has_or = found + each, conditions + 1, has_or or alternatives
    if has_or and conditions > 1:
        raise ValueError("has AND beside OR without parentheses")
    return found, at


def _alternatives(words: list[str], at: int, depth: int) -> tuple[Scope, int, bool]:
    """`a:b OR a:c` is one condition with two values; alternatives between tags are beyond a list."""
    found, at = _one(words, at, depth)
    has_or = at < len(words) and words[at].upper() == "OR"
    while at < len(words) and words[at].upper() == "OR":
        other, at = _one(words, at + 1, depth)
        if len(found) != 1 or len(other) != 1 or found[0].key != other[0].key or not found[0].key:
            raise ValueError("has an OR between different tags")
        if found[0].negated or other[0].negated:
            raise ValueError("has an OR of what is not")
        found = (Filter(found[0].key, found[0].values + other[0].values),)
    return found, at, has_or


def _one(words: list[str], at: int, depth: int) -> tuple[Scope, int]:
    if at >= len(words):
        raise ValueError("ends too early")
    if words[at] == "!" or words[at].upper() == "NOT":
        found, at = _one(words, at + 1, depth)
        if len(found) != 1:
            raise ValueError("has a NOT over several conditions")
        return (Filter(found[0].key, found[0].values, not found[0].negated),), at
    if words[at] == "(":
        found, at = _all(words, at + 1, depth + 1)
        return found, _closed(words, at)
    return _condition(words, at)


def _condition(words: list[str], at: int) -> tuple[Scope, int]:
    word = words[at]
    following = [each.upper() for each in words[at + 1:at + 3]]
    if following[:1] == ["IN"]:
        values, at = _listed(words, at + 2)
        return (Filter(word, values),), at
    if following == ["NOT", "IN"]:
        values, at = _listed(words, at + 3)
        return (Filter(word, values, True),), at
    if word.startswith("$"):
        return (Filter("", (word.removesuffix(".value"),)),), at + 1
    if word == "*":
        return (_EVERYTHING,), at + 1
    key, colon, value = word.partition(":")
    if value.startswith("$"):
        value = value.removesuffix(".value")
    return (Filter(key, (value,)) if colon else Filter(word, ()),), at + 1


def _listed(words: list[str], at: int) -> tuple[tuple[str, ...], int]:
    if words[at:at + 1] != ["("]:
        raise ValueError("has an IN without a list")
    end = at + 1
    while end < len(words) and words[end] != ")":
        end += 1
    return tuple(word for word in words[at + 1:end] if word != ","), _closed(words, end)


def _closed(words: list[str], at: int) -> int:
    if words[at:at + 1] != [")"]:
        raise ValueError("has an open parenthesis")
    return at + 1
