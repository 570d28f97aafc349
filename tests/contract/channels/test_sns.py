"""SNS, through boto3, over HTTP."""

import json
from typing import Any
from urllib.parse import parse_qs

import pytest

from sandbox.credentials import SNS_FIFO_TOPIC_ARN, SNS_TOPIC_ARN
from sandbox.faults import Fault
from sandbox.server import Sandbox
from tests.sandbox_fixtures import aws_client
from tests.unit.channels.made import NASTY, alert, notification
from watchbill.channels import sns
from watchbill.model.alerts import Alert, Notification
from watchbill.model.failures import TransportError


def _to(topic: str, *alerts: Alert) -> Notification:
    return notification(*alerts, kind="sns", target=topic)


def test_a_notification_is_published_with_its_attributes(sandbox: Sandbox) -> None:
    answer = sns.send(_to(SNS_TOPIC_ARN), aws_client(sandbox, "sns"))
    (published,) = sandbox.aws.topics.all()
    assert answer["MessageId"]
    assert published | {"message": json.loads(published["message"])} == {
        "topic_arn": SNS_TOPIC_ARN,
        "message": {
            "type": "metric",
            "title": "Checkout fails",
            "message": "212 errors a minute",
            "severity": "critical",
            "metadata": {"value": 212, "threshold": 50, "service": "checkout"},
            "status": "firing",
        },
        "subject": "[CRITICAL] Checkout fails",
        "attributes": {"type": "metric", "severity": "critical"},
        "group_id": None,
        "deduplication_id": None,
    }


def test_a_fifo_topic_takes_the_same_notification_once(sandbox: Sandbox) -> None:
    client = aws_client(sandbox, "sns")
    first, again = (sns.send(_to(SNS_FIFO_TOPIC_ARN), client) for _ in range(2))
    assert first == again
    assert len(sandbox.aws.topics.all()) == 1


def test_whatever_an_alert_says_is_taken(sandbox: Sandbox) -> None:
    client = aws_client(sandbox, "sns")
    for nasty in NASTY:
        sns.send(_to(SNS_TOPIC_ARN, alert(nasty, nasty, metadata={nasty[:500]: nasty})), client)
    assert len(sandbox.aws.topics.all()) == len(NASTY)


def test_a_prepared_client_sends_what_botocore_would(sandbox: Sandbox) -> None:
    bodies: list[dict[str, list[str]]] = []
    for client in (aws_client(sandbox, "sns"), sns.prepared(aws_client(sandbox, "sns"))):
        client.meta.events.register_last("before-send.sns.Publish", lambda request, **_: bodies.append(_read(request)))
        for nasty in NASTY:
            sns.send(_to(SNS_TOPIC_ARN, alert(nasty, nasty)), client)
    assert bodies[:len(NASTY)] == bodies[len(NASTY):]
    assert len(sandbox.aws.topics.all()) == 2 * len(NASTY)


def _read(request: Any) -> dict[str, list[str]]:
    body = request.body.decode() if isinstance(request.body, bytes) else request.body
    return parse_qs(body, keep_blank_values=True, strict_parsing=True, errors="strict")


def test_a_topic_that_does_not_exist_is_permanent(sandbox: Sandbox) -> None:
    with pytest.raises(TransportError) as caught:
        sns.send(_to(f"{SNS_TOPIC_ARN}-gone"), aws_client(sandbox, "sns"))
    assert (caught.value.permanent, caught.value.ambiguous) == (True, False)


@pytest.mark.parametrize(
    ("fault", "ambiguous"),
    [
        (Fault("sns", "Publish", status=500), True),
        (Fault("sns", "Publish", status=503), False),
        (Fault("sns", "Publish", cut=True, after=True), True),
    ],
)
def test_trouble_on_the_way_is_tried_again_and_known_as_ambiguous_where_it_is(
    sandbox: Sandbox, fault: Fault, ambiguous: bool
) -> None:
    sandbox.faults.add(fault)
    with pytest.raises(TransportError) as caught:
        sns.send(_to(SNS_TOPIC_ARN), aws_client(sandbox, "sns"))
    assert (caught.value.permanent, caught.value.ambiguous) == (False, ambiguous)
    assert sandbox.faults.calls["sns", "Publish"] == 1
