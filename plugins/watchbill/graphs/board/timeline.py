"""A chart over time in its box: axes, thresholds, annotations, lines or stacked areas, and the legend below."""

import math
from collections.abc import Sequence
from datetime import datetime, tzinfo
from itertools import pairwise
from typing import NamedTuple

from watchbill.graphs.board.canvas import Canvas
from watchbill.graphs.board.colours import BORDER, FAINT, GRID, INK, SEVERITIES, SOFT, line_colour
from watchbill.graphs.board.geometry import Box
from watchbill.graphs.board.legend import draw_legend, legend_room
from watchbill.graphs.board.lettering import fitted, one_line, width
from watchbill.graphs.board.scales import FARTHEST, Scale, finite, log_scale, time_ticks, unit_sign, value_scale
from watchbill.graphs.board.sheet import Axis, Chart, Curve, Moment
from watchbill.graphs.graph import Line
from watchbill.graphs.thin import path

TICK, CAPTION = 10.0, 10.0  # font sizes
_RED = SEVERITIES["critical"]
Points = Sequence[tuple[float, float]]


class Frame(NamedTuple):
    """A plot's box and what its edges mean."""

    box: Box
    first: float  # epoch seconds
    last: float
    left: Scale
    right: Scale | None

    def x(self, at: float) -> float:
        return self.box.x + self.box.width * (at - self.first) / (self.last - self.first)

    def y(self, value: float, *, on_right: bool = False) -> float:
        scale = self.right if on_right and self.right else self.left
        return self.box.bottom - self.box.height * min(max(scale.part(value), -4.0), 5.0)


def draw_chart(canvas: Canvas, chart: Chart, box: Box, end: datetime, zone: tzinfo) -> None:
    """Raises nothing for any values; what has none says so."""
    plot, legend = legend_room(chart, box)
    bands = _stacked(chart.curves) if chart.kind == "area" else []
    frame = _frame(chart, bands, plot, end)
    _axes(canvas, frame, chart, plot, zone, end)
    canvas.within(frame.box)
    _moments(canvas, frame, chart.moments)
    _shades(canvas, frame, chart)
    if bands:
        _areas(canvas, frame, chart, bands)
    else:
        _lines(canvas, frame, chart)
    _levels(canvas, frame, chart)
    canvas.within(None)
    if legend:
        draw_legend(canvas, chart, legend)


def _frame(chart: Chart, bands: Sequence[Sequence[float]], plot: Box, end: datetime) -> Frame:
    ticks = max(2, min(6, int(plot.height / 34)))
    left = _scale(chart, bands, chart.left, ticks, on_right=False)
    has_right = any(curve.on_right for curve in chart.curves) and chart.kind == "line"
    right = _scale(chart, (), chart.right, ticks, on_right=True) if has_right else None
    caption = 18 if _caption(chart.left) or (right and _caption(chart.right)) else 4
    margin = _gutter(left)
    inner = plot.inset(margin, caption, _gutter(right) if right else 10, 18)
    first = chart.start.timestamp()
    return Frame(inner, first, max(end.timestamp(), first + 1), left, right)


def _scale(chart: Chart, bands: Sequence[Sequence[float]], axis: Axis, ticks: int, *, on_right: bool) -> Scale:
    seen = [value for band in bands for value in band] or [
        value for curve in chart.curves if curve.on_right == on_right or chart.kind == "area"
        for value in finite(curve.values)]
    levels = finite(edge for level in chart.levels if level.on_right == on_right for edge in (level.value, level.to))
    if chart.kind == "area" or not seen:
        seen = [*seen, 0.0]
    scale = log_scale if axis.is_log else value_scale
    return scale([*seen, *levels], axis.low, axis.high, ticks)


def _gutter(scale: Scale) -> float:
    return max((width(said, TICK) for _, said in scale.ticks), default=10) + 8


def _caption(axis: Axis) -> str:
    return one_line(" ".join(filter(None, [axis.label, unit_sign(axis.unit)])), 60)


def _axes(canvas: Canvas, frame: Frame, chart: Chart, plot: Box, zone: tzinfo, end: datetime) -> None:
    box = frame.box
    for value, said in _roomy(frame.left, box):
        y = frame.y(value)
        canvas.line([box.x, box.right], [y, y], GRID, thick=1)
        canvas.text(box.x - 5, y, said, TICK, SOFT, align="right", level="center")
    for value, said in _roomy(frame.right, box) if frame.right else ():
        canvas.text(box.right + 5, frame.y(value, on_right=True), said, TICK, SOFT, level="center")
    for at, said, is_day in time_ticks(chart.start, end, zone, box.width):
        x = frame.x(at)
        canvas.line([x, x], [box.bottom, box.bottom + 3], FAINT)
        if box.x + width(said, TICK) / 2 - 20 <= x <= box.right - width(said, TICK) / 2 + 12:
            canvas.text(x, box.bottom + 14, said, TICK, INK if is_day else SOFT, align="center", bold=is_day)
    canvas.line([box.x, box.right], [box.bottom, box.bottom], BORDER, thick=1)
    canvas.text(plot.x, plot.y + 8, fitted(_caption(chart.left), CAPTION, box.width / 2), CAPTION, FAINT)
    if frame.right:
        canvas.text(plot.right, plot.y + 8, fitted(_caption(chart.right), CAPTION, box.width / 2), CAPTION, FAINT,
                    align="right")


