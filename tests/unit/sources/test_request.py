"""Requests travel through XCom, and name the file that a retry replaces."""

import json
from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from tests.targets import CLOUDWATCH, DATADOG
from watchbill.model.series import Series
from watchbill.model.targets import Target
from watchbill.model.windows import Window
from watchbill.sources.request import Query, Request, with_findings

WINDOW = Window(datetime(2026, 3, 1, 10, tzinfo=UTC), datetime(2026, 3, 1, 10, 5, tzinfo=UTC))
SERIES = Series(
    "datadog",
    "datadog_default",
    "datadoghq.eu",
    "shop",
    "errors",
    "Sum",
    60,
    (("service", "checkout"),),
    "error",
)
REQUEST = Request(
    DATADOG,
    WINDOW,
    (Query("shop", SERIES, "sum:shop.errors{service:checkout} by {host}.rollup(sum, 60)", ("Host",)),),
    calls=3,
    warnings=("something",),
)


def test_a_request_survives_the_way_through_json() -> None:
    back = Request.from_json(json.loads(json.dumps(REQUEST.to_json())))
    assert back == REQUEST
    assert back.queries[0].series.unit == "error"  # which equality does not look at


@given(st.text(), st.dictionaries(st.text(), st.text(), max_size=3), st.text())
def test_any_text_survives_the_way_through_json(metric: str, dimensions: dict[str, str], text: str) -> None:
    series = replace(SERIES, metric=metric, dimensions=tuple(dimensions.items()))
    request = replace(REQUEST, queries=(Query("shop", series, text),))
    assert Request.from_json(json.loads(json.dumps(request.to_json()))) == request


def test_what_a_query_computes_with_survives_too() -> None:
    query = Query("ratio", SERIES, "a/b", ("Host",), (("Host", "=~web.*"),), (("a", SERIES), ("b", "a*2")), True, True)
    request = replace(REQUEST, queries=(query,))
    assert Request.from_json(json.loads(json.dumps(request.to_json()))) == request


def test_the_keys_of_its_series_need_not_be_computed_again() -> None:
    request = replace(REQUEST, queries=tuple(Query("shop", replace(SERIES, metric=f"m{each}")) for each in range(3)))
    first, *others = Request.from_json(json.loads(json.dumps(request.to_json()))).queries
    assert [vars(query.series)["key"] for query in (first, *others)] == [query.series.key for query in request.queries]


def test_keys_of_another_version_are_left_alone() -> None:
    data = REQUEST.to_json()
    for keys in ([REQUEST.queries[0].series.key ^ 1], [], [1, 2]):
        assert Request.from_json(data | {"keys": keys}).queries[0].series.key == SERIES.key
    del data["keys"]  # a share that was planned before there were any
    assert Request.from_json(data) == REQUEST


def test_a_request_without_queries_survives_too() -> None:
    empty = Request(CLOUDWATCH, WINDOW, warnings=("nothing is there",))
    assert Request.from_json(json.loads(json.dumps(empty.to_json()))) == empty


def test_five_hundred_queries_stay_small_in_xcom() -> None:
    queries = tuple(Query("shop", replace(SERIES, metric=f"metric{number}"), "") for number in range(500))
    assert len(json.dumps(replace(REQUEST, queries=queries).to_json())) < 100_000


def test_the_same_questions_have_the_same_id_whatever_planning_cost() -> None:
    assert replace(REQUEST, calls=0, warnings=()).id == REQUEST.id
    assert len(REQUEST.id) == 16


def test_the_same_questions_of_another_time_have_the_same_id() -> None:
    assert replace(REQUEST, window=Window(WINDOW.end, WINDOW.end.replace(minute=10))).id == REQUEST.id


def test_other_questions_and_targets_have_other_ids() -> None:
    (query,) = REQUEST.queries
    changed = [
        replace(REQUEST, queries=(replace(query, series=replace(SERIES, metric="requests")),)),
        replace(REQUEST, queries=(replace(query, text="avg:shop.errors{*}"),)),
        replace(REQUEST, queries=(replace(query, queries=(("a", "avg:shop.errors{*}"),)),)),
        replace(REQUEST, target=Target("datadog", "datadog_eu")),
        replace(REQUEST, target=replace(REQUEST.target, region="eu-west-1")),
    ]
    assert len({REQUEST.id, *(request.id for request in changed)}) == 6


def test_a_request_says_how_many_points_it_may_bring() -> None:
    assert replace(REQUEST, queries=REQUEST.queries * 3).points == 15


def test_what_planning_found_out_goes_with_the_first_request() -> None:
    bare = replace(REQUEST, calls=0, warnings=())
    empty = Request(DATADOG, WINDOW)
    assert with_findings([bare, bare], empty, 2, ["late"]) == [
        replace(bare, calls=2, warnings=("late",)),
        bare,
    ]
    assert with_findings([], empty, 2, ["late"]) == [replace(empty, calls=2, warnings=("late",))]
    assert with_findings([], empty, 0, []) == []
