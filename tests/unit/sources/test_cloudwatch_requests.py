"""Planning for CloudWatch: legal periods, and requests that are long and thin."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.sources.entries import entry
from watchbill.model.failures import SourceError
from watchbill.model.metrics import MetricEntry
from watchbill.model.series import Series
from watchbill.model.targets import Target
from watchbill.model.windows import Window
from watchbill.sources.cloudwatch import plan
from watchbill.sources.cloudwatch.packing import series_a_request
from watchbill.sources.cloudwatch.periods import legal_period
from watchbill.sources.request import Query, Request

NOW = datetime(2026, 3, 1, 10, 7, 30, tzinfo=UTC)
LIVE = Window(datetime(2026, 3, 1, 10, tzinfo=UTC), datetime(2026, 3, 1, 10, 5, tzinfo=UTC))


class Events:
    def __init__(self) -> None:
        self.handlers: list[Callable[..., Any]] = []

    def register(self, name: str, handler: Callable[..., Any]) -> None:
        assert name == "before-send.cloudwatch"
        self.handlers.append(handler)

    def unregister(self, name: str, handler: Callable[..., Any]) -> None:
        self.handlers.remove(handler)


class Listed:
    """Just enough of a boto3 client: lists these metrics, a page each, and takes one call a page."""

    def __init__(self, *pages: list[dict[str, str]]) -> None:
        self.pages = pages
        self.asked: list[dict[str, Any]] = []
        self.meta = SimpleNamespace(events=Events())

    def get_paginator(self, operation: str) -> "Listed":
        assert operation == "list_metrics"
        return self

    def paginate(self, **question: Any) -> Any:
        self.asked.append(question)
        for page in self.pages:
            for handler in self.meta.events.handlers:
                handler(request=None)
            yield {
                "Metrics": [{"MetricName": question["MetricName"], "Dimensions": [
                    {"Name": k, "Value": v} for k, v in one.items()]} for one in page]
            }


def planned(
    entries: list[MetricEntry],
    window: Window = LIVE,
    client: Any = None,
    now: datetime = NOW,
) -> list[Request]:
    target = Target("cloudwatch", "aws_default")
    return plan(client or Listed(), entries, target, "123456789012", "eu-west-1", window, now)


def history(days: int, period_s: int = 60) -> Window:
    return Window(NOW - timedelta(days=days), NOW).aligned(period_s)


def test_a_query_is_made_for_each_metric_statistic_and_set_of_dimensions() -> None:
    (request,) = planned([entry(metrics=["errors", "requests"], statistics=["Sum", "p99"], unit="Count")])
    wanted = [
        Query(
            "shop",
            Series(
                "cloudwatch",
                "123456789012",
                "eu-west-1",
                "shop",
                metric,
                statistic,
                60,
                (("service", "checkout"),),
                "Count",
            ),
        )
        for metric in ("errors", "requests")
        for statistic in ("Sum", "p99")
    ]
    assert request == Request(Target("cloudwatch", "aws_default"), LIVE, tuple(wanted))
    assert request.queries[0].series.unit == "Count"


def test_the_window_is_cut_to_whole_periods() -> None:
    (request,) = planned([entry(period="2m")])
    assert request.window == Window(LIVE.start, LIVE.start + timedelta(minutes=4))


def test_a_window_shorter_than_the_period_asks_nothing_until_the_period_is_over() -> None:
    assert planned([entry(period="1h")]) == []
    last = Window(datetime(2026, 3, 1, 9, 55, tzinfo=UTC), datetime(2026, 3, 1, 10, tzinfo=UTC))
    (request,) = planned([entry(period="1h")], last)
    assert request.window == Window(last.end - timedelta(hours=1), last.end)


def test_entries_of_another_source_or_connection_are_left_out() -> None:
    assert planned([entry(sources="datadog"), entry(connections={"cloudwatch": ["aws_other"]})]) == []


def test_a_series_that_two_entries_want_is_asked_for_once() -> None:
    (request,) = planned([entry(), entry(name="again", statistics=["Average", "Sum", "Sum"])])
    assert [(query.entry, query.series.statistic) for query in request.queries] == [
        ("shop", "Average"),
        ("again", "Sum"),
    ]


def test_periods_never_mix_in_a_request() -> None:
    requests = planned([entry(), entry(name="slow", period="5m")])
    assert [[query.series.period_s for query in request.queries] for request in requests] == [[60], [300]]


@pytest.mark.parametrize(("points", "series"), [(5, 500), (201, 500), (202, 499), (20_160, 5), (100_800, 1)])
def test_as_many_series_as_fit_go_into_a_request(points: int, series: int) -> None:
    assert series_a_request(points) == series


def test_a_live_window_of_a_thousand_series_is_two_requests() -> None:
    names = [f"m{number}" for number in range(1000)]
    assert [len(request.queries) for request in planned([entry(metrics=names)])] == [500, 500]


def test_two_weeks_of_minutes_of_five_hundred_metrics_are_a_hundred_requests() -> None:
    requests = planned([entry(metrics=[f"m{number}" for number in range(500)])], history(14))
    assert len(requests) == 100
    assert {len(request.queries) for request in requests} == {5}
    assert all(request.points <= 100_800 for request in requests)


@given(st.integers(1, 60), st.integers(1, 8), st.integers(1, 14))
def test_no_request_is_too_large_and_no_metric_is_billed_twice(
    metrics: int, statistics: int, days: int
) -> None:
    window = history(days)
    requests = planned(
        [
            entry(
                metrics=[f"m{number}" for number in range(metrics)],
                statistics=[f"p{50 + number}" for number in range(statistics)],
            )
        ],
        window,
    )
    assert all(len(request.queries) <= 500 and request.points <= 100_800 for request in requests)
    assert sum(len(request.queries) for request in requests) == metrics * statistics
    billed = [
        -(-len([query for query in request.queries if query.series.metric == metric]) // 5)
        for request in requests
        for metric in {query.series.metric for query in request.queries}
    ]
    assert sum(billed) == metrics * -(-statistics // 5)


def test_a_star_is_resolved_to_metrics_with_exactly_the_declared_names() -> None:
    client = Listed(
        [{"service": "search", "zone": "a"}, {"service": "checkout", "zone": "a", "host": "x"}],
        [{"service": "checkout", "zone": "a"}, {"service": "checkout"}, {}],
    )
    (request,) = planned([entry(dimensions={"service": "*", "zone": "a"})], client=client)
    assert [dict(query.series.dimensions) for query in request.queries] == [
        {"service": "checkout", "zone": "a"},
        {"service": "search", "zone": "a"},
    ]
    assert client.asked == [
        {
            "Namespace": "shop",
            "MetricName": "errors",
            "RecentlyActive": "PT3H",
            "Dimensions": [{"Name": "service"}, {"Name": "zone", "Value": "a"}],
        }
    ]
    assert request.calls == 2
    assert client.meta.events.handlers == []


def test_history_is_resolved_among_silent_metrics_too() -> None:
    client = Listed([{"service": "checkout"}])
    planned([entry(dimensions={"service": "*"})], history(3), client)
    assert "RecentlyActive" not in client.asked[0]


def test_the_same_listing_is_asked_for_once() -> None:
    client = Listed([{"service": "checkout"}])
    planned(
        [entry(dimensions={"service": "*"}), entry(name="b", dimensions={"service": "*"}, period="5m")],
        client=client,
    )
    assert len(client.asked) == 1


def test_a_star_that_finds_nothing_is_said_and_its_call_counted() -> None:
    (request,) = planned([entry(dimensions={"service": "*"})], client=Listed([]))
    assert request == Request(
        Target("cloudwatch", "aws_default"),
        LIVE,
        calls=1,
        warnings=(
            "shop: CloudWatch in eu-west-1 lists no metric shop/errors with exactly the dimensions service",
        ),
    )


@pytest.mark.parametrize(
    ("period_s", "age", "legal_s"),
    [
        (1, timedelta(hours=3), 1),
        (2, timedelta(0), 5),
        (15, timedelta(0), 20),
        (45, timedelta(0), 60),
        (90, timedelta(0), 120),
        (60, timedelta(0), 60),
        (10, timedelta(hours=3, seconds=1), 60),
        (60, timedelta(days=15), 60),
        (60, timedelta(days=15, seconds=1), 300),
        (900, timedelta(days=20), 900),
        (360, timedelta(days=20), 600),
        (300, timedelta(days=63), 300),
        (300, timedelta(days=64), 3600),
        (7200, timedelta(days=400), 7200),
    ],
)
def test_a_period_is_legal_by_the_age_of_the_start(period_s: int, age: timedelta, legal_s: int) -> None:
    assert legal_period(period_s, age) == legal_s


def test_a_period_no_longer_kept_is_refused_before_any_call_naming_the_one_that_is() -> None:
    client = Listed([{"service": "checkout"}])
    with pytest.raises(SourceError) as refused:
        planned([entry(dimensions={"service": "*"})], history(20), client)
    assert str(refused.value) == (
        "CloudWatch in eu-west-1 (connection aws_default), planning for shop: CloudWatch has no points "
        "every 1m for 2026-02-09 10:07 UTC. Write `period: 5m`, or ask for a later start"
    )
    assert not refused.value.retryable
    assert client.asked == []


def test_a_start_beyond_what_cloudwatch_keeps_is_refused() -> None:
    with pytest.raises(SourceError, match=r"more than 455 days ago.*Start at 2024-12-01 or later") as refused:
        planned([entry(period="1h")], history(456, 3600))
    assert not refused.value.retryable
