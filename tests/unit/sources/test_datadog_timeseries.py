"""Bodies of the v2 timeseries endpoint become lines."""

from typing import Any

import orjson
import pytest

from watchbill.model.failures import SourceError
from watchbill.model.series import Series
from watchbill.sources.datadog.lines import Line, spacing_ms
from watchbill.sources.datadog.timeseries import read
from watchbill.sources.errors import Asked
from watchbill.sources.request import Query

ASKED = Asked("Datadog", "datadoghq.eu", "datadog_default", "timeseries query", ("shop",))
SERIES = Series(
    "datadog", "datadog_default", "datadoghq.eu", "shop", "errors", "Sum", 60, (("env", "prod"),), "error"
)
QUERIES = (Query("shop", SERIES, "…", ("Service",)), Query("shop", SERIES, "…"))
BYTE = {"family": "bytes", "name": "byte", "plural": "bytes", "short_name": "B", "scale_factor": 1.0, "id": 2}
SECOND = {
    "family": "time",
    "name": "second",
    "plural": "seconds",
    "short_name": "s",
    "scale_factor": 1.0,
    "id": 11,
}


def body(series: list[Any], times: list[Any], values: list[Any]) -> bytes:
    return orjson.dumps(
        {
            "data": {
                "id": "0",
                "type": "timeseries_response",
                "attributes": {"series": series, "times": times, "values": values},
            }
        }
    )


def test_columns_become_lines_without_nulls_and_groups_are_named_as_declared() -> None:
    answer = body(
        [
            {"group_tags": ["service:checkout"], "query_index": 0, "unit": [BYTE, SECOND]},
            {"group_tags": [], "query_index": 1, "unit": None},
        ],
        [60_000, 120_000, 180_000],
        [[1, None, 0.5], [None, None, None]],
    )
    lines = read(answer, QUERIES, ASKED)
    grouped = Series(
        "datadog",
        "datadog_default",
        "datadoghq.eu",
        "shop",
        "errors",
        "Sum",
        60,
        (("Service", "checkout"), ("env", "prod")),
    )
    assert [Line(each.query, each.series, each.timestamps_ms, list(each.values)) for each in lines] == [
        Line(0, grouped, [60_000, 180_000], [1.0, 0.5]), Line(1, SERIES, [], [])]
    assert [line.series.unit for line in lines] == ["byte/second", "error"]


def test_a_unit_without_a_per_unit_is_its_name() -> None:
    lines = read(
        body([{"group_tags": [], "query_index": 1, "unit": [BYTE, None]}], [0], [[1]]), QUERIES, ASKED
    )
    assert lines[0].series.unit == "byte"


def test_a_group_value_may_hold_a_colon() -> None:
    lines = read(body([{"group_tags": ["service:a:b"], "query_index": 0}], [0], [[1]]), QUERIES, ASKED)
    assert dict(lines[0].series.dimensions) == {"Service": "a:b", "env": "prod"}


def test_no_series_are_no_lines() -> None:
    assert read(body([], [], []), QUERIES, ASKED) == []


@pytest.mark.parametrize(
    "nonsense",
    [
        b"",
        b"<html>502</html>",
        b"[]",
        b"null",
        b"{}",
        b'{"data": null}',
        b'{"data": {"attributes": {"series": 1}}}',
        body([{"query_index": 0}], [0], []),
        body([{"query_index": 0}], [0], [[1, 2]]),
        body([{"query_index": 7}], [0], [[1]]),
        body([{"query_index": -1}], [0], [[1]]),
        body([{"query_index": 0}], [0], [["a"]]),
        body([{"query_index": 0}], [0], [[{}]]),
        body(["x"], [0], [[1]]),
    ],
)
def test_nonsense_is_a_retryable_error_that_says_so(nonsense: bytes) -> None:
    with pytest.raises(SourceError, match="the answer is not Datadog's") as refused:
        read(nonsense, QUERIES, ASKED)
    assert refused.value.retryable


def test_an_error_inside_a_good_answer_is_not_taken_for_silence() -> None:
    answer = orjson.dumps(
        {"data": {"attributes": {"series": [], "times": [], "values": []}}, "errors": "Query timed out"}
    )
    with pytest.raises(SourceError, match="Datadog answered with an error: Query timed out"):
        read(answer, QUERIES, ASKED)


@pytest.mark.parametrize(
    ("times", "step"),
    [
        ([], 0),
        ([60], 0),
        ([60, 120, 180], 60),
        ([0, 300, 600], 300),
        ([0, 300, 480], 60),
        ([480, 0, 300, 0], 60),
    ],
)
def test_the_step_is_what_all_points_sit_on(times: list[int], step: int) -> None:
    assert spacing_ms([Line(0, SERIES, part, []) for part in (times[:2], times[2:])]) == step
