"""What is published, and that SNS takes it whatever comes in."""

import json
import unicodedata
from dataclasses import replace

import pytest

from tests.unit.channels.made import NASTY, TOPIC, alert, notification
from watchbill.channels.sns_message import arguments
from watchbill.model.alerts import Notification


def _is_within_limits(made: Notification) -> bool:
    found = arguments(made)
    values = [each["StringValue"] for each in found["MessageAttributes"].values()]
    parts = [found["Message"], *found["MessageAttributes"], *values, *["String"] * len(values)]
    subject = found["Subject"]
    json.loads(found["Message"])
    return (
        sum(len(part.encode()) for part in parts) <= 262_144
        and all(values)
        and 0 < len(subject) < 100
        and subject.isascii()
        and not any(unicodedata.category(sign) == "Cc" for sign in subject)
    )


def test_one_alert_is_published_with_its_attributes() -> None:
    found = arguments(notification(alert(metadata={"value": 212, "at": None}), kind="sns", target=TOPIC))
    assert found | {"Message": json.loads(found["Message"])} == {
        "TopicArn": TOPIC,
        "Message": {
            "type": "metric",
            "title": "Checkout fails",
            "message": "212 errors a minute",
            "severity": "critical",
            "metadata": {"value": 212, "at": None},
            "status": "firing",
        },
        "Subject": "[CRITICAL] Checkout fails",
        "MessageAttributes": {
            "type": {"DataType": "String", "StringValue": "metric"},
            "severity": {"DataType": "String", "StringValue": "critical"},
        },
    }


def test_several_alerts_are_listed_firing_first() -> None:
    some = (alert("A", "a", "info", status="resolved", metadata={}), alert("B", "b", "warning", metadata={}))
    found = json.loads(arguments(notification(*some, kind="sns", target=TOPIC))["Message"])
    one = {"type": "metric", "metadata": {}}
    assert found == {
        "type": "metric",
        "title": "1 firing, 1 resolved: HighErrorRate service=checkout",
        "message": "[WARNING] B\n[RESOLVED] A",
        "severity": "warning",
        "metadata": {"alertname": "HighErrorRate", "service": "checkout"},
        "status": "firing",
        "alerts": [
            {"title": "B", "message": "b", "severity": "warning", "status": "firing"} | one,
            {"title": "A", "message": "a", "severity": "info", "status": "resolved"} | one,
        ],
    }


def test_a_resolved_alert_says_so() -> None:
    found = arguments(notification(alert(status="resolved"), kind="sns", target=TOPIC))
    assert json.loads(found["Message"])["status"] == "resolved"
    assert found["Subject"] == "[RESOLVED] Checkout fails"


def test_a_fifo_topic_gets_a_group_and_an_id_that_repeat_with_the_notification() -> None:
    made = notification(kind="sns", target=f"{TOPIC}.fifo")
    found, again = arguments(made), arguments(made)
    other = arguments(replace(made, id="another"))
    assert found == again
    assert found["MessageGroupId"] == other["MessageGroupId"]
    assert found["MessageDeduplicationId"] != other["MessageDeduplicationId"]
    assert len(found["MessageDeduplicationId"]) <= 128


def test_an_alert_without_a_type_gets_one_because_sns_refuses_empty_values() -> None:
    found = arguments(notification(replace(alert(), type=""), kind="sns", target=TOPIC))
    assert found["MessageAttributes"]["type"]["StringValue"] == "alert"


def test_the_subject_is_ascii_and_the_message_keeps_every_letter() -> None:
    found = arguments(notification(alert("결제 실패 🔥 now"), kind="sns", target=TOPIC))
    assert found["Subject"] == "[CRITICAL] ? ? ? now"
    assert json.loads(found["Message"])["title"] == "결제 실패 🔥 now"
    assert "결제" in found["Message"]


def test_alerts_that_do_not_fit_are_counted() -> None:
    huge = alert(message="m" * 200, metadata={f"k{at}": "v" * 200 for at in range(100)})
    found = json.loads(arguments(notification(*[huge] * 1_100, kind="sns", target=TOPIC))["Message"])
    assert len(found["alerts"]) + found["left_out"] == 1_100


@pytest.mark.parametrize("nasty", NASTY)
def test_sns_takes_whatever_an_alert_says(nasty: str) -> None:
    long = {str(at): nasty[:4_000] for at in range(120)}
    metadata = {nasty[:1_000]: nasty, "deep": {"deeper": [nasty]}} | long
    made = replace(alert(nasty, nasty, metadata=metadata), type=nasty)
    assert _is_within_limits(notification(made, kind="sns", target=TOPIC))
    assert _is_within_limits(notification(*[made] * 5, kind="sns", target=TOPIC))
