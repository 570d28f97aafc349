"""A deployment in small: a lake on disk, a rule, four channels of a receiver, and what Airflow's tasks do at a tick."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa

from sandbox import credentials
from watchbill.alerts.ledger import Ledger
from watchbill.flows.coverage import mark_collected
from watchbill.flows.deliver_notifications import Send, deliver_notifications
from watchbill.flows.dispatch_notifications import dispatch_notifications
from watchbill.flows.evaluate_rules import evaluate_rules
from watchbill.lake.lake import Lake
from watchbill.model.alerting import Alerting
from watchbill.model.rules import RuleGroup
from watchbill.model.series import Series
from watchbill.model.settings import Settings
from watchbill.model.windows import Window, floor_time
from watchbill.sources.fetched import POINTS

START = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
TICK = 5 * MINUTE
SLACK, MAIL, TOPIC, FIFO = TARGETS = (
    "#alerts", "oncall@example.com", credentials.SNS_TOPIC_ARN, credentials.SNS_FIFO_TOPIC_ARN)

RECEIVER = "on-call"

_SETTINGS = Settings.model_validate({"sources": {"cloudwatch": {"delay": "0s"}}})
_RULES = [RuleGroup.model_validate({"name": "shop", "rules": [{
    "alert": "Errors",
    "condition": {"source": "cloudwatch", "namespace": "shop", "metric": "errors", "statistic": "Sum",
                  "window": "5m", "aggregate": "sum", "comparison": ">", "threshold": 10},
    "labels": {"severity": "critical"},
    "annotations": {"summary": "{{ labels.service }} has errors"},
}]})]
_ALERTING = Alerting.model_validate({
    "global": {"smtp_from": credentials.SES_SENDER},
    "route": {"receiver": RECEIVER, "group_by": ["service"], "group_wait": "0s", "repeat_interval": "24h"},
    "receivers": [{
        "name": RECEIVER,
        "slack_configs": [{"channel": SLACK, "send_resolved": True}],
        "email_configs": [{"to": MAIL, "send_resolved": True}],
        "sns_configs": [{"topic_arn": TOPIC}, {"topic_arn": FIFO}],
    }],
})


@dataclass(frozen=True)
class Deployment:
    """Where its parts are; every process opens them for itself."""

    lake: Path
    ledger: str
    sandbox: str
    aws: str

    def collect(self, services: Collection[str], failing: Collection[str], end: datetime) -> None:
        """What a source brings for the tick that ends then."""
        window, minutes = Window(end - TICK, end), range(TICK // MINUTE)
        rows = [(_series(service).key, window.start + minute * MINUTE, 40.0 if service in failing else 0.0)
                for service in services for minute in minutes]
        points = pa.table([pa.array(column, field.type) for column, field in
                           zip(zip(*rows, strict=True), POINTS, strict=True)], schema=POINTS)
        lake = self._lake()
        lake.write("cloudwatch", window, 0, points, [_series(service) for service in services], collected_at=end)
        mark_collected("cloudwatch", window, lake, now=end)

    def work(self, send: Send, now: datetime, holder: str) -> None:
        """Evaluation, dispatch and delivery, of what is due then; `holder`: the task instance, whichever try."""
        ledger = Ledger.open(self.ledger)
        evaluate_rules(_RULES, _SETTINGS, self._lake(), ledger, at=floor_time(now, int(TICK.total_seconds())), now=now)
        dispatch_notifications(_ALERTING, ledger, now=now, tick=TICK)
        deliver_notifications(ledger, RECEIVER, send, now=now, holder=holder)  # a task that is tried again asks nobody
        ledger.close()

    def _lake(self) -> Lake:
        return Lake.open(str(self.lake), home=self.lake)


def _series(service: str) -> Series:
    return Series("cloudwatch", "123456789012", "eu-west-1", "shop", "errors", "Sum", 60, (("service", service),))
