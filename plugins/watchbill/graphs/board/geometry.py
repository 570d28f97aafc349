"""From the grid to pixels: where each cell of a sheet lies in the picture, and how large the picture is.

A column is as wide as the width allows; a row is three quarters of it, as CloudWatch shows them on a usual screen.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from watchbill.graphs.board.sheet import COLUMNS, Cell

MARGIN, GAP, HEADER = 16.0, 8.0, 60.0
ROW_OF_COLUMN, LEAST_ROW = 0.75, 38.0  # pixels; less would hold no text
MOST_HEIGHT = 24_000  # pixels: what is below is left out, and told


@dataclass(frozen=True)
class Box:
    """In pixels from the top left corner."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    def inset(self, left: float, top: float, right: float, bottom: float) -> "Box":
        return Box(self.x + left, self.y + top, max(0.0, self.width - left - right),
                   max(0.0, self.height - top - bottom))


@dataclass(frozen=True)
class Layout:
    width: int
    height: int
    boxes: Sequence[tuple[Cell, Box]]
    left_out: int  # cells for which the picture would be too high


def arrange(cells: Sequence[Cell], width: int) -> Layout:
    """Rows that no cell touches are left out: the clouds do not show them either."""
    column = (width - 2 * MARGIN + GAP) / COLUMNS
    row = max(LEAST_ROW, column * ROW_OF_COLUMN)
    moved = _rows(cells)
    placed = [(cell, _box(cell, moved, column, row)) for cell in cells]
    shown = [(cell, box) for cell, box in placed if box.bottom + MARGIN <= MOST_HEIGHT]
    bottom = max((box.bottom for _, box in shown), default=HEADER + 2 * row)
    left_out = len(placed) - len(shown)
    return Layout(width, round(bottom + MARGIN + (20 if left_out else 0)), shown, left_out)


def _box(cell: Cell, rows: dict[int, int], column: float, row: float) -> Box:
    top, bottom = rows[cell.y], rows[cell.y + cell.height - 1] + 1
    return Box(MARGIN + cell.x * column, HEADER + top * row, cell.width * column - GAP, (bottom - top) * row - GAP)


def _rows(cells: Iterable[Cell]) -> dict[int, int]:
    """Each first and last row of a cell -> where it comes when the empty ones are gone."""
    found, end, empty = dict[int, int](), 0, 0
    for first, last in sorted((cell.y, cell.y + cell.height) for cell in cells):
        empty += max(0, first - end)
        end = max(end, last)
        found[first] = first - empty
        found[last - 1] = last - 1 - empty
    return found
