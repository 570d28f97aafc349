"""A heartbeat outside: each tick puts a metric into CloudWatch, and an alarm there goes off when it stays away.

What runs in Airflow cannot tell that Airflow is down. The alarm is declared here and kept as declared; one of the same
name that is not ours is left alone.
"""

import math
from collections.abc import Mapping
from typing import Any

import structlog

from watchbill.model.failures import WatchbillError
from watchbill.model.settings import HeartbeatSettings, Settings

NAMESPACE, METRIC = "Watchbill", "heartbeat"
OURS = "Declared by Watchbill"  # in the description, which DescribeAlarms shows; tags would take another permission
_DAY_S = 86_400

log = structlog.get_logger("watchbill")


def beat(client: Any, heartbeat: HeartbeatSettings) -> None:
    """Puts the metric: one, at CloudWatch's own time. `client`: boto3's for CloudWatch."""
    datum = {"MetricName": METRIC, "Dimensions": _dimensions(heartbeat), "Value": 1.0, "Unit": "Count"}
    client.put_metric_data(Namespace=NAMESPACE, MetricData=[datum])


def alarm(settings: Settings, heartbeat: HeartbeatSettings) -> dict[str, Any]:
    """The alarm as PutMetricAlarm takes it: it goes off when as many ticks as `dead_man.intervals` had no beat."""
    period_s = max(60, math.ceil(settings.tick.total_seconds() / 60) * 60)
    periods = max(1, min(settings.dead_man.intervals, (_DAY_S if period_s < 3600 else 7 * _DAY_S) // period_s))
    return {
        "AlarmName": f"{heartbeat.deployment}-heartbeat",
        "AlarmDescription": f"{OURS}: no tick of {heartbeat.deployment} came through. Is Airflow's scheduler alive? "
                            "While it is not, nothing is collected, judged or told.",
        "Namespace": NAMESPACE, "MetricName": METRIC, "Dimensions": _dimensions(heartbeat), "Statistic": "SampleCount",
        "Period": period_s, "EvaluationPeriods": periods, "DatapointsToAlarm": periods, "Threshold": 1.0,
        "ComparisonOperator": "LessThanThreshold", "TreatMissingData": "breaching", "ActionsEnabled": True,
        "AlarmActions": [heartbeat.topic_arn], "OKActions": [heartbeat.topic_arn], "InsufficientDataActions": [],
    }


def sync_alarm(client: Any, wanted: Mapping[str, Any]) -> str:
    """Makes the alarm as declared: create, update or unchanged. Raises WatchbillError for one that is not ours."""
    name = wanted["AlarmName"]
    found = client.describe_alarms(AlarmNames=[name], AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    there = next(iter([*found.get("MetricAlarms", []), *found.get("CompositeAlarms", [])]), None)
    if there is not None and not str(there.get("AlarmDescription", "")).startswith(OURS):
        raise WatchbillError(f"CloudWatch has an alarm {name!r} that is not Watchbill's: rename it, or write another "
                             "`heartbeat.deployment` into watchbill.yaml")
    differs = {} if there is None else {key: there.get(key) for key in wanted if there.get(key) != wanted[key]}
    action = "create" if there is None else "update" if differs else "unchanged"
    if action != "unchanged":
        client.put_metric_alarm(**wanted)
    log.info("heartbeat_alarm_synced", alarm=name, action=action, differed=sorted(differs))
    return action


def _dimensions(heartbeat: HeartbeatSettings) -> list[dict[str, str]]:
    return [{"Name": "deployment", "Value": heartbeat.deployment}]
