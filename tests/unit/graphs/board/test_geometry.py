"""Where cells lie."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchbill.graphs.board.geometry import GAP, HEADER, MARGIN, arrange
from watchbill.graphs.board.sheet import Cell, Gap


def cell(x: int, y: int, width: int = 6, height: int = 6) -> Cell:
    return Cell(x, y, width, height, Gap(""))


@st.composite
def cells(draw):
    width = draw(st.integers(1, 24))
    return cell(draw(st.integers(0, 24 - width)), draw(st.integers(0, 5000)), width, draw(st.integers(1, 1000)))


def overlap(one, other) -> bool:
    return one.x < other.x + other.width and other.x < one.x + one.width and (
        one.y < other.y + other.height and other.y < one.y + one.height)


@given(st.lists(cells(), max_size=12), st.integers(400, 4000))
def test_cells_keep_their_order_and_never_lie_upon_each_other(given_cells, width):
    layout = arrange(given_cells, width)
    for one, box in layout.boxes:
        assert box.x >= MARGIN - 0.01
        assert box.right <= width - MARGIN + 0.01
        assert box.bottom <= layout.height
        assert box.y >= HEADER
        assert box.width > 0
        assert box.height > 0
        for other, beside in layout.boxes:
            if one is not other and not overlap(one, other):
                assert not overlap(box, beside)
    assert len(layout.boxes) + layout.left_out == len(given_cells)


def test_a_cell_is_as_wide_as_its_columns_and_three_quarters_as_high():
    (_, box), (_, beside) = arrange([cell(0, 0, 12, 6), cell(12, 0, 12, 6)], 1600).boxes
    column = (1600 - 2 * MARGIN + GAP) / 24
    assert box.width == pytest.approx(12 * column - GAP)
    assert box.height == pytest.approx(6 * 0.75 * column - GAP)
    assert beside.x == pytest.approx(box.right + GAP)


def test_rows_without_a_cell_are_left_out():
    (_, above), (_, below) = arrange([cell(0, 2, 6, 3), cell(0, 900, 6, 3)], 1600).boxes
    assert above.y == HEADER
    assert below.y == pytest.approx(above.bottom + GAP)


def test_a_cell_that_spans_others_is_not_squeezed():
    long, first, last = (box for _, box in arrange([cell(0, 0, 6, 9), cell(6, 0, 6, 2), cell(6, 7, 6, 2)], 1600).boxes)
    assert last.bottom == pytest.approx(long.bottom)
    assert last.y - first.bottom > 4 * first.height / 2
