"""SendAlertOperator in a user's DAG, and the send_alert DAG's form: to the right places, once."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from sandbox import credentials
from sandbox.faults import Fault
from sandbox.server import Sandbox
from tests.on_airflow.running import Airflow
from watchbill.model.windows import floor_time

pytestmark = pytest.mark.server
AT = floor_time(datetime.now(UTC), 3600)
ALERTS, OPS = credentials.SLACK_CHANNELS["alerts"], credentials.SLACK_CHANNELS["ops"]


def slack(sandbox: Sandbox) -> list[tuple[str, str]]:
    return [(message.channel, message.posted) for message in sandbox.slack.messages]


def mail(sandbox: Sandbox) -> list[tuple[list[str], str]]:
    return [(mail["to"], mail["subject"]) for mail in sandbox.aws.mail.all()]


def sns(sandbox: Sandbox) -> list[tuple[str, str]]:
    return [(note["topic_arn"], json.loads(note["message"])["title"]) for note in sandbox.aws.topics.all()]


def test_named_channels_and_the_routing_each_take_it_once_however_often_the_task_runs(
    airflow: Airflow, sandbox: Sandbox,
):
    for _ in range(2):
        run = airflow.run("announcements", AT, run_after=AT)
        assert run.tasks == {"to_channels": "success", "to_whom_it_concerns": "success"}

    released, low = "[INFO] Release of announcements is out", "[CRITICAL] Stock is low"
    assert sorted(slack(sandbox)) == sorted([
        (OPS, f"{released}\nSee the notes."), (ALERTS, low)])
    assert sorted(mail(sandbox)) == [(["dev@example.com"], released), (["oncall@example.com"], low)]
    assert sorted(sns(sandbox)) == [
        (credentials.SNS_TOPIC_ARN, "Release of announcements is out"), (credentials.SNS_TOPIC_ARN, "Stock is low")]


def test_what_was_given_beside_the_text_is_in_the_message(airflow: Airflow, sandbox: Sandbox):
    airflow.run("announcements", AT, run_after=AT)

    [note] = [note for note in map(json.loads, (each["message"] for each in sandbox.aws.topics.all()))
              if note["title"] == "Release of announcements is out"]
    assert (note["type"], note["severity"], note["message"]) == ("manual", "info", "See the notes.")
    assert note["metadata"]["version"] == "1.2.3"


def test_a_next_run_is_another_alert(airflow: Airflow, sandbox: Sandbox):
    airflow.run("announcements", AT, run_after=AT)
    airflow.run("announcements", AT + timedelta(hours=1), run_after=AT + timedelta(hours=1))

    assert [to for to, _ in mail(sandbox)].count(["dev@example.com"]) == 2


def test_a_channel_that_is_away_is_tried_again_by_the_next_tick(airflow: Airflow, sandbox: Sandbox):
    sandbox.faults.add(Fault("ses", "SendEmail", status=503))

    run = airflow.run("announcements", AT, run_after=AT)

    assert run.state == "success"
    assert len(mail(sandbox)) == 1
    airflow.set_clock(lambda: datetime.now(UTC) + timedelta(minutes=5))
    assert airflow.run("evaluate_alerts").state == "success"
    assert [to for to, _ in mail(sandbox)].count(["dev@example.com"]) == 1


def test_a_channel_that_refuses_for_good_fails_the_task_and_hinders_no_other(airflow: Airflow, sandbox: Sandbox):
    run = airflow.run("lost_announcement")

    assert run.error("to_nowhere").startswith("TransportError: refused for good: slack #nowhere of explicit: ")
    assert "channel_not_found" in run.error("to_nowhere")
    assert [channel for channel, _ in slack(sandbox)] == [OPS]


def test_the_form_sends_to_whom_the_routing_says(airflow: Airflow, sandbox: Sandbox):
    run = airflow.run("send_alert", conf={"title": "1e5 things happen", "message": "a\nb", "severity": "warning",
                                          "metadata": {"ticket": "OPS-12"}})

    assert run.state == "success"
    [(channel, text)] = slack(sandbox)
    assert (channel, text) == (OPS, "[WARNING] 1e5 things happen\na\nb")
    assert "OPS-12" in str(sandbox.slack.messages[0].blocks)
    assert (mail(sandbox), sns(sandbox)) == ([], [])


def test_the_form_sends_to_channels_that_it_names_though_there_is_no_routing(airflow: Airflow, sandbox: Sandbox):
    (airflow.include / "alerting.yaml").unlink()

    run = airflow.run("send_alert", conf={"title": "Hello", "severity": "critical", "channels": [
        {"type": "email", "target": "dev@example.com"}]})

    assert run.state == "success"
    assert mail(sandbox) == [(["dev@example.com"], "[CRITICAL] Hello")]
    assert (slack(sandbox), sns(sandbox)) == ([], [])


@pytest.mark.parametrize(("channel", "says"), [
    ({"type": "pager", "target": "x"}, "a channel is {'type': 'pager', 'target': 'x'}: write "),
    ({"type": "slack"}, "a channel is {'type': 'slack'}: write "),
])
def test_a_channel_that_is_none_is_told_so_at_once(airflow: Airflow, sandbox: Sandbox, channel, says):
    run = airflow.run("send_alert", conf={"title": "Hello", "channels": [channel]})

    assert run.tries == {"send_alert": 1}
    assert run.error("send_alert").startswith(f"WatchbillError: {says}")
