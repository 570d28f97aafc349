"""An expression over columns: its tree and a column for each name in, one column out.

Numbers are IEEE's, as in PromQL: what is divided by zero is infinite, zero by zero is not a number. Where an operand
has no value there is none.
"""

import ast
from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from watchbill.model.arithmetic import parse


def evaluate(text: str, columns: Mapping[str, Any], rows: int) -> Any:
    """`columns`: float64, all of that many rows."""
    found = _value(parse(text), columns)
    return found if isinstance(found, pa.Array) else pa.array([found.as_py()] * rows, pa.float64())


def _value(node: ast.expr, columns: Mapping[str, Any]) -> Any:
    match node:
        case ast.Name(id=name):
            return columns[name]
        case ast.Constant(value=value):
            return pa.scalar(_float(value), pa.float64())
        case ast.UnaryOp(op=operator, operand=operand):
            found = _value(operand, columns)
            return pc.negate(found) if isinstance(operator, ast.USub) else found
        case ast.BinOp(left=left, op=operator, right=right):
            return _BINARY[type(operator)](_value(left, columns), _value(right, columns))
        case ast.Call(func=ast.Name(id=name), args=arguments):
            return _FUNCTIONS[name](*(_value(one, columns) for one in arguments))
    raise ValueError(f"{ast.dump(node)} is no arithmetic")


def _float(value: Any) -> float:
    try:
        return float(value)
    except OverflowError:
        return float("inf")


def _remainder(left: Any, right: Any) -> Any:
    """With the sign of the left, as in PromQL."""
    return pc.subtract(left, pc.multiply(pc.trunc(pc.divide(left, right)), right))


def _extreme(which: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *values: reduce(lambda left, right: which(left, right, skip_nulls=False), values)


_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: pc.add, ast.Sub: pc.subtract, ast.Mult: pc.multiply, ast.Div: pc.divide, ast.Pow: pc.power,
    ast.Mod: _remainder,
}
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "abs": pc.abs, "ceil": pc.ceil, "exp": pc.exp, "floor": pc.floor, "ln": pc.ln, "log10": pc.log10, "log2": pc.log2,
    "max": _extreme(pc.max_element_wise), "min": _extreme(pc.min_element_wise), "round": pc.round, "sqrt": pc.sqrt,
}
