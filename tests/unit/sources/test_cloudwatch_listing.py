"""What the declaration does not name: listed once, kept for a while, in all the accounts that are meant."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from tests.unit.sources.entries import entry
from tests.unit.sources.fake_aws import ACCOUNT, CloudWatch, Memory, refusal
from watchbill.model.failures import SourceError
from watchbill.model.metrics import MetricEntry
from watchbill.model.targets import Target
from watchbill.model.windows import Window
from watchbill.sources.cloudwatch import plan
from watchbill.sources.request import Query, Request

NOW = datetime(2026, 3, 1, 10, 7, 30, tzinfo=UTC)
LIVE = Window(datetime(2026, 3, 1, 10, tzinfo=UTC), datetime(2026, 3, 1, 10, 5, tzinfo=UTC))
STARRED = {"dimensions": {"service": "*"}, "sources": "cloudwatch"}
SERVICES = [("shop", name, {"service": service}) for name in ("errors", "requests") for service in ("cart", "search")]


def planned(client: CloudWatch, *entries: MetricEntry, window: Window = LIVE, now: datetime = NOW,
            **given: Any) -> list[Request]:
    return plan(client, entries, Target("cloudwatch", "aws_default"), ACCOUNT, "eu-west-1", window, now, **given)


def queries(requests: list[Request]) -> list[Query]:
    return [query for request in requests for query in request.queries]


def named(requests: list[Request]) -> list[str]:
    """`errors cart` for each query."""
    return [" ".join([query.series.metric, *(value for _, value in query.series.dimensions)])
            for query in queries(requests)]


def later(minutes: float) -> dict[str, Any]:
    return {"now": NOW + timedelta(minutes=minutes)}


def test_a_listing_is_asked_for_again_only_after_a_quarter_of_an_hour() -> None:
    client, memory = CloudWatch(SERVICES), Memory()
    wanted = entry(**STARRED)
    first = planned(client, wanted, listings=memory)
    client.metrics.append(("shop", "errors", {"service": "new"}))
    assert planned(client, wanted, listings=memory, **later(14))[0].queries == first[0].queries
    assert len(client.asked) == 1
    assert named(planned(client, wanted, listings=memory, **later(16))) == ["errors cart", "errors new",
                                                                            "errors search"]
    assert len(client.asked) == 2


def test_an_empty_listing_is_not_kept() -> None:
    client, memory = CloudWatch(), Memory()
    assert queries(planned(client, entry(**STARRED), listings=memory)) == []
    client.metrics += SERVICES
    assert named(planned(client, entry(**STARRED), listings=memory)) == ["errors cart", "errors search"]


def test_what_is_active_what_is_there_and_other_accounts_and_regions_are_kept_apart() -> None:
    client, memory, wanted = CloudWatch(SERVICES), Memory(), entry(**STARRED)
    old = Window(LIVE.start - timedelta(days=1), LIVE.end)
    planned(client, wanted, listings=memory)
    planned(client, wanted, listings=memory, window=old)
    target = Target("cloudwatch", "aws_default")
    plan(client, [wanted], target, "999988887777", "eu-west-1", LIVE, NOW, listings=memory)
    plan(client, [wanted], target, ACCOUNT, "us-east-1", LIVE, NOW, listings=memory)
    assert [question.get("RecentlyActive") for question in client.asked] == ["PT3H", None, "PT3H", "PT3H"]
    assert len(memory.kept) == 4


def test_a_stale_listing_is_better_than_none() -> None:
    client, memory, wanted = CloudWatch(SERVICES), Memory(), entry(**STARRED)
    planned(client, wanted, listings=memory)
    client.fails = ReadTimeoutError(endpoint_url="https://x")
    (request,) = planned(client, wanted, listings=memory, now=NOW + timedelta(minutes=90))
    assert named([request]) == ["errors cart", "errors search"]
    assert request.warnings == (
        "CloudWatch in eu-west-1 (connection aws_default), ListMetrics for shop: no answer in time. It is asked again "
        "later; check the network if this stays. What was listed 1h30m ago is used",)
    assert request.calls == 1
    with pytest.raises(SourceError, match="no answer in time"):
        planned(client, wanted, listings=memory, window=LIVE, now=NOW + timedelta(hours=25))


def test_a_refusal_is_no_reason_to_use_a_stale_listing() -> None:
    client, memory, wanted = CloudWatch(SERVICES), Memory(), entry(**STARRED)
    planned(client, wanted, listings=memory)
    client.fails = refusal("AccessDenied", 403)
    with pytest.raises(SourceError, match="AccessDenied"):
        planned(client, wanted, listings=memory, **later(16))


def test_what_is_no_listing_of_ours_is_asked_for_anew() -> None:
    client, memory, wanted = CloudWatch(SERVICES), Memory(), entry(**STARRED)
    planned(client, wanted, listings=memory)
    for key in memory.kept:
        memory.put(key, ["something", "else"], NOW)
    assert named(planned(client, wanted, listings=memory)) == ["errors cart", "errors search"]


def test_entries_that_ask_alike_are_asked_for_together() -> None:
    client = CloudWatch([("shop", "errors", {"service": service, "zone": zone})
                         for service in ("cart", "search") for zone in "ab"])
    requests = planned(client, *(entry(name=name, dimensions=dimensions) for name, dimensions in (
        ("one", {"service": "*", "zone": "a"}), ("two", {"zone": "=~[b-z]", "service": "cart"}))))
    assert named(requests) == ["errors cart a", "errors search a", "errors cart b"]
    assert client.asked == [{"Namespace": "shop", "MetricName": "errors", "RecentlyActive": "PT3H",
                             "Dimensions": [{"Name": "service"}, {"Name": "zone"}]}]


def test_a_star_in_the_name_is_one_listing_of_the_namespace() -> None:
    client = CloudWatch([*SERVICES, ("shop", "errors_4xx", {"service": "cart"}), ("shop", "errors_4xx", {}),
                         ("shop", "errors_4xx", {"service": "cart", "zone": "a"}), ("other", "errors", {})])
    requests = planned(client, entry(metrics=["errors*", "req*sts"], **STARRED), entry(name="b", **STARRED))
    assert named(requests) == ["errors cart", "errors search", "errors_4xx cart", "requests cart", "requests search"]
    assert client.asked == [{"Namespace": "shop", "Dimensions": [{"Name": "service"}], "RecentlyActive": "PT3H"}]


def test_a_star_in_the_name_without_dimensions_finds_metrics_without_dimensions() -> None:
    client = CloudWatch([*SERVICES, ("shop", "total", {})])
    assert named(planned(client, entry(metrics="*", dimensions={}, sources="cloudwatch"))) == ["total"]


def test_dimensions_are_chosen_by_expressions_too() -> None:
    client = CloudWatch([("shop", "errors", {"service": service, "zone": "a"}) for service in (
        "prod-cart", "prod-search", "prod-test", "test-cart")])
    wanted = entry(dimensions={"service": "=~prod-.*", "zone": "!~b|c"}, sources="cloudwatch")
    assert named(planned(client, wanted)) == ["errors prod-cart a", "errors prod-search a", "errors prod-test a"]
    without = entry(dimensions={"service": "!~.*test.*", "zone": "a"}, sources="cloudwatch")
    assert named(planned(client, without)) == ["errors prod-cart a", "errors prod-search a"]
    none = entry(dimensions={"service": "=~nothing", "zone": "a"}, sources="cloudwatch")
    (request,) = planned(client, none)
    assert request.warnings == ("shop: CloudWatch in eu-west-1 lists no metric shop/errors with exactly the "
                                "dimensions service=~nothing, zone",)


LINKED = CloudWatch(SERVICES[:2], linked={"111111111111": SERVICES[:1], "222222222222": SERVICES[1:2]})


@pytest.mark.parametrize(("linked", "owners", "question"), [
    (True, [ACCOUNT, "111111111111", ACCOUNT, "222222222222"], {"IncludeLinkedAccounts": True}),
    (["111111111111"], ["111111111111"], {"IncludeLinkedAccounts": True, "OwningAccount": "111111111111"}),
    (["111111111111", ACCOUNT], [ACCOUNT, "111111111111", ACCOUNT], {"IncludeLinkedAccounts": True}),
    (False, [ACCOUNT, ACCOUNT], {}),
])
def test_metrics_of_linked_accounts_belong_to_their_owners(
    linked: Any, owners: list[str], question: dict[str, Any],
) -> None:
    LINKED.asked.clear()
    requests = planned(LINKED, entry(linked_accounts=linked, statistics="Sum", **STARRED))
    found = [(query.series.account, query.linked) for query in queries(requests)]
    assert sorted(found) == sorted((owner, owner != ACCOUNT) for owner in owners)
    assert LINKED.asked == [{"Namespace": "shop", "MetricName": "errors", "RecentlyActive": "PT3H",
                             "Dimensions": [{"Name": "service"}], **question}]


def test_metrics_that_are_named_in_named_accounts_are_not_listed() -> None:
    client = CloudWatch()
    wanted = entry(sources="cloudwatch", linked_accounts=["111111111111", ACCOUNT])
    assert [(query.series.account, query.linked) for query in queries(planned(client, wanted))] == [
        ("111111111111", True), (ACCOUNT, False)]
    assert client.asked == []


def test_metrics_that_are_named_are_listed_to_learn_which_linked_accounts_have_them() -> None:
    wanted = entry(sources="cloudwatch", linked_accounts=True, dimensions={"service": "cart"})
    assert [query.series.account for query in queries(planned(LINKED, wanted))] == ["111111111111", ACCOUNT]


def test_history_beyond_two_weeks_is_only_of_metrics_that_are_still_listed() -> None:
    window = Window(NOW - timedelta(days=20), NOW)
    wanted = [entry(period="5m", **STARRED), entry(name="named", period="5m", sources="cloudwatch")]
    requests = planned(CloudWatch(SERVICES), *wanted, window=window)
    assert [warning for request in requests for warning in request.warnings] == [
        "shop: CloudWatch in eu-west-1 lists metrics of the last 14 days only; those that fell silent before are "
        "collected by their names"]
    assert planned(CloudWatch(SERVICES), *wanted, window=Window(NOW - timedelta(days=13), NOW))[0].warnings == ()


def test_six_hundred_metrics_are_two_pages() -> None:
    client = CloudWatch([("shop", "errors", {"service": f"s{number}"}) for number in range(600)])
    requests = planned(client, entry(**STARRED))
    assert (len(queries(requests)), requests[0].calls) == (600, 2)
