"""Time intervals are read and judged as Alertmanager's own tests have it."""

from datetime import datetime
from typing import Any

import pytest
import yaml
from pydantic import TypeAdapter, ValidationError

from tests.unit.alerts.cases import load
from watchbill.alerts.time_intervals import TimeIntervals
from watchbill.model.time_intervals import NamedTimeInterval, TimeInterval, Times, number, parse_span

pytestmark = pytest.mark.cases
INTERVALS: TypeAdapter[tuple[TimeInterval, ...]] = TypeAdapter(tuple[TimeInterval, ...])


def _made(declared: dict[str, Any]) -> TimeInterval:
    """The table makes intervals past the parser, so days may be what the parser refuses."""
    rest = {name: value for name, value in declared.items() if name != "days_of_month"}
    days = declared.get("days_of_month")
    spans = None if days is None else tuple(parse_span(text, number) for text in days)
    return TimeInterval.model_validate(rest).model_copy(update={"days_of_month": spans})


def _contain(intervals: list[TimeInterval], moment: str) -> bool:
    return any(interval.contains(datetime.fromisoformat(moment)) for interval in intervals)


@pytest.mark.parametrize("cases", load("timeinterval_cases.json"))
def test_intervals_contain_the_moments_that_alertmanager_says(cases: dict[str, Any]) -> None:
    for case in cases["contains_time"]:
        intervals = [_made(declared) for declared in case["intervals"]]
        assert [_contain(intervals, moment) for moment in case["contains"]] == [True] * len(case["contains"]), case
        assert not any(_contain(intervals, moment) for moment in case["excludes"]), case


@pytest.mark.parametrize("cases", load("timeinterval_cases.json"))
def test_intervals_are_read_from_yaml_as_alertmanager_reads_them(cases: dict[str, Any]) -> None:
    for case in cases["yaml"]:
        declared = yaml.safe_load(case["yaml"])
        if case["error"]:
            with pytest.raises(ValidationError) as caught:
                INTERVALS.validate_python(declared)
            assert case["error"] in str(caught.value), case
            continue
        intervals = INTERVALS.validate_python(declared)
        if case["normalized"] is not None:
            assert INTERVALS.dump_python(intervals, mode="json", exclude_none=True) == case["normalized"]
        assert all(_contain(list(intervals), moment) for moment in case["contains"]), case
        assert not any(_contain(list(intervals), moment) for moment in case["excludes"]), case


@pytest.mark.parametrize("cases", load("timeinterval_cases.json"))
def test_times_of_day_are_read_as_alertmanager_reads_them(cases: dict[str, Any]) -> None:
    for case in cases["time_range_yaml"]:
        declared = yaml.safe_load(case["yaml"])
        if case["error"]:
            with pytest.raises(ValidationError):
                TypeAdapter(Times).validate_python(declared)
        else:
            assert list(TypeAdapter(Times).validate_python(declared)) == case["minutes"]


def _named(case: dict[str, Any]) -> tuple[TimeIntervals, list[str], datetime]:
    named = [NamedTimeInterval.model_validate(declared) for declared in case["time_intervals"]]
    return TimeIntervals(named), [each.name for each in named], datetime.fromisoformat(case["now"])


@pytest.mark.parametrize("cases", load("timeinterval_cases.json"))
def test_the_intervals_that_mute_are_those_of_alertmanager(cases: dict[str, Any]) -> None:
    for case in cases["mutes"]:
        intervals, names, now = _named(case)
        assert list(intervals.containing(names, now)) == case["muted_by"], case


@pytest.mark.parametrize("cases", load("timeinterval_cases.json"))
def test_routes_are_mute_when_alertmanagers_are(cases: dict[str, Any]) -> None:
    for case in cases["stage"]:
        intervals, names, now = _named(case)
        muting = names if case["stage"] == "mute_time_intervals" else []
        active = names if case["stage"] == "active_time_intervals" else []
        found = intervals.mute(muting, active, now)
        assert (bool(found), list(found)) == (case["notification_muted"], case["muted_by"]), case
