"""watch_airflow's other half: what stopped is told, also where the ledger is away; then the heart beats."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sandbox.clients import cloudwatch_client
from sandbox.credentials import SNS_TOPIC_ARN
from sandbox.faults import Fault
from sandbox.server import Sandbox
from tests.on_airflow.running import Airflow

pytestmark = pytest.mark.server
TICK = timedelta(minutes=5)


@pytest.fixture(autouse=True)
def nobody_was_told(airflow: Airflow) -> None:
    from airflow.models import Variable

    Variable.delete("watchbill_ledger_away")


@pytest.fixture
def beating(airflow: Airflow, monkeypatch: pytest.MonkeyPatch) -> Airflow:
    monkeypatch.setenv("WATCHBILL__HEARTBEAT__TOPIC_ARN", SNS_TOPIC_ARN)
    return airflow


@pytest.fixture
def gauges(monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    """Airflow's metrics, as they would leave."""
    from airflow.sdk.observability import stats

    found: dict[str, float] = {}
    monkeypatch.setattr(stats, "gauge", lambda name, value: found.update({name: value}))
    monkeypatch.setattr(stats, "incr", lambda name, count: found.update({name: found.get(name, 0) + count}))
    return found


def texts(sandbox: Sandbox) -> list[str]:
    return [message.text.partition("\n")[0] for message in sandbox.slack.messages]


def look(airflow: Airflow, minutes: float) -> Any:
    now = datetime.now(UTC) + timedelta(minutes=minutes)
    airflow.set_clock(lambda: now)
    return airflow.run("watch_airflow", retries=0)


def beats(sandbox: Sandbox) -> int:
    return sandbox.faults.calls["cloudwatch", "PutMetricData"]


def test_a_collection_that_stopped_is_told_through_the_router(
        airflow: Airflow, sandbox: Sandbox, gauges: dict[str, float]):
    for minutes in range(0, 25, 5):
        assert look(airflow, minutes).state == "success"

    assert texts(sandbox) == ["[CRITICAL] 2 firing: WatchbillNotCollected"]
    firing = {state.alert.labels["source"] for state in airflow.ledger.alerts(["firing"])}
    assert firing == {"cloudwatch", "datadog"}
    assert {name: gauges[name] for name in ("watchbill.overdue", "watchbill.ledger.away", "watchbill.outbox.dead")} == {
        "watchbill.overdue": 2, "watchbill.ledger.away": 0, "watchbill.outbox.dead": 0}
    assert gauges["watchbill.notifications.sent"] > 0


def test_a_ledger_that_is_away_is_told_directly_once_and_its_return_too(
        beating: Airflow, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, gauges: dict[str, float]):
    right = look(beating, 0)
    assert right.tasks["watch_watchbill"] == "success"
    away = json.dumps({"conn_type": "postgres", "host": "127.0.0.1", "port": 1, "schema": "watchbill"})
    with monkeypatch.context() as patch:
        patch.setenv("AIRFLOW_CONN_WATCHBILL_LEDGER", away)
        for minutes in (5, 10):
            run = look(beating, minutes)
            assert run.error("watch_watchbill").startswith("LedgerError: the ledger refused")
        assert gauges["watchbill.ledger.away"] == 1
        assert texts(sandbox) == ["[CRITICAL] Watchbill's ledger is away: no alert can be told"]
        look(beating, 5 * 60)
        assert len(texts(sandbox)) == 2  # every four hours
    assert look(beating, 5 * 60 + 5).tasks["watch_watchbill"] == "success"
    assert [text.split()[0] for text in texts(sandbox)][:3] == ["[CRITICAL]", "[CRITICAL]", "[RESOLVED]"]
    assert beats(sandbox) == 5


def test_where_nobody_could_be_told_the_heart_does_not_beat(
        beating: Airflow, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch):
    away = json.dumps({"conn_type": "postgres", "host": "127.0.0.1", "port": 1, "schema": "watchbill"})
    sandbox.faults.add(Fault("slack", "chat.postMessage", status=500, times=None))
    with monkeypatch.context() as patch:
        patch.setenv("AIRFLOW_CONN_WATCHBILL_LEDGER", away)
        run = look(beating, 0)
    assert run.error("watch_watchbill").startswith("TransportError: ")
    assert beats(sandbox) == 0


def test_a_receiver_of_the_settings_is_told_directly_and_one_that_is_not_there_is_named(
        airflow: Airflow, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("AIRFLOW_CONN_WATCHBILL_LEDGER", json.dumps(
        {"conn_type": "postgres", "host": "127.0.0.1", "port": 1, "schema": "watchbill"}))
    monkeypatch.setenv("WATCHBILL__DEAD_MAN__RECEIVER", "nobody")
    assert "dead_man.receiver is 'nobody'" in look(airflow, 0).error("watch_watchbill")
    monkeypatch.setenv("WATCHBILL__DEAD_MAN__RECEIVER", "on-call")
    look(airflow, 1)
    assert [mail["subject"] for mail in sandbox.aws.mail.all()] == [
        "[CRITICAL] Watchbill's ledger is away: no alert can be told"]


def test_the_alarm_is_declared_and_the_metric_put_at_every_tick(beating: Airflow, sandbox: Sandbox):
    for minutes in (0, 5):
        assert look(beating, minutes).tasks["watch_watchbill"] == "success"

    [alarm] = cloudwatch_client(sandbox.url).describe_alarms()["MetricAlarms"]
    assert (alarm["AlarmName"], alarm["Period"], alarm["AlarmActions"]) == (
        "watchbill-heartbeat", 300, [SNS_TOPIC_ARN])
    assert (beats(sandbox), sandbox.faults.calls["cloudwatch", "PutMetricAlarm"]) == (2, 1)


def test_a_cloud_that_refuses_the_beat_fails_the_task_with_a_sentence(beating: Airflow, sandbox: Sandbox):
    sandbox.allow(["cloudwatch:DescribeAlarms"])
    run = look(beating, 0)
    assert "cloudwatch:PutMetricData" in run.error("watch_watchbill")
    assert texts(sandbox)[-1] == "[ERROR] watch_airflow.watch_watchbill failed"
