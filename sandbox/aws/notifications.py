"""What SNS was given to publish, and what it refuses or remembers and moto does not.

https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
"""

import re
import threading
import unicodedata
from collections.abc import Callable
from typing import Any

from sandbox.aws.gate import Answer, Call, error

MESSAGE_BYTES = 262_144  # with the attributes
SUBJECT = 100
DEDUPLICATION = 128
REMEMBERED_S = 300  # a FIFO topic takes a deduplication id once in five minutes


class Topics:
    """Listens to Publish (PublishBatch is not used by this project)."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._sent: list[dict[str, Any]] = []
        self._taken: dict[tuple[str, str], tuple[float, Answer]] = {}
        self._lock = threading.Lock()

    def clear(self) -> None:
        with self._lock:
            self._sent.clear()
            self._taken.clear()

    def all(self) -> list[dict[str, Any]]:
        """{topic_arn, message, subject, attributes, group_id, deduplication_id}, oldest first."""
        with self._lock:
            return list(self._sent)

    def add(self, note: dict[str, Any]) -> None:
        """What another service of the vendor's published: an alarm's action."""
        with self._lock:
            self._sent.append({"attributes": {}, "group_id": None, "deduplication_id": None, **note})

    def before(self, call: Call) -> Answer | None:
        if (call.service, call.operation) != ("sns", "Publish"):
            return None
        if complaint := _complaint(call):
            return error(400, "InvalidParameter", f"Invalid parameter: {complaint}", "sns")
        at, answer = self._taken.get(_key(call), (0.0, None))
        return answer if self._clock() - at < REMEMBERED_S else None

    def after(self, call: Call, answer: Answer) -> None:
        if (call.service, call.operation) != ("sns", "Publish"):
            return
        with self._lock:
            if _key(call)[1]:
                self._taken[_key(call)] = (self._clock(), answer)
            self._sent.append(
                {
                    "topic_arn": call.form["TopicArn"],
                    "message": call.form["Message"],
                    "subject": call.form.get("Subject"),
                    "attributes": attributes(call),
                    "group_id": call.form.get("MessageGroupId"),
                    "deduplication_id": call.form.get("MessageDeduplicationId"),
                }
            )


def attributes(call: Call) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, name in call.form.items():
        if entry := re.fullmatch(r"MessageAttributes\.entry\.(\d+)\.Name", key):
            value = f"MessageAttributes.entry.{entry[1]}.Value"
            found[name] = call.form.get(f"{value}.StringValue") or call.form.get(f"{value}.BinaryValue", "")
    return found


def _complaint(call: Call) -> str | None:
    subject = call.form.get("Subject")
    has_control = any(unicodedata.category(each).startswith("C") for each in subject or "")
    if subject is not None and (not 0 < len(subject) < SUBJECT or subject[0].isspace() or has_control):
        return "Subject"
    if not call.form.get("Message"):
        return "Empty message"
    named = [key + value for key, value in attributes(call).items()]
    if sum(len(each.encode()) for each in [call.form["Message"], *named]) > MESSAGE_BYTES:
        return "Message too long"
    if len(call.form.get("MessageDeduplicationId", "")) > DEDUPLICATION:
        return "MessageDeduplicationId"
    return None


def _key(call: Call) -> tuple[str, str]:
    return call.form.get("TopicArn", ""), call.form.get("MessageDeduplicationId", "")
