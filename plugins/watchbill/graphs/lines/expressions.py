"""A line's `expression` over the lines that it names: their bundles in, one bundle out.

Where a line has no value there is none; what is divided by zero, or is no number, is no value either: both clouds draw
nothing there.
"""

import ast
from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from watchbill.graphs.lines.bundles import Bundle, Row, join, merge
from watchbill.graphs.lines.steps import Steps
from watchbill.model.column_arithmetic import BINARY, FUNCTIONS, as_float
from watchbill.model.dashboards.expressions import parse


class NotComputedError(ValueError):
    """Only a cloud can compute it; says why."""


def evaluate(text: str, known: Mapping[str, Bundle], steps: Steps) -> Bundle:
    """`known`: by the ids that the expression names. Raises NotComputedError, ValueError."""
    found = _value(parse(text), known, steps)
    if isinstance(found, float):
        found = Bundle([Row({}, pa.array([found] * steps.count, pa.float64()))])
    return found.each(real)


def real(values: Any) -> Any:
    """Null in place of infinities and of what is not a number."""
    return pc.if_else(pc.is_finite(values), values, pa.scalar(None, pa.float64()))


Operand = Bundle | float


def _value(node: ast.expr, known: Mapping[str, Bundle], steps: Steps) -> Operand:
    match node:
        case ast.Name(id=name):
            return known[name]
        case ast.Constant(value=value):
            return as_float(value)
        case ast.UnaryOp(op=operator, operand=operand):
            found = _value(operand, known, steps)
            return found if isinstance(operator, ast.UAdd) else _unary(pc.negate, found)
        case ast.BinOp(left=left, op=operator, right=right):
            return _binary(BINARY[type(operator)], _value(left, known, steps), _value(right, known, steps))
        case ast.Call(func=ast.Name(id=name), args=arguments):
            return _call(name, [_value(one, known, steps) for one in arguments], steps)
    raise ValueError(f"{ast.dump(node)} is no arithmetic")


def _unary(compute: Callable[[Any], Any], operand: Operand) -> Operand:
    if isinstance(operand, float):
        return float(compute(pa.scalar(operand, pa.float64())).as_py())
    return operand.each(compute)


def _binary(compute: Callable[[Any, Any], Any], left: Operand, right: Operand) -> Operand:
    if isinstance(left, float) and isinstance(right, float):
        return float(compute(pa.scalar(left, pa.float64()), pa.scalar(right, pa.float64())).as_py())
    if isinstance(left, float):
        assert isinstance(right, Bundle)  # noqa: S101 - two numbers were met above
        return right.each(lambda values: compute(pa.scalar(left, pa.float64()), values))
    if isinstance(right, float):
        return left.each(lambda values: compute(values, pa.scalar(right, pa.float64())))
    return join(left, right, compute)


def _call(name: str, given: Sequence[Operand], steps: Steps) -> Operand:
    if name in ("min", "max", "sum", "avg"):
        return _over(name, given)
    if name in FUNCTIONS:
        return _unary(FUNCTIONS[name], given[0])
    lines = given[0]
    if name == "period":
        return float(steps.step_s * (max((row.every for row in lines.rows), default=1)
                                     if isinstance(lines, Bundle) else 1))
    if name not in _OVER_TIME:
        raise NotComputedError(f"{name}() is computed by the clouds alone")
    if isinstance(lines, float):
        lines = Bundle([Row({}, pa.array([lines] * steps.count, pa.float64()))])
    return _OVER_TIME[name](lines, given, steps)


def _over(name: str, given: Sequence[Operand]) -> Operand:
    """Of one bundle over all its lines; of several arguments point by point."""
    lines = [one for one in given if isinstance(one, Bundle)]
    if len(given) == 1 and lines:
        return merge(lines, lambda columns: over(name, columns))
    if name in ("min", "max"):
        return reduce(lambda left, right: _binary(FUNCTIONS[name], left, right), given)
    total = reduce(lambda left, right: _binary(pc.add, left, right), given)
    return total if name == "sum" else _binary(pc.divide, total, float(len(given)))


def over(name: str, columns: Sequence[Any]) -> Any:
    """One column of many, step by step, of those that have a value there: sum, avg, min, max, count."""
    zero: Any = pa.scalar(0.0, pa.float64())
    if name in ("min", "max"):
        return (pc.min_element_wise if name == "min" else pc.max_element_wise)(*columns, skip_nulls=True)
    counts: Any = reduce(pc.add, [pc.is_valid(one).cast(pa.float64()) for one in columns])
    none = pc.if_else(pc.equal(counts, zero), pa.scalar(None, pa.float64()), counts)
    if name == "count":
        return none
    total: Any = reduce(pc.add, [pc.fill_null(one, zero) for one in columns])
    return pc.if_else(pc.is_null(none), none, total) if name == "sum" else pc.divide(total, none)


def _change(values: Any) -> tuple[Any, Any]:
    """Of each value to the one before it, and how many steps lie between."""
    before, gap, last = list[float | None](), list[float | None](), None
    known = values.to_pylist()
    for place, value in enumerate(known):
        before.append(None if last is None or value is None else known[last])
        gap.append(None if last is None or value is None else float(place - last))
        last = place if value is not None else last
    return pc.subtract(values, pa.array(before, pa.float64())), pa.array(gap, pa.float64())


def _diff(lines: Bundle, _: Sequence[Operand], __: Steps) -> Bundle:
    return lines.each(lambda values: _change(values)[0])


def _rate(lines: Bundle, _: Sequence[Operand], steps: Steps) -> Bundle:
    """A second, between the points that there are."""
    def computed(values: Any) -> Any:
        changed, gap = _change(values)
        return pc.divide(changed, pc.multiply(gap, float(steps.step_s)))

    return lines.each(computed)


def _cumsum(lines: Bundle, _: Sequence[Operand], __: Steps) -> Bundle:
    return lines.each(lambda values: pc.cumulative_sum(values, skip_nulls=True))


def _fill(lines: Bundle, given: Sequence[Operand], _: Steps) -> Bundle:
    if not isinstance(given[1], float):
        raise NotComputedError("fill() of one line with another is computed by the clouds alone")
    return lines.each(lambda values: pc.fill_null(values, pa.scalar(given[1], pa.float64())))


_OVER_TIME: dict[str, Callable[[Bundle, Sequence[Operand], Steps], Bundle]] = {
    "diff": _diff, "rate": _rate, "cumsum": _cumsum, "fill": _fill,
}
