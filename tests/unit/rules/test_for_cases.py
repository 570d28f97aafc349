"""The lifecycle against what promtool and the CloudWatch documentation say."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from tests.unit.rules.points import a_rule
from watchbill.rules.conditions import EXTRA_PERIODS, compare
from watchbill.rules.datapoints import m_of_n
from watchbill.rules.judge import Values
from watchbill.rules.lifecycle import InstanceState, advance, advance_all
from watchbill.rules.select import absent

ROOT = Path(__file__).parents[3]
CASES = ROOT / os.environ.get("WATCHBILL_CASES", "../shared")
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


def cases(name, wanted=lambda case: True):
    """Every case of every file whose name contains `name`."""
    found = []
    for path in sorted(CASES.rglob(f"*{name}*.json")):
        told = json.loads(path.read_text())
        listed = enumerate(told if isinstance(told, list) else told["cases"])
        found += [pytest.param(case, id=f"{path.stem}-{case.get('id', index)}") for index, case in listed
                  if wanted(case)]
    reason = f"no *{name}*.json in {CASES}"
    return found or [pytest.param(None, marks=pytest.mark.skip(reason=reason))]


@pytest.mark.cases
@pytest.mark.parametrize("case", cases("for_cases"))
def test_states_are_those_of_promtool(case):
    rule = a_rule({"comparison": case["op"], "threshold": case["threshold"]},
                  **{"for": timedelta(seconds=case["for_s"])},
                  keep_firing_for=timedelta(seconds=case["keep_firing_for_s"]))
    streams = absent(rule.condition)  # one, without labels
    standing, states = {}, []
    for step_s, value in zip(case["steps_s"], case["seen_values"], strict=True):
        seen = Values(streams, pa.array([value], pa.float64()))
        breached = seen.where(compare(rule.condition.comparison, seen.column, rule.condition.threshold))
        standing, _ = advance_all(rule, standing, EPOCH + timedelta(seconds=step_s), missing=seen.missing,
                                  breached=breached, known=streams.places,
                                  interval=timedelta(seconds=case["eval_interval_s"]))
        states.append(next((state.state for state in standing), "inactive"))
    assert states == case["states"]


STATES = {"ALARM": "firing", "OK": "inactive", "INSUFFICIENT_DATA": "inactive"}
POINTS = {"X": True, "0": False, "-": None}


@pytest.mark.cases
@pytest.mark.parametrize("before", ["firing", "inactive"])
@pytest.mark.parametrize("case", cases("cloudwatch_mofn_cases"))
def test_m_of_n_ends_where_cloudwatch_says(case, before):
    slots = [pa.array([POINTS[point]], pa.bool_()) for point in reversed(case["datapoints_oldest_first"])]
    assert len(slots) == case["evaluation_periods"] + EXTRA_PERIODS
    for policy, alarm in case["expected"].items():
        [verdict] = m_of_n(slots, case["datapoints_to_alarm"], case["evaluation_periods"], policy).to_pylist()
        state = advance(a_rule(treat_missing_data=policy), InstanceState(before, EPOCH), verdict,
                        EPOCH + timedelta(minutes=1), interval=timedelta(minutes=1))
        assert (policy, state.state) == (policy, before if alarm == "RETAIN" else STATES[alarm])
        assert state.no_data == (alarm in ("RETAIN", "INSUFFICIENT_DATA"))
