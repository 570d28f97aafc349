"""evaluate_alerts, run by Airflow: what it judges, and what it leaves to the others when something is broken."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from sandbox import credentials
from sandbox.faults import Fault
from sandbox.server import Sandbox
from tests.on_airflow.running import Airflow
from tests.on_airflow.shop import open_shop
from watchbill.model.windows import Window, floor_time

pytestmark = pytest.mark.server
TICK = timedelta(minutes=5)
BROKEN = "groups:\n  - name: machine\n    rules:\n      - alertt: DiskAlmostFull\n"


@pytest.fixture
def end() -> datetime:
    return floor_time(datetime.now(UTC), 300)


@pytest.fixture
def incident(airflow: Airflow, sandbox: Sandbox, end: datetime) -> None:
    """One that goes on, collected."""
    open_shop(sandbox, end, [Window(end - 2 * TICK, end + TICK)])
    for ticks in (2, 1):
        airflow.run("collect_cloudwatch", end - ticks * TICK, run_type="scheduled")


def told(sandbox: Sandbox) -> list[str]:
    return [json.loads(note["message"])["title"].partition(":")[0] for note in sandbox.aws.topics.all()]


def test_where_nothing_was_ever_collected_nothing_is_judged(airflow: Airflow, sandbox: Sandbox, end: datetime):
    run = airflow.run("evaluate_alerts", end, run_type="scheduled")

    assert run.tasks == {"evaluate_rules": "success", "deliver_notifications": "skipped"}
    assert airflow.ledger.alerts() == []


def test_an_incident_is_judged_and_told_by_one_mapped_task_for_its_receiver(
    airflow: Airflow, sandbox: Sandbox, incident: None, end: datetime,
):
    run = airflow.run("evaluate_alerts", end, run_type="scheduled")

    assert run.tasks == {"evaluate_rules": "success", "deliver_notifications[0]": "success"}
    assert run.answers["evaluate_rules"] == ["on-call"]
    assert told(sandbox) == ["HighErrorRate"]
    [message], [mail] = sandbox.slack.messages, sandbox.aws.mail.all()
    assert [block["type"] for block in message.blocks][-2:] == ["image", "context"]  # the series, and where to go
    assert mail["attachments"] == ["graph.png"]


def test_rules_of_a_broken_file_are_told_of_and_the_others_are_judged(
    airflow: Airflow, sandbox: Sandbox, incident: None, end: datetime,
):
    (airflow.include / "rules/machine.yaml").write_text(BROKEN)

    run = airflow.run("evaluate_alerts", end, run_type="scheduled")

    assert run.tries == {"evaluate_rules": 1}
    assert run.error("evaluate_rules").startswith("DeclarationError: rules/machine.yaml:4: groups[0].rules[0].alertt: ")
    assert told(sandbox) == ["HighErrorRate"]
    assert [message.text for message in sandbox.slack.messages if "evaluate_alerts.evaluate_rules" in message.text]


def test_a_source_that_did_not_come_leaves_its_rules_as_they_were_but_for_those_that_take_that_for_bad(
    airflow: Airflow, sandbox: Sandbox, incident: None, end: datetime,
):
    airflow.run("evaluate_alerts", end, run_type="scheduled")

    for ticks in range(1, 5):
        airflow.set_clock(lambda ticks=ticks: end + ticks * TICK + timedelta(seconds=20))
        assert airflow.run("evaluate_alerts", end + ticks * TICK, run_type="scheduled").state == "success"

    firing = {state.alert.labels["alertname"] for state in airflow.ledger.alerts(["firing"])}
    assert firing == {"HighErrorRate", "ShopSilent"}
    assert told(sandbox) == ["HighErrorRate"]


def test_a_channel_that_refuses_for_good_fails_the_delivery_and_the_others_have_it(
    airflow: Airflow, sandbox: Sandbox, incident: None, end: datetime,
):
    sandbox.faults.add(Fault("slack", "chat.postMessage", body={"ok": False, "error": "channel_not_found"}))

    run = airflow.run("evaluate_alerts", end, run_type="scheduled")

    assert run.tries["deliver_notifications[0]"] == 1  # a second try would find nothing left, and hide it
    assert run.error("deliver_notifications[0]").startswith(
        "TransportError: refused for good: slack #alerts of on-call: ")
    letters = "Notifications do not reach slack #alerts"
    assert [each for each in told(sandbox) if each != letters] == ["HighErrorRate"]
    assert {address for mail in sandbox.aws.mail.all() for address in mail["to"]} == {"oncall@example.com"}
    assert [mail["subject"] for mail in sandbox.aws.mail.all()][1:] == [f"[CRITICAL] {letters}"]
    [message] = sandbox.slack.messages
    assert message.channel == credentials.SLACK_CHANNELS["ops"]
    assert "evaluate_alerts.deliver_notifications failed" in message.text
