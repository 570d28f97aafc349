"""Which periods CloudWatch still keeps, by the age of a window's start.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricStat.html
A period that it does not keep is answered with nothing, and nothing is said: so it is checked before.
"""

from datetime import timedelta

HIGH_RESOLUTION_S = (1, 5, 10, 20, 30)
KEPT = timedelta(days=455)
_STEPS = ((timedelta(days=63), 3600), (timedelta(days=15), 300), (timedelta(hours=3), 60))


def legal_period(period_s: int, age: timedelta) -> int:
    """The period itself where it is legal for a start of this age, else the next coarser one that is."""
    for older_than, step_s in _STEPS:
        if age > older_than:
            return -(-period_s // step_s) * step_s
    if period_s < 60:
        return next((high for high in HIGH_RESOLUTION_S if high >= period_s), 60)
    return -(-period_s // 60) * 60
