"""Jinja for texts that people wrote at noon and that must not fail at night: it reaches nothing, and stays small.

Names and numbers from outside are only ever data to it. A template that would take memory or time without end is an
error like any other: the alert goes out with the text as it was written.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from jinja2 import StrictUndefined, Template, nodes
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from watchbill.rules.humanize import humanize

MOST_CHARACTERS = 32_768
"""Of one rendered text; no vendor takes more."""
_MOST_TURNS = 1_000  # of a loop over numbers
_GROWING = ("center", "expandtabs", "format", "format_map", "join", "ljust", "replace", "rjust", "translate", "zfill")
_UNFIT = ("attr", "batch", "center", "format", "indent", "join", "pprint", "replace", "slice", "tojson", "urlize",
          "wordwrap", "xmlattr")
"""Filters that make much of little, in one step that nothing can stop."""
_REFUSED = (nodes.Assign, nodes.AssignBlock, nodes.Block, nodes.CallBlock, nodes.Extends, nodes.FilterBlock,
            nodes.FromImport, nodes.Import, nodes.Include, nodes.Macro, nodes.With)


class _Sandbox(ImmutableSandboxedEnvironment):
    intercepted_binops = frozenset(["*", "**", "%"])

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        if not (isinstance(left, int | float) and isinstance(right, int | float)):
            raise SecurityError(f"`{operator}` is for numbers only")
        if operator == "**":  # whole numbers grow without end, these do not
            left = float(left)
        return super().call_binop(context, operator, left, right)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        grows = isinstance(obj, str | bytes) and attr in _GROWING
        return not grows and super().is_safe_attribute(obj, attr, value)


def _range(*edges: int) -> range:
    numbers = range(*edges)
    if len(numbers) > _MOST_TURNS:
        raise SecurityError(f"range() gives at most {_MOST_TURNS} numbers here")
    return numbers


def _joined(items: Any, between: str = "") -> str:
    """Jinja's own could make gigabytes of a long text between many items."""
    texts = [str(item) for item in items]
    if sum(map(len, texts)) + len(between) * len(texts) > MOST_CHARACTERS:
        raise SecurityError(f"join makes more than {MOST_CHARACTERS} characters")
    return between.join(texts)


def _replaced(text: Any, old: str, new: str) -> str:
    whole = str(text)
    if len(whole) + whole.count(old) * len(new) > MOST_CHARACTERS:
        raise SecurityError(f"replace makes more than {MOST_CHARACTERS} characters")
    return whole.replace(old, new)


# Escaping is the channels': only they know where a text goes.
JINJA = _Sandbox(undefined=StrictUndefined, autoescape=False)
for _name in _UNFIT:
    del JINJA.filters[_name]
JINJA.filters.update(humanize=humanize, join=_joined, replace=_replaced)
JINJA.globals = {"range": _range}


def rendered(text: str, names: Mapping[str, Any]) -> str:
    """Raises whatever the template raises, and SecurityError where it would grow without end."""
    pieces, length = [], 0
    for piece in _template(text).generate(names):
        pieces.append(piece)
        length += len(piece)
        if length > MOST_CHARACTERS:
            raise SecurityError(f"more than {MOST_CHARACTERS} characters come of it")
    return "".join(pieces)


@lru_cache(maxsize=4096)
def _template(text: str) -> Template:
    tree = JINJA.parse(text)
    for node in tree.find_all(_REFUSED):
        raise SecurityError(f"line {node.lineno}: a text is made of values, filters, `if` and `for` only")
    for loop in tree.find_all(nodes.For):
        if next(loop.find_all(nodes.For), None) or loop.recursive:
            raise SecurityError(f"line {loop.lineno}: a loop within a loop may never end")
    return JINJA.from_string(text)
