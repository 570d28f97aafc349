"""GetMetricStatistics: the older way to read one metric, up to 1,440 points, in no order, with their unit."""

from collections.abc import Mapping
from typing import Any

from sandbox.cloudwatch.errors import Refused, invalid
from sandbox.cloudwatch.metrics import Metrics
from sandbox.cloudwatch.names import metric_key
from sandbox.cloudwatch.queries import Stat
from sandbox.cloudwatch.reading import read
from sandbox.cloudwatch.retention import is_period
from sandbox.cloudwatch.statistics import SIMPLE, is_extended

MOST_POINTS = 1_440


def get_metric_statistics(metrics: Metrics, request: Mapping[str, Any], now: float) -> dict[str, Any]:
    _check(request)
    key = metric_key(request["Namespace"], request["MetricName"], request.get("Dimensions", []),
                     code="InvalidParameterValue")
    start, end, period_s = request["StartTime"], request["EndTime"], request["Period"]
    points: list[dict[str, Any]] = []
    for unit in [request["Unit"]] if "Unit" in request else metrics.units(key):
        by_time: dict[float, dict[str, Any]] = {}
        for statistic in [*request.get("Statistics", []), *request.get("ExtendedStatistics", [])]:
            stat = Stat(key, statistic, period_s, unit)
            times, values = read(metrics, stat, start, end, now)
            for time, value in zip(times.tolist(), values.tolist(), strict=True):
                point = by_time.setdefault(time, {"Timestamp": time, "Unit": unit})
                if statistic in SIMPLE:
                    point[statistic] = value
                else:
                    point.setdefault("ExtendedStatistics", {})[statistic] = value
        points += by_time.values()
    # The vendor promises no order, so none is given: the odd ones first.
    return {"Label": request["MetricName"], "Datapoints": points[1::2] + points[::2]}


def _check(request: Mapping[str, Any]) -> None:
    start, end, period_s = request["StartTime"], request["EndTime"], request["Period"]
    if start >= end:
        raise invalid("The parameter StartTime must be less than the parameter EndTime.")
    if not is_period(period_s):
        raise invalid("The parameter Period must be in the set [ 1, 5, 10, 20, 30 ] or a multiple of 60.")
    _check_statistics(request)
    asked = int((end - start) / period_s)
    if asked > MOST_POINTS:
        raise Refused("InvalidParameterCombination",
                      f"You have requested up to {asked} datapoints, which exceeds the limit of "
                      f"{MOST_POINTS}. You may reduce the datapoints requested by increasing Period, or "
                      "decreasing the time range.")


def _check_statistics(request: Mapping[str, Any]) -> None:
    simple, extended = request.get("Statistics", []), request.get("ExtendedStatistics", [])
    if bool(simple) == bool(extended):
        raise Refused("InvalidParameterCombination", "Must specify either Statistics or ExtendedStatistics.")
    for statistic in simple:
        if statistic not in SIMPLE:
            raise invalid(f"The value {statistic} for parameter Statistics is invalid.")
    for statistic in extended:
        if not is_extended(statistic):
            raise invalid(f"The value {statistic} for parameter ExtendedStatistics is invalid.")
    if len(simple) > len(SIMPLE) or len(extended) > 10:
        raise invalid("Too many statistics are asked for.")
