"""What a picture of a dashboard shows, in plain values: whoever has read the lake fills these in, and `paint` paints
them. Places are on the dashboards' grid of 24 columns.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

COLUMNS = 24
Kind = Literal["number", "bar", "table", "pie", "gauge"]
Value = float | None  # None, NaN and infinities are shown as none


@dataclass(frozen=True)
class Axis:
    """None: as the values need."""

    low: float | None = None
    high: float | None = None
    label: str = ""
    unit: str = ""
    is_log: bool = False


@dataclass(frozen=True)
class Curve:
    """One series in time: a value for each step from the picture's start on."""

    name: str
    values: Sequence[Value]
    colour: str = ""  # `#rrggbb`; "": the next of ours
    on_right: bool = False
    last: Value = None  # for the legend


@dataclass(frozen=True)
class Level:
    """A threshold across, up to `to` where that is given; `shades` says which side of it is bad."""

    value: float
    to: float | None = None
    label: str = ""
    colour: str = ""
    shades: Literal["", "above", "below"] = ""
    on_right: bool = False


@dataclass(frozen=True)
class Moment:
    """An annotation down the time axis; with `until` a span of it."""

    at: datetime
    label: str = ""
    colour: str = ""
    until: datetime | None = None


@dataclass(frozen=True)
class Chart:
    """Curves over the sheet's time, or that of `start`; `more` curves were left out."""

    curves: Sequence[Curve]
    start: datetime
    step_s: float
    kind: Literal["line", "area"] = "line"
    more: int = 0
    levels: Sequence[Level] = ()
    moments: Sequence[Moment] = ()
    left: Axis = Axis()
    right: Axis = Axis()
    legend: Literal["bottom", "right", "hidden"] = "bottom"


@dataclass(frozen=True)
class Amount:
    """A series reduced to one number."""

    name: str
    value: Value
    unit: str = ""
    colour: str = ""
    trail: Sequence[Value] = ()  # how it came about, drawn small


@dataclass(frozen=True)
class Amounts:
    """The same numbers, shown as `kind` says; `more` of them were left out, and come to `rest` together."""

    kind: Kind
    amounts: Sequence[Amount]
    more: int = 0
    rest: Value = None
    levels: Sequence[Level] = ()
    low: float | None = None
    high: float | None = None
    columns: Sequence[str] = ("", "value")


@dataclass(frozen=True)
class Prose:
    markdown: str


@dataclass(frozen=True)
class Gap:
    """Nothing to draw: why, and what stands there instead."""

    why: str
    detail: str = ""


Content = Chart | Amounts | Prose | Gap


@dataclass(frozen=True)
class Cell:
    """One widget. `frame` is False for what has no box around it, as a group's heading."""

    x: int
    y: int
    width: int
    height: int
    content: Content
    title: str = ""
    subtitle: str = ""  # how its time differs from the sheet's
    frame: bool = True


@dataclass(frozen=True)
class Sheet:
    """A dashboard from `start` to `end`. Times are written in `zone` (IANA)."""

    title: str
    start: datetime
    end: datetime
    cells: Sequence[Cell] = field(default_factory=tuple)
    description: str = ""
    zone: str = "UTC"
