"""What an alarm that moved tells the SNS topics of its actions, in CloudWatch's own JSON."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from sandbox.cloudwatch.alarm import Alarm

_ACTIONS = {"ALARM": "AlarmActions", "OK": "OKActions", "INSUFFICIENT_DATA": "InsufficientDataActions"}


def take_notes(alarm: Alarm, account: str, region: str) -> Iterator[dict[str, Any]]:
    """{topic_arn, subject, message}, one for each topic and each move that nobody was told of; once."""
    while alarm.untold:
        before, state = alarm.untold.pop(0)
        for topic in alarm.given.get(_ACTIONS[state], []) if alarm.given.get("ActionsEnabled", True) else ():
            yield {"topic_arn": topic, "subject": f'{state}: "{alarm.given["AlarmName"]}" in {region}'[:99],
                   "message": json.dumps(_message(alarm, before, state, account, region))}


def _message(alarm: Alarm, before: str, state: str, account: str, region: str) -> dict[str, Any]:
    trigger = ("MetricName", "Namespace", "Period", "EvaluationPeriods", "Threshold", "ComparisonOperator")
    return {
        "AlarmName": alarm.given["AlarmName"], "AlarmDescription": alarm.given.get("AlarmDescription"),
        "AWSAccountId": account, "NewStateValue": state, "NewStateReason": alarm.reason,
        "StateChangeTime": datetime.fromtimestamp(alarm.state_at, UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000"),
        "Region": region, "AlarmArn": alarm.described(account, region)["AlarmArn"], "OldStateValue": before,
        "Trigger": {name: alarm.given[name] for name in trigger if name in alarm.given},
    }
