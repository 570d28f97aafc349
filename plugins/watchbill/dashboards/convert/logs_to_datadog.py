"""A CloudWatch Logs Insights query -> the same question in a Datadog log widget, and what it loses.

Events are found by the log group that Datadog's forwarder notes with each of them.
docs.datadoghq.com/logs/guide/forwarder
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from watchbill.dashboards.convert.insights_search import UnsaidError, attribute, escaped, search
from watchbill.model.dashboards import CloudWatchLogs, DatadogLogs, LogCompute, LogGroup
from watchbill.model.languages.logs_insights import Computed, LogQuery, Stats, parse
from watchbill.model.languages.tokens import NotReadError

_GROUP = "@aws.awslogs.logGroup"
_VIEWS = {"table": "table", "line": "line", "area": "area", "bar": "bar", "pie": "pie"}
_SAME = {"avg", "sum", "min", "max"}
_PERCENTILES = {50.0: "median", 75.0: "pc75", 90.0: "pc90", 95.0: "pc95", 98.0: "pc98", 99.0: "pc99"}
_TOP = 10
_MOST = 1000


@dataclass
class Asked:
    """`logs` is None where it is impossible, and `lost` says why."""

    logs: DatadogLogs | None = None
    lost: list[str] = field(default_factory=list)


def log_search(logs: CloudWatchLogs) -> Asked:
    """Never raises."""
    lost: list[str] = []
    try:
        query = parse(logs.query)
        found = " ".join(part for part in (_groups(logs.log_groups), search(query.filters, lost)) if part)
        made = _computed(query, query.stats, found, logs.view, lost) if query.stats else _listed(query, found, lost)
    except (NotReadError, UnsaidError) as error:
        return Asked(None, [f"its query {error}" if isinstance(error, NotReadError) else str(error)])
    return Asked(made, list(dict.fromkeys(lost)))


def _groups(names: Sequence[str]) -> str:
    found = [_group(name) for name in names if name != "*"]
    return found[0] if len(found) == 1 else f"({' OR '.join(found)})" if found else ""


def _group(name: str) -> str:
    """An ARN ends with the name; a `*` at the end is all that begin so."""
    name = name.removesuffix(":*").partition(":log-group:")[2] if name.startswith("arn:") else name
    if "*" in name:
        return f"{_GROUP}:{'*'.join(escaped(part) for part in name.split('*'))}"
    return f'{_GROUP}:"{name}"'


def _listed(query: LogQuery, found: str, lost: list[str]) -> DatadogLogs:
    if query.sort and query.sort != ("@timestamp", "desc"):
        lost.append(f"its events are the newest first, not in the order of {query.sort[0]}")
    if query.limit:
        lost.append("its list goes on past its limit")
    columns = list(dict.fromkeys(_columns(query, lost)))
    return DatadogLogs(query=found, columns=tuple(columns), view="list")


def _columns(query: LogQuery, lost: list[str]) -> Iterator[str]:
    for name, alias in query.fields:
        try:
            column = attribute(name)
        except UnsaidError as error:
            lost.append(f"without the column {alias or name}: {error}")
            continue
        column = "content" if column == "message" else column
        if alias:
            lost.append(f"its column {alias} is called {column}")
        yield column


def _computed(query: LogQuery, stats: Stats, found: str, view: str, lost: list[str]) -> DatadogLogs:
    if query.limit_before_stats:
        raise UnsaidError("it computes over its first events only (limit before stats)")
    over_time = stats.bin_s is not None
    if over_time and view not in ("line", "area", "bar"):
        lost.append("its bins of time are drawn, not listed")
    shown = _shown(view, stats, over_time=over_time)
    if query.sort and over_time and not query.sort[0].startswith("bin"):
        lost.append(f"its points are in the order of time, not of {query.sort[0]}")
    interval = timedelta(seconds=stats.bin_s) if stats.bin_s else None
    computes = tuple(_compute(one, lost, interval) for one in stats.computed)
    lost += [f"its column {one.alias} has the name of what it computes" for one in stats.computed
             if one.alias and len(stats.computed) > 1]
    return DatadogLogs(query=found, view=shown, compute=computes, group_by=_grouped(query, stats, computes, lost))


def _shown(view: str, stats: Stats, *, over_time: bool) -> str:
    if over_time:
        return {"bar": "bars", "area": "area"}.get(view, "line")
    if not stats.by:
        return "number" if len(stats.computed) == 1 else "table"
    return _VIEWS[view] if view in ("table", "pie", "bar") else "table"


def _compute(one: Computed, lost: list[str], interval: timedelta | None) -> LogCompute:
    if one.function == "count":
        if one.field and one.field != "@message":
            lost.append(f"it counts all events, not only those with {one.field}")
        return LogCompute(aggregation="count", interval=interval)
    measure = attribute(one.field) if one.field else ""
    if one.function in _SAME and measure:
        return LogCompute(aggregation=one.function, metric=measure, interval=interval)
    if one.function in ("count_distinct", "countdistinct") and measure:
        return LogCompute(aggregation="cardinality", metric=measure, interval=interval)
    percentile = 50.0 if one.function == "median" else one.percentile
    if one.function in ("pct", "percentile", "median") and measure and percentile in _PERCENTILES:
        return LogCompute(aggregation=_PERCENTILES[percentile], metric=measure, interval=interval)
    raise UnsaidError(f"it computes {one.function}({one.field}{f', {one.percentile:g}' if one.percentile else ''})")


def _grouped(query: LogQuery, stats: Stats, computes: Sequence[LogCompute], lost: list[str]) -> tuple[LogGroup, ...]:
    limit = query.limit if query.limit and not stats.bin_s else None
    if stats.by and limit is None:
        lost.append(f"it shows the {_MOST if len(stats.by) == 1 else _TOP} largest of each group at most")
    at, order = _order(query, stats)
    rank = LogCompute(aggregation=computes[at].aggregation, metric=computes[at].metric)
    most = min(limit or (_MOST if len(stats.by) == 1 else _TOP), _MOST)
    return tuple(LogGroup(facet=attribute(name), limit=most, sort=rank, order=order) for name in stats.by)


def _order(query: LogQuery, stats: Stats) -> tuple[int, str]:
    if query.sort:
        for at, one in enumerate(stats.computed):
            if query.sort[0] in (one.alias, f"{one.function}({one.field or '*'})", f"{one.function}()"):
                return at, query.sort[1]
    return 0, "desc"
