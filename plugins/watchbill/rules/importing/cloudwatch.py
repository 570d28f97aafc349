"""CloudWatch's alarms, as DescribeAlarms tells them, one by one into rules.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricAlarm.html
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from watchbill.model.series import EXPRESSION
from watchbill.model.windows import format_duration
from watchbill.rules.importing.cloudwatch_actions import tell_the_rest
from watchbill.rules.importing.cloudwatch_composites import composites
from watchbill.rules.importing.imported import Imported, ImpossibleError, as_text, slug

_SIGNS = {"GreaterThanThreshold": ">", "GreaterThanOrEqualToThreshold": ">=", "LessThanThreshold": "<",
          "LessThanOrEqualToThreshold": "<="}
Alarm = Mapping[str, Any]


def imported(answer: Any) -> list[Imported]:
    """`{"MetricAlarms": […], "CompositeAlarms": […]}`, or a list of metric alarms. Raises ValueError for others."""
    if isinstance(answer, list):
        answer = {"MetricAlarms": answer}
    if not isinstance(answer, dict) or not {"MetricAlarms", "CompositeAlarms"} & answer.keys():
        raise ValueError("this is no answer of DescribeAlarms: MetricAlarms are missing")
    alarms = [_imported(alarm) for alarm in answer.get("MetricAlarms", [])]
    return alarms + composites(answer.get("CompositeAlarms", []), {one.name: one for one in alarms})


def _imported(alarm: Alarm) -> Imported:
    found = Imported(str(alarm.get("AlarmName")))
    try:
        sign = _sign(alarm)
        period_s, condition = _judged(alarm, found)
    except ImpossibleError as error:
        found.impossible = str(error)
        return found
    found.interval = format_duration(timedelta(seconds=period_s))
    of, needed = int(alarm.get("EvaluationPeriods", 1)), int(alarm.get("DatapointsToAlarm") or 0)
    condition = {"type": "datapoints", **condition, "period": found.interval, "evaluation_periods": of,
                 **({"datapoints_to_alarm": needed} if needed and needed != of else {}),
                 "comparison": sign, "threshold": alarm["Threshold"]}
    rule: dict[str, Any] = {"alert": found.name, "condition": condition}
    rule["treat_missing_data"] = alarm.get("TreatMissingData", "missing")
    if alarm.get("AlarmDescription"):
        rule["annotations"] = {"description": as_text(str(alarm["AlarmDescription"]))}
    tell_the_rest(alarm, found)
    found.rules.append(rule)
    return found


def _sign(alarm: Alarm) -> str:
    given = str(alarm.get("ComparisonOperator"))
    if given not in _SIGNS or alarm.get("ThresholdMetricId"):
        raise ImpossibleError("compares with a band of anomalies, which CloudWatch alone can compute")
    return _SIGNS[given]


def _judged(alarm: Alarm, found: Imported) -> tuple[int, dict[str, Any]]:
    """The period in seconds and what the condition reads."""
    if alarm.get("MetricName"):
        return _metric(alarm["Namespace"], alarm["MetricName"], alarm.get("ExtendedStatistic") or alarm["Statistic"],
                       alarm.get("Dimensions", ()), int(alarm["Period"]), alarm.get("Unit"), found)
    queries = alarm.get("Metrics") or []
    returned = [one for one in queries if one.get("ReturnData", True)]
    if len(returned) != 1:
        raise ImpossibleError("does not say which of its metrics is judged")
    if "MetricStat" in returned[0]:
        stat = returned[0]["MetricStat"]
        if returned[0].get("AccountId"):
            found.notes.append(f"reads account {returned[0]['AccountId']}: give its entry roles or linked_accounts")
        return _metric(stat["Metric"]["Namespace"], stat["Metric"]["MetricName"], stat["Stat"],
                       stat["Metric"].get("Dimensions", ()), int(stat["Period"]), stat.get("Unit"), found)
    return _expression(returned[0], queries, found)


def _metric(
    namespace: str, metric: str, statistic: str, given: Iterable[Mapping[str, str]], period_s: int, unit: str | None,
    found: Imported,
) -> tuple[int, dict[str, Any]]:
    dimensions = {one["Name"]: one["Value"] for one in given}
    if unit:
        found.lost.append(f"judges datapoints of every unit, not only of {unit}")
    of = {"dimensions": dimensions} if dimensions else {}
    if not dimensions:
        found.lost.append("judges every series of the metric that is collected, not only the one without dimensions")
    # Neighbours in other dimensions come with the same call, but each would then be an alert of its own.
    found.entry = {"name": slug(f"{namespace} {metric} {' '.join(dimensions.values())}"), "sources": "cloudwatch",
                   "namespace": namespace, "metrics": metric, "statistics": statistic, **of,
                   "period": format_duration(timedelta(seconds=period_s))}
    return period_s, {"source": "cloudwatch", "namespace": namespace, "metric": metric, "statistic": statistic, **of}


def _expression(judged: Mapping[str, Any], queries: Sequence[Mapping[str, Any]], found: Imported,
                ) -> tuple[int, dict[str, Any]]:
    """An entry that computes it, and a condition on what that is stored as."""
    by_id = {one["Id"]: one for one in queries}
    text = _whole_text(str(judged["Expression"]), by_id, ())
    if "ANOMALY_DETECTION_BAND" in text:
        raise ImpossibleError("computes a band of anomalies, which CloudWatch alone can compute")
    used = {name: one["MetricStat"] for name, one in by_id.items()
            if "MetricStat" in one and re.search(rf"\b{re.escape(name)}\b", text)}
    periods = {int(one["Period"]) for one in (*used.values(), judged) if one.get("Period")}
    if len(periods) > 1:
        found.lost.append(f"computes with datapoints of {max(periods)} s, not of {min(periods)} s too")
    period_s = max(periods, default=60)
    name = slug(found.name).replace("-", "_")
    found.entry = {"name": slug(found.name), "sources": "cloudwatch", "namespace": "imported", "metrics": name,
                   "expression": text, "period": format_duration(timedelta(seconds=period_s))}
    if used:
        found.entry["queries"] = {name: _query(one) for name, one in used.items()}
    return period_s, {"source": "cloudwatch", "namespace": "imported", "metric": name, "statistic": EXPRESSION}


def _query(stat: Mapping[str, Any]) -> dict[str, Any]:
    dimensions = {one["Name"]: one["Value"] for one in stat["Metric"].get("Dimensions", ())}
    return {"namespace": stat["Metric"]["Namespace"], "metric": stat["Metric"]["MetricName"], "statistic": stat["Stat"],
            **({"dimensions": dimensions} if dimensions else {})}


def _whole_text(text: str, by_id: Mapping[str, Mapping[str, Any]], within: tuple[str, ...]) -> str:
    """An expression in which other expressions stand in full."""
    def put(found: re.Match[str]) -> str:
        other = by_id.get(found[0], {})
        if "Expression" not in other or found[0] in within:
            return found[0]
        return f"({_whole_text(str(other['Expression']), by_id, (*within, found[0]))})"
    return re.sub(r"\b[a-z]\w*\b(?!\s*\()", put, text)
