"""Columns become a table of points."""

import subprocess
import sys
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchbill.model.windows import Window
from watchbill.sources.fetched import POINTS, Columns

WINDOW = Window(datetime.fromtimestamp(60, UTC), datetime.fromtimestamp(180, UTC))


def rows(columns: Columns) -> list[tuple[int, int, float]]:
    table = columns.table(WINDOW)
    assert table.schema == POINTS
    return [(row["series"], int(row["timestamp"].timestamp()), row["value"]) for row in table.to_pylist()]


def test_only_points_inside_the_half_open_window_stay() -> None:
    columns = Columns()
    columns.add(7, [59_999, 60_000, 179_999, 180_000], [1.0, 2.0, 3.0, 4.0])
    assert rows(columns) == [(7, 60, 2.0), (7, 179, 3.0)]


def test_points_leave_sorted_and_the_last_of_duplicates_wins() -> None:
    columns = Columns()
    columns.add(9, [120_000, 60_000], [1.0, 2.0])
    columns.add(3, [60_000], [3.0])
    columns.add(9, [120_000], [4.0])
    assert rows(columns) == [(3, 60, 3.0), (9, 60, 2.0), (9, 120, 4.0)]


def test_what_is_no_finite_number_is_left_out_and_named() -> None:
    columns = Columns()
    columns.add(1, [60_000, 61_000], [float("nan"), 5.0])
    columns.add(2, [60_000], [float("-inf")])
    columns.add(3, [60_000], [6.0])
    assert rows(columns) == [(1, 61, 5.0), (3, 60, 6.0)]
    assert columns.not_finite() == {1, 2}


def test_no_points_are_a_table_without_rows() -> None:
    assert rows(Columns()) == []
    assert Columns().not_finite() == set()


def test_one_point_is_a_table_of_one_row() -> None:
    columns = Columns()
    columns.add(1, [60_000], [0.0])
    assert rows(columns) == [(1, 60, 0.0)]


def test_timestamps_without_values_are_refused() -> None:
    with pytest.raises(ValueError, match="as many"):
        Columns().add(1, [60_000, 61_000], [1.0])


def test_text_in_place_of_numbers_is_refused() -> None:
    with pytest.raises(TypeError):
        Columns().add(1, [60_000], ["12"])  # type: ignore[list-item]


def test_making_a_table_imports_neither_numpy_nor_pandas() -> None:
    program = (
        "import sys; sys.modules['numpy'] = sys.modules['pandas'] = None\n"
        "from datetime import datetime, UTC\n"
        "from watchbill.model.windows import Window\n"
        "from watchbill.sources.fetched import Columns\n"
        "columns = Columns(); columns.add(1, [60_000, 60_000, 61_000], [1.0, 2.0, float('nan')])\n"
        "window = Window(datetime.fromtimestamp(0, UTC), datetime.fromtimestamp(99, UTC))\n"
        "assert len(columns.table(window)) == 1 and columns.not_finite() == {1}\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd="plugins")


def test_series_that_came_in_order_and_once_need_no_sorting_and_share_their_times() -> None:
    columns, times = Columns(), [60_000, 120_000]
    columns.add(-5, times, [1.0, 2.0])
    columns.add(3, times, [3, True])
    columns.add(-9, times, [4.0, 5.0])
    assert len(columns) == 6
    assert rows(columns) == [(-9, 60, 4.0), (-9, 120, 5.0), (-5, 60, 1.0), (-5, 120, 2.0), (3, 60, 3.0), (3, 120, 1.0)]


SERIES = st.tuples(st.integers(1, 4), st.lists(st.sampled_from([59_999, 60_000, 61_000, 179_999, 180_000]), max_size=4),
                   st.sampled_from([1, -0.5, 1.7e308, float("nan"), float("inf")]))


@given(st.lists(st.lists(SERIES, max_size=6), max_size=3))
def test_many_series_at_once_are_as_one_after_the_other(pages: list[list[tuple[int, list[int], float]]]) -> None:
    alone, together = Columns(), Columns()
    for page in pages:
        shared = {tuple(times): times for _, times, _ in page}
        for key, times, value in page:
            alone.add(key, times, [value] * len(times))
        together.add_all([key for key, *_ in page], [shared[tuple(times)] for _, times, _ in page],
                         [[value] * len(times) for _, times, value in page])
    assert len(together) == len(alone)
    assert rows(together) == rows(alone)
    assert together.not_finite() == alone.not_finite()
    assert together.outside(WINDOW) == alone.outside(WINDOW)


@pytest.mark.parametrize("values", [[[1.0], ["NaN"]], [[1.0, 2.0], []], [[1.0], [10**400]], [[1.0], None]])
def test_of_many_series_with_nonsense_among_them_none_is_added(values: list[list[float]]) -> None:
    columns = Columns()
    with pytest.raises((TypeError, ValueError)):
        columns.add_all([1, 2], [[60_000], [60_000]], values)
    assert len(columns) == 0
    assert rows(columns) == []


def test_values_that_only_add_up_to_infinity_are_kept() -> None:
    columns = Columns()
    columns.add(1, [60_000, 61_000], [1.7e308, 1.7e308])
    assert rows(columns) == [(1, 60, 1.7e308), (1, 61, 1.7e308)]
    assert columns.not_finite() == set()


def test_a_number_that_no_float_holds_is_refused() -> None:
    with pytest.raises(TypeError):
        Columns().add(1, [60_000], [10**400])


def test_series_with_points_outside_of_the_window_are_named() -> None:
    columns, inside = Columns(), [60_000]
    columns.add(1, inside, [1.0])
    columns.add(2, [59_999, 60_000], [1.0, 2.0])
    columns.add(3, [180_000], [1.0])
    columns.add(4, [], [])
    columns.add(5, inside, [1.0])
    assert columns.outside(WINDOW) == {2, 3}
    assert [key for key, *_ in rows(columns)] == [1, 2, 5]


def test_periods_without_a_point_are_filled_with_zeros() -> None:
    columns, window = Columns(), Window(datetime.fromtimestamp(60, UTC), datetime.fromtimestamp(360, UTC))
    columns.add(7, [125_000, 180_000], [1.0, float("nan")])
    columns.fill(7, 60, window)
    columns.fill(8, 120, window)
    found = columns.table(window).to_pylist()
    assert [(row["series"], int(row["timestamp"].timestamp()), row["value"]) for row in found] == [
        (7, 60, 0.0), (7, 125, 1.0), (7, 240, 0.0), (7, 300, 0.0), (8, 120, 0.0), (8, 240, 0.0)]
