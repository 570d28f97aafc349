"""SES, through boto3, over HTTP."""

import pytest

from sandbox.credentials import SES_SENDER
from sandbox.faults import Fault
from sandbox.server import Sandbox
from tests.sandbox_fixtures import aws_client
from tests.unit.channels.made import NASTY, alert, notification
from watchbill.channels import email
from watchbill.channels.email_message import text
from watchbill.channels.email_page import html
from watchbill.model.alerts import Alert, Answer, Notification
from watchbill.model.failures import TransportError


def _mail(*alerts: Alert, to: str = "ops@example.com", **thread: str) -> Notification:
    return notification(*alerts, kind="email", target=to, thread=thread)


def _send(sandbox: Sandbox, made: Notification) -> Answer:
    return email.send(made, aws_client(sandbox, "sesv2"), sender=f"Watchbill <{SES_SENDER}>")


def test_a_mail_arrives_as_it_was_written(sandbox: Sandbox) -> None:
    answer = _send(sandbox, _mail(to="ops@example.com, Team <team@example.com>"))
    (mail,) = sandbox.aws.mail.all()
    assert mail["from"] == SES_SENDER
    assert mail["to"] == ["ops@example.com", "team@example.com"]
    assert mail["subject"] == "[CRITICAL] Checkout fails"
    assert mail["text"].replace("\r\n", "\n") == text(_mail())
    assert mail["html"].replace("\r\n", "\n") == html(_mail())
    assert answer == {
        "MessageId": mail["message_id"],
        "message_id": f"<{mail['message_id']}@eu-west-1.amazonses.com>",
    }


def test_what_follows_refers_to_the_first(sandbox: Sandbox) -> None:
    first = _send(sandbox, _mail())
    _send(sandbox, _mail(alert(status="resolved"), message_id=first["message_id"]))
    headers = [mail["headers"] for mail in sandbox.aws.mail.all()]
    assert "References" not in headers[0]
    assert headers[1]["References"] == headers[1]["In-Reply-To"] == first["message_id"]


def test_whatever_an_alert_says_is_taken(sandbox: Sandbox) -> None:
    for nasty in NASTY:
        _send(sandbox, _mail(alert(nasty, nasty, metadata={nasty[:500]: nasty})))
    assert [mail["to"] for mail in sandbox.aws.mail.all()] == [["ops@example.com"]] * len(NASTY)


def test_a_sender_that_ses_does_not_know_is_permanent(sandbox: Sandbox) -> None:
    with pytest.raises(TransportError) as caught:
        email.send(_mail(), aws_client(sandbox, "sesv2"), sender="nobody@elsewhere.example")
    assert (caught.value.permanent, caught.value.ambiguous) == (True, False)


def test_a_wrong_key_is_permanent_and_not_told(sandbox: Sandbox) -> None:
    client = aws_client(sandbox, "sesv2", aws_access_key_id="AKIAWRONG", aws_secret_access_key="hidden")
    with pytest.raises(TransportError) as caught:
        email.send(_mail(), client, sender=SES_SENDER)
    assert caught.value.permanent
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize(
    ("fault", "ambiguous"),
    [
        (Fault("ses", "SendEmail", status=429, body={"message": "slow"},
               headers={"x-amzn-ErrorType": "TooManyRequestsException"}), False),
        (Fault("ses", "SendEmail", status=500, body={}), True),
        (Fault("ses", "SendEmail", status=503, body={}), False),
        (Fault("ses", "SendEmail", cut=True, after=True), True),
    ],
)
def test_trouble_on_the_way_is_tried_again_and_known_as_ambiguous_where_it_is(
    sandbox: Sandbox, fault: Fault, ambiguous: bool
) -> None:
    sandbox.faults.add(fault)
    with pytest.raises(TransportError) as caught:
        _send(sandbox, _mail())
    assert (caught.value.permanent, caught.value.ambiguous) == (False, ambiguous)
    assert sandbox.faults.calls["ses", "SendEmail"] == 1
