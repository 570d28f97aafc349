"""Points on equal steps of time."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchbill.graphs.lines.steps import MOST_STEPS, Steps, columns, folding
from watchbill.model.windows import Window

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MS = pa.timestamp("ms", "UTC")


def points(*rows):
    return pa.table({"series": pa.array([row[0] for row in rows], pa.int64()),
                     "timestamp": pa.array([NOON + timedelta(seconds=row[1]) for row in rows], MS),
                     "value": pa.array([row[2] for row in rows], pa.float64())})


def test_points_fall_into_the_step_that_holds_their_time():
    found = columns(points((1, -1, 9), (1, 0, 1), (1, 59, 2), (1, 60, 4), (1, 240, 8), (2, 120, 5)), [2, 1, 3],
                    Steps(NOON, 60, 4), "sum")
    assert [one.to_pylist() for one in found] == [[None, None, 5, None], [3, 4, None, None], [None] * 4]


@pytest.mark.parametrize(("statistic", "value"), [
    ("Sum", 6), ("SampleCount", 6), ("Average", 2), ("Minimum", 1), ("Maximum", 3), ("p99", 2)])
def test_finer_points_become_one_by_their_statistic(statistic, value):
    found = columns(points((1, 0, 1), (1, 10, 2), (1, 20, 3)), [1], Steps(NOON, 60, 1), folding(statistic))
    assert found[0].to_pylist() == [value]


@given(st.integers(60, 86_400 * 60), st.sampled_from([1, 10, 60, 300, 3600]))
def test_steps_cover_the_window_and_stay_few(seconds, period_s):
    window = Window(NOON - timedelta(seconds=seconds), NOON)
    steps = Steps.of(window, period_s)
    assert steps.start <= window.start
    assert steps.window.end >= window.end
    assert steps.count <= MOST_STEPS + 2
    assert steps.step_s % period_s == 0
    assert steps.start.timestamp() % steps.step_s == 0


def test_no_points_are_no_values():
    assert columns(points(), [1], Steps(NOON, 60, 2), "mean")[0].to_pylist() == [None, None]
    assert columns(points(), [], Steps(NOON, 60, 2), "mean") == []
