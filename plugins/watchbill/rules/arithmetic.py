"""An expression over columns: its tree and a column for each name in, one column out."""

import ast
from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from watchbill.model.arithmetic import parse
from watchbill.model.column_arithmetic import BINARY, FUNCTIONS, as_float


def evaluate(text: str, columns: Mapping[str, Any], rows: int) -> Any:
    """`columns`: float64, all of that many rows. Where an operand has no value there is none."""
    found = _value(parse(text), columns)
    return found if isinstance(found, pa.Array) else pa.array([found.as_py()] * rows, pa.float64())


def _value(node: ast.expr, columns: Mapping[str, Any]) -> Any:
    match node:
        case ast.Name(id=name):
            return columns[name]
        case ast.Constant(value=value):
            return pa.scalar(as_float(value), pa.float64())
        case ast.UnaryOp(op=operator, operand=operand):
            found = _value(operand, columns)
            return pc.negate(found) if isinstance(operator, ast.USub) else found
        case ast.BinOp(left=left, op=operator, right=right):
            return BINARY[type(operator)](_value(left, columns), _value(right, columns))
        case ast.Call(func=ast.Name(id=name), args=arguments):
            return FUNCTIONS[name](*(_value(one, columns) for one in arguments))
    raise ValueError(f"{ast.dump(node)} is no arithmetic")
