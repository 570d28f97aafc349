"""What a line may compute of others: `errors / requests * 100`, and the functions that both clouds have in some form.

Python's notation, which Python never runs. How each cloud says a function stands in dashboards/functions.py.
"""

import ast
from functools import lru_cache

from watchbill.model.arithmetic import checked
from watchbill.model.notation import tree_of

FUNCTIONS: dict[str, tuple[int, int]] = {
    "abs": (1, 1), "ceil": (1, 1), "floor": (1, 1), "ln": (1, 1), "log10": (1, 1), "log2": (1, 1),
    "min": (1, 99), "max": (1, 99), "sum": (1, 99), "avg": (1, 99),
    "rate": (1, 1), "diff": (1, 1), "cumsum": (1, 1), "fill": (2, 2), "period": (1, 1), "anomaly": (1, 2),
}
"""The least and the most arguments.

min, max, sum and avg go point by point over their arguments, and of one argument over all of its lines. rate is the
change a second, diff that of each point to the one before, cumsum the running sum; fill(x, 0) writes a number where x
has no point; period(x) is the seconds between its points; anomaly(x, 2) the band in which x is usual.
"""


@lru_cache(maxsize=4096)
def parse(text: str) -> ast.expr:
    """Raises ValueError in words that follow `expression`."""
    try:
        tree = tree_of(text)
    except SyntaxError as error:
        raise ValueError(f"`expression` is no arithmetic: {error.msg}") from None
    try:
        checked(tree, FUNCTIONS)
    except ValueError as error:
        raise ValueError(f"`expression` {error}") from None
    return tree


@lru_cache(maxsize=4096)
def names_in(text: str) -> frozenset[str]:
    """The ids of the lines that it computes with. Raises ValueError."""
    tree = parse(text)
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    return frozenset(node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and id(node) not in called)
