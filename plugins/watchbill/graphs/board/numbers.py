"""Large numbers, each with its name and how it came about."""

import math

from watchbill.graphs.board.canvas import Canvas
from watchbill.graphs.board.colours import SOFT, line_colour
from watchbill.graphs.board.geometry import Box
from watchbill.graphs.board.lettering import fitted, one_line, width
from watchbill.graphs.board.scales import finite, number, unit_sign
from watchbill.graphs.board.sheet import Amount, Amounts
from watchbill.graphs.board.tiles import NAME, judged, shrunk, spread


def draw_numbers(canvas: Canvas, given: Amounts, box: Box) -> None:
    for place, (one, tile) in enumerate(spread(canvas, given, box, (90, 44))):
        colour = judged(one.value, given.levels)
        said, sign = number(one.value), unit_sign(one.unit) if one.value is not None else ""
        size = max(14.0, min(40.0, tile.height * 0.42, tile.width * 0.3))
        size = shrunk(said + sign, size, tile.width - 12)
        middle, name = tile.x + tile.width / 2, one_line(one.name, 100)
        base = tile.y + tile.height * (0.5 if name else 0.58) + size * 0.36
        if len(finite(one.trail)) > 2 and tile.height > 70:
            foot = min(tile.height * 0.26, 64)
            _trail(canvas, one, Box(tile.x + 4, tile.bottom - foot, tile.width - 8, foot), place)
            base -= foot * 0.45
        small = size if sign == "%" else size * 0.5
        gap = 0 if sign == "%" else size * 0.16
        whole = width(said, size, bold=True) + (width(sign, small) + gap if sign else 0)
        canvas.text(middle - whole / 2, base, said, size, colour, bold=True, gid="number")
        canvas.text(middle - whole / 2 + width(said, size, bold=True) + gap, base, sign, small, SOFT)
        canvas.text(middle, base + max(14.0, size * 0.5), fitted(name, NAME, tile.width - 8), NAME, SOFT,
                    align="center")


def _trail(canvas: Canvas, one: Amount, box: Box, place: int) -> None:
    seen = finite(one.trail)
    low, high = min(seen), max(seen)
    span, last = high - low or 1.0, max(1, len(one.trail) - 1)
    xs, ys = list[float](), list[float]()
    for at, value in enumerate(one.trail):
        if value is not None and math.isfinite(value):
            xs.append(box.x + box.width * at / last)
            ys.append(box.bottom - box.height * (value - low) / span)
    colour = line_colour(place, one.colour)
    canvas.area([(xs[0], box.bottom), *zip(xs, ys, strict=True), (xs[-1], box.bottom)], colour, alpha=0.12)
    canvas.line(xs, ys, colour, thick=1.2, gid="trail")
