"""Alarms of a region: put, described, deleted and set by hand, as checked as the vendor checks them.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html. An alarm on one metric is
judged (alarm_state.py); one on metric math, and a composite one, is kept as it was put and stays as it was set.
"""

import re
from collections.abc import Mapping
from typing import Any

from sandbox.cloudwatch import alarm_rules
from sandbox.cloudwatch.alarm import Alarm
from sandbox.cloudwatch.alarm_state import judged
from sandbox.cloudwatch.errors import Refused, invalid
from sandbox.cloudwatch.pages import place, token
from sandbox.cloudwatch.store import Store

PAGE, MOST_DELETED = 50, 100
KINDS = {"MetricAlarm": "MetricAlarms", "CompositeAlarm": "CompositeAlarms"}
_STATES = ("OK", "ALARM", "INSUFFICIENT_DATA")


def put_metric_alarm(store: Store, request: Mapping[str, Any], now: float) -> dict[str, Any]:
    """Creates an alarm, in INSUFFICIENT_DATA, or replaces all of it but its state."""
    alarm_rules.check(request, store.region)
    _keep(store, "MetricAlarm", request, now)
    return {}


def put_composite_alarm(store: Store, request: Mapping[str, Any], now: float) -> dict[str, Any]:
    alarm_rules.check_actions(request, store.region)
    named = set(re.findall(r"(?:ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*\"?([^\")]+?)\"?\s*\)", request["AlarmRule"]))
    lacking = sorted(named - store.alarms.keys())
    if lacking:
        raise alarm_rules.refused(f"Could not save the composite alarm as alarms [{', '.join(lacking)}] in the alarm "
                                  "rule do not exist")
    _keep(store, "CompositeAlarm", request, now)
    return {}


def _keep(store: Store, kind: str, request: Mapping[str, Any], now: float) -> None:
    given = {name: value for name, value in request.items() if name != "Tags"}
    known = store.alarms.get(request["AlarmName"])
    if known is not None and known.kind == kind:
        known.given, known.updated_at = given, now
        return
    tags = {tag["Key"]: tag["Value"] for tag in request.get("Tags", [])}  # of a new one only, as at the vendor
    store.alarms[request["AlarmName"]] = Alarm(kind, given, tags, updated_at=now, state_at=now)


def describe_alarms(store: Store, request: Mapping[str, Any], now: float) -> dict[str, Any]:
    """In order of their names. Metric alarms alone, where no type is named."""
    after = place(request, Refused("InvalidNextToken", "The NextToken is invalid."))
    if "AlarmNames" in request and "AlarmNamePrefix" in request:
        raise Refused("InvalidParameterCombination",
                      "The parameters AlarmNames and AlarmNamePrefix are mutually exclusive.")
    if len(request.get("AlarmNames", [])) > 100 or not 1 <= request.get("MaxRecords", PAGE) <= 100:
        raise alarm_rules.refused("At most 100 alarms can be asked for.")
    evaluate(store, now)
    names = [name for name, alarm in sorted(store.alarms.items()) if _is_asked_for(name, alarm, request)]
    left = [name for name in names if name > (after or "")]
    page = left[:request.get("MaxRecords", PAGE)]
    answer: dict[str, Any] = {member: [store.alarms[name].described(store.account, store.region) for name in page
                                       if store.alarms[name].kind == kind] for kind, member in KINDS.items()}
    if len(left) > len(page):
        answer["NextToken"] = token(request, page[-1])
    return answer


def _is_asked_for(name: str, alarm: Alarm, request: Mapping[str, Any]) -> bool:
    actions = [one for kind in alarm_rules.ACTIONS for one in alarm.given.get(kind, [])]
    return (alarm.kind in request.get("AlarmTypes", ["MetricAlarm"])
            and ("AlarmNames" not in request or name in request["AlarmNames"])
            and name.startswith(request.get("AlarmNamePrefix", ""))
            and request.get("StateValue", alarm.state) == alarm.state
            and ("ActionPrefix" not in request or any(one.startswith(request["ActionPrefix"]) for one in actions)))


def delete_alarms(store: Store, request: Mapping[str, Any], now: float) -> dict[str, Any]:  # noqa: ARG001
    """All of them or, where one is missing, none."""
    names = request["AlarmNames"]
    if not 0 < len(names) <= MOST_DELETED:
        raise invalid(f"The collection AlarmNames must have a size between 1 and {MOST_DELETED}.")
    if any(name not in store.alarms for name in names):
        raise Refused("ResourceNotFound", "", 404)
    for name in names:
        store.alarms.pop(name, None)
    return {}


def set_alarm_state(store: Store, request: Mapping[str, Any], now: float) -> dict[str, Any]:
    """Until it is judged again."""
    alarm = store.alarms.get(request["AlarmName"])
    if alarm is None:
        raise Refused("ResourceNotFound", "Unknown", 404)
    if request["StateValue"] not in _STATES:
        raise alarm_rules.enum_refused("stateValue", request["StateValue"], _STATES)
    alarm.move(request["StateValue"], request["StateReason"], now)
    return {}


def list_tags_for_resource(store: Store, request: Mapping[str, Any], now: float) -> dict[str, Any]:  # noqa: ARG001
    name = request["ResourceARN"].rpartition(":alarm:")[2]
    if name not in store.alarms:
        raise Refused("ResourceNotFoundException", f"Unknown resource {request['ResourceARN']}", 404)
    return {"Tags": [{"Key": key, "Value": value} for key, value in store.alarms[name].tags.items()]}


def evaluate(store: Store, now: float) -> None:
    """Judges every alarm on one metric, and moves it."""
    for alarm in list(store.alarms.values()):
        found = judged(alarm, store.metrics, now) if alarm.kind == "MetricAlarm" else None
        if found and found[0] != alarm.state:
            alarm.move(*found, now)
