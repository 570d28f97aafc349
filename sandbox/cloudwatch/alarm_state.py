"""When an alarm goes off: the newest periods of its metric in, its state out.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html#alarms-and-missing-data
"""

import operator
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sandbox.cloudwatch.alarm import Alarm
from sandbox.cloudwatch.metrics import Metrics
from sandbox.cloudwatch.names import metric_key
from sandbox.cloudwatch.queries import Stat
from sandbox.cloudwatch.reading import read

LOOKED_AT_MORE = 2
"""Periods before the asked for ones that are looked at: the vendor's own examples have five for three."""

_BREACHES = {
    "GreaterThanOrEqualToThreshold": operator.ge, "GreaterThanThreshold": operator.gt,
    "LessThanThreshold": operator.lt, "LessThanOrEqualToThreshold": operator.le,
}


def judged(alarm: Alarm, metrics: Metrics, now: float) -> tuple[str, str] | None:
    """The state and its reason; None where it is not ours to judge: metric math, anomaly bands."""
    given = alarm.given
    if "MetricName" not in given or given["ComparisonOperator"] not in _BREACHES:
        return None
    period_s, periods = given["Period"], given["EvaluationPeriods"]
    needed, treat = given.get("DatapointsToAlarm", periods), given.get("TreatMissingData", "missing")
    points = _points(given, metrics, now, periods + LOOKED_AT_MORE)
    breaches = _BREACHES[given["ComparisonOperator"]]
    readings = [None if value is None else bool(breaches(value, given["Threshold"])) for value in points]
    state = judge(readings, periods, needed, treat)
    said = f"{readings.count(None)} of the last {len(readings)} periods of {period_s} s lack a datapoint"
    return (alarm.state if state == "RETAIN" else state), f"{said}; treated as {treat}"


def judge(readings: Sequence[bool | None], periods: int, needed: int, treat: str) -> str:
    """OK, ALARM, INSUFFICIENT_DATA or RETAIN (the earlier state), of whether each period breached, oldest first."""
    real = [one for one in readings if one is not None]
    lacking = max(0, periods - len(real))
    newest = real[-periods:]
    if lacking and treat in ("breaching", "notBreaching"):
        newest = newest + [treat == "breaching"] * lacking
    elif lacking and not real:
        return "RETAIN" if treat == "ignore" else "INSUFFICIENT_DATA"
    elif lacking:
        return _of_too_few(newest, needed, treat)
    return "ALARM" if sum(newest) >= needed else "OK"


def _of_too_few(real: Sequence[bool], needed: int, treat: str) -> str:
    """An alarm goes off before it is too late: what there is breaches, and nothing says otherwise."""
    if not all(real):
        return "ALARM" if sum(real) >= needed else "OK"
    return "RETAIN" if treat == "ignore" else "ALARM"


def _points(given: Mapping[str, Any], metrics: Metrics, now: float, periods: int) -> list[float | None]:
    """The value of each of the last whole periods, oldest first."""
    period_s = given["Period"]
    key = metric_key(given["Namespace"], given["MetricName"], given.get("Dimensions", []), code="ValidationError")
    statistic = given.get("Statistic") or given["ExtendedStatistic"]
    end = float(np.floor(now / period_s) * period_s)
    start = end - periods * period_s
    times, values = read(metrics, Stat(key, statistic, period_s, given.get("Unit")), start, end, now)
    by_time = dict(zip(times.tolist(), values.tolist(), strict=True))
    return [by_time.get(start + number * period_s) for number in range(periods)]
