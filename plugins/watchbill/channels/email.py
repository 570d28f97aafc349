"""A notification to mail addresses, by Amazon SES (API v2), once."""

import re
from typing import Any

from watchbill.channels.aws import explained
from watchbill.channels.email_message import compose
from watchbill.channels.refusals import SES
from watchbill.model.alerts import Answer, Notification

_MESSAGE_ID = re.compile(r"<[!-;=?-~]+@[!-;=?-~]+>")


def send(notification: Notification, client: Any, *, sender: str) -> Answer:
    """`{"MessageId", "message_id"}` from a boto3 `sesv2` client; raises TransportError.

    `message_id` is the header that readers get; mails that follow refer to it and so land in one thread.
    """
    mail = compose(notification, sender, _parent(notification))
    arguments = {
        "FromEmailAddress": str(mail["From"].addresses[0].addr_spec),
        "Destination": {"ToAddresses": [each.addr_spec for each in mail["To"].addresses]},
        "Content": {"Raw": {"Data": mail.as_bytes()}},
    }
    with explained("SES", SES):
        sent_id = str(client.send_email(**arguments)["MessageId"])
    return {"MessageId": sent_id, "message_id": message_id(sent_id, client.meta.region_name)}


def message_id(sent_id: str, region: str) -> str:
    """The Message-ID that SES writes into a mail: https://docs.aws.amazon.com/ses/latest/dg/header-fields.html"""
    host = "email" if region == "us-east-1" else region
    return f"<{sent_id}@{host}.amazonses.com>"


def _parent(notification: Notification) -> str:
    parent = notification.thread.get("message_id", "")
    return parent if _MESSAGE_ID.fullmatch(parent) else ""