def _roomy(scale: Scale, box: Box) -> Sequence[tuple[float, str]]:
    """Of the ticks only as many as do not touch, the highest among them."""
    return scale.ticks[::-max(1, math.ceil(len(scale.ticks) * 13 / max(1.0, box.height)))]


def _lines(canvas: Canvas, frame: Frame, chart: Chart) -> None:
    thick = 1.6 if len(chart.curves) <= 12 else 1.1
    for place, curve in reversed(list(enumerate(chart.curves))):
        colour = line_colour(place, curve.colour)
        for piece in _pieces(chart, curve, frame):
            xs = [frame.x(at) for at, _ in piece]
            canvas.line(xs, [frame.y(value, on_right=curve.on_right) for _, value in piece], colour, thick=thick,
                        dot=len(piece) == 1, gid="series")


def _pieces(chart: Chart, curve: Curve, frame: Frame) -> Sequence[Points]:
    """Without values there is no line; with many more than pixels the lowest and the highest of each stay."""
    first = chart.start.timestamp()
    line = Line("", [first + place * chart.step_s for place in range(len(curve.values))],
                [None if value is None else min(max(value, -FARTHEST), FARTHEST) if math.isfinite(value) else None
                 for value in curve.values])
    return path(line, max(200, int(2 * frame.box.width))).pieces


def _stacked(curves: Sequence[Curve]) -> list[list[float]]:
    """The upper edge of each band, upon those before it; no value is no height."""
    edges, last = list[list[float]](), list[float]()
    for curve in curves:
        values = [value if value is not None and math.isfinite(value) else 0.0 for value in curve.values]
        below = last or [0.0] * len(values)
        last = [min(max(low + value, -FARTHEST), FARTHEST) for low, value in zip(below, values, strict=True)]
        edges.append(last)
    return edges


def _areas(canvas: Canvas, frame: Frame, chart: Chart, bands: Sequence[Sequence[float]]) -> None:
    if not bands or not bands[0]:
        return
    first, step = chart.start.timestamp(), chart.step_s
    every = max(1, math.ceil(len(bands[0]) / max(200, 2 * frame.box.width)))
    xs = [frame.x(first + place * step) for place in range(len(bands[0]))][::every]
    edges = [[frame.y(0.0)] * len(xs), *([frame.y(value) for value in band][::every] for band in bands)]
    for place, (below, above) in enumerate(pairwise(edges)):
        colour = line_colour(place, chart.curves[place].colour)
        outline = [*zip(xs, above, strict=True), *zip(reversed(xs), reversed(below), strict=True)]
        canvas.area(outline, colour, alpha=0.42 if len(bands) > 1 else 0.28, gid="series")
        canvas.line(xs, above, colour, thick=1.2, dot=len(xs) == 1)


def _shades(canvas: Canvas, frame: Frame, chart: Chart) -> None:
    for level in chart.levels:
        if level.to is not None:
            low, high = (min(max(frame.y(edge, on_right=level.on_right), frame.box.y), frame.box.bottom)
                         for edge in (level.value, level.to))
            canvas.rectangle(Box(frame.box.x, high, frame.box.width, low - high), level.colour or _RED, alpha=0.1)
        elif level.shades:
            y = min(max(frame.y(level.value, on_right=level.on_right), frame.box.y), frame.box.bottom)
            top, bottom = (frame.box.y, y) if level.shades == "above" else (y, frame.box.bottom)
            canvas.rectangle(Box(frame.box.x, top, frame.box.width, bottom - top), level.colour or _RED, alpha=0.06)


def _levels(canvas: Canvas, frame: Frame, chart: Chart) -> None:
    for level in chart.levels:
        colour, y = level.colour or _RED, frame.y(level.value, on_right=level.on_right)
        for edge in finite((level.value, level.to)):
            at = frame.y(edge, on_right=level.on_right)
            canvas.line([frame.box.x, frame.box.right], [at, at], colour, thick=1.2, dash=(5, 3), gid="threshold")
        said = fitted(one_line(level.label, 80), TICK, frame.box.width * 0.6)
        up = y - 4 if y - 16 > frame.box.y else y + 12
        canvas.text(frame.box.right - 4, up, said, TICK, colour, align="right")


def _moments(canvas: Canvas, frame: Frame, moments: Sequence[Moment]) -> None:
    for moment in moments:
        colour, x = moment.colour or "#7a5bbd", frame.x(moment.at.timestamp())
        if moment.until:
            right = min(frame.x(moment.until.timestamp()), frame.box.right)
            canvas.rectangle(Box(x, frame.box.y, max(0.0, right - x), frame.box.height), colour, alpha=0.12,
                             gid="annotation")
        canvas.line([x, x], [frame.box.y, frame.box.bottom], colour, thick=1.2, dash=(2, 2), gid="annotation")
        said = fitted(one_line(moment.label, 80), TICK, frame.box.width * 0.5)
        is_late = x > frame.box.x + frame.box.width * 0.6
        canvas.text(x - 4 if is_late else x + 4, frame.box.y + 10, said, TICK, colour,
                    align="right" if is_late else "left")
