"""What a run says of itself: read from the log, the ledger and the clouds, and checked against them."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sandbox.slack.store import Message
from sandbox.stack.summary import Summary
from watchbill.alerts.ledger import Ledger
from watchbill.declare.load import load_alerting
from watchbill.flows.deliver_notifications import deliver_notifications
from watchbill.flows.send_alert import resolve_alert, send_alert
from watchbill.model.alerts import Alert, Answer, Notification

ROOT = Path(__file__).resolve().parents[3]
NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
LABELS = {"alertname": "HighErrorRate", "severity": "critical", "service": "checkout"}
EVENTS: list[dict[str, Any]] = [
    {"event": "metrics_collected", "source": "cloudwatch", "points": 20, "calls": 9},
    {"event": "metrics_collected", "source": "cloudwatch", "points": 21, "calls": 8},
    {"event": "metrics_collected", "source": "datadog", "points": 18, "calls": 1},
    {"event": "backfill_verified", "source": "cloudwatch", "points": 720, "calls": 2},
    {"event": "backfill_verified", "source": "datadog", "points": 720, "calls": 2},
    {"event": "rules_evaluated", "at": "12:00", "rules": 3, "evaluations": 3},
    {"event": "rules_evaluated", "at": "12:01", "rules": 2, "evaluations": 4},
    *({"event": "dashboard_synced", "cloud": cloud, "dashboard": "machine", "action": action, "url": f"https://{cloud}"}
      for action in ("create", "unchanged") for cloud in ("cloudwatch", "datadog")),
]


def answer(notification: Notification) -> Answer:
    return {"id": f"{notification.channel.kind} {notification.status}"}


class FakeStack:
    """A run's traces, as files, messages and rows; nothing runs."""

    def __init__(self, folder: Path, events: list[dict[str, Any]] = EVENTS) -> None:
        self.folder = folder
        log = folder / "airflow" / "logs" / "dag_id=any" / "attempt=1.log"
        log.parent.mkdir(parents=True)
        lines = [{"timestamp": f"{number:04}", "logger": "watchbill", **event} for number, event in enumerate(events)]
        log.write_text("\n".join(["a line of Airflow's own", *(json.dumps(line) for line in lines)]))
        self.slack = [Message("C0SANDALERT", f"{number}", f"[{status}] HighErrorRate", [], [])
                      for number, status in enumerate(("FIRING", "RESOLVED"))]
        self.mail = [{"subject": f"[{status}] HighErrorRate"} for status in ("FIRING", "RESOLVED")]
        self.sns = [{"message": json.dumps({"status": status, "alertname": "HighErrorRate"})}
                    for status in ("firing", "resolved")]
        self.sandbox = SimpleNamespace(
            url="http://127.0.0.1:8090", slack=SimpleNamespace(messages=self.slack),
            aws=SimpleNamespace(mail=SimpleNamespace(all=lambda: self.mail),
                                topics=SimpleNamespace(all=lambda: self.sns)))
        self.dag_runs = [{"dag_id": "collect_cloudwatch", "dag_run_id": "scheduled__1", "state": "success"}]
        self.api = SimpleNamespace(url="http://127.0.0.1:8080", runs=lambda: self.dag_runs)

    def ledger(self) -> Ledger:
        return Ledger.open(f"sqlite:///{self.folder / 'ledger.db'}")


@pytest.fixture
def stack(tmp_path: Path) -> FakeStack:
    return FakeStack(tmp_path)


def filled() -> Summary:
    return Summary(runs={"backfill_metrics manual__1": "success"}, seconds_to_first_alert=41.5, seconds=150.25,
                   peak_memory_bytes=2**30)


