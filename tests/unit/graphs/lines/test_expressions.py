"""What is computed of lines: by hand, and against Python's own arithmetic on any values."""

import math
from datetime import UTC, datetime

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchbill.graphs.lines.bundles import Bundle, Row
from watchbill.graphs.lines.expressions import NotComputedError, evaluate, over
from watchbill.graphs.lines.steps import Steps

STEPS = Steps(datetime(2026, 3, 1, tzinfo=UTC), 60, 4)


def column(*values):
    return pa.array(values, pa.float64())


def line(*values, every=1, **labels) -> Row:
    return Row(labels, column(*values), every)


def bundle(*rows: Row) -> Bundle:
    return Bundle(rows)


def computed(text: str, **known: Bundle):
    return {tuple(row.labels.values()): row.values.to_pylist() for row in evaluate(text, known, STEPS).rows}


A, B = bundle(line(1, 2, None, 4)), bundle(line(2, 0, 5, None))


@pytest.mark.parametrize(("text", "values"), [
    ("a + b", [3, 2, None, None]), ("a / b", [0.5, None, None, None]), ("b / b", [1, None, 1, None]),
    ("a / b * 100", [50, None, None, None]), ("-a", [-1, -2, None, -4]), ("2 ** a", [2, 4, None, 16]),
    ("max(a, 2)", [2, 2, None, 4]), ("min(a, b)", [1, 0, None, None]), ("sum(a, b)", [3, 2, None, None]),
    ("avg(a, 3)", [2, 2.5, None, 3.5]), ("abs(0 - a)", [1, 2, None, 4]),
    ("log10(b * 50)", [2, None, math.log10(250), None]),
    ("fill(a, 0)", [1, 2, 0, 4]), ("diff(a)", [None, 1, None, 2]), ("rate(a)", [None, 1 / 60, None, 2 / 120]),
    ("cumsum(a)", [1, 3, None, 7]), ("period(a)", [60] * 4), ("7", [7] * 4), ("1 / 0", [None] * 4),
])
def test_what_both_clouds_compute(text, values):
    found = computed(text, a=A, b=B)[()]
    assert [None if value is None else round(value, 9) for value in found] == [
        None if value is None else round(value, 9) for value in values]


def test_lines_meet_that_agree_in_the_labels_of_both():
    errors = bundle(line(1, 1, 1, 1, service="a"), line(2, 2, 2, 2, service="b"), line(9, 9, 9, 9, service="c"))
    requests = bundle(line(20, 20, 20, 20, service="b"), line(10, 10, 10, 10, service="a"))
    assert computed("e / r", e=errors, r=requests) == {("a",): [0.1] * 4, ("b",): [0.1] * 4}


def test_one_line_meets_all():
    many = bundle(line(1, 2, 3, 4, host="a"), line(2, 4, 6, 8, host="b"))
    total = bundle(line(10, 10, 10, 10))
    assert computed("m / t", m=many, t=total) == {("a",): [.1, .2, .3, .4], ("b",): [.2, .4, .6, .8]}
    assert computed("t - m", m=many, t=total)["b",] == [8, 6, 4, 2]


def test_the_finer_labels_stay():
    disks = bundle(line(1, 1, 1, 1, host="a", path="/"), line(2, 2, 2, 2, host="a", path="/var"),
                   line(3, 3, 3, 3, host="b", path="/"))
    hosts = bundle(line(10, 10, 10, 10, host="a"), line(20, 20, 20, 20, host="b"))
    assert computed("h - d", d=disks, h=hosts) == {("a", "/"): [9] * 4, ("a", "/var"): [8] * 4, ("b", "/"): [17] * 4}


def test_of_one_argument_sum_goes_over_all_its_lines():
    many = bundle(line(1, None, 3, None, host="a"), line(2, 4, None, None, host="b"))
    assert computed("sum(m)", m=many) == {(): [3, 4, 3, None]}
    assert computed("avg(m)", m=many) == {(): [1.5, 4, 3, None]}
    assert computed("max(m)", m=many) == {(): [2, 4, 3, None]}


def test_points_of_a_longer_period_hold_until_the_next():
    coarse = bundle(line(10, None, 20, None, every=2))
    assert computed("c - a", c=coarse, a=bundle(line(1, 2, 3, 4))) == {(): [9, 8, 17, 16]}


def test_what_only_a_cloud_can_compute_says_so():
    with pytest.raises(NotComputedError, match="anomaly"):
        evaluate("anomaly(a, 2)", {"a": A}, STEPS)


def test_nothing_of_nothing():
    assert computed("a / b", a=bundle(), b=B) == {}
    assert computed("sum(a)", a=bundle()) == {}


values = st.none() | st.floats(-1e6, 1e6)
columns = st.lists(st.tuples(values, values), min_size=1, max_size=20)


@given(columns, st.sampled_from(["+", "-", "*", "/"]))
def test_arithmetic_is_pythons_step_by_step(pairs, sign):
    steps = Steps(STEPS.start, 60, len(pairs))
    known = {name: bundle(line(*(pair[at] for pair in pairs))) for at, name in enumerate("ab")}
    (row,) = evaluate(f"a {sign} b", known, steps).rows
    python = {"+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b,
              "/": lambda a, b: a / b if b else None}[sign]
    for (a, b), found in zip(pairs, row.values.to_pylist(), strict=True):
        wanted = None if a is None or b is None else python(a, b)
        if wanted is None or not math.isfinite(wanted):
            assert found is None
        else:
            assert found == pytest.approx(wanted, rel=1e-12, abs=1e-300)


@given(st.lists(st.lists(values, min_size=3, max_size=3), min_size=1, max_size=5),
       st.sampled_from(["sum", "avg", "min", "max", "count"]))
def test_over_several_lines_only_those_count_that_have_a_value(lines, how):
    found = over(how, [column(*one) for one in lines]).to_pylist()
    python = {"sum": sum, "avg": lambda there: sum(there) / len(there), "min": min, "max": max, "count": len}[how]
    for at in range(3):
        there = [one[at] for one in lines if one[at] is not None]
        assert found[at] == (pytest.approx(python(there), rel=1e-9, abs=1e-9) if there else None)
