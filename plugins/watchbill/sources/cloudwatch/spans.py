"""Which time to ask for: the window as it is for history, and for a live tick what is not settled yet, or more of it.

Between entries and their requests. AWS bills by the metric requested, not by its points: as long as as many series fit
into a request, reading late points again costs nothing.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from watchbill.model.cloudwatch_math import is_select
from watchbill.model.metrics import MetricEntry
from watchbill.model.windows import Window, ceil_time, format_duration
from watchbill.sources.cloudwatch.packing import MOST_POINTS, MOST_QUERIES
from watchbill.sources.cloudwatch.periods import ANALYSED, check_analysed, check_period, kept_for
from watchbill.sources.errors import Asked
from watchbill.sources.ticks import due

FREE_POINTS = MOST_POINTS // MOST_QUERIES
"""Of a series: 201. With so many a request still holds as many series as it may."""


@dataclass(frozen=True)
class Spans:
    """The window of one plan. `settle` is how long points of the source take to settle; None for history."""

    window: Window
    settle: timedelta | None
    now: datetime

    def base(self, entry: MetricEntry) -> Window:
        """Its whole periods in the window, begun earlier in a live tick by its delay; an empty one asks nothing.

        A live tick does without what CloudWatch no longer keeps in this period.
        """
        if self.settle is None:
            return self.window.aligned(entry.period_s)
        base = due(self.window, entry.period_s, self.settle if entry.delay is None else entry.delay)
        return Window(min(base.end, max(base.start, self._oldest(entry.period_s, reads_analysed(entry)))), base.end)

    def checked(self, entry: MetricEntry, asked: Asked, warnings: list[str]) -> Window:
        """The same. Raises SourceError where history asks for what CloudWatch has no more, or never had."""
        base = self.base(entry)
        if self.settle is None:
            if base.length:
                check_period(entry.period_s, base.start, asked, self.now)
            if base.length and reads_analysed(entry):
                check_analysed(base.start, asked, self.now)
            return base
        check_period(entry.period_s, self.now, asked, self.now)
        own = self.window.aligned(entry.period_s)
        if own.start < min(own.end, base.start):
            lost = Window(own.start, min(own.end, base.start))
            warnings.append(f"{entry.name}: CloudWatch no longer has the points of {lost} every "
                            f"{format_duration(entry.period)}; they are lost")
        return base

    def _oldest(self, period_s: int, analysed: bool) -> datetime:
        """The first start of a period that CloudWatch still has."""
        kept = min(ANALYSED, kept_for(period_s)) if analysed else kept_for(period_s)
        return ceil_time(self.now - kept, period_s)

    def widened(self, base: Window, period_s: int, *, analysed: bool = False) -> Window:
        """In a live tick, begun as much earlier as costs nothing more and CloudWatch keeps."""
        if self.settle is None:
            return base
        free = base.end - FREE_POINTS * timedelta(seconds=period_s)
        return Window(min(base.start, max(free, self._oldest(period_s, analysed))), base.end)


def reads_analysed(entry: MetricEntry) -> bool:
    """Whether it asks Metrics Insights."""
    texts = (entry.expression, *(one for one in entry.queries.values() if isinstance(one, str)))
    return any(map(is_select, texts))
