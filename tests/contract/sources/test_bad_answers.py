"""What is stored and what is said when a source answers oddly, from its answer to the lake."""

from typing import Any

import orjson
import pytest

from tests.contract.sources.collecting import Cloud, Collecting, Make, answer
from tests.contract.sources.readings import epoch
from tests.unit.sources.entries import entry
from watchbill.model.failures import SourceError

ENTRY = entry(statistics="Sum")
SAID = {"cloudwatch": "shop/errors{service=checkout} Sum: ", "datadog": "shop.errors: "}


def test_values_that_are_no_finite_number_are_left_out_told_and_filled_later(world: Collecting) -> None:
    world.answers(answer(world.source, world.at(0, 1, 2, 3, 4), [1.0, "NaN", "Infinity", "-Infinity", 5.0]))
    collected = world.collect(ENTRY)
    assert world.values() == [(0, 1.0), (4, 5.0)]
    assert collected.report["points"] == 2
    assert collected.warnings == [f"{SAID[world.source]}values that are no finite number were left out"]
    assert [event["warnings"] for event in collected.events if event["event"] == "share_collected"] == [
        collected.warnings
    ]
    world.answers(answer(world.source, world.at(0, 1, 2, 3, 4), [1.0, 2.0, 3.0, 4.0, 5.0]))
    assert world.collect(ENTRY).warnings == []
    assert world.values() == [(minute, minute + 1.0) for minute in range(5)]


@pytest.mark.parametrize(("number", "stored"), [
    ("NaN", []), ("-Infinity", []), ("1e400", []), ("1" + 40 * "0", [(0, 1e40)]), ("1e-320", [(0, 1e-320)]),
    ("-0.0", [(0, 0.0)]), ("9007199254740993", [(0, 9007199254740992.0)]),
])
def test_odd_numbers_are_stored_as_floats_or_not_at_all(make: Make, number: str, stored: list[Any]) -> None:
    world = make("cloudwatch")
    body = orjson.dumps(answer("cloudwatch", world.at(0), ["X"])).decode()
    world.answers(body.replace('"X"', number))
    warnings = world.collect(ENTRY).warnings
    assert world.values() == stored
    assert warnings == ([] if stored else [f"{SAID['cloudwatch']}values that are no finite number were left out"])


@pytest.mark.parametrize(("source", "attributes"), [
    ("cloudwatch", {"Timestamps": [], "Values": []}),
    ("cloudwatch", {}),
    ("datadog", {"series": [], "times": [], "values": []}),
    ("datadog", {"series": [{"query_index": 0}], "times": [], "values": [[]]}),
    ("datadog", {"series": [{"query_index": 0}], "times": [60_000, 120_000], "values": [[None, None]]}),
], ids=str)
def test_an_empty_answer_is_no_gap_in_the_collection(make: Make, source: Cloud, attributes: dict[str, Any]) -> None:
    world = make(source)
    world.answers({"MetricDataResults": [{"Id": "m0", "StatusCode": "Complete", **attributes}]}
                  if source == "cloudwatch" else {"data": {"attributes": attributes}})
    collected = world.collect(ENTRY)
    assert (collected.report["points"], collected.warnings) == (0, [])
    assert world.values() == []
    assert world.lake.collected(source, world.window)


def test_unsorted_and_repeated_timestamps_are_stored_once_in_order_with_the_last_value(world: Collecting) -> None:
    world.answers(answer(world.source, world.at(3, 1, 3, 0, 2, 3), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]))
    collected = world.collect(ENTRY)
    assert world.values() == [(0, 4.0), (1, 2.0), (2, 5.0), (3, 6.0)]
    assert (collected.report["points"], collected.warnings) == (4, [])


def test_a_point_on_two_pages_is_stored_once_with_the_later_value(make: Make) -> None:
    world = make("cloudwatch")
    world.answers(answer("cloudwatch", world.at(0, 1), [1.0, 2.0], StatusCode="PartialData") | {"NextToken": "more"})
    world.answers(answer("cloudwatch", world.at(1, 2), [3.0, 4.0]))
    assert (world.collect(ENTRY).report["points"], world.values()) == (3, [(0, 1.0), (1, 3.0), (2, 4.0)])


