"""ListMetrics: which metrics have lately had points, 500 a page, in order of their names, account by account."""

from collections.abc import Iterator, Mapping
from typing import Any

from sandbox.cloudwatch.accounts import View
from sandbox.cloudwatch.errors import invalid
from sandbox.cloudwatch.metrics import MetricKey
from sandbox.cloudwatch.pages import place, token

PAGE = 500
MOST_FILTERS = 10
LISTED_S, RECENT_S = 14 * 86_400, 3 * 3_600


def list_metrics(view: View, request: Mapping[str, Any], now: float) -> dict[str, Any]:
    _check(request)
    accounts = _accounts(view, request)
    since = now - (RECENT_S if "RecentlyActive" in request else LISTED_S)
    after = place(request, invalid("The value of parameter NextToken is invalid."))
    found = list(_found(view, accounts, request, since))
    if after is not None:
        found = [each for each in found if _place(accounts, *each) > (after[0], _key(after[1:]))]
    page = found[:PAGE]
    answer: dict[str, Any] = {"Metrics": [written(key) for _, key in page]}
    if request.get("IncludeLinkedAccounts"):
        answer["OwningAccounts"] = [account for account, _ in page]
    if len(found) > PAGE:
        number, key = _place(accounts, *page[-1])
        answer["NextToken"] = token(request, [number, *key])
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


def _accounts(view: View, request: Mapping[str, Any]) -> list[str]:
    """Whose metrics to list. Raises Refused for an account that is not seen, or not asked for as documented."""
    owner, linked = request.get("OwningAccount"), request.get("IncludeLinkedAccounts", False)
    if owner is None:
        return list(view.accounts) if linked else [view.account]
    if owner not in view.accounts:
        raise invalid(f"The value {owner} for parameter OwningAccount is invalid.")
    if owner != view.account and not linked:
        raise invalid("The parameter OwningAccount must be specified with IncludeLinkedAccounts.")
    return [owner]


def _found(
    view: View, accounts: list[str], request: Mapping[str, Any], since: float
) -> Iterator[tuple[str, MetricKey]]:
    for account in accounts:
        for key, newest in view.accounts[account].listed():
            if newest >= since and _meets(key, request):
                yield account, key


def _meets(key: MetricKey, request: Mapping[str, Any]) -> bool:
    """A filter without a value takes any; a metric may have more dimensions than are filtered for."""
    if request.get("Namespace", key.namespace) != key.namespace:
        return False
    if request.get("MetricName", key.metric) != key.metric:
        return False
    has = dict(key.dimensions)
    return all(
        wanted["Name"] in has and wanted.get("Value", has[wanted["Name"]]) == has[wanted["Name"]]
        for wanted in request.get("Dimensions", [])
    )


def _place(accounts: list[str], account: str, key: MetricKey) -> tuple[int, MetricKey]:
    return accounts.index(account), key


def _key(listed: list[Any]) -> MetricKey:
    """The key that a token brought back as JSON."""
    namespace, metric, dimensions = listed
    return MetricKey(namespace, metric, tuple((name, value) for name, value in dimensions))