def test_the_summary_has_points_alerts_answers_dashboards_and_times(stack: FakeStack):
    alerting, ledger = load_alerting(ROOT / "include", {}), stack.ledger()
    ledger.migrate()
    send_alert(Alert(LABELS, NOW), ledger, alerting, now=NOW)
    deliver_notifications(ledger, "on-call", answer, now=NOW)
    resolve_alert(LABELS, ledger, alerting, now=NOW.replace(minute=2))
    deliver_notifications(ledger, "on-call", answer, now=NOW.replace(minute=2))
    summary = filled()
    summary.check(stack)

    found = json.loads(json.dumps(summary.to_json()))
    notifications = found["alerts"][0].pop("notifications")
    assert {name: value for name, value in found.items() if name != "checks"} == {
        "sources": {
            "cloudwatch": {"points": 41, "calls": 17, "windows": 2, "backfilled_points": 720},
            "datadog": {"points": 18, "calls": 1, "windows": 1, "backfilled_points": 720},
        },
        "rules": {"rules": 3, "evaluated": 7},
        "alerts": [{"alertname": "HighErrorRate", "labels": LABELS, "status": "resolved"}],
        "dashboards": {
            cloud: [{"dashboard": "machine", "actions": ["create", "unchanged"], "url": f"https://{cloud}"}]
            for cloud in ("cloudwatch", "datadog")
        },
        "runs": {"backfill_metrics manual__1": "success"},
        "failed_runs": [],
        "addresses": {
            "Airflow": "http://127.0.0.1:8080", "the small cloud": "http://127.0.0.1:8090/_sandbox/calls",
            "Slack's messages": "http://127.0.0.1:8090/_sandbox/slack/messages",
            "mail": "http://127.0.0.1:8090/_sandbox/mail", "SNS": "http://127.0.0.1:8090/_sandbox/sns",
        },
        "seconds_to_first_alert": 41.5,
        "seconds": 150.25,
        "peak_memory_bytes": 2**30,
        "passed": True,
    }
    assert set(found["checks"].values()) == {True}
    targets = {"slack": "#alerts", "email": "oncall@example.com",
               "sns": "arn:aws:sns:eu-west-1:123456789012:watchbill-alerts"}
    assert sorted(notifications, key=lambda each: (each["reason"], each["channel"])) == [
        {"receiver": "on-call", "channel": channel, "target": targets[channel], "status": "sent", "reason": reason,
         "answer": {"id": f"{channel} {status}"}}
        for reason, status in (("new", "firing"), ("resolved", "resolved")) for channel in ("email", "slack", "sns")]
    text = summary.text()
    assert "  cloudwatch: 41 points in 2 windows with 17 calls, 720 more by backfill" in text
    assert "First alert after 41.5 s, all after 150.25 s, 1024 MiB at the peak" in text


def failed(summary: Summary, stack: FakeStack) -> list[str]:
    stack.ledger().migrate()
    summary.check(stack)
    return [name for name, passed in summary.checks.items() if not passed]


def test_all_checks_pass_when_all_of_it_happened(stack: FakeStack):
    summary = filled()
    assert failed(summary, stack) == []
    assert summary.passed


def test_a_summary_that_was_never_checked_has_not_passed():
    assert not Summary().passed


def without(**fields: object) -> list[dict[str, Any]]:
    return [event for event in EVENTS if not fields.items() <= event.items()]


@pytest.mark.parametrize(("events", "names"), [
    (without(event="metrics_collected", source="datadog"), ["datadog was collected"]),
    (without(source="datadog"), ["both sources were collected"]),
    (without(event="backfill_verified", source="cloudwatch"), ["both sources were backfilled"]),
    (without(event="rules_evaluated"), ["rules were judged"]),
    (without(cloud="datadog"), ["the dashboards on datadog were created once and then left alone"]),
    (without(cloud="cloudwatch", action="unchanged"),
     ["the dashboards on cloudwatch were created once and then left alone"]),
    ([*EVENTS, {"event": "dashboard_synced", "cloud": "datadog", "dashboard": "machine", "action": "update"}],
     ["the dashboards on datadog were created once and then left alone"]),
])
def test_what_did_not_happen_fails_its_check(tmp_path: Path, events: list[dict[str, Any]], names: list[str]):
    assert failed(filled(), FakeStack(tmp_path, events)) == names


@pytest.mark.parametrize("channel", ["slack", "email", "sns"])
@pytest.mark.parametrize("change", [list.pop, lambda told: told.append(told[-1]), list.reverse])
def test_a_message_that_is_missing_doubled_or_out_of_order_fails_its_channel(
        stack: FakeStack, channel: str, change: Callable[[list[Any]], object]):
    change({"slack": stack.slack, "email": stack.mail, "sns": stack.sns}[channel])
    assert failed(filled(), stack) == [f"{channel} got one firing and one resolved message"]


def test_a_run_that_failed_is_named_and_fails_the_summary(stack: FakeStack):
    stack.dag_runs.append({"dag_id": "tend_lake", "dag_run_id": "scheduled__2", "state": "failed"})
    summary = filled()
    assert failed(summary, stack) == ["no DAG run failed"]
    assert summary.to_json()["failed_runs"] == ["tend_lake scheduled__2"]
    assert not summary.passed


def test_a_run_by_hand_that_failed_fails_the_summary(stack: FakeStack):
    assert failed(Summary(runs={"sync_dashboards manual__1": "failed"}), stack) == ["every run by hand succeeded"]


def test_a_run_that_nobody_started_fails_the_summary(stack: FakeStack):
    assert failed(Summary(), stack) == ["every run by hand succeeded"]
