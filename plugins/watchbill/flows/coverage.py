"""Which windows the lake holds, as marks and the names of its files say, and what of a plan need not be asked again."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from watchbill.lake.lake import Lake
from watchbill.lake.layout import merge
from watchbill.model.series import Source
from watchbill.model.windows import Window
from watchbill.sources.fetched import POINTS
from watchbill.sources.request import Request

REACH = timedelta(hours=3)
"""How far back a tick makes up for failed ones: 180 points a series at 60 s, where 201 cost no call more."""

WHOLE = "whole"
"""The share that says that all others of its window are in the lake."""

PART = "part"
"""The share that says so but for targets that failed."""


def mark_collected(source: Source, window: Window, lake: Lake, *, now: datetime, share: str = WHOLE) -> None:
    """An answer without points, in the name of all shares: this window is in the lake."""
    lake.write(source, window, share, POINTS.empty_table(), (), collected_at=now)


def live_window(source: Source, window: Window, lake: Lake) -> Window:
    """The window, begun earlier where an earlier tick of the last hours failed: this one makes up for it."""
    before = lake.coverage(source, Window(window.start - REACH, window.start), WHOLE)
    return Window(before[0].end, window.end) if before else window


def collected_windows(source: Source, window: Window, lake: Lake) -> list[Window]:
    """The parts of the window that came in, in order; of targets that failed there may be nothing."""
    return merge([*lake.coverage(source, window, WHOLE), *lake.coverage(source, window, PART)])


def without_held(requests: Sequence[Request], source: Source, lake: Lake) -> list[Request]:
    """The requests that the lake does not hold the answers of; what planning found out goes on."""
    asking = [request for request in requests if request.queries]
    if not asking:
        return list(requests)
    held = lake.held(source, Window(min(request.window.start for request in asking),
                                    max(request.window.end for request in asking)))
    return [request for request in requests
            if not any(whole.start <= request.window.start and request.window.end <= whole.end
                       for whole in held.get(request.id, ()))]
