"""A notification as each channel would send it, as files that a person can open; nothing is sent."""

import json
from base64 import b64encode
from collections.abc import Sequence
from datetime import datetime

from watchbill.channels.email_message import compose, page, plain, subject
from watchbill.channels.slack_message import render
from watchbill.channels.slack_template import poster
from watchbill.channels.sns_message import arguments
from watchbill.flows.samples import notification_of, sample_alerts, sample_picture
from watchbill.model.alerts import Alert, Channel, Notification
from watchbill.model.templates.rendering import addressed

SENDER = "watchbill@example.com"
"""Where only the Airflow connection knows the real one."""
_FILE = "F0PREVIEW00"


def previews(
    alerts: Sequence[Alert], channels: Sequence[Channel], receiver: str, *, now: datetime, base_url: str, count: int,
) -> list[tuple[Channel, dict[str, str]]]:
    """Of these alerts or, where there are none, of a sample of `count`, for each channel. Raises TransportError."""
    shown = list(alerts) or sample_alerts(count, now)
    picture = None if alerts else sample_picture(shown[0].title, now)
    return [(channel, preview(notification_of(
        shown, receiver, channel, now=now, base_url=base_url,
        picture=picture if channel.options.get("graph", True) else None))) for channel in channels]


def preview(notification: Notification) -> dict[str, str]:
    """By the ending of a file, what is in it. Raises TransportError for an address that is none."""
    told = addressed(notification)
    return {"slack": _slack, "email": _email, "sns": _sns}[told.channel.kind](told)


def _slack(notification: Notification) -> dict[str, str]:
    """`blocks` can be looked at in Slack's Block Kit Builder."""
    file = _FILE if notification.picture else ""
    message = {"channel": notification.channel.target, **poster(notification), **render(notification, file)}
    return {"json": _json(message), "txt": message["text"]}


def _email(notification: Notification) -> dict[str, str]:
    """The page carries its picture inside, so that a browser shows it."""
    sender = str(notification.channel.options.get("from") or SENDER)
    mail = compose(notification, sender)
    files = {"txt": f"Subject: {subject(notification)}\n\n{plain(notification)}",
             "eml": mail.as_bytes().decode("ascii")}
    if notification.channel.options.get("html") == "":
        return files
    shown = page(notification, "picture" if notification.picture else "")
    if notification.picture:
        shown = shown.replace("cid:picture", "data:image/png;base64," + b64encode(notification.picture.png).decode())
    return files | {"html": shown}


def _sns(notification: Notification) -> dict[str, str]:
    found = arguments(notification)
    return {"json": _json(found), "txt": f"{found['Subject']}\n\n{found['Message']}"}


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"
