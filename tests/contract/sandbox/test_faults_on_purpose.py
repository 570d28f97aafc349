"""Trouble ordered for a service reaches its real client as the trouble it would be."""

import time
from http.client import RemoteDisconnected
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, ResponseStreamingError
from datadog_api_client.exceptions import ApiException
from datadog_api_client.v1.api.authentication_api import AuthenticationApi
from slack_sdk.errors import SlackApiError

from sandbox.credentials import SES_SENDER, SNS_TOPIC_ARN
from sandbox.faults import Fault, Faults
from sandbox.server import Sandbox
from tests.sandbox_fixtures import aws_client, datadog_client, slack_client


def _slack_post(sandbox: Sandbox) -> Any:
    """One attempt: the client by itself tries a broken connection again, and so posts twice."""
    return slack_client(sandbox, retry_handlers=[]).chat_postMessage(channel="#alerts", text="hello")


def test_a_status_replaces_the_answer_and_the_work_is_not_done(sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault("slack", "chat.postMessage", status=503, body="upstream gone"))
    with pytest.raises(SlackApiError) as caught:
        _slack_post(sandbox)
    assert caught.value.response.status_code == 503
    assert sandbox.slack.messages == []


def test_a_fault_ends_after_its_times_and_begins_after_its_skips(sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault("slack", status=500, skip=1, times=2))
    outcomes = []
    for _ in range(4):
        try:
            outcomes.append(_slack_post(sandbox)["ok"])
        except SlackApiError as error:
            outcomes.append(error.response.status_code)
    assert outcomes == [True, 500, 500, True]


def test_an_answer_lost_after_the_work_leaves_the_work_done(sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault("slack", cut=True, after=True))
    with pytest.raises(RemoteDisconnected):
        _slack_post(sandbox)
    assert [message.text for message in sandbox.slack.messages] == ["hello"]


def test_a_cut_connection_answers_nothing(sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault("slack", cut=True))
    with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
        httpx.post(f"{sandbox.url}/slack/api/auth.test")
    assert httpx.post(f"{sandbox.url}/slack/api/auth.test").json() == {"ok": False, "error": "not_authed"}


def test_a_partial_answer_breaks_off_before_its_announced_end(sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault("datadog", partial=True))
    with pytest.raises(httpx.RemoteProtocolError, match="received 15 bytes, expected 31"):
        httpx.get(f"{sandbox.url}/datadog/api/v1/validate")


def test_a_nonsense_body_comes_with_status_200_and_its_headers(sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault("datadog", body="<html>", headers={"Content-Type": "text/html"}))
    answer = httpx.get(f"{sandbox.url}/datadog/api/v1/validate")
    assert (answer.status_code, answer.text, answer.headers["content-type"]) == (200, "<html>", "text/html")


def test_headers_alone_are_added_to_the_real_answer(sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault("slack", headers={"X-Slack-Req-Id": "abc"}))
    answer = httpx.post(f"{sandbox.url}/slack/api/auth.test")
    assert answer.headers["x-slack-req-id"] == "abc"
    assert answer.json()["error"] == "not_authed"


def test_a_delay_outlasts_a_client_that_waits_less(sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault("datadog", delay_s=0.5))
    with pytest.raises(httpx.ReadTimeout):
        httpx.get(f"{sandbox.url}/datadog/api/v1/validate", timeout=0.1)


def test_the_datadog_client_sees_a_server_error(sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault("datadog", "GET /api/v1/validate", status=502, body={"errors": ["Bad gateway"]}))
    with pytest.raises(ApiException) as caught:
        AuthenticationApi(datadog_client(sandbox)).validate()
    assert caught.value.status == 502


def test_moto_fails_on_purpose_too(sandbox: Sandbox) -> None:
    throttled = "<ErrorResponse><Error><Code>Throttled</Code><Message>slow</Message></Error></ErrorResponse>"
    sandbox.faults.add(Fault("sns", "Publish", status=429, body=throttled))
    sandbox.faults.add(Fault("ses", "SendEmail", cut=True))
    sandbox.faults.add(Fault("s3", "GetObject", partial=True))
    with pytest.raises(ClientError, match="Throttled"):
        aws_client(sandbox, "sns").publish(TopicArn=SNS_TOPIC_ARN, Message="hello")
    with pytest.raises(ConnectionClosedError):
        aws_client(sandbox, "sesv2").send_email(
            FromEmailAddress=SES_SENDER,
            Destination={"ToAddresses": ["ops@example.com"]},
            Content={"Simple": {"Subject": {"Data": "s"}, "Body": {"Text": {"Data": "t"}}}},
        )
    s3 = aws_client(sandbox, "s3")
    s3.put_object(Bucket="watchbill-lake", Key="points", Body=b"x" * 4096)
    with pytest.raises(ResponseStreamingError, match="2048 bytes read"):
        s3.get_object(Bucket="watchbill-lake", Key="points")["Body"].read()
    assert s3.get_object(Bucket="watchbill-lake", Key="points")["ContentLength"] == 4096
    assert (sandbox.aws.topics.all(), sandbox.aws.mail.all()) == ([], [])


def test_faults_are_ordered_and_cleared_over_http(sandbox: Sandbox) -> None:
    control = f"{sandbox.url}/_sandbox"
    order = {"service": "slack", "operation": "auth.test", "status": 500, "times": None}
    assert httpx.post(f"{control}/faults", json=order).status_code == 204
    assert [httpx.post(f"{sandbox.url}/slack/api/auth.test").status_code for _ in range(3)] == [500] * 3
    assert httpx.delete(f"{control}/faults").status_code == 204
    assert httpx.post(f"{sandbox.url}/slack/api/auth.test").status_code == 200
    assert httpx.get(f"{control}/calls").json() == {"slack": {"auth.test": 4}}


def test_an_unknown_word_in_an_order_is_refused(sandbox: Sandbox) -> None:
    answer = httpx.post(f"{sandbox.url}/_sandbox/faults", json={"service": "slack", "state": 500})
    assert (answer.status_code, "state" in answer.json()["error"]) == (400, True)


def test_the_sandbox_starts_in_about_a_second() -> None:
    began = time.perf_counter()
    with Sandbox() as other:
        assert httpx.get(f"{other.url}/_sandbox/health").json() == {"status": "ok"}
        assert time.perf_counter() - began < 3


def test_the_first_fault_that_meets_a_call_is_used_first() -> None:
    faults = Faults()
    faults.add(Fault("slack", "chat.update", status=500))
    faults.add(Fault("*", status=503))
    taken = [faults.take("slack", name) for name in ("auth.test", "chat.update", "chat.postMessage")]
    assert [fault.status if fault else None for fault in taken] == [503, 500, None]
