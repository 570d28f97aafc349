"""An `expression` of the declaration -> metric math of CloudWatch, or a formula of Datadog.

The tree is Python's; what each function is called stands in functions.py.
"""

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from watchbill.dashboards.functions import FUNCTIONS, OPERATORS
from watchbill.dashboards.lost import Lost
from watchbill.model.clouds import NAMES, Cloud
from watchbill.model.dashboards.expressions import parse

_BINDING = {"+": 1, "-": 1, "*": 2, "/": 2, "^": 3}


class UnsaidError(ValueError):
    """The cloud has no word for it."""


@dataclass(frozen=True)
class Input:
    """A line that an expression computes with."""

    text: str  # what the cloud calls it, or in Datadog the formula of the line itself
    is_many: bool  # several series
    period_s: int


def fresh(name: str, taken: set[str]) -> str:
    """That name, or one like it that no line has; it is taken from then on."""
    while name in taken:
        name += "_"
    taken.add(name)
    return name


def cloudwatch_math(expression: str, inputs: Mapping[str, Input], lost: Lost) -> str | None:
    """None where it cannot be said, which is noted."""
    return _said(_CloudWatch(inputs, lost), expression, lost, "cloudwatch")


def datadog_formula(expression: str, inputs: Mapping[str, Input], lost: Lost) -> str | None:
    """None where it cannot be said, which is noted."""
    return _said(_Datadog(inputs, lost), expression, lost, "datadog")


def _said(writer: "_Writer", expression: str, lost: Lost, cloud: Cloud) -> str | None:
    try:
        return writer.text(parse(expression))
    except UnsaidError as error:
        lost.impossible("expression", reason=f"{NAMES[cloud]} has no {error}",
                        fix=f"write `{cloud}:` with an expression of its own")
        return None


class _Writer:
    """What both have in common."""

    cloud: Cloud

    def __init__(self, inputs: Mapping[str, Input], lost: Lost) -> None:
        self._inputs = inputs
        self._lost = lost

    def text(self, node: ast.expr, above: int = 0) -> str:
        """`above`: how tightly what stands around it binds."""
        match node:
            case ast.Constant(value=int() | float() as value):
                return _number(value)
            case ast.Name(id=name):
                return self.name(name, above)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return _bracketed(f"-{self.text(operand, 3)}", above > 1)
            case ast.UnaryOp(operand=operand):
                return self.text(operand, above)
            case ast.BinOp(left=left, op=operator, right=right):
                self.check_pair(left, right)
                sign = self.sign(operator)
                binding = _BINDING[sign]
                # a - (b - c), a / (b * c): what follows a sign of the same rank keeps its brackets.
                return _bracketed(f"{self.text(left, binding)} {sign} {self.text(right, binding + 1)}", above > binding)
            case ast.Call(func=ast.Name(id=name), args=arguments):
                return self.call(name, arguments)
        raise UnsaidError(f"`{ast.unparse(node)[:40]}`")

    def name(self, name: str, above: int) -> str:  # noqa: ARG002
        return self._input(name).text

    def _input(self, name: str) -> Input:
        if name not in self._inputs:
            raise UnsaidError(f"line {name}")
        return self._inputs[name]

    def check_pair(self, left: ast.expr, right: ast.expr) -> None:
        """Raises UnsaidError where the two cannot be computed with."""

    def sign(self, operator: ast.operator) -> str:
        sign = OPERATORS.get(type(operator).__name__)
        if sign is None:
            raise UnsaidError("% and **" if self.cloud == "datadog" else "%")
        return sign

    def call(self, name: str, arguments: Sequence[ast.expr]) -> str:
        said = FUNCTIONS[name]
        form = said.cloudwatch if self.cloud == "cloudwatch" else said.datadog
        if not form:
            raise UnsaidError(f"{name}()")
        if said.lossy:
            self._lost.lossy("expression", reason=f"{name}(): {said.lossy}")
        texts = [self.text(one) for one in arguments]
        alike = " + ".join(self.text(one, 1) for one in arguments)
        return form.format(*texts, *[""] * 3, all=", ".join(texts), plus=alike, count=len(texts))

    def is_many(self, node: ast.expr) -> bool:
        return any(self._inputs[one.id].is_many for one in ast.walk(node)
                   if isinstance(one, ast.Name) and one.id in self._inputs)

    def period_s(self, node: ast.expr) -> int:
        return next(self._inputs[one.id].period_s for one in ast.walk(node)
                    if isinstance(one, ast.Name) and one.id in self._inputs)


_OVER_LINES = ("min", "max", "sum", "avg")


class _CloudWatch(_Writer):
    cloud = "cloudwatch"

    def check_pair(self, left: ast.expr, right: ast.expr) -> None:
        if self.is_many(left) and self.is_many(right):
            # It pairs them by their order, not by their dimensions.
            raise UnsaidError("arithmetic of the series of two groups")

    def sign(self, operator: ast.operator) -> str:
        return "^" if isinstance(operator, ast.Pow) else super().sign(operator)

    def call(self, name: str, arguments: Sequence[ast.expr]) -> str:
        if name == "anomaly" and self.is_many(arguments[0]):
            raise UnsaidError("band of what is usual for several series")
        if name in _OVER_LINES and len(arguments) == 1:
            # Of one series, SUM and its like are the one number over all of its time.
            return (f"{name.upper()}({self.text(arguments[0])})" if self.is_many(arguments[0])
                    else self.text(arguments[0], 3))
        if name == "anomaly" and len(arguments) == 1:
            arguments = [*arguments, ast.Constant(2)]
        return super().call(name, arguments)


class _Datadog(_Writer):
    cloud = "datadog"

    def name(self, name: str, above: int) -> str:
        text = self._input(name).text
        return _bracketed(text, above > 0 and any(sign in text for sign in "+-*/"))

    def call(self, name: str, arguments: Sequence[ast.expr]) -> str:
        special: Callable[[Sequence[ast.expr]], str | None] | None = {
            "period": lambda given: str(self.period_s(given[0])), "fill": self._fill,
            "min": lambda given: self._clamped("clamp_max", given),
            "max": lambda given: self._clamped("clamp_min", given),
        }.get(name)
        found = special(arguments) if special else None
        if found is not None:
            return found
        if name in _OVER_LINES and len(arguments) == 1:
            if self.is_many(arguments[0]):
                raise UnsaidError(f"{name}() over the lines of one query")
            return self.text(arguments[0], 3)
        if name == "anomaly" and len(arguments) == 1:
            arguments = [*arguments, ast.Constant(2)]
        return super().call(name, arguments)

    def _fill(self, arguments: Sequence[ast.expr]) -> str:
        if not (isinstance(arguments[1], ast.Constant) and arguments[1].value == 0):
            raise UnsaidError("fill() with another number than 0")
        return f"default_zero({self.text(arguments[0])})"

    def _clamped(self, function: str, arguments: Sequence[ast.expr]) -> str | None:
        """min and max of a series and a number."""
        numbers = [one for one in arguments if isinstance(one, ast.Constant)]
        others = [one for one in arguments if not isinstance(one, ast.Constant)]
        if len(numbers) == len(others) == 1:
            return f"{function}({self.text(others[0])}, {self.text(numbers[0])})"
        return None


def _number(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.15g}"


def _bracketed(text: str, needs: bool) -> str:
    return f"({text})" if needs else text
