"""Bars that lie, and tables: a row for each number. What has no room is counted."""

import math

from watchbill.graphs.board.canvas import Canvas
from watchbill.graphs.board.colours import BORDER, FAINT, GRID, INK, SOFT, line_colour
from watchbill.graphs.board.geometry import Box
from watchbill.graphs.board.lettering import fitted, one_line, width
from watchbill.graphs.board.scales import finite, with_unit
from watchbill.graphs.board.sheet import Amounts
from watchbill.graphs.board.tiles import NAME, SMALL, judged


def draw_bars(canvas: Canvas, given: Amounts, box: Box) -> None:
    """Lying, so that names can be read; the longest first is the caller's business."""
    row = min(30.0, max(18.0, box.height / max(1, len(given.amounts))))
    fit = max(1, int((box.height - (14 if given.more else 0)) / row))
    shown = given.amounts[:fit] if len(given.amounts) <= fit else given.amounts[:max(1, fit - 1)]
    more = given.more + len(given.amounts) - len(shown)
    names = min(box.width * 0.4, max((width(one_line(one.name, 80), NAME) for one in shown), default=0) + 8)
    said = max((width(with_unit(one.value, one.unit), NAME) for one in shown), default=0) + 8
    room = box.inset(names, 0, said, 0)
    seen = [0.0, *finite(one.value for one in shown)]
    low, high = (min(seen) if given.low is None else given.low, max(seen) if given.high is None else given.high)
    span = high - low or 1.0
    for place, one in enumerate(shown):
        y = box.y + place * row
        canvas.text(box.x, y + row / 2, fitted(one_line(one.name, 120), NAME, names - 8), NAME, SOFT, level="center")
        canvas.rectangle(Box(room.x, y + 4, room.width, row - 8), GRID, radius=2)
        if one.value is not None and math.isfinite(one.value):
            edges = sorted(max(0.0, min(1.0, (edge - low) / span)) for edge in (0.0, finite([one.value])[0]))
            bar = Box(room.x + edges[0] * room.width, y + 4, (edges[1] - edges[0]) * room.width, row - 8)
            own = line_colour(place, one.colour) if one.colour else line_colour(0)
            canvas.rectangle(bar, judged(one.value, given.levels, own), gid="bar")
        canvas.text(room.right + 6, y + row / 2, with_unit(one.value, one.unit), NAME, INK, level="center")
    if more:
        canvas.text(box.x, box.y + len(shown) * row + 12, f"+{more} more", SMALL, FAINT)


def draw_table(canvas: Canvas, given: Amounts, box: Box) -> None:
    row = 21.0
    fit = max(1, int((box.height - row) / row))
    shown = given.amounts[:fit] if len(given.amounts) + bool(given.more) <= fit else given.amounts[:max(1, fit - 1)]
    more = given.more + len(given.amounts) - len(shown)
    canvas.text(box.x, box.y + 13, fitted(given.columns[0], SMALL, box.width * 0.6, bold=True), SMALL, FAINT, bold=True)
    canvas.text(box.right, box.y + 13, given.columns[1], SMALL, FAINT, bold=True, align="right")
    for place, one in enumerate(shown):
        y = box.y + (place + 1) * row
        canvas.line([box.x, box.right], [y, y], BORDER if place == 0 else GRID)
        said = with_unit(one.value, one.unit)
        name = fitted(one_line(one.name, 200), NAME, box.width - width(said, NAME) - 16)
        canvas.text(box.x, y + row / 2, name, NAME, INK, level="center")
        canvas.text(box.right, y + row / 2, said, NAME, judged(one.value, given.levels), level="center", align="right",
                    gid="value")
    if more:
        canvas.text(box.x, box.y + (len(shown) + 1) * row + 14, f"+{more} more", SMALL, FAINT)
