"""Which periods CloudWatch still keeps, by the age of a window's start.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricStat.html
A period that it does not keep is answered with nothing, and nothing is said: so it is checked before.
"""

from datetime import datetime, timedelta

from watchbill.model.failures import SourceError
from watchbill.model.windows import ceil_time, format_duration
from watchbill.sources.errors import Asked

HIGH_RESOLUTION_S = (1, 5, 10, 20, 30)
KEPT = timedelta(days=455)
ANALYSED = timedelta(days=14)
"""How far back Metrics Insights goes.
docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-metrics-insights-limits.html"""
_STEPS = ((timedelta(days=63), 3600), (timedelta(days=15), 300), (timedelta(hours=3), 60))


def legal_period(period_s: int, age: timedelta) -> int:
    """The period itself where it is legal for a start of this age, else the next coarser one that is."""
    for older_than, step_s in _STEPS:
        if age > older_than:
            return -(-period_s // step_s) * step_s
    if period_s < 60:
        return next((high for high in HIGH_RESOLUTION_S if high >= period_s), 60)
    return -(-period_s // 60) * 60


def kept_for(period_s: int) -> timedelta:
    """The age up to which this period is legal."""
    return next((age for age in (KEPT, *(step for step, _ in _STEPS)) if legal_period(period_s, age) == period_s),
                timedelta(0))


def check_period(period_s: int, start: datetime, asked: Asked, now: datetime) -> None:
    """Raises SourceError, not retryable, naming the period or the start that would do."""
    age = now - start
    if age > KEPT:
        raise asked.error(f"{start:%Y-%m-%d %H:%M} UTC is more than {KEPT.days} days ago, and CloudWatch "
                          "keeps nothing longer", f"Start at {now - KEPT:%Y-%m-%d} or later", retryable=False)
    legal_s = legal_period(period_s, age)
    if legal_s != period_s:
        raise _illegal(period_s, legal_s, start, asked)


def check_analysed(start: datetime, asked: Asked, now: datetime) -> None:
    """The same for a SELECT."""
    if now - start > ANALYSED:
        first = ceil_time(now - ANALYSED, 60)
        raise asked.error(f"Metrics Insights goes back {ANALYSED.days} days, and {start:%Y-%m-%d %H:%M} UTC is earlier",
                          f"Start at {first:%Y-%m-%d %H:%M} UTC or later, or leave this entry out", retryable=False)


def _illegal(period_s: int, legal_s: int, start: datetime, asked: Asked) -> SourceError:
    asked_for, legal = (format_duration(timedelta(seconds=one)) for one in (period_s, legal_s))
    return asked.error(f"CloudWatch has no points every {asked_for} for {start:%Y-%m-%d %H:%M} UTC",
                       f"Write `period: {legal}`, or ask for a later start", retryable=False)
