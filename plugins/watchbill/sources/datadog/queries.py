"""One metric of an entry, its free `query` or its `formula` -> a question in Datadog's query language."""

import re
from collections.abc import Iterable, Iterator
from datetime import timedelta
from functools import lru_cache

from watchbill.model import datadog_query
from watchbill.model.datadog_names import tag_key
from watchbill.model.failures import SourceError
from watchbill.model.metrics import ANY, MetricEntry, is_fixed
from watchbill.model.series import FORMULA, Series
from watchbill.model.windows import format_duration
from watchbill.sources.datadog.texts import asks_several, completed, is_plain, parts, rollups
from watchbill.sources.errors import Asked
from watchbill.sources.request import Query

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_NAMES_IN_FORMULA = re.compile(r"'[^']*'|\"[^\"]*\"|\b(?P<name>[A-Za-z_]\w*)\b(?!\s*\()")


def questions(entry: MetricEntry, connection: str, site: str) -> Iterator[Query]:
    """All that an entry asks of one organisation. Raises SourceError, not retryable."""
    if entry.query:
        yield free_question(entry, connection, site)
    elif entry.formula:
        yield formula_question(entry, connection, site)
    else:
        for metric in entry.metrics:
            for statistic in entry.statistics:
                yield question(entry, metric, statistic, connection, site)


def question(entry: MetricEntry, metric: str, statistic: str, connection: str, site: str) -> Query:
    """Raises SourceError for a statistic that Datadog does not have."""
    try:
        text = datadog_query.query(entry.namespace, metric, statistic, entry.dimensions, entry.period_s,
                                   entry.datadog_names.get(metric, ""))
    except datadog_query.UnknownStatisticError as error:
        raise _refused(entry, connection, site, str(error),
                       f"Write one of {', '.join(datadog_query.STATISTICS)}, or a percentile as p99") from None
    series = Series("datadog", connection, site, entry.namespace, metric, statistic, entry.period_s, _fixed(entry),
                    entry.unit)
    groups = tuple(name for name, value in entry.dimensions.items() if not is_fixed(value))
    return Query(entry.name, series, text, groups, _sift(entry), nil_to_zero=entry.nil_to_zero)


def free_question(entry: MetricEntry, connection: str, site: str) -> Query:
    """The entry's own `query`, rolled up to its period. Raises SourceError where it rolls up to another.

    A query for one metric is stored under that metric, its scope and its groups; any other (functions,
    arithmetic) under its own text, for its values are not the metric's.
    """
    text = " ".join(entry.query.split())
    _check(text, entry, connection, site)
    first, *_ = found = parts(text)
    if not is_plain(text) and any("as_rate" in part.modifiers and "rollup" not in part.modifiers for part in found):
        raise _refused(entry, connection, site, "in arithmetic and functions Datadog chooses the steps of as_rate()",
                       "Write a `formula` over `queries`, which are read in steps of the period")
    namespace, _, rest = first.metric.partition(".")
    if not rest:
        namespace, rest = "", namespace
    series = Series("datadog", connection, site, namespace, rest if is_plain(text) else text, first.statistic,
                    entry.period_s, first.dimensions, entry.unit)
    return Query(entry.name, series, completed(text, entry.period_s), first.groups, nil_to_zero=entry.nil_to_zero)


def answers(entry: MetricEntry, series: Series) -> bool:
    """Whether a series, in the entry's period, is of what its free `query` brings."""
    try:
        asked = _free_question(entry.query, entry.period_s)
    except SourceError:
        return False
    has, fixed = dict(series.dimensions), dict(asked.series.dimensions)
    return ((series.source, series.namespace, series.metric, series.statistic, series.period_s)
            == ("datadog", asked.series.namespace, asked.series.metric, asked.series.statistic, entry.period_s)
            and fixed.items() <= has.items() and has.keys() <= {*fixed, *asked.group_by})


