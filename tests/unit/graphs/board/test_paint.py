"""Whole pictures: what is where in them, and what text and numbers from outside must not do to them."""

import math
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import pytest

from tests.unit.graphs.board.pixels import boxes, count, near, parts, pixels, words
from watchbill.graphs.board.colours import LINES
from watchbill.graphs.board.geometry import MOST_HEIGHT
from watchbill.graphs.board.paint import paint
from watchbill.graphs.board.sheet import Amount, Amounts, Axis, Cell, Chart, Curve, Gap, Level, Moment, Prose, Sheet

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
END = START + timedelta(hours=1)
HALF = 230  # of a thin line's colour: it may lie between two rows of pixels
PNG = b"\x89PNG\r\n\x1a\n"


def sheet(*cells: Cell, **more) -> Sheet:
    return Sheet(more.pop("title", "shop"), START, END, cells, **more)


def cell(content, title="one", x=0, y=0, width=12, height=6) -> Cell:
    return Cell(x, y, width, height, content, title)


def chart(*curves: Curve, **more) -> Chart:
    return Chart(curves, START, 60, **more)


def curve(name="a", values=None, **more) -> Curve:
    return Curve(name, [5.0] * 60 if values is None else values, **more)


def test_each_line_lies_in_its_own_widget_in_its_own_colour():
    one = sheet(cell(chart(curve(colour="#ff00aa")), "left"), cell(chart(curve(colour="#00aa22")), "right", x=12))
    png, where = paint(one, width=1200), boxes(one)
    assert count(png, "#ff00aa", where["left"], HALF) > 300
    assert count(png, "#00aa22", where["right"], HALF) > 300
    assert count(png, "#ff00aa", where["right"]) == count(png, "#00aa22", where["left"]) == 0


def test_lines_take_colours_that_differ():
    one = sheet(cell(chart(*(curve(f"{at}", [float(at)] * 60) for at in range(8)))))
    png = paint(one, width=1200)
    assert all(count(png, colour) > 200 for colour in LINES[:8])


def test_a_higher_value_lies_higher():
    one = sheet(cell(chart(curve("low", [1.0] * 60, colour="#ff00aa"), curve("high", [9.0] * 60, colour="#00aa22"))))
    found = pixels(paint(one, width=1200))
    row = {colour: near(colour, found, HALF)[:, :500].any(axis=1).argmax() for colour in ("#ff00aa", "#00aa22")}
    assert row["#00aa22"] < row["#ff00aa"] - 60


def test_time_runs_from_left_to_right():
    values = [1.0] * 30 + [None] * 30
    one = sheet(cell(chart(curve(values=values, colour="#ff00aa"), legend="hidden")))
    columns = near("#ff00aa", pixels(paint(one, width=1200))).any(axis=0).nonzero()[0]
    box = boxes(one)["one"]
    assert columns.min() < box.x + 80
    assert columns.max() < box.x + box.width * 0.56


def test_stacked_areas_lie_upon_each_other():
    one = sheet(cell(chart(curve("a", [4.0] * 60), curve("b", [4.0] * 60), kind="area", left=Axis(low=0, high=10))))
    assert parts(one)["series"] == 2
    found = pixels(paint(one, width=1200))
    lines = [near(colour, found, 60)[:, 200:500].any(axis=1).argmax() for colour in LINES[:2]]
    assert lines[1] < lines[0] - 40


def test_thresholds_annotations_and_a_legend_are_drawn():
    one = sheet(cell(chart(
        curve("checkout", last=12.5), curve("search"), levels=[Level(6, label="too many", shades="above")],
        moments=[Moment(START + timedelta(minutes=10), "deploy"), Moment(START, until=END)])))
    found = parts(one)
    assert (found["series"], found["threshold"], found["annotation"], found["legend"]) == (2, 1, 3, 2)
    assert all(word in words(one) for word in ("too many", "deploy", "checkout", "12.5"))


