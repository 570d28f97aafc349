"""Numbers, ticks, letters and markdown."""

import math
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchbill.graphs.board.lettering import clean, fitted, one_line, width, wrapped
from watchbill.graphs.board.markdown import Block, Span, blocks, spans
from watchbill.graphs.board.scales import log_scale, number, time_ticks, value_scale, with_unit

NOON = datetime(2026, 3, 29, 0, tzinfo=UTC)


@pytest.mark.parametrize(("value", "said"), [
    (0.0, "0"), (-0.0, "0"), (1.0, "1"), (12.345, "12.3"), (0.04, "0.04"), (1234.0, "1.23k"), (99_999.0, "100k"),
    (2_500_000.0, "2.5M"), (-1500.0, "−1.5k"), (None, "–"), (math.nan, "–"), (math.inf, "–"), (1e-7, "1e-07"),
    (999.9, "1000"),
])
def test_numbers_are_short(value, said):
    assert number(value) == said


def test_units_have_their_signs():
    assert with_unit(12.0, "Percent") == "12%"
    assert with_unit(1200.0, "Milliseconds") == "1.2k ms"
    assert with_unit(3.0, "Count") == "3"
    assert with_unit(3.0, "widgets") == "3 widgets"


finite = st.floats(allow_nan=False, allow_infinity=False)


@given(st.lists(finite, max_size=5), st.none() | finite, st.none() | finite, st.integers(1, 8))
def test_an_axis_holds_what_was_seen_and_its_ticks_ascend(seen, low, high, ticks):
    scale = value_scale(seen, low, high, ticks)
    assert scale.low < scale.high
    assert [mark for mark, _ in scale.ticks] == sorted(mark for mark, _ in scale.ticks)
    assert len(scale.ticks) <= 40
    if low is None and high is None:
        assert all(-0.01 <= scale.part(value) <= 1.01 for value in seen)


def test_ticks_are_round_and_begin_at_zero_where_that_is_near():
    ticks = [said for _, said in value_scale([3.0, 95.0], None, None, 5).ticks]
    assert ticks == ["0", "20", "40", "60", "80", "100"]
    assert value_scale([50_000.0, 51_000.0], None, None, 4).low > 40_000


def test_a_logarithmic_axis_has_powers_of_ten():
    scale = log_scale([3.0, 40_000.0], None, None, 6)
    assert [said for _, said in scale.ticks] == ["1", "10", "100", "1k", "10k", "100k"]
    assert scale.part(0.0) == 0
    assert scale.part(1000.0) == pytest.approx(3 / 5)


def test_days_begin_where_they_do_in_the_zone():
    ticks = time_ticks(NOON, NOON + timedelta(hours=6), ZoneInfo("America/New_York"), 700)
    assert [said for _, said, is_day in ticks if is_day] == ["Mar 29"]
    assert [datetime.fromtimestamp(at, UTC).hour for at, _, is_day in ticks if is_day] == [4]


@given(st.text(max_size=60), st.floats(6, 30), st.floats(0, 300))
def test_fitted_text_is_no_wider_than_its_room(text, size, room):
    said = fitted(one_line(text), size, room)
    assert width(said, size) <= room + 0.01


@given(st.text(max_size=200), st.integers(0, 4))
def test_wrapped_text_has_no_more_lines_than_there_is_room(text, most):
    assert len(wrapped(one_line(text), 11, 80, most)) <= most


def test_signs_that_no_font_has_are_left_out_or_marked():
    assert clean("\U0001f9ff fire") == " fire"
    assert "□" in clean("\U00012345")
    assert clean("a\x00b\u202ec") == "a b c"


def test_markdown_is_read_into_blocks():
    said = "# Head\n\nplain **bold** `x|y`\nmore\n\n* a\n  1. b\n> q\n---\n```\ncode\n```\n| h |\n|---|\n| c |"
    assert [block.kind for block in blocks(said)] == [
        "heading", "text", "item", "item", "quote", "rule", "code", "row", "row"]
    assert blocks("1. x")[0] == Block("item", [Span("x")], mark="1.")


@pytest.mark.parametrize(("text", "found"), [
    ("a [b](c) d", [Span("a "), Span("b", link=True), Span(" d")]),
    ("[button:primary:Go](https://x)", [Span("Go", link=True)]),
    ("![alt](x.png)", [Span("[alt]", italic=True)]),
    ("snake_case_name 2*3*4", [Span("snake_case_name 2*3*4")]),
    (r"\*plain\*", [Span("*plain*")]),
    ("<b>x</b>", [Span("x")]),
    ("**[x](y)**", [Span("x", bold=True, link=True)]),
    ("see https://x.example/a_b_c now", [Span("see "), Span("https://x.example/a_b_c", link=True), Span(" now")]),
])
def test_inline_markdown(text, found):
    assert spans(text) == found


@given(st.text(alphabet="[]()*_`#|-> \n\\!ab1.", max_size=400))
def test_any_markdown_is_read(text):
    blocks(text)
