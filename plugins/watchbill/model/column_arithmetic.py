"""What operators and functions do to columns of Arrow, for rules and for dashboards.

Null where an operand has no value. Numbers are IEEE's, as in PromQL: what is divided by zero is infinite, zero by zero
is not a number. Arrow takes a moment to be imported, so only who computes imports this.
"""

import ast
from collections.abc import Callable
from functools import reduce
from typing import Any

import pyarrow.compute as pc


def as_float(value: Any) -> float:
    try:
        return float(value)
    except OverflowError:
        return float("inf")


def _remainder(left: Any, right: Any) -> Any:
    """With the sign of the left, as in PromQL."""
    return pc.subtract(left, pc.multiply(pc.trunc(pc.divide(left, right)), right))


def _extreme(which: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *values: reduce(lambda left, right: which(left, right, skip_nulls=False), values)


BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: pc.add, ast.Sub: pc.subtract, ast.Mult: pc.multiply, ast.Div: pc.divide, ast.Pow: pc.power,
    ast.Mod: _remainder,
}
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "abs": pc.abs, "ceil": pc.ceil, "exp": pc.exp, "floor": pc.floor, "ln": pc.ln, "log10": pc.log10, "log2": pc.log2,
    "max": _extreme(pc.max_element_wise), "min": _extreme(pc.min_element_wise), "round": pc.round, "sqrt": pc.sqrt,
}
