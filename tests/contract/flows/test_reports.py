"""Reports: when they are due, to whom they go, and that nobody gets one twice; over HTTP, on both databases."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sandbox import credentials
from sandbox.faults import Fault
from sandbox.server import Sandbox
from tests.sandbox_fixtures import aws_client, sandbox, sandbox_server, slack_client  # noqa: F401
from tests.unit.flows.test_draw_dashboard import ERRORS, NOW, Filled, widget
from watchbill.alerts.ledger import Ledger
from watchbill.channels import report_email, report_slack, report_sns
from watchbill.flows.send_report import Sent, due_reports, message_of, send_report
from watchbill.model.alerting import Alerting
from watchbill.model.alerts import Answer, Channel, Picture
from watchbill.model.dashboards import Dashboard
from watchbill.model.failures import TransportError, WatchbillError
from watchbill.model.reports import Report, ReportMessage

PNG = b"\x89PNG\r\n\x1a\n picture"
MESSAGE = ReportMessage("daily 2026", "Shop <daily> & more", "2026-03-01 12:00 to 2026-03-02 12:00 UTC",
                        ("Errors: checkout 12 *bold*", "Latency: search 3 ms"), Picture(PNG, "Shop: 12 errors"))
REPORT = Report(name="daily", dashboard="d", schedule="0 12 * * *", receivers="everyone", width=400)
ALERTING = Alerting.model_validate({
    "route": {"receiver": "everyone"},
    "receivers": [
        {"name": "everyone", "slack_configs": [{"channel": "#ops"}], "email_configs": [{"to": "ann@example.com"}],
         "sns_configs": [{"topic_arn": credentials.SNS_TOPIC_ARN}]},
        {"name": "ops", "slack_configs": [{"channel": "#ops"}]}, {"name": "nowhere", "slack_configs": [
            {"channel": "#nowhere"}, {"channel": "#ops"}]}]})


def to_sandbox(where: Sandbox) -> Any:
    def send(message: ReportMessage, channel: Channel) -> Answer:
        if channel.kind == "slack":
            return report_slack.send(message, channel, slack_client(where))
        if channel.kind == "sns":
            return report_sns.send(message, channel, aws_client(where, "sns"))
        return report_email.send(message, channel, aws_client(where, "sesv2"), sender=credentials.SES_SENDER)

    return send


def sent(ledger: Ledger, where: Sandbox, report: Report = REPORT, at: datetime = NOW, key: str = "") -> Sent:
    return send_report(report, MESSAGE, ledger, ALERTING, to_sandbox(where), at=at, now=at, key=key)


def test_every_channel_has_the_picture_and_the_values(ledger: Ledger, sandbox: Sandbox):  # noqa: F811
    outcome = sent(ledger, sandbox)
    outcome.require()
    assert [(one["channel"], one["target"]) for one in outcome.sent] == [
        ("slack", "#ops"), ("email", "ann@example.com"), ("sns", credentials.SNS_TOPIC_ARN)]
    [file], [said] = sandbox.slack.files.values(), sandbox.slack.messages
    assert (file.content, said.channel) == (PNG, credentials.SLACK_CHANNELS["ops"])
    assert said.blocks == report_slack.render(MESSAGE, file.id)["blocks"]
    [mail] = sandbox.aws.mail.all()
    assert (mail["to"], mail["subject"]) == (["ann@example.com"], "Shop <daily> & more")
    assert mail["text"].replace("\r\n", "\n") == report_email.text(MESSAGE)
    assert "Shop &lt;daily&gt; &amp; more" in mail["html"]
    assert 'src="cid:' in mail["html"]
    [note] = sandbox.aws.topics.all()
    assert note["message"] == report_email.text(MESSAGE)


def test_slacks_own_signs_stay_text():
    blocks = report_slack.render(MESSAGE, "F1")["blocks"]
    assert [block["type"] for block in blocks] == ["header", "context", "image", "section"]
    assert blocks[0]["text"]["text"] == "Shop <daily> & more"  # plain text needs no escapes
    assert "&lt;daily&gt;" in report_slack.render(MESSAGE)["text"]
    assert len(report_slack.render(replace(MESSAGE, values=("x" * 9000,)))["blocks"][-1]["text"]["text"]) <= 3000


def test_the_mail_carries_its_picture():
    to = Channel("email", "Ann <ann@example.com>, bob@example.com", "")
    mail = report_email.compose(MESSAGE, to, "w@example.com")
    plain, related = mail.iter_parts()
    page, image = related.iter_parts()
    assert (plain.get_content_type(), page.get_content_type(), image.get_content()) == ("text/plain", "text/html", PNG)
    assert image["Content-ID"].strip("<>") in page.get_content()
    assert mail["Message-ID"] == report_email.compose(MESSAGE, to, "w@example.com")["Message-ID"]


def test_a_channel_that_has_it_does_not_get_it_again(ledger: Ledger, sandbox: Sandbox):  # noqa: F811
    sandbox.faults.add(Fault("ses", "SendEmail", status=503))
    first = sent(ledger, sandbox)
    assert ([one["channel"] for one in first.sent], [one["channel"] for one in first.failed]) == (
        ["slack", "sns"], ["email"])
    with pytest.raises(TransportError) as error:
        first.require()
    assert not error.value.permanent
    again = sent(ledger, sandbox)
    again.require()
    assert [one["channel"] for one in again.known] == ["slack", "sns"]
    assert [one["channel"] for one in again.sent] == ["email"]
    assert (len(sandbox.slack.messages), len(sandbox.aws.mail.all()), len(sandbox.aws.topics.all())) == (1, 1, 1)


def test_a_channel_that_refuses_for_good_stops_no_other_and_is_told_at_the_end(
    ledger: Ledger, sandbox: Sandbox,  # noqa: F811
):
    report = REPORT.model_copy(update={"receivers": ("nowhere",)})
    for _ in range(2):
        outcome = sent(ledger, sandbox, report)
        with pytest.raises(TransportError, match=r"#nowhere: .*channel_not_found") as error:
            outcome.require()
        assert error.value.permanent
    assert len(sandbox.slack.messages) == 1
    assert [row["kind"] for row in ledger.history("report:daily")] == ["report_dead", "report_sent"]


def test_two_receivers_with_the_same_channel_get_it_once(ledger: Ledger, sandbox: Sandbox):  # noqa: F811
    sent(ledger, sandbox, REPORT.model_copy(update={"receivers": ("ops", "everyone")})).require()
    assert len(sandbox.slack.messages) == 1


def test_a_receiver_that_is_gone_is_an_error(ledger: Ledger, sandbox: Sandbox):  # noqa: F811
    with pytest.raises(WatchbillError, match="no receiver gone"):
        sent(ledger, sandbox, REPORT.model_copy(update={"receivers": ("gone",)}))


def test_a_report_is_due_once_at_its_time_and_made_up_for_after_an_outage(
    ledger: Ledger, sandbox: Sandbox,  # noqa: F811
):
    def due(at: datetime) -> list[datetime]:
        return [when for _, when in due_reports([REPORT], ledger, at=at)]

    assert due(NOW) == [NOW]
    assert due(NOW + timedelta(hours=5)) == []  # declared in the afternoon, it does not go out for noon
    sent(ledger, sandbox).require()
    assert due(NOW) == due(NOW + timedelta(hours=1)) == []
    assert due(NOW + timedelta(days=1, hours=3)) == [NOW + timedelta(days=1)]
    assert due(NOW + timedelta(days=4, hours=1)) == [NOW + timedelta(days=4)]  # the newest of what was missed


def test_one_by_hand_does_not_stand_for_the_scheduled(ledger: Ledger, sandbox: Sandbox):  # noqa: F811
    sent(ledger, sandbox, at=NOW - timedelta(hours=1), key="manual__1").require()
    assert [when for _, when in due_reports([REPORT], ledger, at=NOW)] == [NOW]
    sent(ledger, sandbox, at=NOW - timedelta(hours=1), key="manual__2").require()
    assert len(sandbox.slack.messages) == 2


@pytest.mark.parametrize(("schedule", "zone", "at", "due"), [
    ("0 8 * * mon", "Europe/Berlin", "2026-03-30T06:00:00Z", "2026-03-30T06:00:00Z"),  # summer time
    ("0 8 * * mon", "Europe/Berlin", "2026-03-23T07:00:00Z", "2026-03-23T07:00:00Z"),
    ("0 8 * * mon", "Europe/Berlin", "2026-03-23T06:59:00Z", "2026-03-16T07:00:00Z"),
    ("30 0 * * *", "Asia/Kolkata", "2026-03-23T19:00:00Z", "2026-03-23T19:00:00Z"),
])
def test_times_are_those_of_the_zone(schedule, zone, at, due):
    report = Report(name="r", dashboard="d", schedule=schedule, timezone=zone, receivers=["x"])
    assert report.last_due(datetime.fromisoformat(at)) == datetime.fromisoformat(due).astimezone(UTC)


def test_a_message_is_made_of_the_dashboard_and_the_lake(tmp_path: Path):
    filled = Filled(tmp_path)
    filled.put([1.0] * 60, service="a")
    dashboard = Dashboard(id="d", title="Shop", widgets=[widget(ERRORS | {"dimensions": {"service": "*"}})])
    report = REPORT.model_copy(update={"timezone": "Europe/Berlin", "start": timedelta(hours=1)})
    message = message_of(report, dashboard, filled.lake, at=NOW)
    assert (message.title, message.values) == ("Shop", ("Errors: a 1",))
    assert message.period == "2026-03-02 12:00 to 2026-03-02 13:00 Europe/Berlin"
    assert message.picture.png.startswith(b"\x89PNG")
    assert message.picture.description == f"Shop, {message.period}. Errors: a 1"
