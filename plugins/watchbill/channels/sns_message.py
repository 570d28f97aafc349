"""A notification as the arguments of SNS' Publish, inside its 262,144 bytes.

https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Any

from watchbill.channels.words import (
    as_json,
    clean,
    facts,
    headline,
    mark,
    message,
    one_line,
    ordered,
    shorten,
    title,
)
from watchbill.model.alerts import Alert, Notification
from watchbill.model.templates.rendering import render as filled

ALL_BYTES = 262_144  # the message and its attributes
ATTRIBUTES = 1_000  # bytes set aside for the attributes
SUBJECT = 99  # "less than 100", printable ASCII
TYPE = 200
ALERTS = 1_000
KEYS = 100  # of metadata, once it must be shortened
_LIMITS = (100_000, 20_000, 4_000, 1_000, 200, 50)  # of one text, each tried until the whole fits
VALUE, MOST = 500, 10  # of attributes: characters of one, and how many
_NAME = re.compile(r"(?!AWS\.|Amazon\.)[A-Za-z0-9_-][A-Za-z0-9_.-]{0,199}", re.IGNORECASE)
_ASCII = re.compile(r"[^ -~]+")


def arguments(notification: Notification) -> dict[str, Any]:
    """For `client.publish`: TopicArn, Message, Subject, MessageAttributes, and a FIFO topic's two ids."""
    topic, alerts = notification.channel.target, ordered(notification.alerts)
    attributes = _all_attributes(notification, alerts)
    taken = sum(len((name + "String" + value).encode()) for name, value in attributes.items())
    found: dict[str, Any] = {
        "TopicArn": topic,
        "Message": _message(notification, alerts, ALL_BYTES - max(taken, ATTRIBUTES)),
        "Subject": _subject(notification),
        "MessageAttributes": {name: {"DataType": "String", "StringValue": value}
                              for name, value in attributes.items()},
    }
    if topic.endswith(".fifo"):
        found["MessageGroupId"] = _id(notification.group_key)
        found["MessageDeduplicationId"] = _id(notification.id)
    return found


def _attributes(alerts: Sequence[Alert]) -> dict[str, str]:
    """For filter policies. SNS refuses an empty value."""
    kind = alerts[0].type if alerts else ""
    severity = alerts[0].severity if alerts else "info"
    return {"type": shorten(one_line(kind), TYPE) or "alert", "severity": severity}


def _all_attributes(notification: Notification, alerts: Sequence[Alert]) -> dict[str, str]:
    """Ours and the receiver's own; more than ten would lose a message on its way to a queue."""
    written = notification.channel.options.get("attributes") or {}
    own = {name: shorten(one_line(_filled(template, notification)), VALUE) for name, template in written.items()
           if _NAME.fullmatch(name)}
    found = _attributes(alerts) | {name: value for name, value in own.items() if value}
    return dict(list(found.items())[:MOST])


def _filled(template: str, notification: Notification, fallback: str = "") -> str:
    return clean(filled(template, notification, fallback=fallback, external_url=notification.base_url))


def _subject(notification: Notification) -> str:
    """Only the mails of a topic show it; the message itself keeps every letter."""
    own = "[{}] {}".format(*headline(notification))
    template = notification.channel.options.get("subject")
    said = one_line(_filled(template, notification, own)) if template else own
    # The first sign of a subject is a letter, a digit or punctuation.
    return shorten(_ASCII.sub("?", said or own), SUBJECT - 2).replace("…", "...")


def _message(notification: Notification, alerts: Sequence[Alert], limit: int) -> str:
    """The receiver's `message`, or ours as JSON."""
    template = notification.channel.options.get("message")
    if not template:
        return _body(notification, alerts, limit)
    said = _filled(template, notification, _body(notification, alerts, limit // 2)) or _body(
        notification, alerts, limit)
    return shorten(said, limit, lambda text: len(text.encode()))


def _body(notification: Notification, alerts: Sequence[Alert], limit: int) -> str:
    """The first that fits: whole, then with ever shorter texts, then with ever fewer alerts of a group."""
    if len(alerts) == 1:
        whole = _alert(alerts[0])
        return _first_that_fits((json.dumps(_shortened(whole, most), ensure_ascii=False)
                                 for most in (None, *_LIMITS)), limit)
    told = [_alert(alert) for alert in alerts[:ALERTS]]
    head = _group(notification, alerts, told)
    return _first_that_fits((
        json.dumps(_with(head, told[:count], len(alerts) - count, most), ensure_ascii=False)
        for count in (len(told), 100, 10, 1) if count <= len(told) for most in (None, *_LIMITS)), limit)


def _first_that_fits(bodies: Iterable[str], limit: int) -> str:
    return next(body for body in bodies if len(body.encode()) <= limit)


def _group(notification: Notification, alerts: Sequence[Alert], told: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    attributes, titles = _attributes(alerts), [each["title"] for each in told]
    titles += map(title, alerts[len(titles):])
    return {
        "type": attributes["type"],
        "title": headline(notification)[1],
        "message": "\n".join(f"[{mark(alert)}] {named}" for alert, named in zip(alerts, titles, strict=True)),
        "severity": attributes["severity"],
        "metadata": as_json(dict(notification.group_labels)),
        "status": notification.status,
    }


def _with(
    head: dict[str, Any], alerts: list[dict[str, Any]], left_out: int, limit: int | None
) -> dict[str, Any]:
    payload = _shortened(head, limit) | {"alerts": [_shortened(alert, limit) for alert in alerts]}
    return payload | ({"left_out": left_out} if left_out else {})


def _alert(alert: Alert) -> dict[str, Any]:
    return {
        "type": one_line(alert.type) or "alert",
        "title": title(alert),
        "message": message(alert),
        "severity": alert.severity,
        "metadata": as_json(facts(alert)),
        "status": alert.status,
    }


def _shortened(payload: dict[str, Any], limit: int | None) -> dict[str, Any]:
    """The same with every text, and every value of the metadata, at most `limit` characters long."""
    if limit is None:
        return payload
    metadata = list(payload["metadata"].items())[:KEYS]
    short = {shorten(key, limit): _small(value, limit) for key, value in metadata}
    return {key: shorten(payload[key], limit) for key in payload if key != "metadata"} | {"metadata": short}


def _small(value: Any, limit: int) -> Any:
    """The value, or the beginning of its JSON where that is longer than the limit."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return value if len(text) <= limit else shorten(text, limit)


def _id(name: str) -> str:
    """At most 128 characters of those that SNS allows, one for each name."""
    return blake2b(name.encode("utf-8", "surrogatepass"), digest_size=32).hexdigest()
