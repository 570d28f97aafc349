"""Between a picture of a dashboard and the lake: which series its widgets draw, their points, and what is not there."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import Any

import pyarrow as pa

from watchbill.graphs.lines.bundles import Bundle
from watchbill.graphs.lines.metric import bundle
from watchbill.graphs.lines.places import Place, places
from watchbill.graphs.lines.selection import Choices, Stream, select, statistics
from watchbill.graphs.lines.steps import Steps
from watchbill.lake.lake import Lake
from watchbill.model.dashboards import Dashboard, MetricWidget, WidgetMetric
from watchbill.model.series import SOURCES, Source
from watchbill.model.windows import Window

AT_ONCE = 1_500  # series whose points are read together


@dataclass(frozen=True)
class Found:
    """What a line draws: nothing where it has no `place`."""

    place: Place | None
    streams: Sequence[Stream] = ()


@dataclass
class Read:
    """A widget, and the points of all its series."""

    widget: MetricWidget
    steps: Steps
    found: dict[int, Found] = field(default_factory=dict)  # by the line's position
    points: dict[Source, pa.Table] = field(default_factory=dict)

    def fetch(self, line: WidgetMetric) -> Bundle:
        """Raises ValueError where only a cloud can answer the line's query, or KeyError where the lake has nothing."""
        place, streams = next((one.place, one.streams) for at, one in self.found.items()
                              if self.widget.metrics[at] is line)
        if place is None:
            return Bundle([])
        period_s = line.period_s or self.widget.period_s
        return bundle(line, period_s, place, streams, self.points[place.source], self.steps)


def choices(dashboard: Dashboard) -> Choices:
    return {one.name: one.default for one in dashboard.variables}


def read(widgets: Sequence[MetricWidget], lake: Lake, window: Window, variables: Choices) -> Iterator[Read]:
    """One for each widget, in order; several are read together. Raises LakeError."""
    rows = cache(lake.series_rows)
    batch, keys = list[Read](), 0
    for widget in widgets:
        one = Read(widget, Steps.of(_window(widget, window), _step_s(widget)))
        one.found = {at: _find(line, widget, rows, variables) for at, line in enumerate(widget.metrics)
                     if not line.expression}
        own = sum(len(stream.periods) for found in one.found.values() for stream in found.streams)
        if batch and (keys + own > AT_ONCE or one.steps.window != batch[0].steps.window):
            yield from _with_points(batch, lake)
            batch, keys = [], 0
        batch.append(one)
        keys += own
    yield from _with_points(batch, lake)


def missing(read: Read, lake: Lake) -> list[str]:
    """Of each line that the lake has nothing of: what."""
    return [_missing(read.widget.metrics[at], lake) for at, one in read.found.items() if not one.streams]


def _missing(line: WidgetMetric, lake: Lake) -> str:
    if not line.metric:
        return f"{line.cloudwatch or line.datadog}: only its cloud can compute it"
    there = [statistic for source in SOURCES
             for statistic in statistics(lake.series_rows(source), line.namespace, line.metric)]
    name = f"{line.namespace}/{line.metric}"
    if there and line.statistic not in there:
        return f"{name} is in the lake as {', '.join(dict.fromkeys(there))} only, not as {line.statistic}"
    return f"{name} with these dimensions is not in the lake" if there else f"{name} is not in the lake"


def _window(widget: MetricWidget, window: Window) -> Window:
    return Window(window.end - widget.start, window.end) if widget.start else window


def _step_s(widget: MetricWidget) -> int:
    """The finest of its periods, so that every line has a place for each of its points."""
    return min([line.period_s or widget.period_s for line in widget.metrics if not line.expression]
               or [widget.period_s])


def _find(line: WidgetMetric, widget: MetricWidget, rows: Any, variables: Choices) -> Found:
    for place in places(line, widget.region, variables):
        if streams := select(rows(place.source), place.wanted, line.period_s or widget.period_s):
            return Found(place, streams)
    return Found(None)


def _with_points(batch: Sequence[Read], lake: Lake) -> Sequence[Read]:
    for source in SOURCES:
        keys = {key for one in batch for found in one.found.values() if found.place and found.place.source == source
                for stream in found.streams for _, key in stream.periods}
        if not keys:
            continue
        start = min(one.steps.start for one in batch)
        window = Window(start - max(_longest(one) for one in batch), max(one.steps.window.end for one in batch))
        points = lake.points(source, sorted(keys), window)
        for one in batch:
            one.points[source] = points
    return batch


def _longest(read: Read) -> timedelta:
    """A line of a longer period begins before the first step."""
    return timedelta(seconds=max(line.period_s or read.widget.period_s for line in read.widget.metrics))
