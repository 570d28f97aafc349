"""Datadog, over HTTP with the real datadog-api-client."""

from typing import Any

import pytest

from sandbox.faults import Fault
from sandbox.server import Sandbox
from tests.contract.sources.readings import epoch, minutes_ago, points
from tests.sandbox_fixtures import datadog_client
from tests.unit.sources.entries import entry, free
from watchbill.model.failures import SourceError
from watchbill.model.metrics import MetricEntry
from watchbill.model.series import Series
from watchbill.model.targets import Target
from watchbill.model.windows import Window
from watchbill.sources.datadog import fetch, plan
from watchbill.sources.fetched import Fetched
from watchbill.sources.request import Request

QUERY = ("datadog", "POST /api/v2/query/timeseries")


def collected(sandbox: Sandbox, window: Window, *entries: MetricEntry, **options: Any) -> Fetched:
    (request,) = plan(entries, Target("datadog", "datadog_default"), "datadoghq.eu", window, window.end)
    return fetch(datadog_client(sandbox, **options), Request.from_json(request.to_json()))


def series(
    metric: str = "errors", statistic: str = "Sum", namespace: str = "shop", **dimensions: str
) -> Series:
    return Series(
        "datadog",
        "datadog_default",
        "datadoghq.eu",
        namespace,
        metric,
        statistic,
        60,
        tuple((dimensions or {"service": "checkout"}).items()),
    )


def coarse(window: Window, every: int) -> dict[str, Any]:
    """An answer rolled up to so many minutes."""
    times = [time * 1000 for time in epoch(window)[::every]]
    return {
        "data": {
            "id": "0",
            "type": "timeseries_response",
            "attributes": {
                "series": [{"group_tags": [], "query_index": 0, "unit": None}],
                "times": times,
                "values": [[99.0] * len(times)],
            },
        }
    }


def test_every_value_comes_with_its_own_time(sandbox: Sandbox) -> None:
    window = minutes_ago(120, 100)
    times = epoch(window)
    for host, factor in (("a", 1.0), ("b", 3.0)):
        sandbox.datadog.put(
            "shop.errors",
            {"service": "checkout", "host": host},
            times,
            [factor * n for n in range(100)],
            unit="error",
        )
        sandbox.datadog.put(
            "shop.errors", {"service": "checkout", "host": host}, [t + 30 for t in times], [0.0] * 100
        )
    fetched = collected(
        sandbox, window, entry(statistics=["Sum", "Average", "Maximum", "SampleCount"], unit="none")
    )
    assert points(fetched) == {
        series(): [(time, 4.0 * n) for n, time in enumerate(times)],
        series(statistic="Average"): [(time, 1.0 * n) for n, time in enumerate(times)],
        series(statistic="Maximum"): [(time, 3.0 * n) for n, time in enumerate(times)],
        series(statistic="SampleCount"): [(time, 4.0) for time in times],
    }
    assert {one.unit for one in fetched.series} == {"error"}
    assert (fetched.calls, fetched.warnings) == (1, ())
    assert sandbox.faults.calls == {QUERY: 1}


def test_a_star_is_a_series_for_each_value_with_the_name_as_declared(sandbox: Sandbox) -> None:
    window = minutes_ago(30, 5)
    first, second = epoch(window, 0, 1)
    sandbox.datadog.put("shop.errors", {"service": "Checkout", "env": "prod"}, [first, second], [1.0, 2.0])
    sandbox.datadog.put("shop.errors", {"service": "Search", "env": "prod"}, [second], [3.0])
    sandbox.datadog.put("shop.errors", {"service": "search", "env": "dev"}, [second], [9.0])
    fetched = collected(sandbox, window, entry(statistics="Sum", dimensions={"Service": "*", "env": "Prod"}))
    assert points(fetched) == {
        series(Service="checkout", env="Prod"): [(first, 1.0), (second, 2.0)],
        series(Service="search", env="Prod"): [(second, 3.0)],
    }
    assert fetched.calls == 1


