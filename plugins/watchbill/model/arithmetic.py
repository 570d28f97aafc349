"""A small language of arithmetic, in Python's notation: a text in, its tree out. Python never runs it."""

import ast
from collections.abc import Mapping
from functools import lru_cache

from watchbill.model.notation import DEEPEST, tree_of

FUNCTIONS = {"abs": 1, "ceil": 1, "exp": 1, "floor": 1, "ln": 1, "log10": 1, "log2": 1, "max": 2, "min": 2, "round": 1,
             "sqrt": 1}
"""With the least number of arguments; max and min take more."""
_MOST_NODES = 300
_LIMITS = {name: (least, 1 if least == 1 else _MOST_NODES) for name, least in FUNCTIONS.items()}
_BINARY = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Mod, ast.Pow)


def names_in(text: str) -> set[str]:
    """The operands. Raises ValueError in words that follow `expression`."""
    return {node.id for node in ast.walk(parse(text)) if isinstance(node, ast.Name)} - FUNCTIONS.keys()


@lru_cache(maxsize=1024)
def parse(text: str) -> ast.expr:
    """Raises ValueError in words that follow `expression`."""
    try:
        tree = tree_of(text)
    except SyntaxError as error:
        raise ValueError(f"is no arithmetic: {error.msg}") from None
    return checked(tree, _LIMITS)


def checked(tree: ast.expr, functions: Mapping[str, tuple[int, int]]) -> ast.expr:
    """The tree, of this language with these functions, each with its least and most arguments. Raises ValueError."""
    if sum(1 for _ in ast.walk(tree)) > _MOST_NODES:
        raise ValueError("is too long: compute part of it apart")
    _check(tree, functions, 0)
    return tree


def _check(node: ast.expr, functions: Mapping[str, tuple[int, int]], depth: int) -> None:
    if depth > DEEPEST:
        raise ValueError("is nested too deeply")
    for child in _operands(node, functions):
        _check(child, functions, depth + 1)


def _operands(node: ast.expr, functions: Mapping[str, tuple[int, int]]) -> list[ast.expr]:
    match node:
        case ast.Name():
            return []
        case ast.Constant(value=int() | float()) if not isinstance(node.value, bool):
            return []
        case ast.BinOp(left=left, op=operator, right=right) if isinstance(operator, _BINARY):
            return [left, right]
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
            return [operand]
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
            if name not in functions:
                raise ValueError(f"knows no function {name}; there are {', '.join(functions)}")
            least, most = functions[name]
            if not least <= len(arguments) <= most:
                raise ValueError(f"gives {name} {len(arguments)} arguments")
            return arguments
    raise ValueError(f"is made of numbers, inputs, + - * / % ** and functions, not of `{ast.unparse(node)[:40]}`")
