"""Which time to ask for: the window as it is for history, and for a live tick what is not settled yet, or more of it.

Between entries and their requests. AWS bills by the metric requested, not by its points: as long as as many series fit
into a request, reading late points again costs nothing.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from watchbill.model.cloudwatch_math import is_select
from watchbill.model.metrics import MetricEntry
from watchbill.model.windows import Window, ceil_time
from watchbill.sources.cloudwatch.packing import MOST_POINTS, MOST_QUERIES
from watchbill.sources.cloudwatch.periods import ANALYSED, check_analysed, check_period, kept_for
from watchbill.sources.errors import Asked

FREE_POINTS = MOST_POINTS // MOST_QUERIES
"""Of a series: 201. With so many a request still holds as many series as it may."""


@dataclass(frozen=True)
class Spans:
    """The window of one plan. `settle` is how long points of the source take to settle; None for history."""

    window: Window
    settle: timedelta | None
    now: datetime

    def base(self, entry: MetricEntry) -> Window:
        """Its whole periods in the window, begun earlier in a live tick by its delay; an empty one asks nothing."""
        start = self.window.start
        if self.settle is not None:
            start -= self.settle if entry.delay is None else entry.delay
        return Window(start, self.window.end).aligned(entry.period_s)

    def checked(self, entry: MetricEntry, asked: Asked) -> Window:
        """The same. Raises SourceError where CloudWatch has no such points any more."""
        base = self.base(entry)
        if base.length:
            check_period(entry.period_s, base.start, asked, self.now)
            if reads_analysed(entry):
                check_analysed(base.start, asked, self.now)
        return base

    def widened(self, base: Window, period_s: int, *, analysed: bool = False) -> Window:
        """In a live tick, begun as much earlier as costs nothing more and CloudWatch keeps."""
        if self.settle is None:
            return base
        oldest = self.now - (min(ANALYSED, kept_for(period_s)) if analysed else kept_for(period_s))
        free = base.end - FREE_POINTS * timedelta(seconds=period_s)
        return Window(min(base.start, max(free, ceil_time(oldest, period_s))), base.end)


def reads_analysed(entry: MetricEntry) -> bool:
    """Whether it asks Metrics Insights."""
    texts = (entry.expression, *(one for one in entry.queries.values() if isinstance(one, str)))
    return any(map(is_select, texts))
