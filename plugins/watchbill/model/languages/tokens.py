"""A text of one of the clouds' languages -> its words, for who reads them into a tree."""

import re
from collections.abc import Callable, Iterator

Token = tuple[str, str]  # its kind, which is the pattern's group, and its text


class NotReadError(ValueError):
    """The text is not of this language; says where."""


def tokens(pattern: re.Pattern[str], text: str, complaint: Callable[[str], str]) -> Iterator[Token]:
    """Each alternative of `pattern` is a named group, after any space. Raises NotReadError with the complaint of what
    follows."""
    at = 0
    while text[at:].strip():
        found = pattern.match(text, at)
        if found is None:
            raise NotReadError(complaint(text[at:].strip()))
        at = found.end()
        yield str(found.lastgroup), found[str(found.lastgroup)]
