"""What a composite alert says of others: `Errors and not (Deploying or "Planned work")`. A text in, its tree out."""

import ast
from collections.abc import Mapping
from functools import lru_cache

from watchbill.model.notation import DEEPEST, tree_of


def alert_names(text: str) -> list[str]:
    """The alerts that it names, once each. Raises ValueError in words that follow `expression`."""
    return list(dict.fromkeys(_name(node) for node in ast.walk(parse(text))
                              if isinstance(node, ast.Name | ast.Constant)))


def holds(text: str, true: Mapping[str, bool]) -> bool:
    """Whether it is true, where `true` says it of each name."""
    return _holds(parse(text), true)


@lru_cache(maxsize=1024)
def parse(text: str) -> ast.expr:
    """Raises ValueError in words that follow `expression`."""
    try:
        tree = tree_of(text)
    except SyntaxError:
        raise ValueError("is not made of alerts, `and`, `or` and `not`; a name with spaces needs quotes") from None
    _check(tree, 0)
    return tree


def _check(node: ast.expr, depth: int) -> None:
    if depth > DEEPEST:
        raise ValueError("is nested too deeply")
    match node:
        case ast.BoolOp(values=values):
            for value in values:
                _check(value, depth + 1)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            _check(operand, depth + 1)
        case ast.Name() | ast.Constant(value=str()):
            pass
        case _:
            raise ValueError(f"is made of alerts, `and`, `or` and `not`, not of `{ast.unparse(node)[:40]}`")


def _holds(node: ast.expr, true: Mapping[str, bool]) -> bool:
    match node:
        case ast.BoolOp(op=ast.And(), values=values):
            return all(_holds(value, true) for value in values)
        case ast.BoolOp(values=values):
            return any(_holds(value, true) for value in values)
        case ast.UnaryOp(operand=operand):
            return not _holds(operand, true)
    return true[_name(node)]


def _name(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else str(getattr(node, "value", ""))