def test_a_metric_of_aws_is_read_under_the_integration_s_name_and_stored_as_declared(sandbox: Sandbox) -> None:
    window = minutes_ago(30, 5)
    (first,) = epoch(window, 0)
    put = sandbox.datadog.put
    put("aws.ec2.cpuutilization", {"host": "i-1"}, [first], [20.0])
    put("aws.ec2.cpuutilization.maximum", {"host": "i-1"}, [first], [90.0])
    put("aws.ec2.network_packets_in", {"host": "i-1"}, [first], [2.5], type="rate", interval_s=60)
    fetched = collected(
        sandbox,
        window,
        entry(namespace="AWS/EC2", metrics="CPUUtilization", statistics=["Average", "Maximum"],
              dimensions={"InstanceId": "*"}, unit="Percent"),
        entry(namespace="AWS/EC2", metrics="NetworkPacketsIn", statistics="Sum", dimensions={"InstanceId": "i-1"}),
    )
    assert points(fetched) == {
        series("CPUUtilization", "Average", "AWS/EC2", InstanceId="i-1"): [(first, 20.0)],
        series("CPUUtilization", "Maximum", "AWS/EC2", InstanceId="i-1"): [(first, 90.0)],
        series("NetworkPacketsIn", "Sum", "AWS/EC2", InstanceId="i-1"): [(first, 150.0)],
    }
    assert {one.unit for one in fetched.series if one.metric == "CPUUtilization"} == {"Percent"}


def test_a_name_is_asked_for_in_the_case_of_its_namespace(sandbox: Sandbox) -> None:
    window = minutes_ago(30, 5)
    (first,) = epoch(window, 0)
    sandbox.datadog.put("Shop.Placed", {}, [first], [1.0])
    sandbox.datadog.put("shop.placed", {}, [first], [9.0])
    fetched = collected(sandbox, window, entry(namespace="Shop", metrics="Placed", dimensions={}))
    assert list(points(fetched).values()) == [[(first, 1.0)]]


@pytest.mark.parametrize(
    ("asked", "values"),
    [
        (entry(metrics="level", statistics="Sum", dimensions={}), [[11, 1, 1, 41, 1]]),
        (entry(metrics="level", statistics="Maximum", dimensions={"host": "*"}), [[1, 1, 1, 1, 1], [10, 40]]),
        (free("sum:shop.level{*}"), [[11, 1, 1, 41, 1]]),
        (free("max:shop.level{*} by {host}"), [[1, 1, 1, 1, 1], [10, 40]]),
    ],
)
def test_nothing_is_stored_that_nobody_measured(
    sandbox: Sandbox, asked: MetricEntry, values: list[list[float]]
) -> None:
    window = minutes_ago(30, 5)
    times = epoch(window)
    sandbox.datadog.put("shop.level", {"host": "a"}, times, [1.0] * 5)
    sandbox.datadog.put("shop.level", {"host": "b"}, [times[0], times[3]], [10.0, 40.0])
    found = points(collected(sandbox, window, asked)).values()
    assert [[value for _, value in rows] for rows in found] == values


def test_a_free_query_names_its_series_by_metric_scope_and_groups(sandbox: Sandbox) -> None:
    window = minutes_ago(30, 5)
    (first,) = epoch(window, 0)
    sandbox.datadog.put("system.cpu.user", {"env": "prod", "host": "web-1"}, [first], [12.5], unit="percent")
    fetched = collected(sandbox, window, free("avg:system.cpu.user{env:prod} by {host}"))
    assert points(fetched) == {
        series("cpu.user", "Average", "system", env="prod", host="web-1"): [(first, 12.5)]
    }
    assert [one.unit for one in fetched.series] == ["percent"]


def test_the_window_is_half_open_and_neighbours_share_no_point(sandbox: Sandbox) -> None:
    whole = minutes_ago(60, 10)
    sandbox.datadog.put("shop.errors", {"service": "checkout"}, epoch(whole), [1.0] * 10)
    middle = whole.start + whole.length / 2
    parts = [
        collected(sandbox, part, entry()) for part in (Window(whole.start, middle), Window(middle, whole.end))
    ]
    assert [time for part in parts for rows in points(part).values() for time, _ in rows] == epoch(whole)


