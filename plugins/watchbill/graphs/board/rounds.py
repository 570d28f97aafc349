"""Pies and gauges."""

from watchbill.graphs.board.canvas import Canvas
from watchbill.graphs.board.colours import FAINT, GRID, INK, REST, SOFT, line_colour
from watchbill.graphs.board.geometry import Box
from watchbill.graphs.board.lettering import fitted, one_line, width
from watchbill.graphs.board.scales import finite, number, with_unit
from watchbill.graphs.board.sheet import Amounts
from watchbill.graphs.board.tiles import NAME, SMALL, judged, shrunk, spread

SLICES = 9


def draw_pie(canvas: Canvas, given: Amounts, box: Box) -> None:
    """Only what is above zero has a part; the smallest are one."""
    slices = _slices(given)
    whole = sum(value for _, value, _, _ in slices)
    if not slices:
        canvas.text(box.x + box.width / 2, box.y + box.height / 2, "nothing above zero", 12, FAINT, align="center")
        return
    radius = max(10.0, min(box.height / 2 - 4, box.width * 0.24))
    x, y, angle = box.x + radius + 6, box.y + box.height / 2, -90.0
    for _, value, colour, _ in slices:
        canvas.wedge(x, y, radius, angle, angle + 360 * value / whole, colour, inner=radius * 0.58, edge="#ffffff",
                     gid="slice")
        angle += 360 * value / whole
    left = x + radius + 18
    _names(canvas, slices, whole, Box(left, box.y, max(0.0, box.right - left), box.height))


def _slices(given: Amounts) -> list[tuple[str, float, str, str]]:
    """Name, value, colour, unit."""
    parts = [(one, value) for one in given.amounts for value in finite([one.value]) if value > 0]
    kept, rest = parts[:SLICES], sum(value for _, value in parts[SLICES:]) + max(0.0, given.rest or 0.0)
    found = [(one.name, value, line_colour(place, one.colour), one.unit) for place, (one, value) in enumerate(kept)]
    if rest > 0:
        found.append((f"{len(parts) - len(kept) + given.more} more", rest, REST, kept[0][0].unit if kept else ""))
    return found


def _names(canvas: Canvas, slices: list[tuple[str, float, str, str]], whole: float, box: Box) -> None:
    """Name, value and share in three columns."""
    row = min(20.0, box.height / len(slices))
    top = box.y + (box.height - row * len(slices)) / 2
    shares = width("100%", NAME) + 10
    has_values = box.width > 190
    values = max(width(with_unit(value, unit), NAME) for _, value, _, unit in slices) + 8 if has_values else 0
    for place, (name, value, colour, unit) in enumerate(slices):
        middle = top + place * row + row / 2
        canvas.rectangle(Box(box.x, middle - 4, 8, 8), colour, radius=2)
        canvas.text(box.x + 14, middle, fitted(one_line(name, 100), NAME, box.width - 14 - shares - values), NAME, SOFT,
                    level="center")
        if has_values:
            canvas.text(box.right - shares, middle, with_unit(value, unit), NAME, INK, level="center", align="right")
        canvas.text(box.right, middle, f"{value / whole:.0%}", NAME, SOFT, level="center", align="right")


def draw_gauges(canvas: Canvas, given: Amounts, box: Box) -> None:
    low = given.low if given.low is not None else 0.0
    high = given.high if given.high is not None else max([100.0, *finite(one.value for one in given.amounts)])
    span = high - low or 1.0
    for place, (one, tile) in enumerate(spread(canvas, given, box, (110, 80))):
        radius = max(20.0, min(tile.width / 2 - 12, tile.height - 40))
        x, y = tile.x + tile.width / 2, tile.y + (tile.height + radius) / 2 - 8
        canvas.wedge(x, y, radius, 180, 360, GRID, inner=radius * 0.74)
        colour = judged(one.value, given.levels, line_colour(place, one.colour))
        if one.value is not None and finite([one.value]):
            part = max(0.0, min(1.0, (finite([one.value])[0] - low) / span))
            canvas.wedge(x, y, radius, 180, 180 + 180 * part, colour, inner=radius * 0.74, gid="gauge")
        for level in given.levels:
            part = max(0.0, min(1.0, (level.value - low) / span))
            canvas.wedge(x, y, radius + 3, 180 + 180 * part - 1, 180 + 180 * part + 1, level.colour or INK,
                         inner=radius * 0.68, gid="threshold")
        said = with_unit(one.value, one.unit)
        size, ink = shrunk(said, radius * 0.3, radius * 1.2), colour if given.levels else INK
        canvas.text(x, y - 3, said, size, ink, bold=True, align="center", gid="number")
        canvas.text(x - radius * 0.87, y + 13, number(low), SMALL, FAINT, align="center")
        canvas.text(x + radius * 0.87, y + 13, number(high), SMALL, FAINT, align="center")
        canvas.text(x, y + 15, fitted(one_line(one.name, 80), NAME, radius * 1.4), NAME, SOFT, align="center")
