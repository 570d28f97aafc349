"""One metric of an entry, or its free `query` -> a question in Datadog's query language.

https://docs.datadoghq.com/metrics/#querying-metrics
"""

import re

from watchbill.model import datadog_query
from watchbill.model.datadog_names import tag_value
from watchbill.model.metrics import MetricEntry
from watchbill.model.series import Series
from watchbill.model.windows import format_duration
from watchbill.sources.errors import Asked
from watchbill.sources.request import Query

_STATISTICS = {"avg": "Average", "sum": "Sum", "min": "Minimum", "max": "Maximum", "count": "SampleCount"}
_PART = re.compile(
    r"(?:\b(?P<aggregator>avg|sum|min|max|count|p\d{1,2}(?:\.\d{1,2})?):)?(?P<metric>[A-Za-z][\w.]*)"
    r"\{(?P<scope>[^{}]*)\}(?:\s*by\s*\{(?P<by>[^{}]*)\})?"
    r"(?P<modifiers>(?:\.(?:as_count|as_rate|fill|rollup)\([^()]*\))*)"
)
_ROLLUP = re.compile(r"\.rollup\(([^()]*)\)")


def question(entry: MetricEntry, metric: str, statistic: str, connection: str, site: str) -> Query:
    """Raises SourceError for a statistic that Datadog does not have."""
    try:
        text = datadog_query.query(entry.namespace, metric, statistic, entry.dimensions, entry.period_s)
    except datadog_query.UnknownStatisticError as error:
        raise _asked(entry, connection, site).error(
            str(error), f"Write one of {', '.join(datadog_query.STATISTICS)}, or a percentile as p99",
            retryable=False) from None
    fixed = tuple((name, value) for name, value in entry.dimensions.items() if value != "*")
    group_by = tuple(name for name, value in entry.dimensions.items() if value == "*")
    series = Series("datadog", connection, site, entry.namespace, metric, statistic, entry.period_s, fixed,
                    entry.unit)
    return Query(entry.name, series, text, group_by)


def free_question(entry: MetricEntry, connection: str, site: str) -> Query:
    """The entry's own `query`, rolled up to its period. Raises SourceError where it rolls up to another.

    A query for one metric is stored under that metric, its scope and its groups; any other (functions,
    arithmetic) under its own text, for its values are not the metric's.
    """
    text = " ".join(entry.query.split())
    first = _PART.search(text)
    if first is None:
        raise _asked(entry, connection, site).error(
            f"no metric with a scope was found in {text}",
            "Write the query as avg:system.cpu.user{*} by {host}", retryable=False)
    _check_rollups(text, entry, connection, site)
    namespace, _, rest = first["metric"].partition(".")
    if not rest:
        namespace, rest = "", namespace
    aggregator = first["aggregator"] or "avg"  # Datadog's default
    series = Series("datadog", connection, site, namespace, rest if first[0] == text else text,
                    _STATISTICS.get(aggregator, aggregator), entry.period_s, _dimensions(first["scope"]),
                    entry.unit)
    group_by = tuple(name.strip() for name in (first["by"] or "").split(",") if name.strip())
    return Query(entry.name, series, _completed(text, entry.period_s), group_by)


def _check_rollups(text: str, entry: MetricEntry, connection: str, site: str) -> None:
    for arguments in _ROLLUP.findall(text):
        seconds = arguments.split(",")[-1].strip()
        if seconds != str(entry.period_s):
            raise _asked(entry, connection, site).error(
                f"its query says .rollup({arguments}), but its period is {format_duration(entry.period)}",
                f"Write .rollup(…, {entry.period_s}), or another period", retryable=False)


def _dimensions(scope: str) -> tuple[tuple[str, str], ...]:
    """Of a scope only what holds for every series in it: no wildcard, no negation, no OR or IN."""
    if re.search(r"\s(or|in|and|not)\s|[()]", f" {scope} ", re.IGNORECASE):
        return ()
    parts = (part.strip().partition(":") for part in scope.split(","))
    return tuple((key, tag_value(value)) for key, _, value in parts
                 if value and "*" not in value and not key.startswith("!"))


def _completed(text: str, period_s: int) -> str:
    """Every metric of a query with its time aggregation said, and without points that nobody measured.

    What counts (`as_count`, `as_rate`) is not interpolated anyway, and in arithmetic its gaps are zeros, which
    `fill(null)` might undo. docs.datadoghq.com/dashboards/functions/interpolation
    """
    def said(part: re.Match[str]) -> str:
        has = set(re.findall(r"\.(\w+)\(", part["modifiers"]))
        space = part["aggregator"]
        adds_up = space in ("sum", "count") or "as_count" in has
        over_time = "sum" if adds_up else space if space in ("min", "max") else "avg"
        rollup = "" if has & {"rollup", "as_rate"} else f".rollup({over_time}, {period_s})"  # as_rate has its own
        fill = "" if has & {"fill", "as_count", "as_rate"} else datadog_query.NOT_INTERPOLATED
        return f"{part[0]}{rollup}{fill}"
    return _PART.sub(said, text)


def _asked(entry: MetricEntry, connection: str, site: str) -> Asked:
    return Asked("Datadog", site, connection, "planning", (entry.name,))
