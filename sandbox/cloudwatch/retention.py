"""What CloudWatch still knows about a time: its age rules which periods answer. Epoch seconds everywhere.

A request whose period does not fit the age of its start is answered with nothing, and nothing is said.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html
"""

import math

SUB_MINUTE_PERIODS_S = (1, 5, 10, 20, 30)
KEPT_S = 455 * 86_400
_HOUR_S, _DAY_S = 3_600, 86_400


def is_period(period_s: int) -> bool:
    """Whether any request may ask for it at all."""
    return period_s in SUB_MINUTE_PERIODS_S or (period_s > 0 and period_s % 60 == 0)


def resolution_s(start: float, now: float) -> int:
    """The finest period that is kept for a start of this age."""
    age = now - start
    if age <= 3 * _HOUR_S:
        return 1
    if age <= 15 * _DAY_S:
        return 60
    return 300 if age <= 63 * _DAY_S else _HOUR_S


def answers(period_s: int, start: float, now: float) -> bool:
    """Whether the period still answers for a start of this age."""
    return period_s % resolution_s(start, now) == 0


def rounded_start(start: float, period_s: int, now: float) -> float:
    """The start as the vendor rounds it down: to the second's share asked for, or to what is kept."""
    step = period_s if period_s < 60 else max(60, resolution_s(start, now))
    return math.floor(start / step) * step