def test_a_metric_without_points_is_named_all_the_same_but_groups_are_not_made_up(sandbox: Sandbox) -> None:
    grouped = entry(name="all", dimensions={"service": "*"})
    fetched = collected(sandbox, minutes_ago(10, 5), entry(statistics="Sum"), grouped)
    assert points(fetched) == {series(): []}


def test_a_window_of_many_points_is_asked_for_in_parts(sandbox: Sandbox) -> None:
    window = minutes_ago(4000, 4000)
    times = epoch(window)
    sandbox.datadog.put("shop.errors", {"service": "checkout"}, times, range(4000))
    target = Target("datadog", "datadog_default")
    (first, *_) = plan([entry(statistics="Sum")], target, "datadoghq.eu", window, window.end)
    fetched = fetch(datadog_client(sandbox), Request(target, window, first.queries))
    assert points(fetched) == {series(): [(time, float(n)) for n, time in enumerate(times)]}
    assert fetched.calls == sandbox.faults.calls[QUERY] == 3


def test_sparse_points_are_kept_after_a_look_between_them(sandbox: Sandbox) -> None:
    window = minutes_ago(60, 10)
    times = epoch(window, 0, 3, 9)
    sandbox.datadog.put("shop.errors", {"service": "checkout"}, times, [1.0, 2.0, 3.0])
    fetched = collected(sandbox, window, entry(statistics="Sum"))
    assert points(fetched) == {series(): list(zip(times, [1.0, 2.0, 3.0], strict=True))}
    assert fetched.calls == sandbox.faults.calls[QUERY] == 2


def test_points_that_were_rolled_up_are_asked_for_in_shorter_windows(sandbox: Sandbox) -> None:
    window = minutes_ago(1000, 1000)
    times = epoch(window)
    sandbox.datadog.put("shop.errors", {"service": "checkout"}, times, range(1000))
    sandbox.faults.add(Fault(*QUERY, body=coarse(window, 5)))
    fetched = collected(sandbox, window, entry(statistics="Sum"))
    assert points(fetched) == {series(): [(time, float(n)) for n, time in enumerate(times)]}
    assert fetched.calls == sandbox.faults.calls[QUERY] == 4  # coarse, between, two halves


@pytest.mark.parametrize("length", [20, 1000])
def test_points_that_stay_rolled_up_are_refused(sandbox: Sandbox, length: int) -> None:
    window = minutes_ago(1000, length)
    sandbox.faults.add(Fault(*QUERY, body=coarse(window, 5), times=None))
    with pytest.raises(
        SourceError,
        match=r"the points come every 5m where every 1m was asked for\. "
        r"Write `period: 5m`",
    ) as told:
        collected(sandbox, window, entry())
    assert not told.value.retryable


def test_one_rolled_up_query_does_not_spoil_the_others(sandbox: Sandbox) -> None:
    window = minutes_ago(60, 10)
    sandbox.datadog.put("shop.errors", {"service": "checkout"}, epoch(window, 0, 5), [1.0, 2.0])
    sandbox.datadog.put("shop.requests", {"service": "checkout"}, epoch(window), [7.0] * 10)
    fetched = collected(sandbox, window, entry(metrics=["errors", "requests"], statistics="Sum"))
    assert {one.metric: len(rows) for one, rows in points(fetched).items()} == {"errors": 2, "requests": 10}


def test_a_client_that_repeats_calls_by_itself_is_not_taken(sandbox: Sandbox) -> None:
    with pytest.raises(ValueError, match="enable_retry=False"):
        collected(sandbox, minutes_ago(10, 5), entry(), enable_retry=True)


def test_a_client_is_left_as_it_was(sandbox: Sandbox) -> None:
    client, window = datadog_client(sandbox), minutes_ago(10, 5)
    (request,) = plan([entry()], Target("datadog", "datadog_default"), "datadoghq.eu", window, window.end)
    fetch(client, request)
    assert client.configuration.preload_content is True


def test_a_request_without_queries_asks_nothing(sandbox: Sandbox) -> None:
    empty = Request(Target("datadog", "datadog_default"), minutes_ago(10, 5), warnings=("odd",))
    fetched = fetch(datadog_client(sandbox), empty)
    assert (points(fetched), fetched.calls, fetched.warnings) == ({}, 0, ("odd",))
