"""Several numbers side by side in one box, the size that fits, and the colour that thresholds give a number."""

import math
from collections.abc import Sequence

from watchbill.graphs.board.canvas import Canvas
from watchbill.graphs.board.colours import FAINT, INK, SEVERITIES
from watchbill.graphs.board.geometry import Box
from watchbill.graphs.board.lettering import width
from watchbill.graphs.board.sheet import Amount, Amounts, Level, Value

NAME, SMALL = 11.0, 10.0  # font sizes


def _tiles(count: int, box: Box) -> tuple[int, int]:
    """Columns and rows, so that a tile is about twice as wide as it is high."""
    best = min(range(1, count + 1), key=lambda columns: abs(math.log(
        max(1.0, box.width / columns) / max(1.0, box.height / -(-count // columns)) / 2.2)))
    return best, -(-count // best)


def spread(canvas: Canvas, given: Amounts, box: Box, least: tuple[float, float]) -> list[tuple[Amount, Box]]:
    """A tile each; what would be smaller than `least` is counted below."""
    most = max(1, int(box.width / least[0])) * max(1, int((box.height - 14) / least[1]))
    shown = given.amounts[:most]
    more = given.more + len(given.amounts) - len(shown)
    if more:
        canvas.text(box.right, box.bottom, f"+{more} more", SMALL, FAINT, align="right")
        box = box.inset(0, 0, 0, 14)
    columns, rows = _tiles(len(shown), box)
    wide, high = box.width / columns, box.height / rows
    return [(one, Box(box.x + place % columns * wide, box.y + place // columns * high, wide, high))
            for place, one in enumerate(shown)]


def shrunk(said: str, size: float, room: float) -> float:
    taken = width(said, size, bold=True)
    return size if taken <= room else max(9.0, size * room / taken)


def judged(value: Value, levels: Sequence[Level], fine: str = INK) -> str:
    """The colour of the gravest threshold that the value has reached."""
    if value is None or not math.isfinite(value):
        return FAINT
    over = [level for level in levels if (value < level.value if level.shades == "below" else value >= level.value)]
    return max(over, key=_gravity).colour or SEVERITIES["critical"] if over else fine


def _gravity(level: Level) -> tuple[int, float]:
    colours = list(SEVERITIES.values())
    return (colours.index(level.colour) if level.colour in colours else len(colours), level.value)
