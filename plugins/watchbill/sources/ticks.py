"""When a live tick asks for a period: in the one in which it ends, and in the one in which it has settled."""

from datetime import timedelta

from watchbill.model.windows import Window


def due(window: Window, period_s: int, delay: timedelta) -> Window:
    """The whole periods that a tick's window asks for: begun earlier by `delay`, or none. Starts and ends on periods.

    Ticks in between would pay for the same points once more.
    """
    settled = Window(window.start - delay, window.end - delay)
    whole = Window(window.start - delay, window.end).aligned(period_s)
    if window.aligned(period_s).length or settled.aligned(period_s).length:
        return whole
    return Window(whole.end, whole.end)
