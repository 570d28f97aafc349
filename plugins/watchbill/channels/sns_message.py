"""A notification as the arguments of SNS' Publish, inside its 262,144 bytes.

https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
"""

import json
import re
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

from watchbill.channels.words import (
    as_json,
    clean,
    headline,
    mark,
    message,
    one_line,
    ordered,
    shorten,
    title,
)
from watchbill.model.alerts import Alert, Notification

ALL_BYTES = 262_144  # the message and its attributes
ATTRIBUTES = 1_000  # bytes set aside for the attributes
SUBJECT = 99  # "less than 100", printable ASCII
TYPE = 200
ALERTS = 1_000
KEYS = 100  # of metadata, once it must be shortened
_LIMITS = (100_000, 20_000, 4_000, 1_000, 200, 50)  # of one text, each tried until the whole fits
_ASCII = re.compile(r"[^ -~]+")


def arguments(notification: Notification) -> dict[str, Any]:
    """For `client.publish`: TopicArn, Message, Subject, MessageAttributes, and a FIFO topic's two ids."""
    topic = notification.channel.target
    body = _body(notification)
    found: dict[str, Any] = {
        "TopicArn": topic,
        "Message": body,
        "Subject": _subject(notification),
        "MessageAttributes": {name: {"DataType": "String", "StringValue": value}
                              for name, value in _attributes(notification).items()},
    }
    if topic.endswith(".fifo"):
        found["MessageGroupId"] = _id(notification.group_key)
        found["MessageDeduplicationId"] = _id(notification.id)
    return found


def _attributes(notification: Notification) -> dict[str, str]:
    """For filter policies. SNS refuses an empty value."""
    alerts = ordered(notification.alerts)
    kind = alerts[0].type if alerts else ""
    severity = alerts[0].severity if alerts else "info"
    return {"type": shorten(one_line(kind), TYPE) or "alert", "severity": severity}


def _subject(notification: Notification) -> str:
    """Only the mails of a topic show it; the message itself keeps every letter."""
    plain = _ASCII.sub("?", "[{}] {}".format(*headline(notification)))
    return shorten(plain, SUBJECT - 2).replace("…", "...")


def _body(notification: Notification) -> str:
    alerts = ordered(notification.alerts)
    counts = [len(alerts)] if len(alerts) < 2 else [min(len(alerts), ALERTS), 100, 10, 1]
    for count in counts:
        for limit in (None, *_LIMITS):
            body = json.dumps(_payload(notification, alerts, count, limit), ensure_ascii=False)
            if len(body.encode()) <= ALL_BYTES - ATTRIBUTES:
                return body
    raise AssertionError("a notification of short texts fits")  # pragma: no cover


def _payload(
    notification: Notification, alerts: list[Alert], count: int, limit: int | None
) -> dict[str, Any]:
    if len(alerts) == 1:
        return _alert(alerts[0], limit)
    told = _attributes(notification)
    lines = "\n".join(f"[{mark(alert)}] {title(alert)}" for alert in alerts[:count])
    payload = {
        "type": told["type"],
        "title": _cut(headline(notification)[1], limit),
        "message": _cut(lines, limit),
        "severity": told["severity"],
        "metadata": _metadata(notification.group_labels, limit),
        "status": notification.status,
        "alerts": [_alert(alert, limit) for alert in alerts[:count]],
    }
    return payload | ({"left_out": len(alerts) - count} if len(alerts) > count else {})


def _alert(alert: Alert, limit: int | None) -> dict[str, Any]:
    return {
        "type": _cut(one_line(alert.type), limit) or "alert",
        "title": _cut(title(alert), limit),
        "message": _cut(message(alert), limit),
        "severity": alert.severity,
        "metadata": _metadata(alert.metadata, limit),
        "status": alert.status,
    }


def _metadata(metadata: Mapping[str, Any], limit: int | None) -> dict[str, Any]:
    items = {clean(str(key)): as_json(value) for key, value in metadata.items()}
    if limit is None:
        return items
    return {_cut(key, limit): _small(value, limit) for key, value in list(items.items())[:KEYS]}


def _small(value: Any, limit: int) -> Any:
    """The value, or the beginning of its JSON where that is longer than the limit."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return value if len(text) <= limit else shorten(text, limit)


def _cut(text: str, limit: int | None) -> str:
    return text if limit is None else shorten(text, limit)


def _id(name: str) -> str:
    """At most 128 characters of those that SNS allows, one for each name."""
    return blake2b(name.encode("utf-8", "surrogatepass"), digest_size=32).hexdigest()
