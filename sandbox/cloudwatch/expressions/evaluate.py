"""A tree of metric math in, its value out: operators here, functions beside it."""

import operator
from typing import Protocol

import numpy as np

from sandbox.cloudwatch.expressions.functions import FUNCTIONS, Request
from sandbox.cloudwatch.expressions.series import Binary, Series, UnfitError, Value, joined
from sandbox.cloudwatch.expressions.syntax import Call, Listed, Name, Negated, Node, Number, Operation, Text, walk
from sandbox.cloudwatch.samples import Column


def _truth(compare: Binary) -> Binary:
    return lambda left, right: np.asarray(compare(left, right), dtype=np.float64)


def _power(left: Column, right: Column) -> Column:
    return np.power(left, right)


_OPERATORS: dict[str, Binary] = {
    "+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "^": _power,
    "==": _truth(operator.eq), "!=": _truth(operator.ne), "<": _truth(operator.lt), "<=": _truth(operator.le),
    ">": _truth(operator.gt), ">=": _truth(operator.ge),
    "AND": _truth(np.logical_and), "OR": _truth(np.logical_or),
}  # fmt: skip
_WORDS = {"REPEAT", "LINEAR", "AVG", "SUM", "MIN", "MAX", "ASC", "DESC"}  # arguments of FILL and SORT


class Scope(Request, Protocol):
    """The request that an expression stands in."""

    def of(self, query_id: str) -> Value:
        """What another query comes to."""

    def metrics(self, part: str) -> list[Series]:
        """The metrics of the request whose ids contain the text."""

    def search(self, text: str, statistic: str, period_s: int | None) -> list[Series]:
        """The metrics that a SEARCH finds."""


def check(node: Node) -> None:
    """Raises ValueError for a function that there is not, or has other arguments."""
    for each in walk(node):
        if isinstance(each, Call) and each.function not in ("METRICS", "SEARCH"):
            if each.function not in FUNCTIONS:
                raise ValueError(f"Undefined function {each.function}")
            fewest, most, _ = FUNCTIONS[each.function]
            if not fewest <= len(each.arguments) <= most:
                raise ValueError(f"{each.function} takes {fewest} to {most} arguments")
    for call in calls(node, "SEARCH"):
        if len(call.arguments) not in (2, 3) or not all(isinstance(one, Text) for one in call.arguments[:2]):
            raise ValueError("SEARCH takes a search expression, a statistic and a period")
        if len(call.arguments) == 3 and not isinstance(call.arguments[2], Number):
            raise ValueError("the period of a SEARCH is a number")


def names(node: Node) -> set[str]:
    """The ids of other queries."""
    return {each.name for each in walk(node) if isinstance(each, Name) and each.name not in _WORDS}


def calls(node: Node, function: str) -> list[Call]:
    return [each for each in walk(node) if isinstance(each, Call) and each.function == function]


def evaluate(node: Node, scope: Scope) -> Value:
    """Raises ValueError for values that do not go together."""
    match node:
        case Number(value):
            return value
        case Name(name):
            return scope.of(name)
        case Negated(operand):
            return joined(np.multiply, evaluate(operand, scope), -1.0)
        case Operation(sign, left, right):
            return joined(_OPERATORS[sign], evaluate(left, scope), evaluate(right, scope))
        case Listed(items):
            return [series for item in items for series in _series(evaluate(item, scope))]
        case Call("METRICS", arguments):
            return scope.metrics(_text(arguments))
        case Call("SEARCH", arguments):
            text, statistic, *period = (one.value for one in arguments if isinstance(one, Text | Number))
            return scope.search(str(text), str(statistic), int(period[0]) if period else None)
        case Call(name, arguments):
            values = [one.name if isinstance(one, Name) and one.name in _WORDS else evaluate(one, scope)
                      for one in arguments]
            return FUNCTIONS[name][2](scope, *values)
    raise ValueError("a text stands where a time series should")


def _series(value: Value) -> list[Series]:
    if isinstance(value, float):
        raise UnfitError("an array holds time series only")
    return value if isinstance(value, list) else [value]


def _text(arguments: tuple[Node, ...]) -> str:
    match arguments:
        case ():
            return ""
        case (Text(part),):
            return part
    raise ValueError("METRICS takes a text, or nothing")
