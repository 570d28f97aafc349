"""Planning for Datadog: at most 1,500 points a series, several queries a request."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.sources.entries import entry, free
from watchbill.model.failures import SourceError
from watchbill.model.metrics import MetricEntry
from watchbill.model.windows import Window
from watchbill.sources.datadog import plan
from watchbill.sources.datadog.requests import split
from watchbill.sources.request import Request

NOW = datetime(2026, 3, 1, 10, 7, 30, tzinfo=UTC)
LIVE = Window(datetime(2026, 3, 1, 10, tzinfo=UTC), datetime(2026, 3, 1, 10, 5, tzinfo=UTC))


def planned(*entries: MetricEntry, window: Window = LIVE) -> list[Request]:
    return plan(entries, "datadog_default", "datadoghq.eu", window, NOW)


def test_queries_of_one_period_share_a_request() -> None:
    requests = planned(
        entry(metrics=["errors", "requests"], statistics=["Sum", "Maximum"]), entry(name="slow", period="5m")
    )
    assert [[query.text for query in request.queries] for request in requests] == [
        [
            "sum:shop.errors{service:checkout}.as_count().rollup(sum, 60).fill(null)",
            "max:shop.errors{service:checkout}.rollup(max, 60).fill(null)",
            "sum:shop.requests{service:checkout}.as_count().rollup(sum, 60).fill(null)",
            "max:shop.requests{service:checkout}.rollup(max, 60).fill(null)",
        ],
        ["avg:shop.errors{service:checkout}.rollup(avg, 300).fill(null)"],
    ]
    assert {(request.window, request.connection, request.source) for request in requests} == {
        (LIVE, "datadog_default", "datadog")
    }


def test_many_queries_are_several_requests() -> None:
    requests = planned(entry(metrics=[f"m{number}" for number in range(25)]))
    assert [len(request.queries) for request in requests] == [10, 10, 5]


def test_history_is_split_at_1500_points_a_series() -> None:
    window = Window(NOW - timedelta(days=14), NOW).aligned(60)
    requests = planned(entry(), window=window)
    assert len(requests) == 14  # 20,160 points
    assert [request.points for request in requests] == [1500] * 13 + [660]
    assert (requests[0].window.start, requests[-1].window.end) == (window.start, window.end)


@given(st.integers(0, 100_000), st.integers(1, 5000), st.sampled_from([1, 10, 60, 300, 3600]))
def test_parts_of_a_window_neither_overlap_nor_leave_a_gap(start: int, points: int, period_s: int) -> None:
    begin = datetime.fromtimestamp(start * period_s, UTC)
    window = Window(begin, begin + timedelta(seconds=points * period_s))
    parts = list(split(window, period_s))
    assert len(parts) == -(-points // 1500)
    assert all(0 < part.points(period_s) <= 1500 for part in parts)
    assert [part.start for part in parts] + [window.end] == [window.start] + [part.end for part in parts]


def test_a_window_shorter_than_the_period_asks_nothing() -> None:
    assert planned(entry(period="1h")) == []


def test_entries_of_another_source_or_connection_are_left_out() -> None:
    assert planned(entry(sources="cloudwatch"), entry(connections={"datadog": "datadog_us"})) == []


def test_a_question_that_two_entries_ask_is_asked_once() -> None:
    (request,) = planned(entry(), entry(name="again"))
    assert [query.entry for query in request.queries] == ["shop"]


def test_two_questions_whose_points_would_mix_in_one_series_are_refused() -> None:
    with pytest.raises(SourceError, match="would be stored as one series") as refused:
        planned(free("sum:a.b{*}", name="one"), free("sum:a.b{*}.as_count()", name="two"))
    assert not refused.value.retryable


def test_a_start_beyond_what_datadog_keeps_is_refused() -> None:
    with pytest.raises(SourceError, match="more than 455 days ago"):
        planned(entry(), window=Window(NOW - timedelta(days=456), NOW))
