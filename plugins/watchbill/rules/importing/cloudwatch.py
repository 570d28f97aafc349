"""CloudWatch's alarms, as DescribeAlarms tells them, one by one into rules.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricAlarm.html
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from watchbill.model.series import EXPRESSION
from watchbill.model.windows import format_duration
from watchbill.rules.importing.imported import Imported, ImpossibleError, as_text, slug

_SIGNS = {"GreaterThanThreshold": ">", "GreaterThanOrEqualToThreshold": ">=", "LessThanThreshold": "<",
          "LessThanOrEqualToThreshold": "<="}
_KEPT_ACTIONS = ("arn:aws:sns:", "arn:aws-cn:sns:", "arn:aws-us-gov:sns:")
Alarm = Mapping[str, Any]


def imported(answer: Any) -> list[Imported]:
    """`{"MetricAlarms": […], "CompositeAlarms": […]}`, or a list of metric alarms. Raises ValueError for others."""
    if isinstance(answer, list):
        answer = {"MetricAlarms": answer}
    if not isinstance(answer, dict) or not {"MetricAlarms", "CompositeAlarms"} & answer.keys():
        raise ValueError("this is no answer of DescribeAlarms: MetricAlarms are missing")
    alarms = [_imported(alarm) for alarm in answer.get("MetricAlarms", [])]
    return alarms + [_composite(alarm) for alarm in answer.get("CompositeAlarms", [])]


def _composite(alarm: Alarm) -> Imported:
    return Imported(str(alarm.get("AlarmName")), impossible="is composed of other alarms: let an inhibit rule of "
                    f"alerting.yaml keep the effects quiet, or watch its rule by hand: {alarm.get('AlarmRule', '')}")


def _imported(alarm: Alarm) -> Imported:
    found = Imported(str(alarm.get("AlarmName")))
    try:
        sign = _sign(alarm)
        period_s, condition = _judged(alarm, found)
    except ImpossibleError as error:
        found.impossible = str(error)
        return found
    period = format_duration(timedelta(seconds=period_s))
    found.interval = period
    condition |= {"period": period, "window": period, "aggregate": "last", "comparison": sign,
                  "threshold": alarm["Threshold"]}
    rule: dict[str, Any] = {"alert": found.name, "condition": condition}
    lasting_s = (_in_a_row(alarm, found) - 1) * period_s
    if lasting_s:
        rule["for"] = format_duration(timedelta(seconds=lasting_s))
    rule["treat_missing_data"] = alarm.get("TreatMissingData", "missing")
    if alarm.get("AlarmDescription"):
        rule["annotations"] = {"description": as_text(str(alarm["AlarmDescription"]))}
    _tell_the_rest(alarm, found)
    found.rules.append(rule)
    return found


def _sign(alarm: Alarm) -> str:
    given = str(alarm.get("ComparisonOperator"))
    if given not in _SIGNS or alarm.get("ThresholdMetricId"):
        raise ImpossibleError("compares with a band of anomalies, which CloudWatch alone can compute")
    return _SIGNS[given]


def _in_a_row(alarm: Alarm, found: Imported) -> int:
    """How many datapoints must breach one after the other."""
    of = int(alarm.get("EvaluationPeriods", 1))
    needed = int(alarm.get("DatapointsToAlarm") or of)
    if needed < of:
        found.lost.append(f"fires when {needed} datapoints in a row breach, not {needed} of {of}")
    return needed


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


def _tell_the_rest(alarm: Alarm, found: Imported) -> None:
    if alarm.get("EvaluateLowSampleCountPercentile") == "ignore":
        found.lost.append("judges percentiles of few samples too")
    if alarm.get("ActionsEnabled") is False:
        found.lost.append("its actions are switched off: the rule tells all the same, unless a silence keeps it quiet")
    kinds = ("AlarmActions", "OKActions", "InsufficientDataActions")
    actions = list(dict.fromkeys(one for kind in kinds for one in alarm.get(kind) or ()))
    told = [one for one in actions if one.startswith(_KEPT_ACTIONS)]
    if told:
        found.notes.append(f"tells {', '.join(told)}: give a receiver of alerting.yaml that topic")
    others = [one for one in actions if one not in told]
    if others:
        found.lost.append(f"does not do {', '.join(others)}: keep the alarm for that")
