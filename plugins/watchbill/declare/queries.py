"""The `queries` of an expression or a formula: their names and what they may be. An entry in, findings out."""

import re
from collections.abc import Iterator

from watchbill.declare.entries import At, check_statistic
from watchbill.declare.files import close
from watchbill.model.cloudwatch_math import is_id, is_select, names, takes_all
from watchbill.model.failures import Finding
from watchbill.model.metrics import MetricEntry, MetricStat, is_fixed

_MOST = 499  # beside the expression, of 500 in a request
_DATADOG_NAME = re.compile(r"[a-z][a-z0-9_]*")
_FORMULA_NAMES = re.compile(r"\b[A-Za-z_]\w*\b(?!\s*\()")
_TEXT = re.compile(r"'[^']*'|\"[^\"]*\"")


def check_queries(entry: At) -> Iterator[Finding]:
    value = entry.value
    if not (value.expression or value.formula):
        return
    used = _used(value)
    for name in value.queries:
        legal = is_id(name) if value.expression else _DATADOG_NAME.fullmatch(name) is not None
        if not legal:
            yield entry.document.finding((*entry.path, "queries", name), "is no name for a query",
                                         "a lower-case letter first, then letters, digits and _", at_key=True)
        elif used is not None and name not in used:
            near = close(name, used - set(value.queries))
            yield entry.document.finding((*entry.path, "queries", name), "is not used",
                                         f"did you mean `{near}`?" if near else "use it, or leave it out", at_key=True)
    if len(value.queries) > _MOST:
        yield entry.finding("queries", problem=f"are more than {_MOST}", fix="CloudWatch takes no more at once")
    yield from _unknown(entry)
    for name, one in value.queries.items():
        if isinstance(one, MetricStat):
            yield from _metric(entry, name, one)


def _used(entry: MetricEntry) -> set[str] | None:
    """None where METRICS() takes them all, or some by a part of their names."""
    if entry.formula:
        return _named(entry.formula, formula=True)
    texts = [entry.expression, *(one for one in entry.queries.values() if isinstance(one, str))]
    if any(map(takes_all, texts)):
        return None
    return set().union(*(_named(text, formula=False) for text in texts))


def _named(text: str, *, formula: bool) -> set[str]:
    if formula:
        return set(_FORMULA_NAMES.findall(_TEXT.sub("''", text)))
    return set() if is_select(text) else names(text)


def _unknown(entry: At) -> Iterator[Finding]:
    """What an expression names and no query is called."""
    value = entry.value
    texts: dict[tuple[str, ...], str] = {("formula",): value.formula} if value.formula else {
        ("expression",): value.expression,
        **{("queries", name): one for name, one in value.queries.items() if isinstance(one, str)}}
    for where, text in texts.items():
        for name in sorted(_named(text, formula=bool(value.formula)) - set(value.queries)):
            near = close(name, value.queries)
            yield entry.finding(*where, problem=f"there is no query `{name}`",
                                fix=f"did you mean `{near}`?" if near else "add it to `queries`")


def _metric(entry: At, name: str, stat: MetricStat) -> Iterator[Finding]:
    yield from check_statistic(entry, stat.statistic, "queries", name, "statistic")
    if "*" in stat.metric:
        yield entry.finding("queries", name, "metric", problem="is the name of one metric",
                            fix="write a SEARCH to compute with many")
    for dimension, value in stat.dimensions.items():
        if not is_fixed(value):
            yield entry.finding("queries", name, "dimensions", dimension, problem="has to be one value here",
                                fix="write a SEARCH to compute with many")
