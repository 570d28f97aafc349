"""SNS, SES, S3 and STS of the sandbox through boto3, and what is stricter there than moto."""

from email.message import EmailMessage
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError

from sandbox.credentials import AWS_ACCOUNT, SES_SENDER, SNS_FIFO_TOPIC_ARN, SNS_TOPIC_ARN
from sandbox.server import Sandbox
from tests.sandbox_fixtures import aws_client


def error_code(caught: pytest.ExceptionInfo[ClientError]) -> str:
    return str(caught.value.response["Error"]["Code"])


def test_what_a_sandbox_has_from_the_start(sandbox: Sandbox) -> None:
    assert aws_client(sandbox, "sts").get_caller_identity()["Account"] == AWS_ACCOUNT
    topics = aws_client(sandbox, "sns").list_topics()["Topics"]
    assert [topic["TopicArn"] for topic in topics] == [SNS_TOPIC_ARN, SNS_FIFO_TOPIC_ARN]
    assert aws_client(sandbox, "ses").list_identities()["Identities"] == [SES_SENDER]
    buckets = aws_client(sandbox, "s3").list_buckets()["Buckets"]
    assert [bucket["Name"] for bucket in buckets] == ["watchbill-lake"]


@pytest.mark.parametrize("service", ["sns", "s3", "sesv2"])
def test_a_foreign_key_is_refused(sandbox: Sandbox, service: str) -> None:
    client = aws_client(sandbox, service, aws_access_key_id="AKIAOTHER")
    call = {"sns": "list_topics", "s3": "list_buckets", "sesv2": "list_email_identities"}[service]
    with pytest.raises(ClientError) as caught:
        getattr(client, call)()
    assert error_code(caught) == ("InvalidAccessKeyId" if service == "s3" else "InvalidClientTokenId")


def test_a_role_lends_keys_that_are_let_in(sandbox: Sandbox) -> None:
    role = aws_client(sandbox, "sts").assume_role(
        RoleArn=f"arn:aws:iam::{AWS_ACCOUNT}:role/reader", RoleSessionName="watchbill"
    )
    lent = role["Credentials"]
    client = aws_client(
        sandbox,
        "sns",
        aws_access_key_id=lent["AccessKeyId"],
        aws_secret_access_key=lent["SecretAccessKey"],
        aws_session_token=lent["SessionToken"],
    )
    assert len(client.list_topics()["Topics"]) == 2


def test_a_publication_is_told_whole(sandbox: Sandbox) -> None:
    aws_client(sandbox, "sns").publish(
        TopicArn=SNS_TOPIC_ARN,
        Message="errors are up",
        Subject="[FIRING:1] Errors",
        MessageAttributes={"severity": {"DataType": "String", "StringValue": "page"}},
    )
    assert httpx.get(f"{sandbox.url}/_sandbox/sns").json() == [
        {
            "topic_arn": SNS_TOPIC_ARN,
            "message": "errors are up",
            "subject": "[FIRING:1] Errors",
            "attributes": {"severity": "page"},
            "group_id": None,
            "deduplication_id": None,
        }
    ]


@pytest.mark.parametrize(
    "arguments",
    [
        {"Subject": "x" * 100},
        {"Subject": "two\nlines"},
        {"Message": "é" * 131_073},
        {"MessageAttributes": {"a": {"DataType": "String", "StringValue": "x" * 262_144}}},
    ],
)
def test_what_sns_refuses_is_refused(sandbox: Sandbox, arguments: dict[str, Any]) -> None:
    with pytest.raises(ClientError) as caught:
        aws_client(sandbox, "sns").publish(**{"TopicArn": SNS_TOPIC_ARN, "Message": "m"} | arguments)
    assert error_code(caught) == "InvalidParameter"
    assert sandbox.aws.topics.all() == []


def test_a_fifo_topic_takes_a_deduplication_id_once(sandbox: Sandbox) -> None:
    client = aws_client(sandbox, "sns")
    message = {"TopicArn": SNS_FIFO_TOPIC_ARN, "Message": "m", "MessageGroupId": "g"}
    ids = [client.publish(**message, MessageDeduplicationId=one)["MessageId"] for one in ("a", "a", "b")]
    assert (ids[0] == ids[1], ids[1] == ids[2]) == (True, False)
    assert [one["deduplication_id"] for one in sandbox.aws.topics.all()] == ["a", "b"]
    with pytest.raises(ClientError):
        client.publish(TopicArn=SNS_FIFO_TOPIC_ARN, Message="m", MessageDeduplicationId="c")


