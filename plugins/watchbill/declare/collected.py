"""Which metrics the entries collect, as far as YAML can tell: entries in, what is missing for a rule out."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from watchbill.declare.files import close
from watchbill.model.metrics import MetricEntry, dimension_matcher
from watchbill.model.rules import Absence, Metric, Selector
from watchbill.model.windows import format_duration

_QUERY = re.compile(r"(?:(avg|sum|min|max|count|p\d{1,2}(?:\.\d+)?):)?([A-Za-z][\w.]*)\{[^{}]*\}")
_STATISTICS = {"": "Average", "avg": "Average", "sum": "Sum", "min": "Minimum", "max": "Maximum",
               "count": "SampleCount"}


@dataclass(frozen=True)
class Collected:
    """One name of an entry's metrics, from one source. `dimensions` None: a query or formula, which may bring any."""

    entry: MetricEntry
    source: str
    namespace: str
    metric: str
    statistics: tuple[str, ...]
    dimensions: Mapping[str, str] | None

    @property
    def name(self) -> str:
        return f"{self.namespace}/{self.metric}" if self.namespace else self.metric

    def is_named(self, namespace: str, metric: str) -> bool:
        """A free query's own text may hold anything; only a name that was declared may have `*`."""
        return namespace == self.namespace and (
            metric == self.metric if self.entry.query else fnmatchcase(metric, self.metric))


@dataclass(frozen=True)
class Gap:
    """Why a condition would never see a point: at which of its keys, and what helps."""

    key: str
    problem: str
    fix: str = ""


def collected(entries: Iterable[MetricEntry]) -> list[Collected]:
    return [one for entry in entries for one in (_of_query(entry) if entry.query else _of_names(entry))]


def _of_names(entry: MetricEntry) -> list[Collected]:
    dimensions = None if entry.formula else entry.dimensions
    return [Collected(entry, source, entry.namespace, metric, entry.stored_statistics, dimensions)
            for source in entry.sources for metric in entry.metrics]


def _of_query(entry: MetricEntry) -> list[Collected]:
    """A query for one metric is stored under it, its first word as namespace; others under their text."""
    text = " ".join(entry.query.split())
    found: list[Collected] = []
    for aggregator, name in _QUERY.findall(text)[:1]:
        namespace, _, metric = name.rpartition(".") if "." not in name else name.partition(".")
        statistics = (_STATISTICS.get(aggregator, aggregator),)
        found = [Collected(entry, "datadog", namespace, kept, statistics, None) for kept in (metric, text)]
    return found


def gap(condition: Metric, known: list[Collected]) -> Gap | None:
    """None where at least one entry collects what the condition judges."""
    name = f"{condition.namespace}/{condition.metric}"
    here = [one for one in known if one.source == condition.source]
    same = [one for one in here if one.is_named(condition.namespace, condition.metric)]
    if not same:
        return _no_metric(condition, name, here, known)
    with_statistic = [one for one in same if condition.statistic in one.statistics]
    if not with_statistic:
        there = ", ".join(sorted({statistic for one in same for statistic in one.statistics}))
        return Gap("statistic", f"no entry collects {name} as {condition.statistic}, only as {there}",
                   _statistic_fix(condition, same[0].entry))
    fitting = [one for one in with_statistic if _can_match(condition.dimensions, one.dimensions)]
    if not fitting:
        there = "; ".join(sorted({_dimensions(one.dimensions or {}) for one in with_statistic}))
        wanted = _dimensions(condition.dimensions)
        return Gap("dimensions", f"no entry collects {name} with {wanted}", f"collected with {there}")
    return _no_period(condition, name, fitting)


def _statistic_fix(condition: Metric, entry: MetricEntry) -> str:
    if entry.expression or entry.formula:
        return f"what entry `{entry.name}` computes is judged with `statistic: {entry.stored_statistics[0]}`"
    return f"add {condition.statistic} to the statistics of entry `{entry.name}`"


def _no_metric(condition: Metric, name: str, here: list[Collected], known: list[Collected]) -> Gap:
    problem = f"no entry of metrics/ collects {name} from {condition.source}"
    elsewhere = next((one for one in known if one.is_named(condition.namespace, condition.metric)), None)
    if elsewhere:
        return Gap("metric", problem, f"entry `{elsewhere.entry.name}` collects it from {elsewhere.source}")
    near = close(name, (one.name for one in here))
    return Gap("metric", problem, f"did you mean {near}?" if near else "add it to an entry")


def _no_period(condition: Metric, name: str, fitting: list[Collected]) -> Gap | None:
    periods = sorted({one.entry.period for one in fitting})
    there = ", ".join(map(format_duration, periods))
    if condition.period and condition.period not in periods:
        return Gap("period", f"no entry collects {name} every {format_duration(condition.period)}",
                   f"collected every {there}; leave it out for the finest")
    period = condition.period or periods[0]
    if isinstance(condition, Selector | Absence) and condition.window < period:
        length = format_duration(period)
        return Gap("window", f"is shorter than the period of {length}: no point ever lies in it",
                   f"at least {length}")
    return None


def _can_match(wanted: Mapping[str, str], has: Mapping[str, str] | None) -> bool:
    return has is None or all(
        name in has and (value == "*" or dimension_matcher(name, has[name]).matches_value(value))
        for name, value in wanted.items())


def _dimensions(dimensions: Mapping[str, str]) -> str:
    return ", ".join(f"{name}: {value}" for name, value in dimensions.items()) or "no dimensions"
