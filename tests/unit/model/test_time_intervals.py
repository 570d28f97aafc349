"""Time intervals: what amtool takes and refuses, and what the wall clock of a time zone shows."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from watchbill.model.time_intervals import TimeInterval


@pytest.mark.parametrize("declared", [
    {"months": ["13"]}, {"months": ["-1"]}, {"years": ["+5"]}, {"years": ["-5"]}, {"days_of_month": [1]},
    {"days_of_month": ["27:-1"]}, {"days_of_month": ["-31:-1"]}, {"days_of_month": ["1:-27"]},
    {"weekdays": ["Monday:FRIDAY"]}, {"weekdays": []}, {"weekdays": None}, {"months": ["january:march", 7]}, {},
    {"location": "Europe/Berlin"}, {"location": ""}, {"location": "Local"}, {"location": "UTC"}, {"location": "CET"},
    {"years": ["2020:2022", 2030]}, {"years": ["99999999999"]},
])
def test_what_amtool_takes_is_taken(declared: dict[str, Any]) -> None:
    TimeInterval.model_validate(declared)


@pytest.mark.parametrize("declared", [
    {"days_of_month": ["1:2:3"]}, {"days_of_month": ["28:-1"]}, {"days_of_month": [" 1"]},
    {"days_of_month": ["1 : 2"]}, {"days_of_month": ["-1:-3"]}, {"days_of_month": ["1:-28"]}, {"weekdays": "monday"},
    {"weekdays": ["mon"]}, {"weekdays": [":"]}, {"weekdays": ["monday:"]}, {"months": ["１"]}, {"months": ["1_0"]},
    {"years": [True]}, {"years": [2020.0]}, {"times": [{"start_time": "9:00", "end_time": "17:00"}]},
    {"times": {"start_time": "09:00", "end_time": "17:00"}}, {"times": ["09:00"]},
    {"times": [{"start_time": "09:00", "end_time": "17:00", "x": 1}]}, {"location": "europe/berlin"},
    {"location": "local"}, {"location": "utc"}, {"location": "../etc/passwd"}, {"location": "America"},
    {"location": "Mars/Olympus"}, {"zone": "UTC"},
])
def test_what_amtool_refuses_is_refused(declared: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        TimeInterval.model_validate(declared)


def test_an_empty_list_contains_nothing_and_no_list_everything() -> None:
    assert not TimeInterval.model_validate({"weekdays": []}).contains(datetime(2026, 3, 2, tzinfo=UTC))
    assert TimeInterval.model_validate({"weekdays": None}).contains(datetime(2026, 3, 2, tzinfo=UTC))


def _minutes_contained(interval: TimeInterval, day: datetime) -> int:
    return sum(interval.contains(day + timedelta(minutes=minute)) for minute in range(-180, 24 * 60 + 180))


SMALL_HOURS = {"times": [{"start_time": "02:00", "end_time": "03:00"}], "location": "Europe/Berlin"}


@pytest.mark.parametrize(("day", "minutes"), [
    (datetime(2026, 3, 28, tzinfo=UTC), 60),
    (datetime(2026, 3, 29, tzinfo=UTC), 0),  # the clocks go from 02:00 to 03:00
    (datetime(2026, 10, 25, tzinfo=UTC), 120),  # and from 03:00 back to 02:00
])
def test_an_hour_that_is_missing_never_comes_and_a_doubled_one_counts_twice(day: datetime, minutes: int) -> None:
    whole = {**SMALL_HOURS, "days_of_month": [day.day]}
    assert _minutes_contained(TimeInterval.model_validate(whole), day) == minutes


def test_the_last_day_of_a_month_is_found_where_the_clocks_change_in_it() -> None:
    last = TimeInterval.model_validate({"days_of_month": ["-1"], "location": "America/New_York"})
    assert last.contains(datetime(2026, 3, 31, 16, tzinfo=UTC))
    assert not last.contains(datetime(2026, 3, 30, 16, tzinfo=UTC))
    assert last.contains(datetime(2026, 4, 1, 3, 59, tzinfo=UTC))  # still March over there


def test_without_a_location_it_is_utc_whatever_the_moments_own_zone() -> None:
    morning = TimeInterval.model_validate({"times": [{"start_time": "09:00", "end_time": "10:00"}]})
    assert morning.contains(datetime.fromisoformat("2026-03-02T11:30:00+02:00"))


def test_local_is_the_zone_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    monkeypatch.setenv("TZ", "Australia/Sydney")
    time.tzset()
    try:
        interval = TimeInterval.model_validate({"weekdays": ["monday"], "location": "Local"})
        assert interval.contains(datetime(2026, 3, 1, 20, tzinfo=UTC))
    finally:
        monkeypatch.undo()
        time.tzset()
