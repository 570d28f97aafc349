"""Metric math, the small part of it: + - * / over the points of other queries, in brackets, with numbers.

Two series meet where both have a point; what is divided by zero has none.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

import ast
from collections.abc import Callable

import numpy as np

from sandbox.cloudwatch.samples import Column
from sandbox.cloudwatch.statistics import Points

_OPERATORS: dict[type[ast.operator], Callable[[Column, Column], Column]] = {
    ast.Add: np.add, ast.Sub: np.subtract, ast.Mult: np.multiply, ast.Div: np.divide,
}  # fmt: skip


def parse(expression: str) -> ast.expr:
    """Raises ValueError for whatever is not arithmetic over ids and numbers."""
    try:
        tree = ast.parse(expression.strip(), mode="eval").body
    except SyntaxError:
        raise ValueError("it cannot be parsed") from None
    if not all(map(_known, ast.walk(tree))):
        raise ValueError("this server knows only + - * / over ids and numbers")
    if not names(tree):
        raise ValueError("it names no other query")
    return tree


def _known(node: ast.AST) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, int | float)
    return isinstance(node, (ast.BinOp, ast.UnaryOp, ast.Name, ast.Load, ast.USub, *_OPERATORS))


def names(tree: ast.expr) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def evaluate(tree: ast.expr, points_of: Callable[[str], Points]) -> Points:
    """The points of a parsed expression; `points_of` gives those of an id."""
    used = {name: points_of(name) for name in names(tree)}
    times = None
    for at, _ in used.values():
        times = at if times is None else np.intersect1d(times, at, assume_unique=True)
    if times is None:
        raise ValueError("it names no other query")
    met = {name: values[np.isin(at, times)] for name, (at, values) in used.items()}
    with np.errstate(divide="ignore", invalid="ignore"):
        values = np.broadcast_to(_value(tree, met), times.shape)
    there = np.isfinite(values)
    return times[there], values[there]


def _value(node: ast.expr, met: dict[str, Column]) -> Column:
    match node:
        case ast.Name():
            return met[node.id]
        case ast.Constant():
            return np.float64(node.value)  # type: ignore[return-value, arg-type]
        case ast.UnaryOp():
            return -_value(node.operand, met)
        case ast.BinOp():
            return _OPERATORS[type(node.op)](_value(node.left, met), _value(node.right, met))
    raise ValueError(f"{type(node).__name__} is no arithmetic")
