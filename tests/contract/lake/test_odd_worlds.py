"""Clocks that jump, and names with whatever characters there are."""

import io
import json
from collections.abc import Callable

import pytest

from tests.unit.lake.given import a_series, by_minute, minute, points, window
from watchbill.lake.export import WRITERS
from watchbill.lake.lake import Lake
from watchbill.model.series import Series

ONE = a_series(service="checkout")
PRINTABLE = "".join(map(chr, range(32, 127)))


def tell(lake: Lake, values: dict[float, float], clock: float) -> tuple[int, int]:
    """New and corrected points of an answer that was read when our clock said so."""
    found = lake.update("cloudwatch", window(0, 10), "a", points((ONE, values)), [ONE], collected_at=minute(clock),
                        own=True)
    return found.new, found.changed


def test_a_clock_that_was_ahead_and_is_set_back_loses_no_point(lake: Lake) -> None:
    """Until it is as late again, what was read under the wrong time has the say; new points are kept at once."""
    assert tell(lake, {0: 1.0, 5: 2.0}, clock=70) == (2, 0)
    assert tell(lake, {0: 1.0, 5: 3.0, 7: 4.0}, clock=10) == (1, 0)
    assert by_minute(lake.read([ONE], window(0, 60))) == {0: 1.0, 5: 2.0, 7: 4.0}
    assert tell(lake, {0: 1.0, 5: 3.0, 7: 4.0}, clock=71) == (0, 1)
    assert by_minute(lake.read([ONE], window(0, 60))) == {0: 1.0, 5: 3.0, 7: 4.0}


def test_a_time_that_was_called_whole_before_it_came_is_filled_by_the_ticks_that_read_it_again(lake: Lake) -> None:
    lake.write("cloudwatch", window(0, 10), "whole", points(), [], collected_at=minute(10))
    assert tell(lake, {}, clock=10) == (0, 0)
    assert tell(lake, {0: 1.0, 5: 2.0}, clock=11) == (2, 0)
    assert lake.gaps("cloudwatch", "whole", series=[ONE]).present == 2


@pytest.mark.parametrize("name", [PRINTABLE, "é 漢字 😀", "line\nbreak\ttab", "a/b=c%2F..", "'; DROP VIEW points; --"])
def test_a_name_may_have_any_character(lake: Lake, reopened: Callable[[], Lake], name: str) -> None:
    odd = Series("cloudwatch", "123456789012", "eu-west-1", name, name, "Average", 60, ((name, name),), name,
                 ((name, name),))
    lake.write("cloudwatch", window(0, 10), name, points((odd, {1: 2.0})), [odd], collected_at=minute(10))
    lake.compact_series("cloudwatch", now=minute(20))
    [known] = reopened().series(namespace=name, metric=name, dimensions={name: name})
    assert (known, known.unit, known.tags) == (odd, name, ((name, name),))
    assert reopened().coverage("cloudwatch", window(0, 10), name) == [window(0, 10)]
    [row] = reopened().sql("SELECT namespace, name, unit, dimensions, tags, value FROM points").to_pylist()
    assert row == {"namespace": name, "name": name, "unit": name, "dimensions": [(name, name)],
                   "tags": [(name, name)], "value": 2.0}
    out = io.BytesIO()
    WRITERS["json"](reopened().export([known]), out)
    [record] = json.loads(out.getvalue())
    assert (record["name"], record["dimensions"], record["tags"]) == (name, {name: name}, {name: name})
    assert reopened().verify().faults == ()
