"""The legend of a chart: names in columns below it or beside it, each with its newest value; what has no room is
counted.
"""

from collections.abc import Sequence

from watchbill.graphs.board.canvas import Canvas
from watchbill.graphs.board.colours import FAINT, SOFT, line_colour
from watchbill.graphs.board.geometry import Box
from watchbill.graphs.board.lettering import fitted, one_line, width
from watchbill.graphs.board.scales import number
from watchbill.graphs.board.sheet import Chart, Curve

SIZE, ROW, SWATCH, BETWEEN = 10.5, 16.0, 16.0, 14.0
_LEAST_PLOT = 60.0  # pixels of height that the lines keep


def legend_room(chart: Chart, box: Box) -> tuple[Box, Box | None]:
    """The plot's box and the legend's. One line without a name needs none."""
    named = [curve for curve in chart.curves if curve.name]
    if chart.legend == "hidden" or not named:
        return box, None
    if chart.legend == "right" and box.width > 320:
        side = min(box.width * 0.32, max(map(_wide, named)) + 8)
        return box.inset(0, 0, side + 8, 0), Box(box.right - side, box.y + 8, side, box.height - 24)
    per_row = _columns(chart.curves, box.width)
    most = max(1, min(4, int((box.height - _LEAST_PLOT) * 0.3 / ROW)))
    rows = min(most, -(-(len(chart.curves) + bool(chart.more)) // per_row))
    if box.height - rows * ROW < _LEAST_PLOT:
        return box, None
    height = rows * ROW + 4
    return box.inset(0, 0, 0, height), Box(box.x, box.bottom - height + 6, box.width, height - 4)


def draw_legend(canvas: Canvas, chart: Chart, box: Box) -> None:
    columns = 1 if chart.legend == "right" and box.width <= 400 and box.height > 2 * ROW else \
        _columns(chart.curves, box.width)
    rows = max(1, int(box.height / ROW + 0.25))
    room = columns * rows
    given = len(chart.curves) + chart.more
    shown = len(chart.curves) if given <= room and not chart.more else min(len(chart.curves), room - 1)
    wide = min(box.width / columns, max(map(_wide, chart.curves[:shown] or chart.curves)) + BETWEEN)
    absent = f", {chart.more} not drawn" if chart.more else ""
    if given > shown:
        while shown % columns and width(f"+{given - shown} more{absent}", SIZE) > box.width - shown % columns * wide:
            shown -= 1
    for place, curve in enumerate(chart.curves[:shown]):
        _entry(canvas, curve, place, box.x + place % columns * wide, box.y + place // columns * ROW, wide - BETWEEN)
    if given > shown:
        x, y = box.x + shown % columns * wide, box.y + shown // columns * ROW
        canvas.text(x, y + 9, fitted(f"+{given - shown} more{absent}", SIZE, box.right - x), SIZE, FAINT)


def _entry(canvas: Canvas, curve: Curve, place: int, x: float, y: float, room: float) -> None:
    canvas.rectangle(Box(x, y + 3.5, 10, 4), line_colour(place, curve.colour), radius=1.5)
    last = number(curve.last) if curve.last is not None else ""
    taken = width(last, SIZE) + 6 if last else 0
    if room - SWATCH - taken < min(50.0, width(curve.name, SIZE)):
        last, taken = "", 0
    name = fitted(one_line(curve.name, 120) or "–", SIZE, room - SWATCH - taken)
    canvas.text(x + SWATCH, y + 9, name, SIZE, SOFT, gid="legend")
    if last:
        canvas.text(x + SWATCH + width(name, SIZE) + 6, y + 9, last, SIZE, FAINT)


def _columns(curves: Sequence[Curve], room: float) -> int:
    """As many as the widest of the first names allow."""
    widest = max((_wide(curve) for curve in curves[:24]), default=100.0)
    return max(1, min(len(curves), int(room / min(max(widest, 60.0), max(room / 2, 100.0)) + 0.02)))


def _wide(curve: Curve) -> float:
    last = width(number(curve.last), SIZE) + 6 if curve.last is not None else 0
    return SWATCH + width(one_line(curve.name, 60), SIZE) + last + BETWEEN
