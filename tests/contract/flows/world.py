"""A small world for the flows: a lake of one metric, two channels that answer, and a clock that we turn."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from watchbill.alerts.ledger import Ledger
from watchbill.flows.deliver_notifications import Delivered, deliver_notifications
from watchbill.flows.dispatch_notifications import dispatch_notifications
from watchbill.flows.evaluate_rules import Evaluated, evaluate_rules
from watchbill.lake.series_table import as_table
from watchbill.model.alerting import Alerting
from watchbill.model.alerts import Answer, Notification
from watchbill.model.failures import LakeError
from watchbill.model.rules import RuleGroup
from watchbill.model.series import Series
from watchbill.model.settings import Settings
from watchbill.model.windows import Window

START = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
TICK = 5 * MINUTE

ALERTING: dict[str, Any] = {
    "route": {"receiver": "ops", "group_by": ["alertname"], "routes": [
        {"matchers": ['severity="info"'], "receiver": "quiet"},
    ]},
    "receivers": [
        {"name": "ops", "slack_configs": [{"channel": "#alerts", "send_resolved": True}],
         "sns_configs": [{"topic_arn": "arn:aws:sns:eu-west-1:123456789012:watchbill-alerts"}]},
        {"name": "quiet", "slack_configs": [{"channel": "#ops"}]},
    ],
}


def errors_rule(**changes: Any) -> dict[str, Any]:
    return {
        "alert": "Errors",
        "condition": {"source": "cloudwatch", "namespace": "shop", "metric": "errors", "statistic": "Sum",
                      "window": "5m", "aggregate": "sum", "comparison": ">", "threshold": 10},
        "labels": {"severity": "critical"},
        "annotations": {"summary": "{{ labels.service }} has errors"},
        **changes,
    }


def series(service: str, metric: str = "errors") -> Series:
    return Series("cloudwatch", "123456789012", "eu-west-1", "shop", metric, "Sum", 60, (("service", service),))


class FakeLake:
    """Answers as the lake does, from memory; `broken` metrics cannot be read."""

    def __init__(self) -> None:
        self.points_of: dict[Series, dict[datetime, float]] = {}
        self.broken: set[str] = set()
        self.uncollected: list[Window] = []  # ticks that the source did not bring
        self.reads = 0
        self.before_read: Callable[[], None] = lambda: None

    def put(self, service: str, minute: int, value: float, metric: str = "errors", minutes: int = 5) -> None:
        """The same value for each of so many minutes from START + minute."""
        stamps = [START + (minute + step) * MINUTE for step in range(minutes)]
        self.points_of.setdefault(series(service, metric), {}).update(dict.fromkeys(stamps, value))

    def series_rows(self, source: str) -> pa.Table:
        return as_table([one for one in self.points_of if one.source == source])

    def coverage(self, source: str, window: Window, share: str) -> list[Window]:
        holes = {edge for hole in self.uncollected for edge in (hole.start, hole.end)}
        edges = sorted({window.start, window.end} | holes)
        return [Window(start, end) for start, end in itertools.pairwise(edges)
                if window.start <= start and end <= window.end
                and not any(hole.start <= start and end <= hole.end for hole in self.uncollected)]

    def points(self, source: str, keys: Sequence[int], window: Window) -> pa.Table:
        return self.read([one for one in self.points_of if one.source == source and one.key in keys], window)

    def read(self, wanted: Sequence[Series], window: Window) -> pa.Table:
        self.reads += 1
        self.before_read()
        if self.broken & {one.metric for one in wanted}:
            raise LakeError("a file cannot be read")
        rows = [(one.key, at, value) for one in wanted for at, value in sorted(self.points_of[one].items())
                if window.start <= at < window.end]
        found, stamps, values = zip(*rows, strict=True) if rows else ((), (), ())
        return pa.table({"series": pa.array(found, pa.int64()),
                         "timestamp": pa.array(stamps, pa.timestamp("ms", "UTC")),
                         "value": pa.array(values, pa.float64())})


@dataclass
class Vendor:
    """Takes every notification, unless an error waits for its target."""

    taken: list[Notification] = field(default_factory=list)
    errors: dict[str, list[Exception]] = field(default_factory=dict)

    def send(self, notification: Notification) -> Answer:
        waiting = self.errors.get(notification.channel.target, [])
        if waiting:
            raise waiting.pop(0)
        self.taken.append(notification)
        return {"ts": f"{len(self.taken)}.0"}

    def heard(self, target: str) -> list[tuple[str, list[str], list[str]]]:
        """(status, firing, resolved) by service, of each notification to the target."""
        return [(one.status,
                 sorted(a.labels.get("service", "") for a in one.alerts if a.status == "firing"),
                 sorted(a.labels.get("service", "") for a in one.alerts if a.status == "resolved"))
                for one in self.taken if one.channel.target == target]


class World:
    def __init__(self, ledger: Ledger, *rules: dict[str, Any], alerting: dict[str, Any] | None = None,
                 interval: str | None = None) -> None:
        self.ledger, self.lake, self.vendor = ledger, FakeLake(), Vendor()
        self.alerting = Alerting.model_validate(alerting or ALERTING)
        self.settings = Settings.model_validate({"sources": {"cloudwatch": {"delay": "0s"}}})
        self.groups = [RuleGroup.model_validate(
            {"name": "shop", "rules": list(rules) or [errors_rule()], "interval": interval})]

    def evaluate(self, minute: float, **options: Any) -> Evaluated:
        at = START + minute * MINUTE
        return evaluate_rules(self.groups, self.settings, self.lake, self.ledger,  # type: ignore[arg-type]
                              at=at, now=at + timedelta(seconds=7), **options)

    def fail(self, minute: float) -> None:
        """The source does not bring the tick that ends then."""
        at = START + minute * MINUTE
        self.lake.uncollected.append(Window(at - TICK, at))

    def dispatch(self, minute: float) -> list[str]:
        now = START + minute * MINUTE + timedelta(seconds=8)
        return dispatch_notifications(self.alerting, self.ledger, now=now, tick=TICK)

    def deliver(self, minute: float, holder: str = "") -> list[Delivered]:
        now = START + minute * MINUTE + timedelta(seconds=9)
        names = ["ops"] if holder else self.ledger.due_receivers(now)
        return [deliver_notifications(self.ledger, name, self.vendor.send, now=now, holder=holder) for name in names]

    def tick(self, minute: float) -> list[Delivered]:
        self.evaluate(minute)
        self.dispatch(minute)
        return self.deliver(minute)

    def firing(self) -> list[str]:
        return sorted(one.alert.labels["service"] for one in self.ledger.alerts(["firing"]))
