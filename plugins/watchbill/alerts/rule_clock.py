"""When a rule is judged: its own clock, behind the wall clock by what its source takes to settle."""

from datetime import datetime, timedelta

from watchbill.model.windows import floor_time

MOST_REPLAYED = 288  # evaluations: a day of five-minute ticks


def due(last: datetime | None, at: datetime, interval: timedelta, delay: timedelta) -> list[datetime]:
    """The evaluation times after `last` up to `at` (the interval's end), oldest first; none where it has run.

    A rule that never ran is judged once, now. Of more than MOST_REPLAYED missed ones the oldest are left
    out; the lifecycle sees the hole and does not count it towards `for`.
    """
    newest = floor_time(at, max(1, int(interval.total_seconds()))) - delay
    if last is None:
        return [newest]
    missed = max(0, -((last - newest) // interval))
    return [newest - step * interval for step in range(min(missed, MOST_REPLAYED) - 1, -1, -1)]
