"""Half-open windows of aware UTC time, and durations in Prometheus' notation."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

_DAY_S = 86_400
_UNITS_MS = {"y": 31_536_000_000, "w": 604_800_000, "d": 86_400_000, "h": 3_600_000,
             "m": 60_000, "s": 1_000, "ms": 1}
_DURATION = re.compile(
    r"(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?"
)


def utc(moment: datetime) -> datetime:
    """The same moment in UTC, as a plain datetime. Raises ValueError for a naive one."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment!r} has no time zone")
    return datetime.fromtimestamp(moment.timestamp(), UTC)


def floor_time(moment: datetime, period_s: int) -> datetime:
    """The last multiple of `period_s` since the epoch at or before `moment`."""
    return datetime.fromtimestamp(int(moment.timestamp() // period_s) * period_s, UTC)


def ceil_time(moment: datetime, period_s: int) -> datetime:
    """The first multiple of `period_s` since the epoch at or after `moment`."""
    return datetime.fromtimestamp(-int(-moment.timestamp() // period_s) * period_s, UTC)


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """`start` belongs to it, `end` does not."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError("a window needs aware times")
        if self.end < self.start:
            raise ValueError(f"a window ends before it starts: {self}")

    def __str__(self) -> str:
        return f"{self.start:%Y-%m-%dT%H:%M:%SZ}/{self.end:%Y-%m-%dT%H:%M:%SZ}"

    @property
    def length(self) -> timedelta:
        return self.end - self.start

    def aligned(self, period_s: int) -> "Window":
        """Both edges floored to the period, so that neighbours neither overlap nor leave a gap."""
        return Window(floor_time(self.start, period_s), floor_time(self.end, period_s))

    def points(self, period_s: int) -> int:
        """How many timestamps of the period lie inside."""
        whole = self.aligned(period_s)
        return int(whole.length.total_seconds()) // period_s

    def days(self) -> Iterator[date]:
        """Every UTC day that the window touches."""
        day = floor_time(self.start, _DAY_S)
        while day < self.end:
            yield day.date()
            day += timedelta(seconds=_DAY_S)

    def to_json(self) -> dict[str, str]:
        return {"start": self.start.isoformat(), "end": self.end.isoformat()}

    @classmethod
    def from_json(cls, data: dict[str, str]) -> "Window":
        return cls(utc(datetime.fromisoformat(data["start"])), utc(datetime.fromisoformat(data["end"])))


@lru_cache(maxsize=1024)
def parse_duration(text: str) -> timedelta:
    """`1h30m`, `5m`, `90s`, `0` as Prometheus reads them. Raises ValueError."""
    if text == "0":
        return timedelta(0)
    found = _DURATION.fullmatch(text)
    if not text or found is None:
        raise ValueError(f"{text!r} is no duration; write for example 30s, 5m, 1h30m or 2d")
    parts = zip(_UNITS_MS.values(), found.groups(), strict=True)
    return timedelta(milliseconds=sum(ms * int(count) for ms, count in parts if count))


def format_duration(span: timedelta) -> str:
    """The shortest Prometheus notation: 90 s is `1m30s`, nothing is `0s`."""
    left, out = round(span.total_seconds() * 1000), ""
    for unit, ms in _UNITS_MS.items():
        if unit in ("y", "w"):
            continue
        count, left = divmod(left, ms)
        out += f"{count}{unit}" if count else ""
    return out or "0s"
