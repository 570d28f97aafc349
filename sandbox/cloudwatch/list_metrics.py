"""ListMetrics: which metrics have lately had points, 500 a page, in order of their names."""

from collections.abc import Mapping
from typing import Any

from sandbox.cloudwatch.errors import invalid
from sandbox.cloudwatch.metrics import MetricKey, Metrics
from sandbox.cloudwatch.pages import place, token
from sandbox.credentials import AWS_ACCOUNT

PAGE = 500
MOST_FILTERS = 10
LISTED_S, RECENT_S = 14 * 86_400, 3 * 3_600


def list_metrics(metrics: Metrics, request: Mapping[str, Any], now: float) -> dict[str, Any]:
    _check(request)
    since = now - (RECENT_S if "RecentlyActive" in request else LISTED_S)
    after = place(request, invalid("The value of parameter NextToken is invalid."))
    found = [
        key for key, newest in metrics.listed()
        if newest >= since and _meets(key, request) and (after is None or key > _key(after))
    ]
    page = found[:PAGE]
    answer: dict[str, Any] = {"Metrics": [written(key) for key in page]}
    if request.get("IncludeLinkedAccounts"):
        answer["OwningAccounts"] = [AWS_ACCOUNT] * len(page)
    if len(found) > PAGE:
        answer["NextToken"] = token(request, list(page[-1]))
    return answer


def written(key: MetricKey) -> dict[str, Any]:
    """A metric as answers show it."""
    dimensions = [{"Name": name, "Value": value} for name, value in key.dimensions]
    return {"Namespace": key.namespace, "MetricName": key.metric, "Dimensions": dimensions}


def _check(request: Mapping[str, Any]) -> None:
    if request.get("RecentlyActive", "PT3H") != "PT3H":
        raise invalid(f"The value {request['RecentlyActive']} for parameter RecentlyActive is invalid.")
    if len(request.get("Dimensions", [])) > MOST_FILTERS:
        raise invalid(f"The collection Dimensions must not have a size greater than {MOST_FILTERS}.")


def _meets(key: MetricKey, request: Mapping[str, Any]) -> bool:
    """A filter without a value takes any; a metric may have more dimensions than are filtered for."""
    if request.get("Namespace", key.namespace) != key.namespace:
        return False
    if request.get("MetricName", key.metric) != key.metric:
        return False
    if request.get("OwningAccount", AWS_ACCOUNT) != AWS_ACCOUNT:
        return False
    has = dict(key.dimensions)
    return all(
        wanted["Name"] in has and wanted.get("Value", has[wanted["Name"]]) == has[wanted["Name"]]
        for wanted in request.get("Dimensions", [])
    )


def _key(listed: list[Any]) -> MetricKey:
    """The key that a token brought back as JSON."""
    namespace, metric, dimensions = listed
    return MetricKey(namespace, metric, tuple((name, value) for name, value in dimensions))
