"""What a picture shows, in plain values: whoever has read the lake fills these in, and `draw` paints them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Line:
    """One series. None, NaN and infinities are holes, as is a step much longer than the others."""

    name: str  # for the legend; one line only needs none
    timestamps: Sequence[float]  # epoch seconds, ascending
    values: Sequence[float | None]  # one for each timestamp


@dataclass(frozen=True)
class Zone:
    """Values that alert: `> 5` is Zone(low=5), `< 1` Zone(high=1), within 1..5 Zone(1, 5), outside of it two zones."""

    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Span:
    """A time in which the alert fired."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class Graph:
    """A picture's content. Without `start` and `end` the points bound the time axis."""

    lines: Sequence[Line]
    title: str = ""
    unit: str = ""
    zones: Sequence[Zone] = ()
    spans: Sequence[Span] = ()
    start: datetime | None = None
    end: datetime | None = None
