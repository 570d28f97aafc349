"""A notification to an SNS topic, once. A FIFO topic takes the same one only once in five minutes."""

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from watchbill.channels.aws import refused
from watchbill.channels.refusals import SNS
from watchbill.channels.sns_message import arguments
from watchbill.model.alerts import Answer, Notification


def send(notification: Notification, client: Any) -> Answer:
    """`{"MessageId"}` from a boto3 `sns` client; raises TransportError."""
    try:
        answer = client.publish(**arguments(notification))
    except (ClientError, BotoCoreError) as error:
        raise refused("SNS", error, SNS) from error
    return {"MessageId": answer["MessageId"]}
