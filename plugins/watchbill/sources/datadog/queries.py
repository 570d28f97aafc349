"""One metric of an entry, or its free `query` -> a question in Datadog's query language.

https://docs.datadoghq.com/metrics/#querying-metrics
"""

import re

from watchbill.model.metrics import MetricEntry
from watchbill.model.series import Series
from watchbill.model.windows import format_duration
from watchbill.sources.errors import Asked
from watchbill.sources.request import Query

# Over time (`rollup`) and then over the series of a scope (before the colon), so that the pair says what
# CloudWatch's statistic says of all samples: sums add up, and so do counts of samples, which is why
# SampleCount is a sum of counts; `count:` would count the series. An Average weighs every series alike.
# docs.datadoghq.com/dashboards/functions/rollup
_AGGREGATORS = {"Average": ("avg", "avg"), "Sum": ("sum", "sum"), "Minimum": ("min", "min"),
                "Maximum": ("max", "max"), "SampleCount": ("sum", "count")}
_STATISTICS = {"avg": "Average", "sum": "Sum", "min": "Minimum", "max": "Maximum", "count": "SampleCount"}
_PERCENTILE = re.compile(r"p\d{1,2}(\.\d{1,2})?")

_PART = re.compile(
    r"(?:\b(?P<aggregator>avg|sum|min|max|count|p\d{1,2}(?:\.\d{1,2})?):)?(?P<metric>[A-Za-z][\w.]*)"
    r"\{(?P<scope>[^{}]*)\}(?:\s*by\s*\{(?P<by>[^{}]*)\})?"
    r"(?P<modifiers>(?:\.(?:as_count|as_rate|fill|rollup)\([^()]*\))*)"
)
_ROLLUP = re.compile(r"\.rollup\(([^()]*)\)")


def question(entry: MetricEntry, metric: str, statistic: str, connection: str, site: str) -> Query:
    """Raises SourceError for a statistic that Datadog does not have."""
    space, time = _aggregators(statistic, entry, connection, site)
    fixed = {name: tag(value) for name, value in entry.dimensions.items() if value != "*"}
    scope = ",".join(f"{tag(name)}:{value}" for name, value in fixed.items()) or "*"
    group_by = tuple(name for name, value in entry.dimensions.items() if value == "*")
    by = f" by {{{','.join(map(tag, group_by))}}}" if group_by else ""
    name = metric_name(f"{entry.namespace}.{metric}")
    series = Series("datadog", connection, site, entry.namespace, metric, statistic, entry.period_s,
                    tuple(fixed.items()), entry.unit)
    text = f"{space}:{name}{{{scope}}}{by}.rollup({time}, {entry.period_s})"
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
    return Query(entry.name, series, _rolled_up(text, entry.period_s), group_by)


def tag(text: str) -> str:
    """A tag's key or value as Datadog keeps it. docs.datadoghq.com/getting_started/tagging"""
    return re.sub(r"[^\w\-:./]", "_", text.lower())[:200]


def metric_name(text: str) -> str:
    """A metric's name as Datadog keeps it: ASCII letters, digits, `_` and `.`. docs.datadoghq.com/metrics"""
    return re.sub(r"[^A-Za-z0-9_.]", "_", text)[:200]


def _aggregators(statistic: str, entry: MetricEntry, connection: str, site: str) -> tuple[str, str]:
    if statistic in _AGGREGATORS:
        return _AGGREGATORS[statistic]
    if _PERCENTILE.fullmatch(statistic):
        # Of distributions with percentiles; the time aggregator has no meaning there, but is always taken.
        # docs.datadoghq.com/metrics/faq/rollup-for-distributions-with-percentiles
        return statistic, "avg"
    raise _asked(entry, connection, site).error(
        f"Datadog has no statistic {statistic}",
        f"Write one of {', '.join(_AGGREGATORS)}, or a percentile as p99", retryable=False)


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
    return tuple((key, tag(value)) for key, _, value in parts
                 if value and "*" not in value and not key.startswith("!"))


def _rolled_up(text: str, period_s: int) -> str:
    """Every metric of a query with its time aggregation said; `as_rate` has one of its own."""
    def said(part: re.Match[str]) -> str:
        if ".rollup(" in part["modifiers"] or ".as_rate(" in part["modifiers"]:
            return part[0]
        space = part["aggregator"]
        adds_up = space in ("sum", "count") or ".as_count(" in part["modifiers"]
        over_time = "sum" if adds_up else space if space in ("min", "max") else "avg"
        return f"{part[0]}.rollup({over_time}, {period_s})"
    return _PART.sub(said, text)


def _asked(entry: MetricEntry, connection: str, site: str) -> Asked:
    return Asked("Datadog", site, connection, "planning", (entry.name,))
