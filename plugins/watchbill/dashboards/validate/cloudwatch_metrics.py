"""The metrics of a CloudWatch widget, in the vendor's shorthand, each row read with the one above it.

`[namespace, name, (dimension, value)*, {options}?]` or `[{expression}]`; "." repeats what stands at the same place
above, "..." the run from there on. What goes in is the list of a widget, what is wrong with it comes out.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from watchbill.dashboards.validate.shapes import RIGHT, Found, Problem, boolean, one_of, shape, shown, text, wrong

METRICS_MOST, DIMENSIONS_MOST = 500, 30
_FINE_PERIODS_S = (1, 5, 10, 20, 30)
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
STAT = text(pattern=r"(?i:SampleCount|Average|Sum|Minimum|Maximum|IQM)|[pP](100|\d{1,2})(\.\d{1,10})?"
                    r"|(?i:tm|tc|ts|wm)\d{1,2}(\.\d{1,10})?|(?i:TM|TC|TS|WM|PR)\([\d.%]*:[\d.%]*\)",
            like="Average, Sum or p99")
_ID = re.compile(r"[a-z][a-zA-Z0-9_]*")
_WORDS = re.compile(r"'[^']*'|\"[^\"]*\"|(?<![\w.$\"'{:])[a-z][a-zA-Z0-9_]*(?![\w.:]*\()")
_SQL = re.compile(r"\s*SELECT\s", re.IGNORECASE)


def period(value: Any) -> Found:
    if type(value) is not int:
        return wrong(f"should be a whole number of seconds, not {shown(value)}")
    if value in _FINE_PERIODS_S or (value >= 60 and value % 60 == 0):
        return RIGHT
    return wrong(f"{value} is no period", "1, 5, 10, 20, 30, or a multiple of 60")


_OPTIONS = shape({}, {
    "accountId": text(), "color": text(pattern=r"#([0-9a-fA-F]{3}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})", like="#d62728"),
    "expression": text(least=1), "id": text(), "label": text(), "period": period, "region": text(), "stat": STAT,
    "visible": boolean, "yAxis": one_of("left", "right"),
}, "error")


def metrics(rows: Any) -> Found:
    if not isinstance(rows, list):
        return wrong(f"should be a list, not {shown(rows)}")
    found: list[Problem] = []
    if len(rows) > METRICS_MOST:
        found += wrong(f"should have {METRICS_MOST} items at most, not {len(rows)}")
    above: list[Any] = []
    for at, row in enumerate(rows):
        if not isinstance(row, list):
            found += wrong("should be a list: namespace, name, dimensions", "", at)
            continue
        options = row[-1] if row and isinstance(row[-1], dict) else None
        words = row if options is None else row[:-1]
        found += [problem.under(at) for problem in _row(words, options, above)]
        above = expanded(words, above) or above
    return [*found, *_ids(rows)]


def expanded(words: list[Any], above: list[Any]) -> list[Any]:
    """A row with its dots filled in from the row above; a dot with nothing above it stays."""
    if "." not in words and "..." not in words:
        return words
    out: list[Any] = []
    for at, word in enumerate(words):
        if word == "...":
            out += above[len(out):max(len(out), len(above) - (len(words) - at - 1))]
        else:
            out.append(above[len(out)] if word == "." and len(out) < len(above) else word)
    return out


def _row(words: list[Any], options: Mapping[str, Any] | None, above: list[Any]) -> Iterator[Problem]:
    if options is not None:
        yield from (problem.under(len(words)) for problem in _OPTIONS(options))
        if "expression" in options:
            if words:
                yield Problem((), "is a metric and an expression at once", "write two rows")
            return
    for at, word in enumerate(words):
        if not isinstance(word, str):
            yield Problem((at,), f"should be text, not {shown(word)}")
    yield from _full(expanded(words, above), len(words))


def _full(row: list[Any], written: int) -> Iterator[Problem]:
    if len(row) < 2:
        yield Problem((), "names no metric", "write namespace and name, or an expression")
    elif len(row) % 2:
        yield Problem((), f"the dimension {shown(row[-1])} has no value", "dimensions are pairs of name and value",
                      "warning")  # seen to be taken, and to show nothing
    elif len(row) > 2 + 2 * DIMENSIONS_MOST:
        yield Problem((), f"has more than {DIMENSIONS_MOST} dimensions")
    for at, word in enumerate(row):
        if word in (".", "..."):
            yield Problem((min(at, written - 1),), f"`{word}` has nothing above it to repeat", "write it out")


def _ids(rows: list[Any]) -> Iterator[Problem]:
    """Ids that are none, are there twice, or are asked for and not there."""
    given = [(at, len(row) - 1, row[-1]) for at, row in enumerate(rows)
             if isinstance(row, list) and row and isinstance(row[-1], dict)]
    first: dict[str, int] = {}
    for at, last, options in given:
        name = options.get("id")
        if isinstance(name, str) and not _ID.fullmatch(name):
            yield Problem((at, last, "id"), f"{shown(name)} is no id",
                          "a small letter, then letters, digits and underscores")
        elif isinstance(name, str) and first.setdefault(name, at) != at:
            yield Problem((at, last, "id"), f"metrics[{first[name]}] has the id {name} too", "rename one")
    yield from _expressions(given, first)


def _expressions(given: Sequence[tuple[int, int, Mapping[str, Any]]], ids: Mapping[str, int]) -> Iterator[Problem]:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html"""
    sql = [at for at, _, options in given if _is_sql(options.get("expression"))]
    for at in sql[1:]:
        yield Problem((at,), "is the second Metrics Insights query", "CloudWatch takes one a widget")
    for at, last, options in given:
        expression = options.get("expression")
        if not isinstance(expression, str) or at in sql:
            continue
        for word in dict.fromkeys(_WORDS.findall(expression)):
            if word[0] not in "'\"" and word not in ids:
                yield Problem((at, last, "expression"), f"nothing has the id {word}",
                              f"known: {', '.join(ids)}" if ids else "give a metric an id")


def _is_sql(expression: Any) -> bool:
    return isinstance(expression, str) and bool(_SQL.match(expression))
