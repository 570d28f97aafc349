"""The quick reading of columnar answers says what orjson says, whatever the body."""

import json
import math
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchbill.sources.datadog import columns

NUMBERS = st.one_of(st.floats(allow_nan=False, allow_infinity=False), st.integers(-(2**63), 2**64 - 1))
ODD = st.one_of(st.none(), st.booleans(), st.text(max_size=3), st.lists(NUMBERS, max_size=2), st.just({"a": [1]}))


def body(series: Any, times: Any, values: Any, **more: Any) -> bytes:
    return json.dumps({"data": {"attributes": {"series": series, "times": times, "values": values}}, **more}).encode()


def plain(answer: Any) -> Any:
    """What is used of it: the errors, and the members of data.attributes; packed rows as lists of floats."""
    attributes = answer["data"]["attributes"]
    series = attributes["series"]
    series = orjson.loads(series) if isinstance(series, bytes) else series
    rows = [list(row) if isinstance(row, memoryview) else row for row in attributes["values"]]
    return answer.get("errors"), series, attributes["times"], rows


def same(one: Any, other: Any) -> bool:
    """Numbers as doubles, for the lake keeps nothing else; 1 and True are not the same."""
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    numbers = all(type(each) in (int, float) for each in (one, other))
    return (float(one), math.copysign(1, one)) == (float(other), math.copysign(1, other)) if numbers else one == other


@settings(max_examples=300)
@given(st.data(), st.integers(0, 4), st.integers(0, 4))
def test_rows_are_what_orjson_reads(data: st.DataObject, series: int, times: int) -> None:
    cell = data.draw(st.sampled_from([NUMBERS, st.one_of(NUMBERS, st.none()), st.one_of(NUMBERS, ODD)]))
    rows = data.draw(st.lists(st.lists(cell, min_size=times, max_size=times), min_size=series, max_size=series))
    names = data.draw(st.lists(st.fixed_dictionaries({"group_tags": st.lists(st.text())}), max_size=3))
    content = body(names, [60_000 * number for number in range(times)], rows)
    assert same([*plain(columns.loads(content))], [*plain(orjson.loads(content))])


@pytest.mark.parametrize("number", ["1", "-1", "0", "-0.0", "1e-320", "5e-324", "1.7976931348623157e308", "1e308",
                                    "9007199254740993", "18446744073709551615", "-9223372036854775808",
                                    "18446744073709551616", "1" + 40 * "0", "0.1", "3.141592653589793238462643"])
def test_odd_numbers_are_the_doubles_that_orjson_makes(number: str) -> None:
    content = body([{}], [1, 2], [["X", 0.5]]).replace(b'"X"', number.encode())
    assert same([*plain(columns.loads(content))], [*plain(orjson.loads(content))])


def test_numbers_are_packed_also_beside_rows_with_nulls() -> None:
    rows = columns.loads(body([{}, {}], [1, 2], [[1, 2.5], [None, 3]]))["data"]["attributes"]["values"]
    assert [list(rows[0]), rows[1]] == [[1.0, 2.5], [None, 3]]
    assert isinstance(rows[0], memoryview)


@pytest.mark.parametrize("content", [
    body([{}], [1], [[[1]]]), body([], [1], [[[1, 2]]]), body([{}], [1, 2], [[[1, 2], []]]),
    body([{}], [1, 2, 3], [[1, [2, 3], []]]), body([{"group_tags": ["host:X"]}], [1, 2], [[[1, 2], []]]).replace(
        b"X", b"\\u005b"),
    body([{}], [1, 2], [[1]]), body([{}, {}], [1, 2], [[1], [2, 3, 4]]), body([], [1], []), body([], [], [[], []]),
    body([{"group_tags": ["host:[1]"]}], [1], [[1]]), body([{}], [1], [[1]], errors=["late"]),
    body([{}], [1], [[1]], errors=None), body([{}], [1], [[1]], meta=[[]]), body({}, {}, {}), body("a", 1, "b"),
    b'{"data": {"attributes": {"times": [1], "times": [2], "series": [{}], "values": [[1]], "values": [[3]]}}}',
    b'{"data": 1, "data": {"attributes": {"times": [1], "series": [{"a": 1, "a": 2}], "values": [[1]]}}}',
    b'{"data": {"attributes": {"times": [1], "series": ["\\u0000\\u00e9"], "values": [[1]]}}}',
    b'{"data": {"attributes": {"values": [[1]], "series": [{}], "times": [1]}}, "\\u0065rrors": "hidden"}',
], ids=lambda content: content.decode()[:120])
def test_odd_answers_are_what_orjson_reads(content: bytes) -> None:
    try:
        wanted = plain(orjson.loads(content))
    except (TypeError, AttributeError):
        assert columns.loads(content) == orjson.loads(content)
    else:
        assert same([*plain(columns.loads(content))], [*wanted])


@pytest.mark.parametrize("content", [
    b"", b"{", b"nothing", b"[1, 2", b'{"data": NaN}', b'{"a": "\xff"}', b'{"a": "\\ud800"}', b"\xef\xbb\xbf{}",
    b"[" * 3000 + b"]" * 3000, body([{}], [1], [["X"]]).replace(b'"X"', b"NaN"),
    body([{}], [1], [["X"]]).replace(b'"X"', b"01"), body([{}], [1], [[1]]) + b"}",
    body([{}], [1], [["X"]]).replace(b'"X"', b"1,"), body([{}], [1], [["X"]]).replace(b"X", b"\xff"),
    body([{}], [1], [["X"]]).replace(b"X", b"\\ud800"), body([{}], [1], [["X"]]).replace(b"X", b"a\nb"),
], ids=lambda content: repr(content[-40:]))
def test_what_is_no_json_is_none(content: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - orjson's own words
        columns.loads(content)


@pytest.mark.parametrize("content", [b"[]", b"null", b"1", b'"a"', b"{}", b'{"data": null}', b'{"data": []}',
                                     b'{"data": {"attributes": []}}', b'{"data": {"attributes": {"series": 1}}}'])
def test_other_json_is_left_as_it_is(content: bytes) -> None:
    assert columns.loads(content) == orjson.loads(content)


def test_one_answer_after_the_other_big_and_small_is_read_from_its_own_bytes() -> None:
    for number, length in enumerate((10, 500_000, 20, 1)):
        content = body([{}], list(range(length)), [[number + 0.5] * length])
        assert (len(content) > columns._LARGE_BYTES) is (length == 500_000)
        assert columns.loads(content)["data"]["attributes"]["values"][0].tolist() == [number + 0.5] * length
