"""A line that stands for several metrics -> SEARCH or Metrics Insights, which find them.

docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html
docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-metrics-insights-querylanguage.html
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from watchbill.dashboards.lost import Lost
from watchbill.dashboards.variables import comparison, condition, open_variable, placed
from watchbill.model.aws_metrics import aws_schema
from watchbill.model.dashboards import Variable
from watchbill.model.dashboards.lines import ANY, WidgetMetric, is_each

_PLAIN = re.compile(r"[A-Za-z0-9_./-]+")
# Metrics Insights knows one function, over time and over metrics at once.
_SELECTED = {("Average", "avg"): "AVG", ("Sum", "sum"): "SUM", ("Minimum", "min"): "MIN", ("Maximum", "max"): "MAX",
             ("SampleCount", "sum"): "COUNT"}
_OVER = {"avg": "AVG", "sum": "SUM", "min": "MIN", "max": "MAX"}


@dataclass(frozen=True)
class Found:
    text: str
    is_many: bool  # several series
    is_select: bool = False  # its period is an option of the row


@dataclass(frozen=True)
class Order:
    """Of several series: by which function, and how many of them."""

    by: str  # AVG, MAX, MIN or SUM
    direction: str  # ASC or DESC
    most: int | None


def finds(line: WidgetMetric, period_s: int | None, order: Order | None, variables: Mapping[str, Variable],
          lost: Lost, *, may_select: bool = True) -> Found:
    """`period_s`: None for all of the time. `variables`: by name. `may_select`: CloudWatch answers one query of Metrics
    Insights a graph."""
    if line.aggregate_across == "none":
        return _ordered(Found(search(line, period_s, variables, lost), True), order)
    groups = [name for name, value in line.dimensions.items() if is_each(value)]
    if may_select and can_select(line):
        function = _SELECTED[line.statistic, line.aggregate_across]
        return Found(_select(function, line, groups, order, variables, lost), bool(groups), is_select=True)
    one_for_each = search(line, period_s, variables, lost, is_whole=False)
    if groups and line.aggregate_across == "count":
        lost.impossible("aggregate_across", reason=f"CloudWatch cannot count metrics by {', '.join(groups)}")
    if groups:
        told = "answers one query of groups a widget" if can_select(line) else \
            f"cannot take the {line.aggregate_across} of {line.statistic} by {', '.join(groups)}"
        lost.lossy("aggregate_across", reason=f"CloudWatch {told}: each metric is a line",
                   fix="write a widget of its own" if can_select(line) else _pairs())
        return _ordered(Found(one_for_each, True), order)
    if line.aggregate_across == "count":
        lost.lossy("aggregate_across", reason="CloudWatch counts the metrics of the whole time, not of each period")
        return Found(f"TIME_SERIES(METRIC_COUNT({one_for_each}))", False)
    return Found(f"{_OVER[line.aggregate_across]}({one_for_each})", False)


def _pairs() -> str:
    return "together go " + ", ".join(f"{statistic} and {across}" for statistic, across in _SELECTED)


def can_select(line: WidgetMetric) -> bool:
    """Whether Metrics Insights has words for it: it joins conditions by "and" alone."""
    return (line.statistic, line.aggregate_across) in _SELECTED and all(
        _is_plain(_words(value)) for value in line.dimensions.values())


def _is_plain(words: tuple[str, ...]) -> bool:
    return all("*" not in word for word in words) and sum(not word.startswith("!") for word in words) <= 1


def _words(value: str | tuple[str, ...]) -> tuple[str, ...]:
    """What narrows a dimension: without the `*` that makes groups of it."""
    return tuple(word for word in ((value,) if isinstance(value, str) else value) if word != ANY)


def _select(function: str, line: WidgetMetric, groups: list[str], order: Order | None,
            variables: Mapping[str, Variable], lost: Lost) -> str:
    wheres = [said for name, value in line.dimensions.items() for word in _words(value)
              if (said := _where(name, word, variables, lost))]
    where = f" WHERE {' AND '.join(wheres)}" if wheres else ""
    by = f" GROUP BY {', '.join(map(_name, groups))}" if groups else ""
    text = f"SELECT {function}({_name(line.metric)}) FROM {_source(line)}{where}{by}"  # noqa: S608
    if not (groups and order):
        return text
    limit = f" LIMIT {order.most}" if order.most else ""
    return f"{text} ORDER BY {order.by}() {order.direction}{limit}"


def _source(line: WidgetMetric) -> str:
    """AWS keeps most metrics of its own several times, by other dimensions: together they would be counted twice."""
    schema = aws_schema(line.namespace, line.dimensions)
    return f"SCHEMA({', '.join(map(_name, (line.namespace, *schema)))})" if schema else _name(line.namespace)


def _where(name: str, word: str, variables: Mapping[str, Variable], lost: Lost) -> str:
    """"" where nothing narrows it."""
    if (chosen := open_variable(word, variables)) is not None:
        if word.startswith("!"):
            lost.lossy("dimensions", name, reason=f"CloudWatch cannot leave out what {word[1:]} stands for")
            return ""
        return f"{_name(name)} {comparison(chosen.name)}"
    sign, value = ("!=", word[1:]) if word.startswith("!") else ("=", word)
    quoted = placed(value, variables).replace("\\", "\\\\").replace("'", "\\'")
    return f"{_name(name)} {sign} '{quoted}'"


def _name(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _ordered(found: Found, order: Order | None) -> Found:
    if order is None:
        return found
    most = f", {order.most}" if order.most else ""
    return Found(f"SORT({found.text}, {order.by}, {order.direction}{most})", found.is_many)


def search(line: WidgetMetric, period_s: int | None, variables: Mapping[str, Variable], lost: Lost, *,
           is_whole: bool = True) -> str:
    """`is_whole`: of the metrics with exactly these dimensions; otherwise of all that have them."""
    known = () if is_whole else aws_schema(line.namespace, line.dimensions)
    is_whole = is_whole or bool(known)
    schema = ",".join(_schema(word) for word in (line.namespace, *(known or line.dimensions)))
    names = [] if is_whole else [f"Namespace={_exact(line.namespace)}"]
    terms = [term for name, value in line.dimensions.items() for term in _terms(name, _words(value), variables, lost)]
    if not is_whole:
        # A dimension alone may be asked for by any of its names' words.
        names += [_exact(name) for name, value in line.dimensions.items() if is_each(value)]
    words = " ".join([*names, f"MetricName={_exact(line.metric)}", *terms])
    names_of_schema = (line.namespace, *line.dimensions)
    if "'" in words or any(sign in name for sign in "'\"{}" for name in names_of_schema):
        lost.impossible(reason="CloudWatch cannot search for names with quotes", fix="name the dimension's values")
    period = f", {period_s}" if period_s else ""
    return f"SEARCH('{f'{{{schema}}} ' if is_whole else ''}{words}', '{line.statistic}'{period})"


def _schema(word: str) -> str:
    return word if _PLAIN.fullmatch(word) else f'"{word}"'


def _terms(name: str, words: tuple[str, ...], variables: Mapping[str, Variable], lost: Lost) -> Iterator[str]:
    values = [word for word in words if open_variable(word, variables) is None]
    for word in words:
        if word not in values and word.startswith("!"):
            lost.lossy("dimensions", name, reason=f"CloudWatch cannot leave out what {word[1:]} stands for")
        elif word not in values:
            yield condition(word[1:])
    is_not = [one for one in values if one.startswith("!")]
    wanted = [one for one in values if not one.startswith("!")]
    if len(wanted) == 1:
        yield f"{_schema(name)}={_value(name, wanted[0], variables, lost)}"
    elif wanted:
        yield f"{_schema(name)}=({' OR '.join(_value(name, one, variables, lost) for one in wanted)})"
    for one in is_not:
        yield f"NOT {_schema(name)}={_value(name, one[1:], variables, lost)}"


def _value(name: str, value: str, variables: Mapping[str, Variable], lost: Lost) -> str:
    if "*" not in value:
        return _exact(placed(value, variables))
    lost.lossy("dimensions", name, reason=f"CloudWatch searches for whole words: {value} finds every value that has "
               f"them, wherever they stand")
    if any(part[-1:].isalnum() for part in value.split("*")[:-1]) or any(
            part[:1].isalnum() for part in value.split("*")[1:]):
        lost.impossible("dimensions", name, reason=f"CloudWatch finds no parts of words: {value}",
                        fix="name the values, or end the part at a sign as in web-*")
    longest = max(value.split("*"), key=len)
    return longest if _PLAIN.fullmatch(longest) else _exact(longest)


def _exact(word: str) -> str:
    escaped = re.sub(r'(["\\()])', r"\\\1", word)
    return f'"{escaped}"'
