"""Planning for Datadog: at most 1,500 points a series, several queries a request."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.sources.entries import entry, free
from watchbill.model.failures import SourceError
from watchbill.model.metrics import MetricEntry
from watchbill.model.targets import Target
from watchbill.model.windows import Window
from watchbill.sources.datadog import plan
from watchbill.sources.datadog.requests import split
from watchbill.sources.request import Request

NOW = datetime(2026, 3, 1, 10, 7, 30, tzinfo=UTC)
LIVE = Window(datetime(2026, 3, 1, 10, tzinfo=UTC), datetime(2026, 3, 1, 10, 5, tzinfo=UTC))


def planned(*entries: MetricEntry, window: Window = LIVE, connection: str = "datadog_default",
            settle: timedelta | None = None) -> list[Request]:
    return plan(entries, Target("datadog", connection), "datadoghq.eu", window, NOW, settle=settle)


def tick(minutes: int) -> Window:
    """The five minutes that end so many minutes after ten o'clock."""
    end = LIVE.start + timedelta(minutes=minutes)
    return Window(end - timedelta(minutes=5), end)


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
    assert planned(entry(sources="cloudwatch"), entry(connections={"datadog": ["datadog_us"]})) == []


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


def test_a_live_window_begins_earlier_without_a_call_more() -> None:
    (request,) = planned(entry(), window=LIVE, settle=timedelta(0))
    assert request.window == Window(LIVE.end - timedelta(minutes=201), LIVE.end)
    assert len(planned(entry(), window=LIVE)) == 1


@given(st.integers(1, 4000), st.sampled_from([60, 300, 3600]), st.integers(0, 5000))
def test_a_live_plan_asks_for_all_of_the_window_and_never_costs_more_than_history(
    minutes: int, period_s: int, delay: int
) -> None:
    window = Window(LIVE.end - timedelta(minutes=minutes), LIVE.end)
    entries = [entry(period=f"{period_s}s", delay=f"{delay}m"), entry(name="two", metrics="two", period=f"{period_s}s")]
    history, live = planned(*entries, window=window), planned(*entries, window=window, settle=timedelta(minutes=2))
    if not history:
        return  # no period is over; live may still ask for the last one, which settles
    assert [request.queries for request in live] == [request.queries for request in history]
    whole = window.aligned(period_s)
    for query in {query for request in history for query in request.queries}:
        spans = [request.window for request in live if query in request.queries]
        assert spans[0].start <= whole.start
        assert spans[-1].end == whole.end
        assert sum(span.points(period_s) for span in spans) >= 201


@pytest.mark.parametrize(("minutes", "asked"), [(-5, False), (0, True), (5, False), (10, True), (15, False)])
def test_a_long_period_is_asked_for_when_it_is_over_and_when_it_has_settled(minutes: int, asked: bool) -> None:
    requests = planned(entry(period="1h"), window=tick(minutes), settle=timedelta(minutes=7))
    assert [request.window for request in requests] == (
        [Window(LIVE.start - timedelta(hours=201), LIVE.start)] if asked else [])


def test_an_entry_s_own_delay_replaces_the_source_s() -> None:
    settle = timedelta(minutes=7)
    assert planned(entry(period="1h", delay="0s"), window=tick(5), settle=settle) == []
    assert len(planned(entry(period="1h", delay="20m"), window=tick(20), settle=settle)) == 1


def test_a_delay_longer_than_that_is_asked_for_as_far_as_a_call_holds() -> None:
    (request,) = planned(entry(delay="10h"), window=LIVE, settle=timedelta(0))
    assert request.points == 605
    (request,) = planned(entry(delay="10d"), window=LIVE, settle=timedelta(0))
    assert request.points == 1500


def test_a_live_window_never_reaches_beyond_what_datadog_keeps() -> None:
    (request,) = planned(entry(period="7d"), window=Window(NOW - timedelta(days=14), NOW), settle=timedelta(0))
    assert NOW - timedelta(days=455) <= request.window.start <= NOW - timedelta(days=448)


def test_a_request_holds_the_same_queries_from_tick_to_tick() -> None:
    entries = [entry(period="1h"), entry(name="late", metrics="late", period="1h", delay="30m")]
    ids = [{request.id for request in planned(*entries, window=tick(minutes), settle=timedelta(0))}
           for minutes in (0, 30)]
    assert len(ids[0]) == 2
    assert len(ids[1]) == 1
    assert ids[1] < ids[0]


def test_what_v2_does_not_take_in_one_query_is_a_request_of_its_own() -> None:
    ratio = entry(name="ratio", sources="datadog", metrics="error_rate", formula="errors / requests", queries={
        "errors": "sum:shop.errors{*}", "requests": "sum:shop.requests{*}"}, dimensions={})
    arithmetic = free("sum:a.b{*} / sum:a.c{*}", name="free")
    requests = planned(entry(), arithmetic, ratio, entry(name="two", metrics="two"))
    names = [[query.entry for query in request.queries] for request in requests]
    assert names == [["shop", "two"], ["free"], ["ratio"]]


def test_each_organisation_is_asked_for_itself() -> None:
    both = entry(connections={"datadog": ["datadog_eu", "datadog_us"]})
    for connection in ("datadog_eu", "datadog_us"):
        (request,) = planned(both, connection=connection)
        assert request.target == Target("datadog", connection)
        assert [query.series.account for query in request.queries] == [connection]


def test_two_entries_may_take_different_values_of_one_dimension() -> None:
    (request,) = planned(entry(dimensions={"service": "=~a.*"}), entry(name="b", dimensions={"service": "=~b.*"}),
                         entry(name="again", dimensions={"service": "=~a.*"}))
    assert [(query.entry, query.sift) for query in request.queries] == [
        ("shop", (("service", "=~a.*"),)), ("b", (("service", "=~b.*"),))]
