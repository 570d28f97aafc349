"""Spans of the week, the month and the year by name: alerting.yaml's `time_intervals`, as Alertmanager reads them.

`TimeInterval.contains` judges one moment. In a time zone it goes by what the wall shows there: an hour that a change
of clocks leaves out never comes, and one that it doubles counts both times.
"""

import re
from calendar import monthrange
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, PlainSerializer

from watchbill.model.foreign_keys import Block

DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
          "november", "december")
_DAY_NUMBERS = {name: number for number, name in enumerate(DAYS)}
_MONTH_NUMBERS = {name: number for number, name in enumerate(MONTHS, 1)}
_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])|24:00", re.ASCII)
_NUMBER = re.compile(r"[+-]?[0-9]{1,18}", re.ASCII)
_SHORTEST_MONTH = 28
LOCAL = "Local"
"""The time zone of the machine that dispatches."""


class Span(NamedTuple):
    """Both ends belong to it."""

    begin: int
    end: int

    def holds(self, value: int) -> bool:
        return self.begin <= value <= self.end


class Minutes(NamedTuple):
    """Of the day; `end` does not belong to it."""

    start: int
    end: int


def parse_span(text: Any, member: Callable[[str], int]) -> Span:
    """`monday:friday`, `-3:-1`, `2026`; the ends in any order. Raises ValueError."""
    if isinstance(text, Span):
        return text
    if isinstance(text, bool) or not isinstance(text, str | int):
        raise ValueError(f"{text!r} is no range; write for example 'monday:friday' or '1:5'")  # noqa: TRY004
    parts = str(text).lower().split(":")
    if len(parts) > 2:
        raise ValueError(f"couldn't parse range {text}, invalid format")
    return Span(member(parts[0]), member(parts[-1]))


def number(text: str) -> int:
    if _NUMBER.fullmatch(text) is None:
        raise ValueError(f"{text!r} is no number")
    return int(text)


def _weekday(text: str) -> int:
    if text not in _DAY_NUMBERS:
        raise ValueError(f"{text} is not a valid weekday")
    return _DAY_NUMBERS[text]


def _month(text: str) -> int:
    if text in _MONTH_NUMBERS:
        return _MONTH_NUMBERS[text]
    if _NUMBER.fullmatch(text) is None:
        raise ValueError(f"{text} is not a valid month")
    return int(text)


def _weekdays(value: Any) -> Span:
    found = parse_span(value, _weekday)
    if found.begin > found.end:
        raise ValueError("start day cannot be before end day")
    return found


def _days_of_month(value: Any) -> Span:
    """Negative days count from the month's end. What is backwards even in the shortest month is refused."""
    found = parse_span(value, number)
    for day in found:
        if day == 0 or abs(day) > 31:
            raise ValueError(f"{day} is not a valid day of the month: out of range")
    if found.begin < 0 < found.end:
        raise ValueError("end day must be negative if start day is negative")
    begin, end = (day + _SHORTEST_MONTH if day < 0 else day for day in found)
    if begin > end:
        raise ValueError(f"end day {found.end} is always before start day {found.begin}")
    return found


def _months(value: Any) -> Span:
    found = parse_span(value, _month)
    if found.begin > found.end:
        begin, end = (MONTHS[month - 1] if 0 < month <= 12 else str(month) for month in found)
        raise ValueError(f"end month {end} is before start month {begin}")
    return found


def _years(value: Any) -> Span:
    found = parse_span(value, number)
    if found.begin > found.end:
        raise ValueError(f"end year {found.end} is before start year {found.begin}")
    return found


def _minute(text: Any) -> int:
    found = _TIME.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise ValueError(f"couldn't parse timestamp {text}, invalid format; write for example '09:00'")
    return 24 * 60 if text == "24:00" else int(found[1]) * 60 + int(found[2])


def _minutes(value: Any) -> Minutes:
    if isinstance(value, Minutes):
        return value
    if not isinstance(value, Mapping) or not set(value) <= {"start_time", "end_time"}:
        raise ValueError("a time range has a start_time and an end_time, for example {start_time: '09:00', end_time: "
                         "'17:00'}")
    if not value.get("start_time") or not value.get("end_time"):
        raise ValueError("both start and end times must be provided")
    found = Minutes(_minute(value["start_time"]), _minute(value["end_time"]))
    if found.start >= found.end:
        raise ValueError("start time cannot be equal or greater than end time")
    return found


def _zone(name: str) -> str:
    if name not in ("", LOCAL):
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f"unknown time zone {name}; write for example Europe/Berlin, UTC or Local") from None
    return name


def _written(names: Mapping[str, int] | None = None) -> PlainSerializer:
    words = {value: name for name, value in (names or {}).items()}

    def write(span: Span) -> str:
        begin, end = (words.get(value, str(value)) for value in span)
        return begin if span.begin == span.end else f"{begin}:{end}"

    return PlainSerializer(write, when_used="json")


def _clock(minutes: Minutes) -> dict[str, str]:
    return {name: f"{value // 60:02}:{value % 60:02}"
            for name, value in zip(("start_time", "end_time"), minutes, strict=True)}


Times = Annotated[Minutes, BeforeValidator(_minutes), PlainSerializer(_clock, when_used="json")]
Weekdays = Annotated[Span, BeforeValidator(_weekdays), _written(_DAY_NUMBERS)]
DaysOfMonth = Annotated[Span, BeforeValidator(_days_of_month), _written()]
Months = Annotated[Span, BeforeValidator(_months), _written(_MONTH_NUMBERS)]
Years = Annotated[Span, BeforeValidator(_years), _written()]


class TimeInterval(Block):
    """Contains what all of its fields contain; a field that is left out contains everything, an empty one nothing."""

    times: tuple[Times, ...] | None = None
    weekdays: tuple[Weekdays, ...] | None = None
    days_of_month: tuple[DaysOfMonth, ...] | None = None
    months: tuple[Months, ...] | None = None
    years: tuple[Years, ...] | None = None
    location: Annotated[str, AfterValidator(_zone)] | None = None  # UTC where it is left out

    def contains(self, moment: datetime) -> bool:
        """`moment` is aware."""
        here = moment.astimezone(self._zone())
        minute, weekday = here.hour * 60 + here.minute, here.isoweekday() % 7
        return (
            (self.times is None or any(each.start <= minute < each.end for each in self.times))
            and (self.weekdays is None or any(each.holds(weekday) for each in self.weekdays))
            and (self.days_of_month is None or any(_holds_day(each, here) for each in self.days_of_month))
            and (self.months is None or any(each.holds(here.month) for each in self.months))
            and (self.years is None or any(each.holds(here.year) for each in self.years))
        )

    def _zone(self) -> Any:
        if self.location == LOCAL:
            return None  # astimezone's word for the machine's own
        return ZoneInfo(self.location) if self.location else UTC


def _holds_day(days: Span, here: datetime) -> bool:
    """Ends beyond the month's are its ends; a span that begins beyond them is not in it."""
    length = monthrange(here.year, here.month)[1]
    begin, end = (day + length + 1 if day < 0 else day for day in days)
    return begin <= length and Span(begin, min(end, length)).holds(here.day)


class NamedTimeInterval(Block):
    """What routes refer to: any of its intervals will do."""

    name: str = ""
    time_intervals: tuple[TimeInterval, ...] = ()

    def contains(self, moment: datetime) -> bool:
        return any(interval.contains(moment) for interval in self.time_intervals)
