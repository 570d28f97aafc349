"""Axes: bounds and ticks from values or times, and numbers as people read them."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from watchbill.graphs.board.lettering import one_line

FARTHEST = 1e150  # the arithmetic of an axis overflows beyond the square root of the largest number
_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 2 * 86400,
            7 * 86400, 14 * 86400, 28 * 86400, 91 * 86400, 182 * 86400, 364 * 86400)
_PREFIXES = ((1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))
_WORDS = {"percent": "%", "milliseconds": "ms", "microseconds": "µs", "seconds": "s", "bytes": "B", "bits": "bit",
          "count": "", "none": "", "bytes/second": "B/s", "count/second": "/s", "bits/second": "bit/s",
          "millisecond": "ms", "second": "s", "byte": "B"}


@dataclass(frozen=True)
class Scale:
    """`low` and `high` are powers of ten where `is_log`."""

    low: float
    high: float
    ticks: Sequence[tuple[float, str]]
    is_log: bool = False

    def part(self, value: float) -> float:
        """0 at the bottom, 1 at the top."""
        near = min(max(value, -FARTHEST), FARTHEST)
        if self.is_log:
            near = math.log10(near) if near > 0 else self.low
        return (near - self.low) / (self.high - self.low)


def finite(values: Iterable[float | None]) -> list[float]:
    return [min(max(value, -FARTHEST), FARTHEST) for value in values if value is not None and math.isfinite(value)]


def value_scale(seen: Sequence[float], low: float | None, high: float | None, ticks: int) -> Scale:
    """`seen`: what has to fit, where `low` and `high` do not say otherwise. Begins at 0 where that is near."""
    bottom = low if low is not None else min(seen, default=0.0)
    top = high if high is not None else max(seen, default=1.0)
    bottom, top = (min(max(one, -FARTHEST), FARTHEST) for one in (bottom, top))
    if low is None and 0 < bottom <= top and bottom < 0.6 * top:
        bottom = 0.0
    if high is None and bottom <= top < 0 and top > 0.6 * bottom:
        top = 0.0
    if top <= bottom:
        bottom, top = _opened(bottom, top, low, high)
    step = _nice((top - bottom) / max(1, ticks))
    first = bottom if low is not None else math.floor(bottom / step) * step
    # A peak that touches the edge would look cut off.
    last = top if high is not None else math.ceil((top + 0.04 * (top - bottom)) / step) * step
    return Scale(first, last, _ticks(first, last, step))


def _opened(bottom: float, top: float, low: float | None, high: float | None) -> tuple[float, float]:
    """What lies the wrong way round, or upon each other, is opened on the side that is not declared."""
    if low is None and high is not None:
        return top - (abs(top) * 0.5 or 1.0), top
    room = abs(bottom) * 0.5 or 1.0
    return (bottom, bottom + room) if low is not None or bottom == 0 else (bottom - room, bottom + room)


def log_scale(seen: Sequence[float], low: float | None, high: float | None, ticks: int) -> Scale:
    """Whole powers of ten. What is not above zero lies at the bottom."""
    above = [value for value in (*seen, low, high) if value is not None and value > 0]
    first = math.floor(math.log10(low if low is not None and low > 0 else min(above, default=1.0)))
    last = math.ceil(math.log10(high if high is not None and high > 0 else max(above, default=10.0)))
    last = max(last, first + 1)
    every = max(1, math.ceil((last - first) / max(1, ticks)))
    marks = [10.0**power for power in range(first, last + 1, every)]
    return Scale(first, last, [(mark, number(mark)) for mark in marks], is_log=True)


def _nice(rough: float) -> float:
    power = 10.0 ** math.floor(math.log10(rough)) if rough > 1e-300 else 1e-300
    return next(each * power for each in (1, 2, 2.5, 5, 10) if each * power >= rough * 0.999999)


def _ticks(first: float, last: float, step: float) -> list[tuple[float, str]]:
    start = math.ceil(first / step - 1e-9)
    marks = [(start + place) * step for place in range(40) if (start + place) * step <= last + step * 1e-6]
    return [(mark, number(mark, step)) for mark in marks]


def number(value: float | None, step: float | None = None) -> str:
    """`1.25k`, `0.4`, `-`; with a step as many digits as tell two neighbours apart."""
    if value is None or not math.isfinite(value):
        return "–"
    if abs(value) >= 1e18 or 0 < abs(value) < 1e-4:
        return f"{value:.2g}" if step is None or abs(value) > step / 1000 else "0"
    factor, sign = next(((each, name) for each, name in _PREFIXES if abs(value) >= each * 0.99999), (1.0, ""))
    scaled = value / factor
    if step is not None:
        digits = max(0, -math.floor(math.log10(step / factor) + 1e-9)) if step > 0 else 0
        digits += round(step / factor, 12) != round(step / factor, digits)
    else:
        digits = 0 if abs(scaled) >= 99.95 else 1 if abs(scaled) >= 9.995 else 2
        if scaled == round(scaled):
            digits = 0
    text = f"{scaled:.{min(digits, 6)}f}"
    text = text.rstrip("0").rstrip(".") if "." in text and step is None else text
    return ("0" if text in ("-0", "0") else text.replace("-", "−")) + sign


def unit_sign(unit: str) -> str:
    """`ms` for Milliseconds; other units as they are."""
    return _WORDS.get(unit.lower(), one_line(unit, 20))


def with_unit(value: float | None, unit: str) -> str:
    said, sign = number(value), unit_sign(unit)
    return said + (f"{'' if sign == '%' else ' '}{sign}" if sign and said != "–" else "")


def time_ticks(start: datetime, end: datetime, zone: tzinfo, room: float) -> list[tuple[float, str, bool]]:
    """Epoch seconds, what to write, and whether a day begins there; `room`: pixels, of which each takes about 70."""
    span_s = max(1.0, (end - start).total_seconds())
    most = max(1.0, room / 72)
    step = next((each for each in _STEPS_S if span_s / each <= most), _STEPS_S[-1])
    shift_s = (start.astimezone(zone).utcoffset() or timedelta()).total_seconds()
    first = math.ceil((start.timestamp() + shift_s) / step) * step - shift_s
    marks = [first + place * step for place in range(int(most) + 2) if first + place * step <= end.timestamp()]
    return [_mark(mark, step, zone) for mark in marks]


def _mark(at: float, step: float, zone: tzinfo) -> tuple[float, str, bool]:
    moment = datetime.fromtimestamp(at, UTC).astimezone(zone)
    midnight = (moment.hour, moment.minute, moment.second) == (0, 0, 0)
    if step >= 86400 * 28:
        return at, f"{moment:%b %Y}", False
    if step >= 86400 or midnight:
        return at, f"{moment:%b} {moment.day}", step < 86400
    return at, f"{moment:%H:%M:%S}" if step < 60 else f"{moment:%H:%M}", False
