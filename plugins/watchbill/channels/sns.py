"""A notification to an SNS topic, once. A FIFO topic takes the same one only once in five minutes."""

from typing import Any

from yarl import URL

from watchbill.channels.aws import explained
from watchbill.channels.refusals import SNS
from watchbill.channels.sns_message import arguments
from watchbill.model.alerts import Answer, Notification


def send(notification: Notification, client: Any) -> Answer:
    """`{"MessageId"}` from a boto3 `sns` client; raises TransportError."""
    rendered = arguments(notification)
    with explained("SNS", SNS):
        return {"MessageId": str(client.publish(**rendered)["MessageId"])}


def prepared(client: Any) -> Any:
    """A boto3 `sns` client that quotes a message once and in C: botocore's own does it byte by byte, to sign it and
    again to send it.
    """
    client.meta.events.register_first("request-created.sns.Publish", _encode)
    return client


def _encode(request: Any, **_: object) -> None:
    request.data = URL.build(query=request.data).raw_query_string.encode()
