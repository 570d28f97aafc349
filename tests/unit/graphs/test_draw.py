"""The pictures themselves: what is in them, and what text and numbers from outside must not do to them."""

import math
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from datetime import UTC, datetime

import pytest

from watchbill.graphs.draw import draw
from watchbill.graphs.graph import Graph, Line, Span, Zone

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC).timestamp()
PNG = b"\x89PNG\r\n\x1a\n"


def line(name: str, values: list[float | None]) -> Line:
    return Line(name, [NOON + 60 * place for place in range(len(values))], values)


def at(minute: int) -> datetime:
    return datetime.fromtimestamp(NOON + 60 * minute, UTC)


def drawn(graph: Graph) -> dict[str, int]:
    """How many of each kind of part the SVG has."""
    ids = [each.get("id", "") for each in ET.fromstring(draw(graph, "svg")).iter()]
    return {kind: sum(one.startswith(kind) for one in ids) for kind in ("series", "threshold", "firing")}


def text(graph: Graph) -> str:
    """Every word in the picture: matplotlib says each in a comment beside its outlines."""
    return draw(graph, "svg").decode()


def test_a_graph_shows_its_lines_the_threshold_and_when_it_fired():
    graph = Graph([line("a", [1, 2, 6, 7, 2]), line("b", [1, 1, 1, 1, 1])], zones=[Zone(low=5)],
                  spans=[Span(at(2), at(4))])
    assert drawn(graph) == {"series": 2, "threshold": 1, "firing": 1}


def test_a_range_has_two_borders():
    assert drawn(Graph([line("a", [1, 2])], zones=[Zone(1, 5)]))["threshold"] == 2


def test_a_png_has_the_size_that_was_asked_for():
    picture = draw(Graph([line("a", [1, 2])]), width=640, height=320)
    assert picture.startswith(PNG)
    assert (int.from_bytes(picture[16:20]), int.from_bytes(picture[20:24])) == (640, 320)


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_the_same_graph_is_the_same_bytes(kind):
    graph = Graph([line("a", [1, 2, 3]), line("b", [3, 2, 1])], "title", zones=[Zone(high=1)])
    assert draw(graph, kind) == draw(graph, kind)


@pytest.mark.parametrize("lines", [
    [], [line("a", [])], [line("a", [None, math.nan, math.inf])],
], ids=["no line", "no point", "no number"])
def test_without_data_the_picture_says_so(lines):
    graph = Graph(lines, zones=[Zone(low=5)])
    assert "no data" in text(graph)
    assert drawn(graph)["series"] == 0


@pytest.mark.parametrize("values", [[5.0], [0.0, 0.0], [1e308, -1e308, 1.0], [5e-324, 0.0], [-3.0, -3.0]])
def test_any_numbers_can_be_drawn(values):
    assert draw(Graph([line("a", values)], zones=[Zone(low=1e300)])).startswith(PNG)


def test_holes_break_the_line():
    assert drawn(Graph([Line("a", [NOON, NOON + 60, NOON + 120, NOON + 900], [1, 2, 3, 4])]))["series"] == 2


@pytest.mark.parametrize("said", [
    "$x^{2}$ costs $5", r"\frac{1}{2} $\undefined", "_hidden", "<script>&--></svg>", "\x00\x07\x1b[31m",
    "\ud800 half a sign", "🔥 אזהרה تنبيه 警告", "a\u202eb", "%s {0} {x}", "",
], ids=["dollars", "math", "underscore", "markup", "control", "surrogate", "scripts", "override", "formats", "none"])
def test_text_from_outside_stays_text(said):
    graph = Graph([line(said, [1, 2]), line("b", [1, 2])], title=said, unit=said)
    assert ET.fromstring(draw(graph, "svg")).tag.endswith("svg")
    assert draw(graph).startswith(PNG)


def test_dollars_are_shown_as_they_are():
    assert "$x^{2}$ costs $5" in text(Graph([line("a", [1])], title="$x^{2}$ costs $5"))


def test_long_names_are_cut():
    said = text(Graph([line("n" * 1_000_000, [1, 2]), line("b", [1, 2])], title="t" * 1_000_000, unit="u" * 1000))
    assert "n" * 59 + "…" in said
    assert "n" * 60 not in said
    assert "t" * 99 + "…" in said


def test_of_a_thousand_series_those_in_alert_are_drawn_and_the_others_counted():
    lines = [line(f"host-{number:04}", [1.0, 9.0 if number % 100 == 7 else 2.0]) for number in range(1000)]
    graph = Graph(lines, zones=[Zone(low=5)])
    assert drawn(graph)["series"] == 40
    said = text(graph)
    assert all(f"host-{number:04}" in said for number in (7, 107, 507))
    assert "994 more, 960 of them not drawn" in said


def test_a_users_own_style_changes_nothing():
    plain = draw(Graph([line("a", [1, 2])]))
    import matplotlib as mpl

    with mpl.rc_context({"axes.facecolor": "black", "font.size": 40, "savefig.dpi": 10}):
        assert draw(Graph([line("a", [1, 2])])) == plain


def test_the_room_costs_nothing_until_it_draws():
    check = "import sys, watchbill.graphs.draw; raise SystemExit('matplotlib' in sys.modules)"
    environ = {**os.environ, "PYTHONPATH": "plugins"}
    assert subprocess.run([sys.executable, "-c", check], check=False, env=environ).returncode == 0
