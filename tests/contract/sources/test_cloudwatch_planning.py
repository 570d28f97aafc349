"""What planning lists, joins and computes, over HTTP with the real boto3, and fetched as it was planned."""

from datetime import timedelta
from typing import Any

import pytest

from sandbox.clients import tagging_client
from sandbox.credentials import AWS_ACCOUNT, AWS_REGION, OTHER_ACCOUNT, THIRD_ACCOUNT
from sandbox.faults import Fault
from sandbox.server import Sandbox
from tests.contract.sources.readings import epoch, minutes_ago
from tests.sandbox_fixtures import aws_client
from tests.unit.sources.entries import entry
from tests.unit.sources.fake_aws import Memory
from watchbill.model.failures import SourceError
from watchbill.model.metrics import MetricEntry
from watchbill.model.series import EXPRESSION
from watchbill.model.targets import Target
from watchbill.sources.cloudwatch import fetch, plan
from watchbill.sources.request import Request

WINDOW = minutes_ago(10, 5)
NOW = WINDOW.end
LIST = ("cloudwatch", "ListMetrics")


def planned(sandbox: Sandbox, *entries: MetricEntry, **given: Any) -> list[Request]:
    requests = plan(aws_client(sandbox, "cloudwatch"), entries, Target("cloudwatch", "aws_default"), AWS_ACCOUNT,
                    AWS_REGION, WINDOW, NOW, tagging=lambda: tagging_client(sandbox.url), **given)
    return [Request.from_json(request.to_json()) for request in requests]


def values(sandbox: Sandbox, requests: list[Request]) -> dict[str, list[float]]:
    """By account, metric and dimensions, whatever the statistic."""
    client, found = aws_client(sandbox, "cloudwatch"), {}
    for request in requests:
        fetched = fetch(client, request, wait=lambda seconds: None)
        names = {one.key: " ".join([one.account, one.metric, *(value for _, value in one.dimensions)])
                 for one in fetched.series}
        for row in fetched.points.to_pylist():
            found.setdefault(names[row["series"]], []).append(row["value"])
    return found


def cloudwatch(name: str, **given: Any) -> MetricEntry:
    return entry(name=name, sources="cloudwatch", statistics="Sum", **given)


@pytest.fixture
def shop(sandbox: Sandbox) -> Sandbox:
    for metric, services in (("errors", {"cart": 1.0, "search": 2.0}), ("requests", {"cart": 4.0, "search": 5.0})):
        for service, value in services.items():
            sandbox.cloudwatch.put("shop", metric, {"service": service}, epoch(WINDOW), [value] * 5)
    sandbox.cloudwatch.put("shop", "errors", {}, epoch(WINDOW), [99.0] * 5)
    return sandbox


def test_names_with_a_star_and_dimensions_by_expression_bring_what_they_mean(shop: Sandbox) -> None:
    requests = planned(shop, cloudwatch("star", metrics="*", dimensions={"service": "=~c.*"}))
    assert values(shop, requests) == {
        f"{AWS_ACCOUNT} errors cart": [1.0] * 5, f"{AWS_ACCOUNT} requests cart": [4.0] * 5}
    assert shop.faults.calls[LIST] == 1


def test_what_is_kept_is_not_listed_again(shop: Sandbox) -> None:
    memory, wanted = Memory(), cloudwatch("star", dimensions={"service": "*"})
    first = planned(shop, wanted, listings=memory)
    assert planned(shop, wanted, listings=memory)[0].queries == first[0].queries
    assert shop.faults.calls[LIST] == 1
    shop.faults.add(Fault(*LIST, status=503, times=None))
    memory.kept = {key: (at, value | {"at": (NOW - timedelta(hours=2)).isoformat()})
                   for key, (at, value) in memory.kept.items()}
    (request,) = planned(shop, wanted, listings=memory)
    assert request.queries == first[0].queries
    assert request.warnings[0].endswith("What was listed 2h ago is used")
    with pytest.raises(SourceError):
        planned(shop, wanted)


def test_metrics_of_linked_accounts_come_with_their_owners(shop: Sandbox) -> None:
    for number, account in enumerate((OTHER_ACCOUNT, THIRD_ACCOUNT), 7):
        shop.cloudwatch_of(account).put("shop", "errors", {"service": "cart"}, epoch(WINDOW), [float(number)] * 5)
    shop.link(OTHER_ACCOUNT, THIRD_ACCOUNT)
    everywhere = planned(shop, cloudwatch("all", dimensions={"service": "cart"}, linked_accounts=True))
    assert values(shop, everywhere) == {f"{account} errors cart": [value] * 5 for account, value in (
        (AWS_ACCOUNT, 1.0), (OTHER_ACCOUNT, 7.0), (THIRD_ACCOUNT, 8.0))}
    one = planned(shop, cloudwatch("one", dimensions={"service": "*"}, linked_accounts=OTHER_ACCOUNT))
    assert values(shop, one) == {f"{OTHER_ACCOUNT} errors cart": [7.0] * 5}


def test_tags_come_with_the_series_of_their_resources(sandbox: Sandbox) -> None:
    for name in ("i-1", "i-2"):
        sandbox.cloudwatch.put("AWS/EC2", "CPUUtilization", {"InstanceId": name}, epoch(WINDOW), [1.0] * 5)
    sandbox.tagging.tag(f"arn:aws:ec2:{AWS_REGION}:{AWS_ACCOUNT}:instance/i-1", {"Name": "cart", "other": "x"})
    requests = planned(sandbox, cloudwatch("machine", namespace="AWS/EC2", metrics="CPUUtilization",
                                           dimensions={"InstanceId": "*"}, tags=["Name", "team"]))
    tags = {query.series.dimensions[0][1]: query.series.tags for query in requests[0].queries}
    assert tags == {"i-1": (("Name", "cart"),), "i-2": ()}
    assert requests[0].calls == 2
    assert len(values(sandbox, requests)) == 2


def test_expressions_of_each_kind_are_computed_as_they_are_planned(shop: Sandbox) -> None:
    def computed(name: str, expression: str, **given: Any) -> MetricEntry:
        return entry(**{"name": name, "metrics": name, "expression": expression, "sources": "cloudwatch",
                        "dimensions": {}, **given})

    rate = {"errors": {"metric": "errors", "statistic": "Sum", "dimensions": {"service": "cart"}},
            "all": {"metric": "requests", "statistic": "Sum", "dimensions": {"service": "cart"}}}
    requests = planned(
        shop, computed("rate", "errors / all * 100", queries=rate), computed("twice", "errors * 2", queries={
            "errors": rate["errors"]}),
        computed("found", "SEARCH('{shop,service} MetricName=\"requests\"', 'Sum', 60)", dimensions={"service": "*"}),
        computed("worst", "SELECT MAX(requests) FROM SCHEMA(shop, service) GROUP BY service",
                 dimensions={"service": "!~cart"}),
        cloudwatch("plain", dimensions={"service": "cart"}))
    assert [len(request.queries) for request in requests] == [3, 1, 1]
    assert {query.series.statistic for request in requests[1:] for query in request.queries} == {EXPRESSION}
    assert values(shop, requests) == {
        f"{AWS_ACCOUNT} rate": [25.0] * 5, f"{AWS_ACCOUNT} twice": [2.0] * 5, f"{AWS_ACCOUNT} errors cart": [1.0] * 5,
        f"{AWS_ACCOUNT} found cart": [4.0] * 5, f"{AWS_ACCOUNT} found search": [5.0] * 5,
        f"{AWS_ACCOUNT} worst search": [5.0] * 5}
