"""Python's notation as that of our small languages: a text in, its tree out. Python never runs it."""

import ast

DEEPEST = 40
_MOST_CHARACTERS = 2_000


def tree_of(text: str) -> ast.expr:
    """Raises ValueError in words that follow `expression`, and SyntaxError where it is no expression of Python's."""
    if len(text) > _MOST_CHARACTERS:
        raise ValueError(f"is longer than {_MOST_CHARACTERS} characters")
    try:
        return ast.parse(" ".join(text.split()), mode="eval").body
    except (ValueError, RecursionError, MemoryError):
        raise SyntaxError("it cannot be read") from None
