"""One alarm: as it was put, and the state that it is in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Alarm:
    kind: str  # MetricAlarm | CompositeAlarm
    given: Mapping[str, Any]  # the members of the request
    tags: Mapping[str, str]
    updated_at: float  # epoch seconds
    state_at: float
    state: str = "INSUFFICIENT_DATA"
    reason: str = "Unchecked: Initial alarm creation"
    untold: list[tuple[str, str]] = field(default_factory=list)  # moves, from and to, whose actions are to be done

    def move(self, state: str, reason: str, at: float) -> None:
        if state != self.state:
            self.untold.append((self.state, state))
        self.state, self.reason, self.state_at = state, reason, at

    def described(self, account: str, region: str) -> dict[str, Any]:
        """As DescribeAlarms tells it."""
        lists = {name: list(self.given.get(name, [])) for name in
                 ("OKActions", "AlarmActions", "InsufficientDataActions")}
        dimensions = {"Dimensions": self.given.get("Dimensions", [])} if "MetricName" in self.given else {}
        return {
            "ActionsEnabled": True, **self.given, **lists, **dimensions,
            "AlarmArn": f"arn:aws:cloudwatch:{region}:{account}:alarm:{self.given['AlarmName']}",
            "AlarmConfigurationUpdatedTimestamp": self.updated_at, "StateValue": self.state,
            "StateReason": self.reason, "StateUpdatedTimestamp": self.state_at,
            "StateTransitionedTimestamp": self.state_at,
        }
