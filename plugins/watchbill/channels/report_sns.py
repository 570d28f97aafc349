"""A report to an SNS topic, once: its words, for a topic takes no picture."""

import re
from hashlib import blake2b
from typing import Any

from watchbill.channels.aws import explained
from watchbill.channels.refusals import SNS
from watchbill.channels.report_email import text
from watchbill.channels.words import one_line, shorten
from watchbill.model.alerts import Answer, Channel
from watchbill.model.reports import ReportMessage

SUBJECT, ALL_BYTES = 99, 262_144  # "less than 100", printable ASCII
_ASCII = re.compile(r"[^ -~]+")


def send(message: ReportMessage, channel: Channel, client: Any) -> Answer:
    """`{"MessageId"}` from a boto3 `sns` client; raises TransportError."""
    with explained("SNS", SNS):
        return {"MessageId": str(client.publish(**arguments(message, channel))["MessageId"])}


def arguments(message: ReportMessage, channel: Channel) -> dict[str, Any]:
    """For `client.publish`; a FIFO topic takes the same report only once in five minutes."""
    subject = _ASCII.sub("?", shorten(one_line(message.title), SUBJECT)).strip()
    found: dict[str, Any] = {
        "TopicArn": channel.target, "Subject": subject or "Report",
        "Message": shorten(text(message), ALL_BYTES - 1000, lambda said: len(said.encode("utf-8", "replace"))),
    }
    if channel.target.endswith(".fifo"):
        name = blake2b(f"{message.id} {channel.target}".encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
        found |= {"MessageGroupId": "reports", "MessageDeduplicationId": name}
    return found