@lru_cache(maxsize=1024)
def _free_question(query: str, period_s: int) -> Query:
    period = timedelta(seconds=period_s)
    return free_question(MetricEntry(name="free", sources=("datadog",), query=query, period=period), "", "")


def formula_question(entry: MetricEntry, connection: str, site: str) -> Query:
    """The entry's `formula`, its `queries` rolled up to its period; stored under the entry's metric.

    The groups are those of its queries, under the names that `dimensions` give them. Raises SourceError.
    """
    queries = {name: " ".join(str(text).split()) for name, text in entry.queries.items()}
    for name, text in queries.items():
        _check(text, entry, connection, site, of=f"query {name}")
        if not is_plain(text):
            raise _refused(entry, connection, site, f"its query {name} is more than one metric",
                           "Write functions and arithmetic in `formula`, and a query for each metric")
    _check_names(entry, queries, connection, site)
    groups = _named_groups(entry, dict.fromkeys(group for text in queries.values() for group in parts(text)[0].groups))
    for name, value in entry.dimensions.items():
        if not is_fixed(value) and name not in groups:
            raise _refused(entry, connection, site, f"none of its queries is grouped by its dimension {name}",
                           f"Write by {{{tag_key(entry.namespace, name)}}} behind the scope of a query")
    series = Series("datadog", connection, site, entry.namespace, entry.metrics[0], FORMULA, entry.period_s,
                    _fixed(entry), entry.unit)
    return Query(entry.name, series, " ".join(entry.formula.split()), groups, _sift(entry),
                 tuple((name, completed(text, entry.period_s)) for name, text in queries.items()),
                 nil_to_zero=entry.nil_to_zero)


def _fixed(entry: MetricEntry) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in entry.dimensions.items() if is_fixed(value))


def _sift(entry: MetricEntry) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in entry.dimensions.items() if not is_fixed(value) and value != ANY)


def _named_groups(entry: MetricEntry, keys: Iterable[str]) -> tuple[str, ...]:
    """Tags as the entry's dimensions call them, and as they are where it does not name them."""
    declared = {tag_key(entry.namespace, name): name for name in entry.dimensions}
    return tuple(declared.get(key.lower(), key) for key in keys)


def _check(text: str, entry: MetricEntry, connection: str, site: str, of: str = "query") -> None:
    if not parts(text):
        raise _refused(entry, connection, site, f"no metric with a scope was found in {text}",
                       "Write the query as avg:system.cpu.user{*} by {host}")
    if asks_several(text):
        raise _refused(entry, connection, site, f"its {of} asks for several things at once",
                       "Write an entry for each of them")
    for arguments, seconds in rollups(text):
        if seconds != str(entry.period_s):
            raise _refused(entry, connection, site,
                           f"its {of} says .rollup({arguments}), but its period is {format_duration(entry.period)}",
                           f"Write .rollup(…, {entry.period_s}), or another period")


def _check_names(entry: MetricEntry, queries: Iterable[str], connection: str, site: str) -> None:
    """That the formula names its queries, all of them and nothing else; functions stand before a bracket."""
    bad = [name for name in queries if not _NAME.fullmatch(name)]
    if bad:
        raise _refused(entry, connection, site, f"its query cannot be called {bad[0]}",
                       "Write small letters, digits and _, a letter first")
    named = {found["name"] for found in _NAMES_IN_FORMULA.finditer(entry.formula) if found["name"]}
    if unknown := sorted(named - set(queries)):
        raise _refused(entry, connection, site, f"its formula names {unknown[0]}, which is none of its queries",
                       f"There are {', '.join(queries)}")
    if unused := sorted(set(queries) - named):
        raise _refused(entry, connection, site, f"its formula does not name its query {unused[0]}", "Leave it out")


def _refused(entry: MetricEntry, connection: str, site: str, problem: str, advice: str) -> SourceError:
    return Asked("Datadog", site, connection, "planning", (entry.name,)).error(problem, advice, retryable=False)
