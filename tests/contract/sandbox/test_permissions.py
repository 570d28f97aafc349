"""What is not allowed is refused by each vendor in its own words, and what is called is counted by its name."""

from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError
from datadog_api_client.exceptions import ForbiddenException
from datadog_api_client.v1.api.dashboards_api import DashboardsApi
from datadog_api_client.v1.api.metrics_api import MetricsApi
from slack_sdk.errors import SlackApiError

from sandbox.credentials import AWS_ACCOUNT, SES_SENDER, SNS_TOPIC_ARN, THIRD_ACCOUNT, THIRD_ROLE
from sandbox.server import Sandbox
from tests.contract.sandbox.test_accounts import assumed, refusal
from tests.sandbox_fixtures import aws_client, datadog_client, slack_client

USER = f"arn:aws:iam::{AWS_ACCOUNT}:user/watchbill"
MAIL = {
    "FromEmailAddress": SES_SENDER, "Destination": {"ToAddresses": ["ops@example.com"]},
    "Content": {"Simple": {"Subject": {"Data": "s"}, "Body": {"Text": {"Data": "t"}}}},
}  # fmt: skip
CALLS: dict[str, tuple[str, str, dict[str, Any], int, str, str]] = {
    "cloudwatch:ListMetrics": (
        "cloudwatch", "list_metrics", {}, 403, "AccessDenied",
        f"User: {USER} is not authorized to perform: cloudwatch:ListMetrics because no identity-based policy allows "
        "the cloudwatch:ListMetrics action"),
    "tag:GetResources": (
        "resourcegroupstaggingapi", "get_resources", {}, 400, "AccessDeniedException",
        f"User: {USER} is not authorized to perform: tag:GetResources because no identity-based policy allows the "
        "tag:GetResources action"),
    "sns:Publish": (
        "sns", "publish", {"TopicArn": SNS_TOPIC_ARN, "Message": "m"}, 403, "AuthorizationError",
        f"User: {USER} is not authorized to perform: SNS:Publish on resource: {SNS_TOPIC_ARN} because no "
        "identity-based policy allows the SNS:Publish action"),
    "ses:SendEmail": (
        "sesv2", "send_email", MAIL, 403, "AccessDeniedException",
        f"User `{USER}' is not authorized to perform `ses:SendEmail' on resource "
        f"`arn:aws:ses:eu-west-1:{AWS_ACCOUNT}:identity/{SES_SENDER}'"),
    "s3:PutObject": (
        "s3", "put_object", {"Bucket": "watchbill-lake", "Key": "k", "Body": b""}, 403, "AccessDenied",
        f'User: {USER} is not authorized to perform: s3:PutObject on resource: "arn:aws:s3:::watchbill-lake/k" because '
        "no identity-based policy allows the s3:PutObject action"),
    "sts:AssumeRole": (
        "sts", "assume_role", {"RoleArn": THIRD_ROLE.arn, "RoleSessionName": "session"}, 403, "AccessDenied",
        f"User: {USER} is not authorized to perform: sts:AssumeRole on resource: {THIRD_ROLE.arn} because no "
        "identity-based policy allows the sts:AssumeRole action"),
}  # fmt: skip


@pytest.mark.parametrize("action", CALLS)
def test_aws_refuses_what_is_not_allowed(sandbox: Sandbox, action: str) -> None:
    service, call, arguments, *said = CALLS[action]
    sandbox.allow({"ec2:DescribeInstances"})
    assert refusal(getattr(aws_client(sandbox, service), call), **arguments) == tuple(said)
    sandbox.allow({action})
    getattr(aws_client(sandbox, service), call)(**arguments)
    sandbox.allow(None)
    getattr(aws_client(sandbox, service), call)(**arguments)


def test_a_whole_service_can_be_allowed(sandbox: Sandbox) -> None:
    sandbox.allow({"s3:*"})
    aws_client(sandbox, "s3").put_object(Bucket="watchbill-lake", Key="k", Body=b"")
    assert refusal(aws_client(sandbox, "cloudwatch").list_metrics)[1] == "AccessDenied"


def test_nothing_was_done_that_was_refused(sandbox: Sandbox) -> None:
    sandbox.allow(set())
    refusal(aws_client(sandbox, "sns").publish, TopicArn=SNS_TOPIC_ARN, Message="m")
    refusal(aws_client(sandbox, "sesv2").send_email, **MAIL)
    assert (sandbox.aws.topics.all(), sandbox.aws.mail.all()) == ([], [])


def test_a_role_is_refused_by_its_own_name(sandbox: Sandbox) -> None:
    client = assumed(sandbox, "cloudwatch", THIRD_ROLE)
    sandbox.allow({"sts:AssumeRole"})
    session = f"arn:aws:sts::{THIRD_ACCOUNT}:assumed-role/watchbill/watchbill"
    assert refusal(client.list_metrics)[2].startswith(f"User: {session} is not authorized")


def test_whose_key_it_is_can_always_be_asked(sandbox: Sandbox) -> None:
    sandbox.allow(set())
    assert aws_client(sandbox, "sts").get_caller_identity()["Account"] == AWS_ACCOUNT


def test_an_object_that_may_not_be_read_has_a_head_without_a_body(sandbox: Sandbox) -> None:
    sandbox.allow({"s3:PutObject"})
    client = aws_client(sandbox, "s3")
    client.put_object(Bucket="watchbill-lake", Key="k", Body=b"1")
    with pytest.raises(ClientError, match="403"):
        client.head_object(Bucket="watchbill-lake", Key="k")
    assert refusal(client.list_objects_v2, Bucket="watchbill-lake")[1] == "AccessDenied"


def test_an_application_key_without_the_scope_is_forbidden(sandbox: Sandbox) -> None:
    client = datadog_client(sandbox)
    sandbox.allow(None, datadog={"dashboards_read"})
    assert DashboardsApi(client).list_dashboards().dashboards == []
    for call in (
        lambda: MetricsApi(client).list_active_metrics(0),
        lambda: MetricsApi(client).query_metrics(0, 60, "avg:m{*}"),
        lambda: DashboardsApi(client).delete_dashboard("abc"),
    ):
        with pytest.raises(ForbiddenException) as refused:
            call()
        assert (refused.value.status, refused.value.body) == (403, {"errors": ["Forbidden"]})


def test_a_bot_without_the_scope_is_told_which(sandbox: Sandbox) -> None:
    sandbox.allow(None, slack={"users:read", "channels:read"})
    client = slack_client(sandbox)
    assert client.auth_test()["ok"]
    with pytest.raises(SlackApiError) as refused:
        client.chat_postMessage(channel="#alerts", text="hello")
    assert refused.value.response.data == {
        "ok": False, "error": "missing_scope", "needed": "chat:write:bot", "provided": "channels:read,users:read",
    }  # fmt: skip
    sandbox.allow(None, slack={"chat:write"})
    assert client.chat_postMessage(channel="#alerts", text="hello")["ok"]


def test_calls_of_aws_are_counted_by_their_iam_action(sandbox: Sandbox) -> None:
    sandbox.allow(None)
    for service, call, arguments, *_ in CALLS.values():
        getattr(aws_client(sandbox, service), call)(**arguments)
    aws_client(sandbox, "s3").list_objects_v2(Bucket="watchbill-lake")
    counted = httpx.get(f"{sandbox.url}/_sandbox/calls").json()
    assert counted["iam"] == dict.fromkeys(sorted([*CALLS, "s3:ListBucket"]), 1)
    assert counted["cloudwatch"] == {"ListMetrics": 1}
