"""SEARCH and Metrics Insights of CloudWatch -> the fields of a line: a metric and the dimensions that find it."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from watchbill.dashboards.from_cloudwatch.math import UnsaidError
from watchbill.model.languages import cloudwatch_search, metrics_insights
from watchbill.model.languages.cloudwatch_search import Match
from watchbill.model.languages.metric_math import Call, Number, Text
from watchbill.model.languages.tokens import NotReadError

_STATISTICS = {"AVG": "Average", "SUM": "Sum", "MIN": "Minimum", "MAX": "Maximum", "COUNT": "SampleCount"}
_ACROSS = {"AVG": "avg", "SUM": "sum", "MIN": "min", "MAX": "max", "COUNT": "sum"}
_VARIABLE = re.compile(r"\$[A-Za-z]")  # ${…} is a placeholder of CloudFormation or Terraform
_METRIC = re.compile(r"[A-Z][A-Za-z0-9_.]*")


@dataclass
class Found:
    """The fields of a WidgetMetric, as YAML has them."""

    fields: dict[str, Any]
    is_several: bool
    lost: list[str] = field(default_factory=list)
    order: str = ""  # asc or desc, of Metrics Insights
    limit: int | None = None


def searched(call: Call, variables: Collection[str] = ()) -> Found:
    """`SEARCH('{AWS/EC2,InstanceId} MetricName="CPUUtilization"', 'Average', 300)`. Raises UnsaidError.

    `variables`: dimensions whose value a variable of the dashboard puts in.
    """
    match call.arguments:
        case (Text(value=text), Text(value=statistic)):
            period = None
        case (Text(value=text), Text(value=statistic), Number(value=period)):
            pass
        case _:
            raise UnsaidError("has a SEARCH that cannot be read")
    try:
        search = cloudwatch_search.parse(text)
    except NotReadError as error:
        raise UnsaidError(str(error)) from None
    lost: list[str] = []
    matches = dict(search.matches)
    dimensions = {name: _searched(name, matches.get(name), variables, lost) for name in search.dimensions}
    fields = {"namespace": search.namespace, "metric": _metric(search, lost), "dimensions": dimensions,
              "statistic": statistic} | ({"period": int(period)} if period else {})
    return Found(_without_empty(fields), _is_several(dimensions), lost)


def _metric(search: cloudwatch_search.Search, lost: list[str]) -> str:
    if search.metric is None and len(search.loose) == 1:
        match = search.loose[0]
    elif search.metric is not None and not search.loose:
        match = search.metric
    else:
        raise UnsaidError("searches for words wherever they stand")
    if match.is_not or len(match.values) > 1:
        raise UnsaidError("searches for more than one metric")
    if search.metric is None and not _METRIC.fullmatch(match.values[0]):
        raise UnsaidError("searches for words wherever they stand")
    if search.metric is None or not match.exact:
        lost.append(f"it is of {match.values[0]} only: the search also finds metrics that have the word in their name")
    return match.values[0]


def _searched(name: str, match: Match | None, variables: Collection[str], lost: list[str]) -> str | list[str]:
    if name in variables:
        return f"${name}"
    if match is None:
        return "*"
    for value in match.values:
        check_plain(value)
    if not match.exact:
        lost.append(f"{name} is searched for {' or '.join(match.values)} anywhere in it, not word by word")
        values = [f"*{value}*" for value in match.values]
    else:
        values = list(match.values)
    if not match.is_not:
        return values[0] if len(values) == 1 else values
    if len(values) > 1:
        raise UnsaidError(f"leaves out more than one {name}")
    return f"!{values[0]}"


def selected(text: str, variables: Collection[str] = ()) -> Found:
    """`SELECT AVG(CPUUtilization) FROM SCHEMA("AWS/EC2", InstanceId) GROUP BY InstanceId`. Raises UnsaidError."""
    try:
        select = metrics_insights.parse(text)
    except NotReadError as error:
        raise UnsaidError(str(error)) from None
    dimensions: dict[str, str | list[str]] = dict.fromkeys(select.group_by, "*")
    for where in select.where:
        if where.key in dimensions or (where.is_not and len(where.values) > 1):
            raise UnsaidError(f"filters {where.key}, by which it groups too, or more than once")
        for value in where.values:
            check_plain(value)
        values = [f"!{value}" if where.is_not else value for value in where.values]
        dimensions[where.key] = f"${where.key}" if where.key in variables else values[0] if len(values) == 1 else values
    fields = {"namespace": select.namespace, "metric": select.metric, "dimensions": dimensions,
              "statistic": _STATISTICS[select.function], "aggregate_across": _ACROSS[select.function]}
    return Found(_without_empty(fields), bool(select.group_by), [*_lost(select)], select.order.lower(), select.limit)


def _lost(select: metrics_insights.Select) -> Iterator[str]:
    missing = set(select.schema or ()) - {*select.group_by, *(where.key for where in select.where)}
    if missing:
        yield f"it is also of metrics without the dimension {', '.join(sorted(missing))}"


def check_plain(value: str) -> None:
    """Raises UnsaidError for a value that a dimension of the model would take for more than itself."""
    if value.startswith("!") or "*" in value or _VARIABLE.search(value):
        raise UnsaidError(f"has the value {value!r}, which has signs of its own in a dimension")


def _is_several(dimensions: dict[str, str | list[str]]) -> bool:
    return any(not isinstance(value, str) or "*" in value or value.startswith("!") for value in dimensions.values())


def _without_empty(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value != {}}
