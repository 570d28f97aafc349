"""PutMetricData: values on their way into a region's metrics. One wrong datum refuses the whole request."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from sandbox.cloudwatch.errors import Refused, invalid
from sandbox.cloudwatch.metrics import MetricKey, Metrics
from sandbox.cloudwatch.model import units
from sandbox.cloudwatch.names import metric_key
from sandbox.cloudwatch.samples import Samples

MOST_DATA, MOST_VALUES = 1_000, 150
LARGEST = 2.0**360
OLDEST_S, NEWEST_S = 14 * 86_400, 2 * 3_600

Datum = Mapping[str, Any]
Row = tuple[MetricKey, Samples, str, int]


def put_metric_data(metrics: Metrics, request: Mapping[str, Any], now: float) -> dict[str, Any]:
    namespace = request["Namespace"]
    if namespace.startswith("AWS/"):
        raise invalid(f"The value {namespace} for parameter Namespace is invalid.")
    rows = [_row(namespace, datum, where, now) for where, datum in _data(request)]
    for row in rows:
        metrics.append(*row)
    return {}


def _data(request: Mapping[str, Any]) -> list[tuple[str, Datum]]:
    """Every datum with its path in the request."""
    lists = [("", request.get("MetricData", []))]
    lists += [
        (f"EntityMetricData.member.{number}.", entity.get("MetricData", []))
        for number, entity in enumerate(request.get("EntityMetricData", []), 1)
    ]
    data = [(f"{path}MetricData.member.{number}.", datum)
            for path, listed in lists for number, datum in enumerate(listed, 1)]
    if not data:
        raise Refused("MissingParameter", "The parameter MetricData is required.")
    if len(data) > MOST_DATA:
        raise invalid(f"The collection MetricData must not have a size greater than {MOST_DATA}.")
    return data


def _row(namespace: str, datum: Datum, where: str, now: float) -> Row:
    key = metric_key(namespace, datum["MetricName"], datum.get("Dimensions", []),
                     code="InvalidParameterValue", where=where)
    unit, resolution_s = datum.get("Unit", "None"), datum.get("StorageResolution", 60)
    if unit not in units():
        raise invalid(f"The value {unit} for parameter {where}Unit is invalid.")
    if resolution_s not in (1, 60):
        raise invalid(f"The parameter {where}StorageResolution must be a value in the set [ 1, 60 ].")
    return key, _samples(datum, _time(datum, where, now), where), unit, resolution_s


def _time(datum: Datum, where: str, now: float) -> float:
    at = float(datum.get("Timestamp", now))
    if at < now - OLDEST_S:
        raise invalid(f"The parameter {where}Timestamp must specify a time no older than two weeks.")
    if at > now + NEWEST_S:
        raise invalid(f"The parameter {where}Timestamp must specify a time within two hours of now.")
    return at


def _samples(datum: Datum, at: float, where: str) -> Samples:
    given = [name for name in ("Value", "Values", "StatisticValues") if name in datum]
    if not given:
        raise Refused("MissingParameter",
                      f"At least one of the parameters {where}Value, {where}Values and "
                      f"{where}StatisticValues must be specified.")
    if len(given) > 1:
        raise Refused("InvalidParameterCombination",
                      f"The parameters {where}{given[0]} and {where}{given[1]} are mutually exclusive and "
                      "you have specified both.")
    if "StatisticValues" in datum:
        return _statistic_set(datum["StatisticValues"], at, f"{where}StatisticValues.")
    values = datum["Values"] if "Values" in datum else [datum["Value"]]
    counts = datum.get("Counts", [1.0] * len(values))
    if len(values) > MOST_VALUES or not values:
        raise invalid(f"The collection {where}Values must have a size between 1 and {MOST_VALUES}.")
    if len(counts) != len(values):
        raise invalid(f"The parameters {where}Values and {where}Counts must be of the same size.")
    _check_numbers(f"{where}Value", values)
    _check_numbers(f"{where}Counts", counts, positive=True)
    return Samples.of_values(np.full(len(values), at), np.array(values, float), np.array(counts, float))


def _statistic_set(given: Mapping[str, float], at: float, where: str) -> Samples:
    count, total = given["SampleCount"], given["Sum"]
    low, high = given["Minimum"], given["Maximum"]
    _check_numbers(f"{where}SampleCount", [count], positive=True)
    _check_numbers(where.rstrip("."), [total, low, high])
    if low > high:
        raise invalid(f"The parameter {where}Maximum must be greater than {where}Minimum.")
    return Samples(*(np.array([float(number)]) for number in (at, low, high, total, count)))


def _check_numbers(where: str, numbers: list[float], *, positive: bool = False) -> None:
    for number in numbers:
        if not math.isfinite(number) or abs(number) > LARGEST or (positive and number <= 0):
            raise invalid(f"The value {number} for parameter {where} is invalid.")