def test_a_simple_mail_keeps_text_and_html(sandbox: Sandbox) -> None:
    answer = aws_client(sandbox, "sesv2").send_email(
        FromEmailAddress=SES_SENDER,
        Destination={"ToAddresses": ["ops@example.com"], "CcAddresses": ["boss@example.com"]},
        Content={
            "Simple": {
                "Subject": {"Data": "[FIRING:1] Errors"},
                "Body": {"Text": {"Data": "plain"}, "Html": {"Data": "<b>html</b>"}},
                "Headers": [{"Name": "References", "Value": "<one@example.com>"}],
            }
        },
    )
    assert httpx.get(f"{sandbox.url}/_sandbox/mail").json() == [
        {
            "from": SES_SENDER,
            "to": ["ops@example.com", "boss@example.com"],
            "subject": "[FIRING:1] Errors",
            "text": "plain",
            "html": "<b>html</b>",
            "message_id": answer["MessageId"],
            "headers": {"References": "<one@example.com>"},
            "attachments": [],
        }
    ]


def raw_mail() -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = SES_SENDER, "ops@example.com", "Größe über alles"
    mail["Message-ID"] = "<one@example.com>"
    mail.set_content("plain\n")
    mail.add_alternative("<b>html</b>\n", subtype="html")
    mail.add_attachment(b"a,b\n", maintype="text", subtype="csv", filename="points.csv")
    return mail.as_bytes()


def test_a_raw_mail_is_read_from_its_mime(sandbox: Sandbox) -> None:
    answer = aws_client(sandbox, "sesv2").send_email(
        FromEmailAddress=SES_SENDER,
        Destination={"ToAddresses": ["ops@example.com"]},
        Content={"Raw": {"Data": raw_mail()}},
    )
    mail = sandbox.aws.mail.all()[0]
    headers = mail.pop("headers")
    assert mail == {
        "from": SES_SENDER,
        "to": ["ops@example.com"],
        "subject": "Größe über alles",
        "text": "plain\n",
        "html": "<b>html</b>\n",
        "message_id": answer["MessageId"],
        "attachments": ["points.csv"],
    }
    assert headers["Message-ID"] == "<one@example.com>"


def test_the_first_api_sends_mail_too(sandbox: Sandbox) -> None:
    client = aws_client(sandbox, "ses")
    client.send_raw_email(RawMessage={"Data": raw_mail()})
    client.send_email(
        Source=SES_SENDER,
        Destination={"ToAddresses": ["ops@example.com"]},
        Message={"Subject": {"Data": "s"}, "Body": {"Text": {"Data": "t"}}},
    )
    mails = sandbox.aws.mail.all()
    assert [(mail["to"], mail["subject"]) for mail in mails] == [
        (["ops@example.com"], "Größe über alles"),
        (["ops@example.com"], "s"),
    ]


def test_an_unverified_sender_is_rejected(sandbox: Sandbox) -> None:
    with pytest.raises(ClientError) as caught:
        aws_client(sandbox, "sesv2").send_email(
            FromEmailAddress="stranger@example.org",
            Destination={"ToAddresses": ["ops@example.com"]},
            Content={"Simple": {"Subject": {"Data": "s"}, "Body": {"Text": {"Data": "t"}}}},
        )
    assert error_code(caught) == "MessageRejected"
    assert sandbox.aws.mail.all() == []


def test_objects_are_written_read_and_listed(sandbox: Sandbox) -> None:
    client = aws_client(sandbox, "s3")
    client.put_object(Bucket="watchbill-lake", Key="points/a.parquet", Body=b"1234")
    assert client.get_object(Bucket="watchbill-lake", Key="points/a.parquet")["Body"].read() == b"1234"
    assert client.head_object(Bucket="watchbill-lake", Key="points/a.parquet")["ContentLength"] == 4
    assert client.list_objects_v2(Bucket="watchbill-lake", Prefix="points/")["KeyCount"] == 1
    client.delete_object(Bucket="watchbill-lake", Key="points/a.parquet")
    assert dict(sandbox.faults.calls) == {
        ("s3", "PutObject"): 1,
        ("s3", "GetObject"): 1,
        ("s3", "HeadObject"): 1,
        ("s3", "ListObjectsV2"): 1,
        ("s3", "DeleteObject"): 1,
    }
