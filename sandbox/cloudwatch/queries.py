"""GetMetricData's queries: as they come in the request, checked and read into what is to be computed."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.cloudwatch.accounts import View
from sandbox.cloudwatch.errors import invalid_request
from sandbox.cloudwatch.expressions import evaluate, insights, search, syntax
from sandbox.cloudwatch.expressions import labels as dynamic_labels
from sandbox.cloudwatch.expressions.insights import Select
from sandbox.cloudwatch.expressions.syntax import Node, Number, Text
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
    what: Stat | Select | Node
    label: str | None  # as given
    returned: bool
    account: str | None  # as given
    period_s: int | None  # as given beside an expression


def read(listed: Sequence[Mapping[str, Any]], view: View) -> list[Query]:
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
    if sum(isinstance(query.what, Select) for query in queries) > 1:
        raise invalid_request("A GetMetricData operation can include only one Metrics Insights query.")
    _check_searches(queries, view)
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
    label = given.get("Label")
    try:
        dynamic_labels.check(label or "")
    except ValueError as problem:
        raise invalid_request(f"Error in label of '{given['Id']}': {problem}.") from None
    return Query(given["Id"], what, label, given.get("ReturnData", True), given.get("AccountId"), given.get("Period"))


def _stat(number: int, given: Mapping[str, Any]) -> Stat:
    metric = given["Metric"]
    key = metric_key(metric["Namespace"], metric["MetricName"], metric.get("Dimensions", []),
                     code="ValidationError", where=f"MetricDataQueries.member.{number}.MetricStat.Metric.")
    return Stat(key, given["Stat"], given["Period"], given.get("Unit"))


def _expression(given: Mapping[str, Any]) -> Select | Node:
    text, period_s = given["Expression"], given.get("Period")
    if period_s is not None and not is_period(period_s):
        raise invalid_request(f"The value {period_s} for parameter Period of '{given['Id']}' must be in the set "
                              "[ 1, 5, 10, 20, 30 ] or a multiple of 60.")
    if insights.is_select(text) and period_s is None:
        raise invalid_request(f"Error in expression '{given['Id']}': a Metrics Insights query needs a Period.")
    try:
        if insights.is_select(text):
            return insights.parse(text)
        node = syntax.parse(text)
        evaluate.check(node)
    except ValueError as problem:
        raise invalid_request(f"Error in expression '{given['Id']}': {problem}.") from None
    return node


def searches(queries: Sequence[Query]) -> list[str]:
    """The distinct texts of all SEARCH expressions, in their order."""
    calls = [call for query in queries if not isinstance(query.what, Stat | Select)
             for call in evaluate.calls(query.what, "SEARCH")]
    return list(dict.fromkeys(call.arguments[0].value for call in calls if isinstance(call.arguments[0], Text)))


def _check_searches(queries: Sequence[Query], view: View) -> None:
    """Every SEARCH can be read, and there are not too many."""
    found = 0
    for query in queries:
        if isinstance(query.what, Stat | Select):
            continue
        for call in evaluate.calls(query.what, "SEARCH"):
            found += 1
            text, statistic, *period = (one.value for one in call.arguments if isinstance(one, Text | Number))
            _check_search(query.id, str(text), str(statistic), period, view)
    if found > search.MOST_SEARCHES:
        raise invalid_request(f"The request must not have more than {search.MOST_SEARCHES} search expressions.")


def _check_search(query_id: str, text: str, statistic: str, period: list[Any], view: View) -> None:
    where = f"Error in expression '{query_id}': "
    try:
        wanted = search.parse(text, view.account)
    except ValueError as problem:
        raise invalid_request(f"{where}{problem}.") from None
    if wanted.names_account and not view.is_monitoring:
        raise invalid_request(f"{where}Account IDs can be searched for in monitoring accounts only.")
    if not is_statistic(statistic):
        raise invalid_request(f"{where}The value {statistic} is not a supported statistic.")
    if period and not (float(period[0]).is_integer() and is_period(int(period[0]))):
        raise invalid_request(f"{where}The period {period[0]:g} must be in the set [ 1, 5, 10, 20, 30 ] or a multiple "
                              "of 60.")


def _check_expressions(queries: Mapping[str, Query]) -> None:
    """Every id that an expression names exists, none needs itself, and all have one period."""
    for query in queries.values():
        if not isinstance(query.what, Stat) and len(periods(query, queries, ())) > 1:
            raise invalid_request(f"Error in expression '{query.id}': its metrics have different periods.")


def periods(query: Query, queries: Mapping[str, Query], above: tuple[str, ...]) -> set[int]:
    """The periods of the metrics that a query rests on. Raises Refused for unknown ids and for circles."""
    if isinstance(query.what, Stat):
        return {query.what.period_s}
    if isinstance(query.what, Select):
        return set()
    if query.id in above:
        raise invalid_request(f"Error in expression '{query.id}': it refers to itself.")
    named = sorted(evaluate.names(query.what))
    unknown = [name for name in named if name not in queries]
    if unknown:
        raise invalid_request(f"Error in expression '{query.id}': Undefined identifier {unknown[0]}.")
    return set().union(*(periods(queries[name], queries, (*above, query.id)) for name in named))


def labels(queries: Sequence[Query]) -> dict[str, str]:
    """Each query's label: as given, unless it is dynamic; or the metric's name and what tells it from others."""
    stats = [query.what for query in queries if isinstance(query.what, Stat)]
    alike = Counter(stat.key.metric for stat in stats)
    metrics = Counter(key.metric for key in {stat.key for stat in stats})
    statistics = Counter(metric for metric, _ in {(stat.key.metric, stat.statistic) for stat in stats})
    return {
        query.id: _label(query, alike, metrics, statistics)
        if query.label is None or dynamic_labels.is_dynamic(query.label)
        else query.label
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
