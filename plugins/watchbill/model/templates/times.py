"""Times and durations as Go's templates use them: `.StartsAt.Format "15:04"`, `.EndsAt.Sub .StartsAt`."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

_ZERO = datetime(1, 1, 1, tzinfo=UTC)
_LAYOUT = re.compile(r"2006|January|Monday|MST|Jan|Mon|Z07:00|-07:00|-0700|-07|[.,]0+(?!\d)|[.,]9+(?!\d)|_2"
                     r"|01|02|03|04|05|06|15|PM|pm|1|2|3|4|5")
"""https://pkg.go.dev/time#pkg-constants: a layout is the time 2006-01-02 15:04:05 -0700, written as wanted."""
_WORDS: dict[str, Callable[[datetime], str]] = {
    "2006": lambda at: f"{at.year:04}", "06": lambda at: f"{at.year % 100:02}",
    "January": lambda at: at.strftime("%B"), "Jan": lambda at: at.strftime("%b"),
    "01": lambda at: f"{at.month:02}", "1": lambda at: str(at.month),
    "Monday": lambda at: at.strftime("%A"), "Mon": lambda at: at.strftime("%a"),
    "02": lambda at: f"{at.day:02}", "_2": lambda at: f"{at.day:2}", "2": lambda at: str(at.day),
    "15": lambda at: f"{at.hour:02}", "03": lambda at: f"{(at.hour - 1) % 12 + 1:02}",
    "3": lambda at: str((at.hour - 1) % 12 + 1), "04": lambda at: f"{at.minute:02}",
    "4": lambda at: str(at.minute), "05": lambda at: f"{at.second:02}", "5": lambda at: str(at.second),
    "PM": lambda at: "PM" if at.hour >= 12 else "AM", "pm": lambda at: "pm" if at.hour >= 12 else "am",
    "MST": lambda at: at.tzname() or "", "-0700": lambda at: at.strftime("%z"),
    "-07:00": lambda at: _offset(at), "Z07:00": lambda at: "Z" if not at.utcoffset() else _offset(at),
    "-07": lambda at: at.strftime("%z")[:3],
}


_READ = {
    "2006": "%Y", "06": "%y", "January": "%B", "Jan": "%b", "01": "%m", "1": "%m", "Monday": "%A", "Mon": "%a",
    "02": "%d", "_2": "%d", "2": "%d", "15": "%H", "03": "%I", "3": "%I", "04": "%M", "4": "%M", "05": "%S", "5": "%S",
    "PM": "%p", "pm": "%p", "MST": "%Z", "-0700": "%z", "-07:00": "%z", "Z07:00": "%z",
}


class Time:
    """A moment; Go's zero time where there is none."""

    __slots__ = ("_at",)

    def __init__(self, at: datetime | None) -> None:
        self._at = at or _ZERO

    def __getitem__(self, name: str) -> Any:
        if name in ("UTC", "Local"):
            return lambda: Time(self._at.astimezone(UTC))
        if name in ("Before", "After", "Equal", "Sub"):
            return lambda other: _compared(name, self._at, other._at)
        return {
            "Format": self._format, "String": lambda: str(self), "Unix": lambda: int(self._at.timestamp()),
            "Year": lambda: self._at.year, "Month": lambda: self._at.strftime("%B"), "Day": lambda: self._at.day,
            "Hour": lambda: self._at.hour, "Minute": lambda: self._at.minute, "Second": lambda: self._at.second,
            "Weekday": lambda: self._at.strftime("%A"), "IsZero": lambda: self._at == _ZERO,
        }[name]

    def _format(self, layout: str) -> str:
        return _LAYOUT.sub(lambda found: _word(found[0], self._at), layout)

    def at(self, zone: str) -> "Time":
        """In the zone of that name. Raises KeyError for one that is not known."""
        return Time(self._at.astimezone(ZoneInfo(zone)))

    def __str__(self) -> str:
        return self._format("2006-01-02 15:04:05.999999 -0700 MST")


def read_time(text: str, layout: str) -> Time:
    """A time that is written in Go's layout, in UTC unless it says otherwise. Raises ValueError."""
    pattern, at = "", 0
    for found in _LAYOUT.finditer(layout):
        pattern += re.escape(layout[at:found.start()]).replace("%", "%%").replace("\\", "")
        if found[0] not in _READ:
            raise ValueError(f"{found[0]!r} cannot be read in the layout {layout!r}")
        pattern += _READ[found[0]]
        at = found.end()
    read = datetime.strptime(text, pattern + layout[at:].replace("%", "%%"))  # noqa: DTZ007 - the zone is put below
    return Time(read if read.tzinfo else read.replace(tzinfo=UTC))


class Duration:
    """A span of time."""

    __slots__ = ("span",)

    def __init__(self, span: timedelta) -> None:
        self.span = span

    def __getitem__(self, name: str) -> Any:
        seconds = self.span.total_seconds()
        return {"Seconds": lambda: seconds, "Minutes": lambda: seconds / 60, "Hours": lambda: seconds / 3600,
                "String": lambda: str(self)}[name]

    def __str__(self) -> str:
        """As Go writes it: `1h30m0s`."""
        seconds = abs(self.span.total_seconds())
        minutes, hours = int(seconds // 60) % 60, int(seconds // 3600)
        head = f"{hours}h{minutes}m" if hours else f"{minutes}m" if minutes else ""
        return f"{'-' if self.span < timedelta(0) else ''}{head}{seconds % 60:g}s"


def _compared(name: str, at: datetime, other: datetime) -> Any:
    if name == "Sub":
        return Duration(at - other)
    return at == other if name == "Equal" else at < other if name == "Before" else at > other


def _word(word: str, at: datetime) -> str:
    if word[0] not in ".,":
        return _WORDS[word](at)
    digits = f"{at.microsecond:06}000"[:len(word) - 1]
    digits = digits.rstrip("0") if word[1] == "9" else digits
    return f"{word[0]}{digits}" if digits else ""


def _offset(at: datetime) -> str:
    written = at.strftime("%z")
    return f"{written[:3]}:{written[3:5]}"
