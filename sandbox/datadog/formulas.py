"""Formulas over queries: `(errors / requests) * 100`, with the names that the request gave its queries.

https://docs.datadoghq.com/metrics/#combine-metrics; of the functions those below, each over one query.
"""

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from sandbox.datadog.refused import Refused
from sandbox.datadog.store import Floats

Groups = dict[tuple[str, ...], Floats]  # a group's values over the shared times, NaN where there is none

_OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}
_FUNCTIONS: dict[str, Callable[[Floats], Floats]] = {
    "abs": np.abs,
    "default_zero": lambda values: np.nan_to_num(values, nan=0.0),
    "log2": np.log2,
    "log10": np.log10,
    "cumsum": lambda values: np.where(np.isnan(values), np.nan, np.nancumsum(values)),
    "diff": lambda values: np.append(np.nan, np.diff(values)) if len(values) else values,
}
_BOUNDS: dict[str, Callable[[Floats, float], Floats]] = {"clamp_min": np.maximum, "clamp_max": np.minimum}


def compute(formula: str, queries: Mapping[str, Groups]) -> Groups:
    """The groups of a formula; a side without groups goes with each group of the other."""
    try:
        node = ast.parse(formula.strip(), mode="eval").body
    except SyntaxError as error:
        raise Refused(400, f"Error parsing formula: unable to parse {formula}") from error
    with np.errstate(divide="ignore", invalid="ignore"):
        found = _value(node, formula, queries)
    if not isinstance(found, dict):
        raise Refused(400, f"Error parsing formula: {formula} names no query")
    return {group: np.where(np.isfinite(values), values, np.nan) for group, values in found.items()}


def _value(node: ast.AST, formula: str, queries: Mapping[str, Groups]) -> Any:
    match node:
        case ast.Constant(value=int() | float() as number):
            return number
        case ast.Name(id=name):
            if name not in queries:
                raise Refused(400, f"Error parsing formula: query '{name}' in '{formula}' is not defined")
            return queries[name]
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            sides = (_value(left, formula, queries), _value(right, formula, queries))
            return _joined(_OPERATORS[type(op)], *sides)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return _joined(operator.mul, _value(operand, formula, queries), -1)
        case ast.Call(func=ast.Name(id=name), args=[inner, *bounds], keywords=[]):
            groups = _value(inner, formula, queries)
            if isinstance(groups, dict) and (change := _function(name, bounds)):
                return {group: change(values) for group, values in groups.items()}
    raise Refused(400, f"Error parsing formula: unable to parse {formula}")


def _function(name: str, bounds: list[ast.expr]) -> Callable[[Floats], Floats] | None:
    if not bounds:
        return _FUNCTIONS.get(name)
    match bounds:
        case [ast.Constant(value=int() | float() as bound)] if name in _BOUNDS:
            return lambda values: _BOUNDS[name](values, bound)
    return None


def _joined(operation: Any, left: Any, right: Any) -> Any:
    if isinstance(left, dict) and isinstance(right, dict):
        if set(right) == {()}:
            return {group: operation(values, right[()]) for group, values in left.items()}
        if set(left) == {()}:
            return {group: operation(left[()], values) for group, values in right.items()}
        return {group: operation(left[group], right[group]) for group in left if group in right}
    if isinstance(left, dict):
        return {group: operation(values, right) for group, values in left.items()}
    if isinstance(right, dict):
        return {group: operation(left, values) for group, values in right.items()}
    return operation(left, right)
