"""An expression of Datadog's over metrics -> one of ours over the ids of lines, and what it loses.

https://docs.datadoghq.com/dashboards/functions
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from watchbill.model.languages.datadog_expression import Binary, Call, Expression, Negative, Number, Selection, Text

_SAME = {"abs": "abs({0})", "log2": "log2({0})", "log10": "log10({0})", "cumsum": "cumsum({0})", "diff": "diff({0})",
         "per_second": "rate({0})", "per_minute": "rate({0}) * 60", "per_hour": "rate({0}) * 3600",
         "derivative": "rate({0})", "default_zero": "fill({0}, 0)", "exclude_null": "{0}"}
# They change how a series looks, not which it is.
_LEFT_OUT = {
    "outliers": "does not mark outliers", "forecast": "does not draw the forecast",
    "autosmooth": "is not smoothed by autosmooth()", "throttle": "does not leave out points by throttle()",
}
_SMOOTH = re.compile(r"(?:ewma|median)_\d+")
_TOP = re.compile(r"(?P<end>top|bottom)(?P<most>\d+)?(?:_(?P<by>\w+))?")


class UnsaidError(ValueError):
    """We have no word for it; the text says what it is."""


@dataclass(frozen=True)
class Top:
    """So many of the lines, by what of each: `mean`, `max`, `last` …"""

    of: Expression
    most: int
    by: str
    order: str  # desc or asc


@dataclass
class Said:
    text: str = ""
    lost: list[str] = field(default_factory=list)


IdOf = Callable[[Selection], str]


def said(tree: Expression, id_of: IdOf) -> Said:
    """Raises UnsaidError."""
    found = Said()
    found.text = _text(tree, id_of, found, 0)
    return found


def _text(tree: Expression, id_of: IdOf, found: Said, above: int) -> str:
    match tree:
        case Selection():
            return id_of(tree)
        case Number():
            return tree.text
        case Negative():
            text = f"-{_text(tree.of, id_of, found, 3)}"
            return f"({text})" if above > 1 else text
        case Binary():
            rank = 1 if tree.sign in "+-" else 2
            left, right = _text(tree.left, id_of, found, rank), _text(tree.right, id_of, found, rank + 1)
            text = f"{left} {tree.sign} {right}"
            return f"({text})" if above > rank else text
        case Call():
            return _called(tree, id_of, found, above)
    raise UnsaidError("has a text where a metric was expected")


def _called(call: Call, id_of: IdOf, found: Said, above: int) -> str:
    if not call.arguments:
        raise UnsaidError(f"calls {call.function}() of nothing")
    for modifier in call.modifiers:
        found.lost.append(f"leaves out .{modifier.name}() over {call.function}()")
    first = call.arguments[0]
    if call.function in _SAME:
        text = _SAME[call.function].format(_text(first, id_of, found, 0 if "(" in _SAME[call.function] else above))
        return f"({text})" if above > 1 and "*" in _SAME[call.function] else text
    if call.function == "anomalies":
        bounds = call.arguments[2].text if len(call.arguments) > 2 and isinstance(call.arguments[2], Number) else "2"
        return f"anomaly({_text(first, id_of, found, 0)}, {bounds})"
    if call.function in _LEFT_OUT or _SMOOTH.fullmatch(call.function):
        found.lost.append(_LEFT_OUT.get(call.function, f"is not smoothed by {call.function}()"))
        return _text(first, id_of, found, above)
    raise UnsaidError(f"{call.function}() is Datadog's own")


def top(tree: Expression) -> Top | None:
    """`top(a, 10, 'mean', 'desc')` and its short forms `top10(a)`, `bottom5_max(a)`."""
    if not isinstance(tree, Call) or not tree.arguments or tree.modifiers:
        return None
    name = _TOP.fullmatch(tree.function)
    if name is None:
        return None
    words = [one.text for one in tree.arguments[1:] if isinstance(one, Number | Text)]
    most = name["most"] or next((word for word in words if word.isdigit()), "10")
    order = next((word for word in words if word in ("asc", "desc")), "asc" if name["end"] == "bottom" else "desc")
    by = name["by"] or next((word for word in words if word.isalpha() and word not in ("asc", "desc")), "mean")
    return Top(tree.arguments[0], int(most), by, order)
