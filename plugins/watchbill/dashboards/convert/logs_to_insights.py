"""A Datadog log widget's question -> the same question in CloudWatch Logs Insights, and what it loses.

    service:web @status:>=500   count by @path, top 10
    filter service = "web" and status >= 500 and ispresent(path) | stats count(*) as count by path | sort count desc …

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from watchbill.dashboards.convert.logs_filter import condition
from watchbill.dashboards.convert.logs_filter import field as field_of
from watchbill.dashboards.variables import log_condition
from watchbill.model.dashboards import CloudWatchLogs, DatadogLogs, LogCompute, LogGroup, Variable
from watchbill.model.languages.datadog_search import read_search
from watchbill.model.windows import format_duration

ALL_LOG_GROUPS = "*"
_VIEWS = {"line": "line", "area": "area", "bars": "bar", "bar": "bar", "pie": "pie", "number": "table",
          "table": "table", "list": "table"}
_OVER_TIME = ("line", "area", "bars")
_AGGREGATIONS = {"count": "count(*)", "cardinality": "count_distinct({0})", "avg": "avg({0})", "sum": "sum({0})",
                 "min": "min({0})", "max": "max({0})", "median": "pct({0}, 50)", "stddev": "stddev({0})",
                 "latest": "latest({0})", "earliest": "earliest({0})"}
_PERCENTILE = re.compile(r"pc(\d{1,2}(?:\.\d+)?)")
# Datadog's own pipelines make these of what the log says (docs.datadoghq.com/logs/log_configuration/processors).
_MADE = re.compile(r"geoip\.|useragent_details\.|url_details\.|threat_intel\.")
_COLUMNS = {"timestamp": "@timestamp", "content": "@message", "message": "@message", "status_line": "status",
            "date": "@timestamp", "core_host": "host", "core_service": "service", "log_status": "status"}
_BIN = timedelta(minutes=5)
_EVENTS = 100


@dataclass
class Asked:
    """`logs` is None where it is impossible, and `lost` says why."""

    logs: CloudWatchLogs | None = None
    lost: list[str] = field(default_factory=list)


def insights(logs: DatadogLogs, log_groups: Sequence[str], variables: Mapping[str, Variable]) -> Asked:
    """`log_groups`: to search; all of them where empty. `variables`: by name. Never raises."""
    if logs.source != "logs":
        return Asked(None, [f"shows Datadog's {logs.source}, which CloudWatch does not have"])
    lost: list[str] = []
    try:
        query = " | ".join(part for part in (_filter(logs, lost, variables), *_shown(logs, lost)) if part)
    except ValueError as error:
        return Asked(None, [f"its search {error}"])
    if len(query) > 10_000:
        return Asked(None, ["its search is longer than Logs Insights takes"])
    if logs.indexes and not log_groups:
        lost.append(f"searches all logs, not the index {', '.join(logs.indexes)} alone")
    made = CloudWatchLogs(log_groups=tuple(log_groups) or (ALL_LOG_GROUPS,), query=query, view=_VIEWS[logs.view])
    return Asked(made, list(dict.fromkeys(lost)))


def _filter(logs: DatadogLogs, lost: list[str], variables: Mapping[str, Variable]) -> str:
    said = condition(read_search(logs.query), lambda name, at: _chosen(name, at, variables, lost))
    present = [f"ispresent({field_of(group.facet)})" for group in logs.group_by]
    kept = [f"({said})" if present and " or " in said else said, *present]
    text = " and ".join(part for part in dict.fromkeys(kept) if part)
    lost += [f"needs {made}* in the log itself: in Datadog a pipeline adds it"
             for made in sorted({found[0] for found in _MADE.finditer(f"{text} {_measures(logs)}")})]
    return f"filter {text}" if text else ""


def _measures(logs: DatadogLogs) -> str:
    return " ".join(compute.metric for compute in logs.compute)


def _chosen(name: str, attribute: str, variables: Mapping[str, Variable], lost: list[str]) -> str:
    """One that begins with every value is a whole condition, any other a value."""
    variable = variables.get(name)
    if variable is None:
        raise ValueError(f"names the variable ${name}, which the dashboard does not have")
    where = attribute or variable.dimension
    if not where:
        if variable.default:
            raise ValueError(f"follows ${name}, which may be any tag")
        lost.append(f"does not follow ${name}, which may be any tag")
        return ""
    return f'{field_of(where)} = "${name}"' if variable.default else f"({log_condition(name)})"


def _shown(logs: DatadogLogs, lost: list[str]) -> Iterator[str]:
    if logs.view == "list":
        columns = [_COLUMNS.get(one, one) for one in logs.columns] or ["@timestamp", "@message"]
        kept = list(dict.fromkeys(["@timestamp", *(one if one[0] == "@" and one in _COLUMNS.values() else field_of(one)
                                                   for one in columns)]))
        yield f"fields {', '.join(kept if len(kept) > 1 else [*kept, '@message'])}"
        yield "sort @timestamp desc"
        yield f"limit {_EVENTS}"
        return
    computes = logs.compute or (LogCompute(),)
    by = [field_of(group.facet) for group in logs.group_by]
    names = [f"{_function(one)} as {_alias(one)}" for one in computes]
    if logs.view in _OVER_TIME:
        bins = [one.interval for one in computes if one.interval]
        span = format_duration(bins[0]) if bins and bins[0] >= timedelta(minutes=1) else format_duration(_BIN)
        yield f"stats {', '.join(names)} by {', '.join([f'bin({span})', *by])}"
        yield from _over_time(logs, computes, lost)
    else:
        yield f"stats {', '.join(names)}{_by(by)}"
        yield from _ranked(logs, computes, lost)


def _over_time(logs: DatadogLogs, computes: Sequence[LogCompute], lost: list[str]) -> Iterator[str]:
    if logs.group_by:
        lost.append(f"shows every value of {logs.group_by[0].facet}, not the {logs.group_by[0].limit} largest alone")
    if len(logs.group_by) > 1 or (logs.group_by and len(computes) > 1):
        raise ValueError("draws lines for several facets: Logs Insights draws them for one")
    yield ""


def _ranked(logs: DatadogLogs, computes: Sequence[LogCompute], lost: list[str]) -> Iterator[str]:
    if not logs.group_by:
        return
    first = logs.group_by[0]
    plain = [one.model_copy(update={"interval": None}) for one in computes]
    rank = first.sort if first.sort in plain else plain[0]
    if rank != first.sort:
        lost.append(f"is in the order of its {_alias(rank)}, not of {_alias(first.sort)}")
    yield f"sort {_alias(rank)} {first.order}"
    yield f"limit {_most(logs.group_by, lost)}"


def _most(groups: Sequence[LogGroup], lost: list[str]) -> int:
    most = 1
    for group in groups:
        most *= group.limit
    if len(groups) > 1:
        lost.append(f"shows the {min(most, 10_000)} largest rows of all, not so many of each {groups[0].facet}")
    return min(most, 10_000)


def _function(compute: LogCompute) -> str:
    percentile = _PERCENTILE.fullmatch(compute.aggregation)
    if compute.aggregation != "count" and not compute.metric:
        raise ValueError(f"computes {compute.aggregation} of nothing")
    if percentile is not None:
        return f"pct({field_of(compute.metric)}, {percentile[1]})"
    if compute.aggregation not in _AGGREGATIONS:
        raise ValueError(f"computes {compute.aggregation}, which Logs Insights does not")
    measure = field_of(compute.metric) if compute.metric else ""
    return _AGGREGATIONS[compute.aggregation].format(measure)


def _alias(compute: LogCompute) -> str:
    measured = re.sub(r"\W+", "_", compute.metric.removeprefix("@")).strip("_")
    return "_".join(part for part in (compute.aggregation, measured) if part)


def _by(fields: Sequence[str]) -> str:
    return f" by {', '.join(fields)}" if fields else ""
