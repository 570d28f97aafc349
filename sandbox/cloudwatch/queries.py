"""GetMetricData's queries: as they come in the request, checked and read into what is to be computed."""

import ast
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.cloudwatch import metric_math
from sandbox.cloudwatch.errors import invalid_request
from sandbox.cloudwatch.metrics import MetricKey
from sandbox.cloudwatch.names import metric_key
from sandbox.cloudwatch.retention import is_period
from sandbox.cloudwatch.statistics import is_statistic

MOST_QUERIES = 500
_ID = re.compile(r"[a-z][a-zA-Z0-9_]*")


@dataclass(frozen=True)
class Stat:
    """One statistic of one metric."""

    key: MetricKey
    statistic: str
    period_s: int
    unit: str | None


@dataclass(frozen=True)
class Query:
    id: str
    what: Stat | ast.expr
    label: str | None  # as given
    returned: bool
    account: str | None  # as given


def read(listed: Sequence[Mapping[str, Any]]) -> list[Query]:
    """Raises Refused, ValidationError as the vendor says it; all wrong ids and statistics in one message."""
    if not listed:
        raise invalid_request("The collection MetricDataQueries must not be empty.")
    if len(listed) > MOST_QUERIES:
        raise invalid_request(
            f"The collection MetricDataQueries must not have a size greater than {MOST_QUERIES}."
        )
    problems = [problem for number, given in enumerate(listed, 1) for problem in _problems(number, given)]
    if problems:
        raise invalid_request("\n".join(problems))
    if max(Counter(given["Id"] for given in listed).values()) > 1:
        raise invalid_request("The values for parameter id in MetricDataQueries are not unique.")
    queries = [_query(number, given) for number, given in enumerate(listed, 1)]
    _check_expressions({query.id: query for query in queries})
    return queries


def _problems(number: int, given: Mapping[str, Any]) -> Iterator[str]:
    where = f"MetricDataQueries.member.{number}"
    if not _ID.fullmatch(given["Id"]):
        yield (f"The value {given['Id']} for parameter {where}.Id is not matching the expected pattern "
               "^[a-z][a-zA-Z0-9_]*$.")  # fmt: skip
    if ("MetricStat" in given) == ("Expression" in given):
        yield f"Exactly one of the parameters {where}.MetricStat and {where}.Expression must be specified."
    if "MetricStat" not in given:
        return
    stat = given["MetricStat"]
    if not is_statistic(stat["Stat"]):
        yield f"The value {stat['Stat']} for parameter {where}.MetricStat.Stat is not supported."
    if not is_period(stat["Period"]):
        yield (f"The value {stat['Period']} for parameter {where}.MetricStat.Period must be in the set "
               "[ 1, 5, 10, 20, 30 ] or a multiple of 60.")  # fmt: skip
    for name in ("Namespace", "MetricName"):
        if name not in stat["Metric"]:
            yield f"The parameter {where}.MetricStat.Metric.{name} is required."


def _query(number: int, given: Mapping[str, Any]) -> Query:
    what = _stat(number, given["MetricStat"]) if "MetricStat" in given else _expression(given)
    return Query(given["Id"], what, given.get("Label"), given.get("ReturnData", True),
                 given.get("AccountId"))


def _stat(number: int, given: Mapping[str, Any]) -> Stat:
    metric = given["Metric"]
    key = metric_key(metric["Namespace"], metric["MetricName"], metric.get("Dimensions", []),
                     code="ValidationError", where=f"MetricDataQueries.member.{number}.MetricStat.Metric.")
    return Stat(key, given["Stat"], given["Period"], given.get("Unit"))


def _expression(given: Mapping[str, Any]) -> ast.expr:
    try:
        return metric_math.parse(given["Expression"])
    except ValueError as problem:
        raise invalid_request(f"Error in expression '{given['Id']}': {problem}.") from None


def _check_expressions(queries: Mapping[str, Query]) -> None:
    """Every id that an expression names exists, none needs itself, and all have one period."""
    for query in queries.values():
        if isinstance(query.what, ast.expr) and len(periods(query, queries, ())) > 1:
            raise invalid_request(f"Error in expression '{query.id}': its metrics have different periods.")


def periods(query: Query, queries: Mapping[str, Query], above: tuple[str, ...]) -> set[int]:
    """The periods that a query rests on. Raises Refused for unknown ids and for circles."""
    if isinstance(query.what, Stat):
        return {query.what.period_s}
    if query.id in above:
        raise invalid_request(f"Error in expression '{query.id}': it refers to itself.")
    named = sorted(metric_math.names(query.what))
    unknown = [name for name in named if name not in queries]
    if unknown:
        raise invalid_request(f"Error in expression '{query.id}': Undefined identifier {unknown[0]}.")
    return set().union(*(periods(queries[name], queries, (*above, query.id)) for name in named))


def labels(queries: Sequence[Query]) -> dict[str, str]:
    """Each query's label: as given, or the metric's name with what tells it from its neighbours."""
    stats = [query.what for query in queries if isinstance(query.what, Stat)]
    alike = Counter(stat.key.metric for stat in stats)
    metrics = Counter(key.metric for key in {stat.key for stat in stats})
    statistics = Counter(metric for metric, _ in {(stat.key.metric, stat.statistic) for stat in stats})
    return {
        query.id: query.label if query.label is not None else _label(query, alike, metrics, statistics)
        for query in queries
    }


def _label(query: Query, alike: Counter[str], metrics: Counter[str], statistics: Counter[str]) -> str:
    if not isinstance(query.what, Stat):
        return query.id
    metric = query.what.key.metric
    if alike[metric] == 1:
        return metric
    values = [value for _, value in query.what.key.dimensions] if metrics[metric] > 1 else []
    return " ".join([*values, metric] + [query.what.statistic] * (statistics[metric] > 1))
