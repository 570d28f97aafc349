"""What PutMetricAlarm refuses that the service model alone allows."""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sandbox.cloudwatch.errors import Refused
from sandbox.cloudwatch.model import units
from sandbox.cloudwatch.names import metric_key
from sandbox.cloudwatch.statistics import SIMPLE, is_extended

ACTIONS = ("AlarmActions", "OKActions", "InsufficientDataActions")
TREATMENTS = ("breaching", "notBreaching", "ignore", "missing")
_SIMPLE_OPERATORS = ("GreaterThanOrEqualToThreshold", "GreaterThanThreshold", "LessThanThreshold",
                     "LessThanOrEqualToThreshold")
_BAND_OPERATORS = ("LessThanLowerOrGreaterThanUpperThreshold", "LessThanLowerThreshold",
                   "GreaterThanUpperThreshold")
_DAY_S = 86_400
_ARN = re.compile(r"arn:aws[a-z-]*:(?P<service>[a-z0-9-]+):(?P<region>[a-z0-9-]*):(?P<account>\d{12}|)?:.+")


def refused(message: str) -> Refused:
    return Refused("ValidationError", message)


def enum_refused(member: str, value: str, allowed: Sequence[str]) -> Refused:
    return refused(f"1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: Member "
                   f"must satisfy enum value set: [{', '.join(allowed)}]")


def check(request: Mapping[str, Any], region: str) -> None:
    """Raises Refused, in the vendor's words as far as they are known."""
    _one_of("comparisonOperator", request.get("ComparisonOperator"), (*_SIMPLE_OPERATORS, *_BAND_OPERATORS))
    _one_of("treatMissingData", request.get("TreatMissingData"), TREATMENTS)
    if len(request["AlarmName"]) > 255 or len(request.get("AlarmDescription", "")) > 1024:
        raise refused("AlarmName takes 255 characters, AlarmDescription 1024.")
    check_actions(request, region)
    for needed in ("EvaluationPeriods", "ComparisonOperator"):
        if needed not in request:
            raise Refused("MissingParameter", f"The parameter {needed} is required.")
    if request.get("DatapointsToAlarm", 1) > request["EvaluationPeriods"]:
        raise refused("DatapointsToAlarm must be less than or equal to EvaluationPeriods.")
    if "Metrics" in request:
        _check_math(request)
    else:
        _check_metric(request)


def _one_of(member: str, value: str | None, allowed: Sequence[str]) -> None:
    if value is not None and value not in allowed:
        raise enum_refused(member, value, allowed)


def check_actions(request: Mapping[str, Any], region: str) -> None:
    for kind in ACTIONS:
        listed: Collection[str] = request.get(kind, [])
        if len(listed) > 5:
            raise refused(f"The collection {kind} must not have a size greater than 5.")
        for action in listed:
            found = _ARN.fullmatch(action)
            if found is None:
                raise refused(f"Invalid arn syntax: {action}")
            if found["service"] == "sns" and found["region"] != region:
                raise refused(f"Invalid region {found['region']} specified. Only {region} is supported.")


def _check_math(request: Mapping[str, Any]) -> None:
    beside = [name for name in ("MetricName", "Namespace", "Statistic", "ExtendedStatistic", "Period", "Dimensions",
                                "Unit") if name in request]
    if beside:
        raise refused(f"Parameters {', '.join(beside)} cannot be specified together with Metrics.")
    returned = [one for one in request["Metrics"] if one.get("ReturnData", True)]
    if len(returned) != 1 and "ThresholdMetricId" not in request:
        raise refused("Exactly one element of the metrics list should return data.")
    if "Threshold" not in request and "ThresholdMetricId" not in request:
        raise refused("Threshold or ThresholdMetricId must be specified.")


def _check_metric(request: Mapping[str, Any]) -> None:
    for needed in ("MetricName", "Namespace", "Period", "Threshold"):
        if needed not in request:
            raise Refused("MissingParameter", f"The parameter {needed} is required.")
    if ("Statistic" in request) == ("ExtendedStatistic" in request):
        raise refused("Exactly one of Statistic and ExtendedStatistic must be specified.")
    _one_of("statistic", request.get("Statistic"), SIMPLE)
    _one_of("unit", request.get("Unit"), sorted(units()))
    if "ExtendedStatistic" in request and not is_extended(request["ExtendedStatistic"]):
        raise refused(f"The value {request['ExtendedStatistic']} for parameter ExtendedStatistic is invalid.")
    if request["ComparisonOperator"] not in _SIMPLE_OPERATORS:
        raise refused(f"{request['ComparisonOperator']} is for anomaly detection models only.")
    metric_key(request["Namespace"], request["MetricName"], request.get("Dimensions", []), code="ValidationError")
    _check_span(request["Period"], request["EvaluationPeriods"])


def _check_span(period_s: int, periods: int) -> None:
    if period_s not in (10, 20, 30) and (period_s <= 0 or period_s % 60):
        raise refused("Period must be 10, 20, 30 or a multiple of 60.")
    most_s = 7 * _DAY_S if period_s >= 3600 else _DAY_S
    if period_s * periods > most_s:
        raise refused(f"Metrics cannot be checked across more than {'a day' if most_s == _DAY_S else 'seven days'} "
                      "(EvaluationPeriods * Period must be <= "
                      f"{most_s}).")
