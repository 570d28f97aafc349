"""A tree of metric math -> an `expression` of the model over the ids of lines, as far as it has the words.

Both are shown point by point; what CloudWatch makes of all points of a series together (SUM(m1)) has no word here.
"""

import keyword
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from watchbill.model.languages.metric_math import Call, Name, Node, Number, Operation, Several, Text, parts, walk

_SAME = {"ABS": "abs", "CEIL": "ceil", "FLOOR": "floor", "LOG": "ln", "LOG10": "log10", "RATE": "rate",
         "DIFF": "diff", "RUNNING_SUM": "cumsum", "PERIOD": "period"}
_ACROSS = {"SUM": "sum", "AVG": "avg", "MIN": "min", "MAX": "max"}
_OPERATORS = {"+": (1, "+"), "-": (1, "-"), "*": (2, "*"), "/": (2, "/"), "^": (4, "**")}
_SIGN, _CALL = 3, 9
REORDERING = ("SORT", "REMOVE_EMPTY")
"""Functions that show the same points."""


class UnsaidError(ValueError):
    """The model has no word for it; the text says what."""


@dataclass
class Lines:
    """What an expression may compute with; what it loses by being said goes into `lost`."""

    several: Mapping[str, bool]  # ids of the widget's rows; whether it stands for more than one series
    metrics: tuple[str, ...] = ()  # ids of rows that are metrics, for METRICS()
    unsayable: Collection[str] = ()  # ids of rows that have no words of ours
    lost: list[str] = field(default_factory=list)


def said(node: Node, lines: Lines) -> str:
    """Raises UnsaidError."""
    return _said(node, lines)[0]


def is_several(node: Node, lines: Lines) -> bool:
    """Whether it stands for more than one series."""
    match node:
        case Name(id=name):
            return lines.several.get(name, False)
        case Call(function=function, arguments=(Several() | Call(function="METRICS"),)) if function in _ACROSS:
            return any(is_several(each, lines) for each in _items(node, lines))
        case Call(function=function) if function in _ACROSS:
            return False
        case Call(function="SEARCH" | "METRICS"):
            return True
    return any(is_several(each, lines) for each in parts(node))


def _said(node: Node, lines: Lines) -> tuple[str, int]:
    """With how close it binds."""
    match node:
        case Number(value=value):
            return f"{value:.15g}", _CALL
        case Name(id=name):
            return _named(name, lines), _CALL
        case Operation(operator="-" | "+" as sign, left=None, right=right):
            return sign + _within(right, lines, _SIGN), _SIGN
        case Operation(operator="/", left=left, right=Call(function="MAX", arguments=(Several(items=pair),))) if (
                left is not None and (larger := _larger(left, pair)) is not None):
            lines.lost.append(f"it divides by {said(larger, lines)} also where that is the smaller of the two")
            return _said(Operation("/", left, larger), lines)
        case Operation(operator=operator, left=left, right=right) if operator in _OPERATORS and left is not None:
            level, said_as = _OPERATORS[operator]
            right_associative = operator == "^"
            return (f"{_within(left, lines, level + right_associative)} {said_as} "
                    f"{_within(right, lines, level + (not right_associative))}"), level
        case Operation(operator=operator):
            raise UnsaidError(f"compares or joins by {operator}")
        case Call():
            return _called(node, lines)
        case Several():
            raise UnsaidError("shows a list of series as one line")
        case Text():
            raise UnsaidError("computes with a text")
    raise UnsaidError("cannot be said")


def _within(node: Node, lines: Lines, level: int) -> str:
    text, own = _said(node, lines)
    return text if own >= level else f"({text})"


def _named(name: str, lines: Lines) -> str:
    if name not in lines.several:
        raise UnsaidError(f"computes with {name}, which is no row of the widget")
    if name in lines.unsayable:
        raise UnsaidError(f"computes with {name}, which cannot be said")
    if keyword.iskeyword(name):
        raise UnsaidError(f"computes with the id {name}, which expressions have another use for")
    return name


def _called(node: Call, lines: Lines) -> tuple[str, int]:
    match node:
        case Call(function=function, arguments=(one,)) if function in _SAME:
            return f"{_SAME[function]}({said(one, lines)})", _CALL
        case Call(function=function) if function in _ACROSS:
            return _across(node, lines), _CALL
        case Call(function="FILL", arguments=(one, Number(value=value))):
            return f"fill({said(one, lines)}, {value:.15g})", _CALL
        case Call(function="FILL", arguments=(one, Name(id=how))):
            lines.lost.append(f"its gaps are not filled ({how})")
            return _said(one, lines)
        case Call(function=function, arguments=(one, *_)) if function in REORDERING:
            return _said(one, lines)
        case Call(function="TIME_SERIES", arguments=(one,)):
            return _said(one, lines)
        case Call(function="ANOMALY_DETECTION_BAND", arguments=(Name() as one, *bounds)):
            return f"anomaly({', '.join(said(each, lines) for each in (one, *bounds[:1]))})", _CALL
        case Call(function="IF", arguments=(condition, value, *other)) if _guards(condition, value):
            return _guarded(value, other, lines)
    raise UnsaidError(f"computes with {node.function}()")


def _across(node: Call, lines: Lines) -> str:
    items = list(_items(node, lines))
    if len(items) == 1 and not is_several(items[0], lines):
        if isinstance(node.arguments[0], Several | Call):
            return said(items[0], lines)
        raise UnsaidError(f"computes {node.function}() over all the time of one series")
    return f"{_ACROSS[node.function]}({', '.join(said(each, lines) for each in items)})"


def _items(node: Call, lines: Lines) -> Iterator[Node]:
    for argument in node.arguments:
        match argument:
            case Several(items=items):
                yield from items
            case Call(function="METRICS", arguments=arguments):
                yield from (Name(name) for name in _metrics(arguments, lines))
            case _:
                yield argument


def _metrics(arguments: tuple[Node, ...], lines: Lines) -> list[str]:
    """METRICS("errors"): of all metrics whose id has the word; docs… using-metric-math.html."""
    word = arguments[0].value if arguments and isinstance(arguments[0], Text) else ""
    found = [name for name in lines.metrics if word in name]
    if not found:
        raise UnsaidError("computes METRICS() of rows without ids")
    return found


def _larger(numerator: Node, pair: tuple[Node, ...]) -> Node | None:
    """`errors / MAX([errors, requests])`, as consoles write it: a part divided by its whole, and never by less."""
    if len(pair) != 2:
        return None
    part, whole = pair if pair[0] in walk(numerator) else (pair[1], pair[0])
    return whole if part in walk(numerator) and whole not in walk(numerator) else None


def _guards(condition: Node, value: Node) -> bool:
    """`IF(m2 > 0, m1 / m2, …)`: it only keeps from dividing by nothing."""
    match condition:
        case Operation(operator=">" | "!=", left=left, right=Number(value=0)) if left is not None:
            return _divides_by(value, left)
        case Name():
            return _divides_by(value, condition)
    return False


def _divides_by(value: Node, divisor: Node) -> bool:
    match value:
        case Operation(operator="/", right=right) if right == divisor:
            return True
        case Operation(left=left, right=right) if left is not None:
            return _divides_by(left, divisor) or _divides_by(right, divisor)
    return False


def _guarded(value: Node, other: list[Node], lines: Lines) -> tuple[str, int]:
    match other:
        case []:
            return _said(value, lines)
        case [Number(value=number)]:
            lines.lost.append(f"it is {number:g} also where nothing was measured")
            return f"fill({said(value, lines)}, {number:.15g})", _CALL
    raise UnsaidError("computes with IF()")
