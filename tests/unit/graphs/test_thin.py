"""What is left out of a picture, and what never is."""

from hypothesis import given
from hypothesis import strategies as st

from watchbill.graphs.graph import Line, Zone
from watchbill.graphs.thin import farthest_first, path


def points(values: list[float]) -> Line:
    return Line("a", [float(60 * place) for place in range(len(values))], values)


@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=500), st.integers(2, 60))
def test_a_thinned_line_keeps_its_highest_and_lowest_point_and_their_order(values, most):
    kept = [point for piece in path(points(values), most).pieces for point in piece]
    assert {min(values), max(values)} <= {value for _, value in kept}
    assert kept == sorted(kept, key=lambda one: one[0])
    assert set(kept) <= set(zip(points(values).timestamps, values, strict=True))
    assert len(kept) <= most + 2


def test_lines_that_reach_into_a_zone_come_before_higher_ones():
    lines = [Line(name, [0.0, 60.0], values) for name, values in
             {"high": [90.0, 90.0], "low": [1.0, 9.0], "between": [50.0, 55.0]}.items()]
    assert [one.name for one in farthest_first(lines, [Zone(high=5)])] == ["low", "between", "high"]
    assert [one.name for one in farthest_first(lines, [Zone(40, 60)])] == ["between", "high", "low"]
    assert [one.name for one in farthest_first(lines, ())] == ["high", "between", "low"]
