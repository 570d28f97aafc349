"""Numbers in their box, as their widget wants them: large, as bars, a table, a pie or gauges."""

from watchbill.graphs.board.canvas import Canvas
from watchbill.graphs.board.geometry import Box
from watchbill.graphs.board.numbers import draw_numbers
from watchbill.graphs.board.rounds import draw_gauges, draw_pie
from watchbill.graphs.board.rows import draw_bars, draw_table
from watchbill.graphs.board.sheet import Amounts

_DRAW = {"number": draw_numbers, "bar": draw_bars, "table": draw_table, "pie": draw_pie, "gauge": draw_gauges}


def draw_amounts(canvas: Canvas, given: Amounts, box: Box) -> None:
    """What has no room is counted, never dropped unseen."""
    _DRAW[given.kind](canvas, given, box)
