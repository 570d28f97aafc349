"""Answers that are none: nothing of them is stored, and it is said in one sentence."""

import json
import math
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.faults import Fault
from tests.contract.sources.collecting import Cloud, Collecting, Make, answer
from tests.unit.sources.entries import entry
from watchbill.model.failures import SourceError

ENTRY = entry(statistics="Sum")
NO_JSON: list[Any] = ["", "<html>a proxy</html>", b"\xff\xfe\x00", "null", "[]", "5", '"x"', "{}", "[" * 100_000,
                      '{"data": {"attributes"', '{"MetricDataResults": [{"Id": "m0"', '{"MetricDataResults": []} {}']
NO_CLOUDWATCH: list[dict[str, Any]] = [
    {"Timestamps": [1e300]}, {"Timestamps": [1e17]}, {"Timestamps": [None, 10**17]}, {"Timestamps": ["soon"]},
    {"Timestamps": [None]}, {"Timestamps": [True, False]}, {"Values": ["x"]}, {"Values": [None]}, {"Values": [[1]]},
    {"Values": []}, {"Messages": "x"}, {"Messages": [1]}, {"Messages": 5}, {"Id": ["m0"]}, {"Id": "m1"}, {"Id": None},
]
NO_DATADOG: list[dict[str, Any]] = [
    {"times": [1e300]}, {"times": [10**17]}, {"times": [-1]}, {"times": ["soon"]}, {"times": [None]}, {"times": "5"},
    {"times": [1.5]}, {"times": {"0": 1}}, {"values": [["x"]]}, {"values": ["5"]}, {"values": [[[1]]]},
    {"values": [[]]}, {"values": []}, {"series": {}}, {"series": ["x"]}, {"series": [{"group_tags": "abc"}]},
    {"series": [{"group_tags": [5]}]}, {"series": [{"query_index": "0"}]}, {"series": [{"unit": "x"}]},
]


def refused(world: Collecting, body: Any) -> SourceError:
    world.answers(body, times=None)
    with pytest.raises(SourceError) as told:
        world.collect(ENTRY)
    assert world.untouched()
    assert [(event["event"], event.get("kept")) for event in world.events] == [
        ("collection_planned", None), ("collection_failed", 0)]
    return told.value


@pytest.mark.parametrize("body", NO_JSON, ids=lambda body: str(body)[:30])
def test_what_is_no_json_or_no_answer_stores_nothing_and_is_told(world: Collecting, body: Any) -> None:
    told = refused(world, body)
    assert "the answer is not" in str(told)
    assert told.retryable
    assert len(str(told)) < 500


@pytest.mark.parametrize("members", NO_CLOUDWATCH, ids=str)
def test_a_result_of_cloudwatch_without_sense_stores_nothing_and_is_told(make: Make, members: dict[str, Any]) -> None:
    world = make("cloudwatch")
    told = refused(world, answer("cloudwatch", world.at(0), [1.0], **members))
    assert "the answer is not CloudWatch's" in str(told)
    assert told.retryable


@pytest.mark.parametrize("attributes", NO_DATADOG, ids=str)
def test_an_answer_of_datadog_without_sense_stores_nothing_and_is_told(make: Make, attributes: dict[str, Any]) -> None:
    world = make("datadog")
    body = answer("datadog", world.at(0), [1.0])
    body["data"]["attributes"].update(attributes)
    told = refused(world, body)
    assert "the answer is not Datadog's" in str(told)
    assert told.retryable


@pytest.mark.parametrize("body", [
    {"Metrics": [{"Dimensions": [{"Name": "service"}]}]}, {"Metrics": [{"Dimensions": ["x"]}]}, {"Metrics": [5]},
    {"Metrics": 5}, {"Metrics": [], "NextToken": "again"}, "[" * 100_000,
], ids=lambda body: str(body)[:60])
def test_a_listing_without_sense_is_told(make: Make, body: Any) -> None:
    world = make("cloudwatch")
    world.sandbox.faults.add(Fault("cloudwatch", "ListMetrics", body=body, times=None))
    with pytest.raises(SourceError, match="the answer is not CloudWatch's") as told:
        world.collect(entry(dimensions={"service": "*"}))
    assert told.value.retryable


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(["Complete", "m0"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3), max_leaves=6)
PATHS: dict[Cloud, list[str]] = {
    "cloudwatch": ["MetricDataResults", "Messages", "NextToken", "MetricDataResults 0", *(
        f"MetricDataResults 0 {member}" for member in (
            "Id", "Label", "StatusCode", "Messages", "Timestamps", "Values", "Timestamps 1", "Values 1"))],
    "datadog": ["data", "errors", "data attributes", *(
        f"data attributes {member}" for member in (
            "series", "series 0", "series 0 unit", "series 0 group_tags", "series 0 query_index", "times", "times 1",
            "values", "values 0", "values 0 1"))],
}


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_stands_in_an_answer_is_told_or_stored_as_numbers_inside_the_window(
    world: Collecting, data: st.DataObject
) -> None:
    body: Any = answer(world.source, world.at(0, 1, 2), [1.0, 2.0, 3.0])
    *path, last = (int(step) if step.isdigit() else step
                   for step in data.draw(st.sampled_from(PATHS[world.source])).split())
    inner = body
    for step in path:
        inner = inner[step]
    inner[last] = data.draw(ANYTHING)
    world.sandbox.faults.clear()
    world.answers(json.dumps(body), times=None)
    with suppress(SourceError):
        world.collect(ENTRY)
    assert all(0 <= minute < 10 and math.isfinite(value) for rows in world.stored().values() for minute, value in rows)
