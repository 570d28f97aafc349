"""What an alarm of CloudWatch does besides judging: notes, and what no rule does."""

from collections.abc import Mapping
from typing import Any

from watchbill.rules.importing.imported import Imported

_KEPT_ACTIONS = ("arn:aws:sns:", "arn:aws-cn:sns:", "arn:aws-us-gov:sns:")


def tell_the_rest(alarm: Mapping[str, Any], found: Imported) -> None:
    """Into `found`."""
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
