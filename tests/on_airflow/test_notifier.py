"""A failing DAG is one message in #ops, with all that is needed to look for the cause; its next success ends it."""

from datetime import UTC, datetime, timedelta

import pytest

from sandbox import credentials
from sandbox.server import Sandbox
from tests.on_airflow.running import Airflow

pytestmark = pytest.mark.server
OPS = credentials.SLACK_CHANNELS["ops"]


def texts(sandbox: Sandbox) -> list[str]:
    assert {message.channel for message in sandbox.slack.messages} <= {OPS}
    return [message.posted for message in sandbox.slack.messages]


def later(airflow: Airflow, minutes: int) -> None:
    """The routing holds a group's next message for a minute."""
    airflow.set_clock(lambda: datetime.now(UTC) + timedelta(minutes=minutes))


def test_a_failed_task_is_told_with_all_that_helps_to_find_the_cause(airflow: Airflow, sandbox: Sandbox):
    run = airflow.run("nightly", conf={"error": "no such file: 1.csv"})

    [message] = sandbox.slack.messages
    assert (run.state, message.channel) == ("failed", OPS)
    assert message.text == "[ERROR] nightly.load_parts failed\nRuntimeError: no such file: 1.csv"
    shown = dict(field["text"].split("\n", 1) for block in message.blocks for field in block.get("fields", ()))
    log = shown.pop("*log:*")
    assert {name: shown[name] for name in ("*dag:*", "*task:*", "*run:*", "*try:*", "*error:*")} == {
        "*dag:*": "nightly", "*task:*": "load_parts", "*run:*": run.run_id, "*try:*": "1",
        "*error:*": "RuntimeError: no such file: 1.csv"}
    assert "/dags/nightly/runs/" in log
    assert "/tasks/load_parts" in log


def test_after_a_task_was_killed_its_dag_speaks_for_it(airflow: Airflow, sandbox: Sandbox):
    (airflow.include / "alerting.yaml").write_text(
        (airflow.include / "alerting.yaml").read_text().replace("- matchers: [severity=", "- matchers: [nothing="))

    run = airflow.run("killed", conf={"error": "no such file"})

    [message] = sandbox.slack.messages
    assert message.text == "[CRITICAL] killed.load failed\ntask_failure"
    assert run.run_id in str(message.blocks)
    assert "/tasks/load" in str(message.blocks)


def test_one_failure_is_one_message_though_task_and_dag_both_speak_of_it(airflow: Airflow, sandbox: Sandbox):
    airflow.run("nightly", conf={"error": "no such file"})

    assert texts(sandbox) == ["[ERROR] nightly.load_parts failed\nRuntimeError: no such file"]
    [state] = airflow.ledger.alerts(["firing"])
    assert state.alert.message == "RuntimeError: no such file"  # not the DAG's poorer words


def test_failing_again_adds_no_second_message_and_the_next_success_ends_it(airflow: Airflow, sandbox: Sandbox):
    for minutes in (0, 2, 4):
        later(airflow, minutes)
        airflow.run("nightly", conf={"error": "no such file"})
    assert len(texts(sandbox)) == 1
    later(airflow, 6)

    assert airflow.run("nightly").state == "success"

    assert [text.partition(" ")[0] for text in texts(sandbox)] == ["[ERROR]", "[RESOLVED]"]
    airflow.run("nightly")
    assert len(texts(sandbox)) == 2


def test_another_dags_success_ends_nothing(airflow: Airflow, sandbox: Sandbox):
    airflow.run("nightly", conf={"error": "no such file"})

    later(airflow, 2)
    airflow.run("tend_lake")

    assert len(texts(sandbox)) == 1


def test_a_backfill_is_silent_when_it_fails_and_ends_nothing_when_it_succeeds(airflow: Airflow, sandbox: Sandbox):
    assert airflow.run("nightly", conf={"error": "no such file"}, run_type="backfill").state == "failed"
    assert texts(sandbox) == []

    airflow.run("nightly", conf={"error": "no such file"})
    later(airflow, 2)
    assert airflow.run("nightly", run_type="backfill").state == "success"
    airflow.run("evaluate_alerts")

    assert len(texts(sandbox)) == 1


def test_a_secret_that_airflow_knows_is_not_told(airflow: Airflow, sandbox: Sandbox):
    airflow.run("nightly", conf={"secret": "xyzzy-plugh-1977"})  # what has a name like this is masked from now on

    airflow.run("nightly", conf={"error": "login with xyzzy-plugh-1977 failed"})

    [message] = sandbox.slack.messages
    assert message.text == "[ERROR] nightly.load_parts failed\nRuntimeError: login with *** failed"
    assert "xyzzy" not in str(message.to_json())
    assert "xyzzy" not in str([state.alert for state in airflow.ledger.alerts(["firing"])])


def test_a_run_of_which_no_task_can_be_named_is_told_by_its_dag(airflow: Airflow, sandbox: Sandbox):
    from watchbill.on_airflow.notifier import FailureNotifier, RecoveryNotifier

    context = {"dag": airflow.dags["nightly"], "run_id": "scheduled__2026-03-02", "reason": "timed_out"}

    FailureNotifier()(context)
    assert texts(sandbox) == ["[ERROR] nightly failed\ntimed_out"]

    FailureNotifier()({**context, "run_id": "backfill__2026-03-02"})
    RecoveryNotifier()({**context, "run_id": "backfill__2026-03-02"})
    assert len(texts(sandbox)) == 1

    later(airflow, 2)
    RecoveryNotifier()({**context, "reason": "success"})
    assert len(texts(sandbox)) == 2
