"""PutMetricData and ListMetrics as boto3 sees them: what is taken, what is refused, what is listed."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.contract.sandbox.cloudwatch_server import DAY_S, NOW, Cloud, moment

HOUR_AGO = NOW - 3600


def datum(**given: Any) -> dict[str, Any]:
    return {"MetricName": "latency", "Timestamp": moment(HOUR_AGO), **given}


def publish(cloud: Cloud, *data: dict[str, Any], namespace: str = "shop") -> None:
    cloud.client.put_metric_data(Namespace=namespace, MetricData=list(data))


def statistics(cloud: Cloud) -> dict[str, float]:
    stats = ("SampleCount", "Sum", "Average", "Minimum", "Maximum", "p50")
    return {stat: points[0][1] for stat in stats if (points := cloud.points(stat, HOUR_AGO, NOW))}


def names(answer: dict[str, Any]) -> list[tuple[str, dict[str, str]]]:
    """What a page of ListMetrics lists: names with their dimensions."""
    return [
        (metric["MetricName"], {pair["Name"]: pair["Value"] for pair in metric["Dimensions"]})
        for metric in answer["Metrics"]
    ]


def hosts(*pages: dict[str, Any]) -> list[str]:
    return [dimensions["host"] for page in pages for _, dimensions in names(page)]


def test_a_value_is_one_sample(cloud: Cloud) -> None:
    publish(cloud, datum(Value=3.0), datum(Value=5.0))
    assert statistics(cloud) == {
        "SampleCount": 2, "Sum": 8, "Average": 4, "Minimum": 3, "Maximum": 5, "p50": 3,
    }  # fmt: skip


def test_values_and_counts_are_raw_samples(cloud: Cloud) -> None:
    publish(cloud, datum(Values=[1.0, 10.0], Counts=[3.0, 1.0]))
    assert statistics(cloud) == {
        "SampleCount": 4, "Sum": 13, "Average": 3.25, "Minimum": 1, "Maximum": 10, "p50": 1,
    }  # fmt: skip


def test_a_statistic_set_has_no_percentile(cloud: Cloud) -> None:
    publish(cloud, datum(StatisticValues={"SampleCount": 4, "Sum": 20, "Minimum": 1, "Maximum": 9}))
    assert statistics(cloud) == {"SampleCount": 4, "Sum": 20, "Average": 5, "Minimum": 1, "Maximum": 9}


def test_a_statistic_set_of_equal_samples_has_its_percentile(cloud: Cloud) -> None:
    publish(cloud, datum(StatisticValues={"SampleCount": 4, "Sum": 20, "Minimum": 5, "Maximum": 5}))
    assert statistics(cloud)["p50"] == 5


def test_a_large_request_comes_compressed(cloud: Cloud) -> None:
    publish(cloud, *(datum(Value=1.0) for _ in range(1000)))
    assert statistics(cloud)["SampleCount"] == 1000


def test_a_datum_without_time_gets_the_clocks(cloud: Cloud) -> None:
    cloud.client.put_metric_data(Namespace="shop", MetricData=[{"MetricName": "latency", "Value": 1.0}])
    assert cloud.points("Sum", NOW, NOW + 60) == [(NOW, 1.0)]


def test_storage_resolution_1_keeps_seconds(cloud: Cloud) -> None:
    fine = {"Value": 1.0, "StorageResolution": 1}
    publish(cloud, datum(**fine), datum(**fine | {"Timestamp": moment(HOUR_AGO + 7)}))
    assert cloud.points("Sum", HOUR_AGO, NOW, period=1) == [(HOUR_AGO, 1.0), (HOUR_AGO + 7, 1.0)]
    assert cloud.points("Sum", HOUR_AGO, NOW, period=60) == [(HOUR_AGO, 2.0)]


@pytest.mark.parametrize(
    ("given", "code", "said"),
    [
        (datum(), "MissingParameter", "MetricData.member.1.Value"),
        (datum(Value=1.0, Values=[1.0]), "InvalidParameterCombination", "mutually exclusive"),
        (datum(Value=float("nan")), "SerializationException", "MetricData[0].Value"),
        (datum(Value=2.0**361), "InvalidParameterValue", "MetricData.member.1.Value"),
        (datum(Values=[1.0] * 151), "InvalidParameterValue", "between 1 and 150"),
        (datum(Values=[1.0, 2.0], Counts=[1.0]), "InvalidParameterValue", "of the same size"),
        (datum(Value=1.0, Unit="Parsecs"), "InvalidParameterValue", "The value Parsecs"),
        (datum(Value=1.0, StorageResolution=300), "InvalidParameterValue",
         "The parameter MetricData.member.1.StorageResolution must be a value in the set [ 1, 60 ]."),
        (datum(Value=1.0, Timestamp=moment(NOW - 15 * DAY_S)), "InvalidParameterValue", "two weeks"),
        (datum(Value=1.0, Timestamp=moment(NOW + 3 * 3600)), "InvalidParameterValue", "two hours"),
        (datum(Value=1.0, MetricName="größe"), "InvalidParameterValue", "ASCII"),
        (datum(Value=1.0, Dimensions=[{"Name": ":host", "Value": "a"}]), "InvalidParameterValue", ":host"),
        (datum(Value=1.0, Dimensions=[{"Name": "host", "Value": " "}]), "InvalidParameterValue", "not blank"),
        (datum(Value=1.0, Dimensions=[{"Name": f"d{n}", "Value": "a"} for n in range(31)]),
         "InvalidParameterValue", "Dimensions must not have a size greater than 30."),
    ],
)  # fmt: skip
def test_a_wrong_datum_refuses_the_whole_request(cloud: Cloud, given: dict, code: str, said: str) -> None:
    with pytest.raises(ClientError) as refused:
        publish(cloud, given, datum(MetricName="fine", Value=1.0))
    assert refused.value.response["Error"]["Code"] == code
    assert said in refused.value.response["Error"]["Message"]
    assert cloud.client.list_metrics()["Metrics"] == []


def test_namespaces_of_the_vendor_cannot_be_published_to(cloud: Cloud) -> None:
    with pytest.raises(cloud.client.exceptions.InvalidParameterValueException, match="AWS/EC2"):
        publish(cloud, datum(Value=1.0), namespace="AWS/EC2")


def test_more_than_1000_metrics_are_refused(cloud: Cloud) -> None:
    with pytest.raises(ClientError, match="must not have a size greater than 1000"):
        publish(cloud, *(datum(Value=1.0) for _ in range(1001)))


def test_metrics_are_listed_500_a_page(cloud: Cloud) -> None:
    for number in range(1001):
        cloud.put([NOW], [1], host=f"{number:04}")
    pages = list(cloud.client.get_paginator("list_metrics").paginate(Namespace="shop"))
    assert [len(page["Metrics"]) for page in pages] == [500, 500, 1]
    assert hosts(*pages) == [f"{number:04}" for number in range(1001)]


def test_filters_choose_by_namespace_name_and_dimensions(cloud: Cloud) -> None:
    cloud.put([NOW], [1], service="checkout", zone="a")
    cloud.put([NOW], [1], service="search")
    cloud.put([NOW], [1], "errors", service="checkout")
    cloud.put([NOW], [1])
    listed = cloud.client.list_metrics
    assert names(listed(MetricName="latency", Dimensions=[{"Name": "service"}])) == [
        ("latency", {"service": "checkout", "zone": "a"}),
        ("latency", {"service": "search"}),
    ]
    assert names(listed(Dimensions=[{"Name": "service", "Value": "checkout"}])) == [
        ("errors", {"service": "checkout"}),
        ("latency", {"service": "checkout", "zone": "a"}),
    ]
    assert len(listed(Namespace="shop")["Metrics"]) == 4
    assert listed(Namespace="sho")["Metrics"] == []
    assert listed(Dimensions=[{"Name": "service"}, {"Name": "host"}])["Metrics"] == []


def test_what_was_silent_for_two_weeks_is_not_listed_but_still_read(cloud: Cloud) -> None:
    cloud.put([NOW - 14 * DAY_S - 60], [1], host="silent")
    cloud.put([NOW - 4 * 3600], [1], host="quiet")
    cloud.put([NOW - 60], [1], host="lively")
    assert hosts(cloud.client.list_metrics()) == ["lively", "quiet"]
    assert hosts(cloud.client.list_metrics(RecentlyActive="PT3H")) == ["lively"]
    assert cloud.points("Sum", NOW - 15 * DAY_S, NOW, host="silent") == [(NOW - 14 * DAY_S - 60, 1.0)]


def test_owning_accounts_run_parallel_to_the_metrics(cloud: Cloud) -> None:
    cloud.put([NOW], [1], host="a")
    cloud.put([NOW], [1], host="b")
    assert cloud.client.list_metrics(IncludeLinkedAccounts=True)["OwningAccounts"] == ["123456789012"] * 2
    assert "OwningAccounts" not in cloud.client.list_metrics()


def test_a_token_of_another_filter_is_refused(cloud: Cloud) -> None:
    for number in range(501):
        cloud.put([NOW], [1], host=f"{number:04}")
    token = cloud.client.list_metrics()["NextToken"]
    with pytest.raises(cloud.client.exceptions.InvalidParameterValueException, match="NextToken"):
        cloud.client.list_metrics(Namespace="shop", NextToken=token)