@pytest.mark.parametrize(("kind", "part"), [
    ("number", "number"), ("bar", "bar"), ("table", "value"), ("pie", "slice"), ("gauge", "gauge")])
def test_every_view_of_numbers_shows_each_of_them(kind, part):
    one = sheet(cell(Amounts(kind, [Amount("a", 3.0, "Milliseconds"), Amount("b", 40.0)])))
    assert parts(one)[part] == 2
    assert "<!-- a -->" in words(one)
    assert "<!-- b -->" in words(one)


def test_a_gauge_is_as_full_as_its_value():
    def filled(value):
        one = sheet(cell(Amounts("gauge", [Amount("", value, colour="#ff00aa")], low=0, high=100)))
        return count(paint(one, width=1200), "#ff00aa")

    assert filled(50) == pytest.approx(2 * filled(25), rel=0.05)
    assert filled(400) == pytest.approx(filled(100), rel=0.01)


def test_a_number_takes_the_colour_of_the_gravest_threshold_it_has_reached():
    levels = [Level(10, colour="#d98e04"), Level(20, colour="#c7222a")]
    for value, colour in ((5, "#1f2430"), (15, "#d98e04"), (25, "#c7222a")):
        png = paint(sheet(cell(Amounts("number", [Amount("", value)], levels=levels), "")), width=1200)
        assert count(png, colour, boxes(sheet(cell(Prose("x"), "")))[""]) > 100, value


def test_markdown_is_rendered():
    said = ("# Shop\n\nText with **bold** and [a link](https://x.example).\n\n- one\n- two\n\n"
            "| a | b |\n|---|---|\n| 1 | 2 |")
    found = words(sheet(cell(Prose(said))))
    assert all(f"<!-- {word} -->" in found for word in ("Shop", "bold", "link", "•", "one", "two"))
    assert all(sign not in found for sign in ("**", "https://x.example", "|---"))


def test_markdown_of_a_description_is_words_only():
    assert "<!-- Shop See the runbook. -->" in words(sheet(description="## Shop\n\nSee the [runbook](https://x.example)."))


def test_a_widget_without_data_says_so():
    for content in (chart(), chart(curve(values=[None] * 60)), Amounts("number", [Amount("a", None)]),
                    Amounts("pie", [])):
        assert "<!-- no data -->" in words(sheet(cell(content)))


def test_what_cannot_be_drawn_says_why():
    assert "logs are not in the lake" in words(sheet(cell(Gap("logs are not in the lake", "fields @message"))))


HOSTILE = ["$x^{2}$ costs $5", r"\frac{1}{2} $\undefined", "_hidden", "<script>&--></svg>", "\x00\x07\x1b[31m",
           "\ud800 half a sign", "🔥 אזהרה تنبيه 警告 👩‍👩‍👧", "a\u202eb\u2066", "%s {0} {x}", "", "\u0301" * 50,
           "x" * 100_000, "word " * 20_000, "|" * 5000 + "\n" + "-|" * 5000, "[" * 5000, "*" * 5000, "`" * 3000,
           "#" * 100 + " x", "> " * 500, "  " * 3000 + "- x"]


@pytest.mark.parametrize("said", HOSTILE, ids=range(len(HOSTILE)))
def test_text_from_outside_breaks_nothing(said):
    import xml.etree.ElementTree as ET

    one = sheet(
        cell(chart(curve(said, last=1.0), curve("b"), levels=[Level(1, label=said)], moments=[Moment(START, said)],
                   left=Axis(label=said, unit=said)), said),
        cell(Prose(said), said, x=12), cell(Amounts("table", [Amount(said, 1.0, said)]), said, y=6),
        cell(Amounts("number", [Amount(said, 1.0, said)]), said, x=12, y=6),
        cell(Amounts("bar", [Amount(said, 1.0, said)]), said, y=12),
        cell(Amounts("pie", [Amount(said, 1.0, said)]), said, x=12, y=12), cell(Gap(said, said), said, y=18),
        cell(Amounts("gauge", [Amount(said, 1.0, said)]), said, x=12, y=18), title=said, description=said)
    started = time.perf_counter()
    assert paint(one, width=800).startswith(PNG)
    assert ET.fromstring(paint(one, "svg")).tag.endswith("svg")
    assert time.perf_counter() - started < 20