def test_points_outside_of_the_window_are_left_out_and_told(world: Collecting) -> None:
    world.answers(answer(world.source, world.at(-1440, -1, 0, 1, 9, 10, 1440), [9.0, 9.0, 1.0, 2.0, 3.0, 9.0, 9.0]))
    collected = world.collect(ENTRY)
    assert world.values() == [(0, 1.0), (1, 2.0), (9, 3.0)]
    assert collected.warnings == [f"{SAID[world.source]}points outside of the window were left out"]


def test_an_answer_about_another_day_stores_nothing_and_is_told(world: Collecting) -> None:
    world.answers(answer(world.source, world.at(*range(1440, 1450)), [9.0] * 10))
    collected = world.collect(ENTRY)
    assert world.values() == []
    assert collected.warnings == [f"{SAID[world.source]}points outside of the window were left out"]


def test_ten_megabytes_are_read_and_stored_whole(make: Make) -> None:
    world = make("cloudwatch")
    minutes, services = range(10), [f"service-{number}" for number in range(500)]
    results = [{"Id": f"m{number}", "Label": "x" * 21_000, "StatusCode": "Complete", "Timestamps": world.at(*minutes),
                "Values": [number + minute / 7 for minute in minutes]} for number in range(len(services))]
    body = orjson.dumps({"MetricDataResults": results})
    assert len(body) > 10_000_000
    for service in services:
        world.sandbox.cloudwatch.put("shop", "errors", {"service": service}, world.at(0), [0.0])
    world.answers(body)
    assert world.collect(entry(statistics="Sum", dimensions={"service": "*"})).report["points"] == 5_000
    assert {dict(series.dimensions)["service"]: points for series, points in world.stored().items()} == {
        service: [(minute, number + minute / 7) for minute in minutes]
        for number, service in enumerate(sorted(services))}


def test_ten_megabytes_of_datadog_are_read_and_stored_whole(make: Make) -> None:
    world = make("datadog")
    minutes, services = range(10), [f"service-{number}-{'x' * 200}" for number in range(30_000)]
    attributes = {"series": [{"group_tags": [f"service:{service}"], "query_index": 0, "unit": None}
                             for service in services],
                  "times": [round(time * 1000) for time in world.at(*minutes)],
                  "values": [[number + minute / 7 for minute in minutes] for number in range(len(services))]}
    body = orjson.dumps({"data": {"attributes": attributes}})
    assert len(body) > 10_000_000
    world.answers(body)
    assert world.collect(entry(statistics="Sum", dimensions={"service": "*"})).report["points"] == 300_000
    rows = world.lake.sql("SELECT count(*) AS points, count(DISTINCT id) AS ids, sum(value) AS total FROM points")
    total = sum(map(sum, attributes["values"]))
    assert rows.to_pylist() == [{"points": 300_000, "ids": 300_000, "total": pytest.approx(total)}]


def test_a_body_that_breaks_off_stores_nothing_of_its_request_and_keeps_what_came_before(world: Collecting) -> None:
    times = epoch(world.window)
    world.sandbox.cloudwatch.put("shop", "errors", {"service": "checkout"}, times, range(10))
    world.sandbox.datadog.put("shop.errors", {"service": "checkout"}, times, range(10))
    entries = [ENTRY, entry(name="slow", statistics="Sum", period="2m")]
    world.answers(answer(world.source, world.at(*range(0, 10, 2)), [9.0] * 5), partial=True, skip=1)
    with pytest.raises(SourceError, match="the connection broke") as told:
        world.collect(*entries)
    assert told.value.retryable
    fine = [(minute, float(minute)) for minute in range(10)]
    assert world.values() == fine
    assert [(event["event"], event.get("kept")) for event in world.events] == [
        ("collection_planned", None), ("collection_failed", 10)]
    assert str(told.value) == world.events[-1]["error"]
    world.collect(*entries)
    assert {series.period_s: points for series, points in world.stored().items()}[60] == fine
    assert len(world.stored()) == 2
