"""The surface that pictures are painted on: pixels from the top left corner, matplotlib beneath.

No pyplot, no style of the user, no mathematics in texts, the same bytes every time. matplotlib takes half a second and
40 MB to import, and so stands inside the functions.
"""

import warnings
from collections.abc import Sequence
from io import BytesIO
from typing import Any, Literal

from watchbill.graphs.board.colours import INK
from watchbill.graphs.board.geometry import Box
from watchbill.graphs.board.lettering import MONO, families, one_line

Kind = Literal["png", "svg"]
Dash = tuple[float, ...]
_STYLE: dict[str, Any] = {"text.parse_math": False, "text.usetex": False, "svg.hashsalt": "watchbill",
                          "text.hinting": "none", "path.simplify": True, "agg.path.chunksize": 20_000}


_FEATURES = ("-liga", "-clig")  # widths are summed up sign by sign


class Canvas:
    """Each method paints over what is there. `gid` names a part in an SVG."""

    def __init__(self, width: int, height: int, paper: str) -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
        from matplotlib.transforms import Affine2D

        # At 72 dots an inch a point is a pixel.
        self._figure = Figure(figsize=(width / 72, height / 72), dpi=72, facecolor=paper)
        FigureCanvasAgg(self._figure)
        self._height = height
        self._down = Affine2D().scale(1, -1).translate(0, height)
        self._clip: Any = None
        self._order = 0

    def within(self, box: Box | None) -> None:
        """What follows shows inside of the box only."""
        from matplotlib.transforms import Bbox

        self._clip = None if box is None else Bbox.from_extents(
            box.x, self._height - box.bottom, box.right, self._height - box.y)

    def rectangle(self, box: Box, fill: str = "none", *, edge: str = "none", radius: float = 0, alpha: float = 1,
                  thick: float = 1, gid: str = "") -> None:
        from matplotlib.patches import FancyBboxPatch, Rectangle

        style = f"round,pad=0,rounding_size={radius}"
        shape: Any = (FancyBboxPatch((box.x, box.y), box.width, box.height, boxstyle=style) if radius
                      else Rectangle((box.x, box.y), box.width, box.height))
        shape.set(facecolor=fill, edgecolor=edge, linewidth=thick if edge != "none" else 0, alpha=alpha)
        self._add(shape, gid)

    def line(self, xs: Sequence[float], ys: Sequence[float], colour: str, *, thick: float = 1,
             dash: Dash = (), alpha: float = 1, dot: bool = False, gid: str = "") -> None:
        from matplotlib.lines import Line2D

        style: Any = (0, dash) if dash else "-"
        self._add(Line2D(xs, ys, color=colour, linewidth=thick, linestyle=style, alpha=alpha, solid_joinstyle="round",
                         solid_capstyle="butt", marker="o" if dot else "", markersize=2.5 * thick,
                         markeredgewidth=0), gid)

    def area(self, points: Sequence[tuple[float, float]], fill: str, *, alpha: float = 1, gid: str = "") -> None:
        from matplotlib.patches import Polygon

        self._add(Polygon(list(points), closed=True, facecolor=fill, edgecolor="none", linewidth=0, alpha=alpha), gid)

    def wedge(self, x: float, y: float, radius: float, start: float, end: float, fill: str, *, inner: float = 0,
              edge: str = "none", gid: str = "") -> None:
        """Degrees clockwise from three o'clock."""
        from matplotlib.patches import Wedge

        self._add(Wedge((x, y), radius, start, end, width=radius - inner if inner else None, facecolor=fill,
                        edgecolor=edge, linewidth=1 if edge != "none" else 0), gid)

    def text(self, x: float, y: float, said: str, size: float, colour: str = INK, *, bold: bool = False,
             italic: bool = False, mono: bool = False, align: Literal["left", "center", "right"] = "left",
             level: Literal["baseline", "center", "top", "bottom"] = "baseline", turned: float = 0,
             gid: str = "") -> None:
        from matplotlib.text import Text

        shown = one_line(said)  # whatever was forgotten above, no sign may break the picture
        if not shown:
            return
        found: Any = Text(x, y, shown, color=colour, fontsize=size, fontweight="bold" if bold else "normal",
                          fontstyle="italic" if italic else "normal", horizontalalignment=align, rotation=turned,
                          verticalalignment="center_baseline" if level == "center" else level, parse_math=False,
                          fontfamily=[MONO, *families()] if mono else families(), fontfeatures=_FEATURES)
        self._add(found, gid)

    def bytes(self, kind: Kind) -> bytes:
        out = BytesIO()
        unnamed: dict[str, Any] = {"Date": None} if kind == "svg" else {"Software": None}
        self._figure.savefig(out, format=kind, metadata=unnamed, dpi=72)
        return out.getvalue()

    def _add(self, artist: Any, gid: str) -> None:
        self._order += 1
        artist.set(zorder=self._order, transform=self._down, gid=gid or None)
        self._figure.add_artist(artist, clip=False)
        if self._clip is not None:
            artist.set_clip_box(self._clip)


def style() -> Any:
    """Inside of it a canvas is made and its bytes are asked for."""
    import matplotlib as mpl

    whole: Any = {**mpl.rcParamsDefault, **_STYLE}
    return mpl.rc_context(whole)


def silent() -> Any:
    """Signs that no font has are drawn as boxes, and not warned of."""
    return warnings.catch_warnings(action="ignore")