def test_dollars_are_shown_as_they_are():
    assert "$x^{2}$ costs $5" in words(sheet(cell(chart(curve()), "$x^{2}$ costs $5")))


@pytest.mark.parametrize("values", [
    [5.0], [0.0, 0.0], [1e308, -1e308, 1.0], [5e-324, 0.0], [-3.0, -3.0], [math.inf, 1.0], [math.nan, 2.0],
    [1e18, 1e17],
])
def test_any_numbers_can_be_drawn(values):
    for kind in ("line", "area"):
        for axis in (Axis(), Axis(low=-1.0, high=1.0), Axis(is_log=True)):
            one = chart(curve(values=values), kind=kind, left=axis, levels=[Level(1e300), Level(-5, to=5)])
            assert paint(sheet(cell(one))).startswith(PNG)
    for kind in ("number", "bar", "table", "pie", "gauge"):
        made = Amounts(kind, [Amount("a", value, trail=values) for value in values], levels=[Level(0)])
        assert paint(sheet(cell(made))).startswith(PNG)


@pytest.mark.parametrize(("width", "height"), [(1, 1), (24, 1), (1, 30), (2, 2)])
def test_any_size_of_a_widget_can_be_drawn(width, height):
    many = [Amount(f"name {at}", float(at)) for at in range(30)]
    contents = [chart(*(curve(f"{at}") for at in range(30)), legend="right"), Prose("# a\ntext\n- x"),
                Gap("why", "x " * 100), *(Amounts(kind, many) for kind in ("number", "bar", "table", "pie", "gauge"))]
    cells = [Cell(0, at * height, width, height, each, "a title") for at, each in enumerate(contents)]
    for pixel in (400, 1600):
        assert paint(Sheet("x", START, END, cells), width=pixel).startswith(PNG)


def test_of_many_series_the_legend_tells_how_many_are_not_there():
    one = sheet(cell(chart(*(curve(f"host-{at}") for at in range(60)), more=440)))
    assert parts(one)["series"] == 60
    assert "440 not drawn" in words(one)


def test_the_same_sheet_is_the_same_bytes():
    one = sheet(cell(chart(curve())), cell(Amounts("pie", [Amount("a", 1.0)]), x=12))
    assert paint(one) == paint(one)
    assert paint(one, "svg") == paint(one, "svg")


def test_a_users_own_style_changes_nothing():
    import matplotlib as mpl

    plain = paint(sheet(cell(chart(curve()))))
    with mpl.rc_context({"axes.facecolor": "black", "font.size": 40, "savefig.dpi": 10}):
        assert paint(sheet(cell(chart(curve())))) == plain


def test_a_picture_too_high_to_be_opened_ends_and_says_so():
    one = sheet(*(cell(Gap("x"), y=6 * at) for at in range(500)))
    png = paint(one, width=400)
    assert int.from_bytes(png[20:24]) <= MOST_HEIGHT + 40


def test_times_are_those_of_the_zone():
    one = words(sheet(cell(chart(curve())), zone="Asia/Kolkata"))
    assert "17:30 – 18:30 Asia/Kolkata" in one
    assert "<!-- 18:00 -->" in one


def test_an_empty_dashboard_is_a_picture_too():
    png = paint(sheet(description="nothing yet"))
    assert png.startswith(PNG)
    assert parts(sheet()).get("cell", 0) == 0


def test_the_room_costs_nothing_until_it_paints():
    check = "import sys, watchbill.graphs.board.paint; raise SystemExit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], check=False, env={"PYTHONPATH": "plugins"}).returncode == 0
