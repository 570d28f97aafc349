"""Paints a Graph by matplotlib, without its global state: no pyplot, no style of the user, the same bytes every time.

matplotlib takes half a second and 40 MB to import, and so stands inside the function.
"""

import unicodedata
import warnings
from collections.abc import Sequence
from datetime import UTC, datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any, Literal

from watchbill.graphs.graph import Graph, Span, Zone
from watchbill.graphs.thin import Path, farthest_first, path

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Kind = Literal["png", "svg"]
LINES = 40  # more are a carpet
LEGEND = 6
NAME, TITLE, UNIT = 60, 100, 30  # characters
DPI = 100
FARTHEST = 1e150  # the axis' own arithmetic overflows beyond the square root of the largest number
_DAY_S = 86_400
_RED, _GREY, _INK = "#c7222a", "#d8dce1", "#23272e"
_COLOURS = ("#3366cc", "#e08a00", "#2a9d6f", "#8a4fbf", "#0f9fb5", "#b5651d", "#d6589f", "#6b7280")  # told apart
# by the colour-blind too, and red is left to the alert
_STYLE: dict[str, Any] = {
    "text.parse_math": False,  # a `$` in a label is a dollar
    "text.usetex": False, "svg.hashsalt": "watchbill", "font.size": 9, "font.family": "DejaVu Sans",
    "text.color": _INK, "axes.labelcolor": _INK, "xtick.color": _INK, "ytick.color": _INK, "axes.edgecolor": _GREY,
}


def draw(graph: Graph, kind: Kind = "png", *, width: int = 800, height: int = 360) -> bytes:
    """The picture, `width` by `height` pixels. What matplotlib raises comes through: a message goes without then."""
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    given = graph.lines if len(graph.lines) <= LEGEND else farthest_first(graph.lines, graph.zones)
    found = [one for one in (path(line, 2 * width) for line in given[:LINES]) if one.pieces]
    style: Any = {**mpl.rcParamsDefault, **_STYLE}
    with mpl.rc_context(style), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # signs that the font has not are drawn as boxes
        figure = Figure(figsize=(width / DPI, height / DPI), dpi=DPI, layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.add_subplot()
        _frame(axes, graph, found)
        _mark(axes, graph.zones, graph.spans)
        _lines(axes, found, len(graph.lines))
        out = BytesIO()
        unnamed: dict[str, Any] = {"Date": None} if kind == "svg" else {"Software": None}
        figure.savefig(out, format=kind, metadata=unnamed)
    return out.getvalue()


def _frame(axes: "Axes", graph: Graph, found: Sequence[Path]) -> None:
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
    from matplotlib.ticker import EngFormatter

    axes.set_title(_words(graph.title, TITLE), loc="left", fontweight="bold", fontsize=10)
    axes.set_ylabel(_words(graph.unit, UNIT))
    axes.set_xlim(*_times(graph, found))
    axes.set_ylim(*_values(graph, found))
    locator = AutoDateLocator(tz=UTC)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator, tz=UTC))  # type: ignore[no-untyped-call]
    axes.set_title("UTC", loc="right", fontsize=8, color="#6b7280")
    axes.yaxis.set_major_formatter(EngFormatter(sep=""))
    axes.grid(color=_GREY, linewidth=0.5, alpha=0.6)
    axes.spines[["top", "right"]].set_visible(False)


def _times(graph: Graph, found: Sequence[Path]) -> tuple[float, float]:
    """The axis' ends, in days since the epoch as matplotlib counts."""
    seen = [piece[end][0] / _DAY_S for one in found for piece in one.pieces for end in (0, -1)]
    seen += [_day(at) for span in graph.spans for at in (span.start, span.end)]
    first = _day(graph.start) if graph.start else min(seen, default=0.0)
    last = _day(graph.end) if graph.end else max(seen, default=first + 1 / 24)
    return (first, last) if last > first else (first - 1 / 48, first + 1 / 48)


def _values(graph: Graph, found: Sequence[Path]) -> tuple[float, float]:
    seen = [value for one in found for piece in one.pieces for _, value in piece]
    seen += [bound for zone in graph.zones for bound in (zone.low, zone.high) if bound is not None]
    low, high = (max(min(one, FARTHEST), -FARTHEST) for one in (min(seen, default=0.0), max(seen, default=1.0)))
    room = 0.08 * (high - low) or 0.5 * abs(high) or 0.5
    return (0.0 if 0 <= low < room * 4 else low - room), high + room


def _mark(axes: "Axes", zones: Sequence[Zone], spans: Sequence[Span]) -> None:
    bottom, top = axes.get_ylim()
    for zone in zones:
        low, high = zone.low, zone.high
        axes.axhspan(bottom if low is None else low, top if high is None else high, color=_RED, alpha=0.06, linewidth=0)
        for bound in (low, high):
            if bound is not None:
                axes.axhline(bound, color=_RED, linewidth=1.2, linestyle=(0, (5, 3)), gid="threshold")
    for span in spans:
        axes.axvspan(_day(span.start), _day(span.end), color=_RED, alpha=0.18, linewidth=0, gid="firing")


def _lines(axes: "Axes", found: Sequence[Path], given: int) -> None:
    if not found:
        axes.text(0.5, 0.5, "no data", transform=axes.transAxes, ha="center", va="center", color="#6b7280", fontsize=14)
    for number, one in enumerate(found):
        colour = _COLOURS[number % len(_COLOURS)]
        for piece in one.pieces:
            days, values = [at / _DAY_S for at, _ in piece], [value for _, value in piece]
            axes.plot(days, values, color=colour, linewidth=1.4, marker="." if len(piece) == 1 else "", gid="series")
    if given > 1:
        _legend(axes, found, given)


def _legend(axes: "Axes", found: Sequence[Path], given: int) -> None:
    from matplotlib.lines import Line2D

    names = [_words(one.name, NAME) or "-" for one in found[:LEGEND]]
    handles = [Line2D([], [], color=_COLOURS[number % len(_COLOURS)], linewidth=2) for number in range(len(names))]
    if given > len(names):
        absent = f", {given - len(found)} of them not drawn" if given > len(found) else ""
        names.append(f"{given - len(names)} more{absent}")
        handles.append(Line2D([], [], linewidth=0))
    # matplotlib leaves out what begins with an underscore, but for a thin blank before it.
    shown = ["\u200a" + name if name.startswith("_") else name for name in names]
    axes.legend(handles, shown, loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=2, frameon=False, fontsize=8)


def _day(at: datetime) -> float:
    return at.timestamp() / _DAY_S


def _words(text: str, limit: int) -> str:
    """One line of what a font can show and XML can carry."""
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")[:100 * limit]
    plain = " ".join("".join(" " if unicodedata.category(sign) in ("Cc", "Cf", "Cn", "Zl", "Zp") else sign
                             for sign in whole).split())
    return plain if len(plain) <= limit else plain[:limit - 1].rstrip() + "…"
