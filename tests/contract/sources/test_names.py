"""Names with every character that a source allows are asked for, stored and found again as they are."""

import orjson
import pytest

from tests.contract.sources.collecting import Make
from tests.contract.sources.readings import epoch
from tests.unit.sources.entries import entry
from watchbill.model.failures import SourceError

NAMES = ["with space", "a/b\\c", "'single' \"double\"", "{service=x},[y];", "*", "web*", "#100%_~`!@$^&()+<>?|:.-",
         "x" * 255]


@pytest.mark.parametrize("name", NAMES)
def test_every_name_that_cloudwatch_allows_is_collected_and_found_again(make: Make, name: str) -> None:
    world = make("cloudwatch")
    namespace, value = f"A {name}"[:255], f"v {name}"
    world.sandbox.cloudwatch.put(namespace, name, {name: value}, epoch(world.window), range(10))
    world.collect(entry(namespace=namespace, metrics=name, dimensions={name: value}, statistics="Sum",
                        sources="cloudwatch"))
    (series,) = world.lake.series(namespace=namespace, metric=name, dimensions={name: value})
    assert (series.namespace, series.metric, series.dimensions) == (namespace, name, ((name, value),))
    assert world.stored() == {series: [(minute, float(minute)) for minute in range(10)]}
    assert world.lake.sql("SELECT DISTINCT namespace, name, dimensions::MAP(VARCHAR, VARCHAR)::JSON::VARCHAR AS said "
                          "FROM points").to_pylist() == [
        {"namespace": namespace, "name": name, "said": orjson.dumps({name: value}).decode()}]


def test_a_value_that_is_a_star_is_one_among_those_that_a_star_finds(make: Make) -> None:
    world = make("cloudwatch")
    for number, service in enumerate(["*", "checkout", "check*"]):
        world.sandbox.cloudwatch.put("shop", "errors", {"service": service}, epoch(world.window), [number] * 10)
    world.collect(entry(statistics="Sum", dimensions={"service": "*"}))
    world.collect(entry(statistics="Sum", dimensions={"service": "check*"}))
    assert {dict(series.dimensions)["service"]: points for series, points in world.stored().items()} == {
        service: [(minute, float(number)) for minute in range(10)]
        for number, service in enumerate(["*", "checkout", "check*"])
    }


def test_a_name_that_cloudwatch_does_not_allow_is_told(make: Make) -> None:
    world = make("cloudwatch")
    with pytest.raises(SourceError, match="Correct what include/metrics asks for") as told:
        world.collect(entry(metrics="größe"))
    assert not told.value.retryable
    assert world.untouched()


def test_names_are_asked_of_datadog_as_it_keeps_them_and_stored_as_declared(make: Make) -> None:
    world = make("datadog")
    world.sandbox.datadog.put("My_Shop.Orders___placed_", {"service_name": "größe_/a:b_c_"}, world.at(*range(10)),
                              range(10))
    named = entry(namespace="My Shop", metrics="Orders / placed!", dimensions={"Service Name": 'Größe /a:b"c*'},
                  statistics="Sum")
    world.collect(named)
    ((series, points),) = world.stored().items()
    assert (series.namespace, series.metric, series.dimensions) == (
        "My Shop", "Orders / placed!", (("Service Name", 'Größe /a:b"c*'),))
    assert points == [(minute, float(minute)) for minute in range(10)]


def test_values_of_datadog_s_tags_are_stored_as_they_come(make: Make) -> None:
    world = make("datadog")
    values = ["größe", "日本", "a:b:c", "http://x/y", "1.5-rc_2", "n/a"]
    for number, value in enumerate(values):
        world.sandbox.datadog.put("shop.errors", {"service": value}, world.at(*range(10)), [number] * 10)
    world.collect(entry(statistics="Sum", dimensions={"service": "*"}))
    assert {dict(series.dimensions)["service"]: points[0] for series, points in world.stored().items()} == {
        value: (0, float(number)) for number, value in enumerate(values)}
