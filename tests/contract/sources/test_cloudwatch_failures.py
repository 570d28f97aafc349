"""Whatever goes wrong with CloudWatch is one clear sentence, over HTTP with the real boto3."""

import socket
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from sandbox.credentials import AWS_ACCOUNT, AWS_REGION
from sandbox.faults import Fault
from sandbox.server import Sandbox
from tests.contract.sources.readings import minutes_ago
from tests.sandbox_fixtures import aws_client
from tests.unit.sources.entries import entry
from watchbill.model.failures import SourceError
from watchbill.model.targets import Target
from watchbill.sources.cloudwatch import fetch, plan

ASKED = "CloudWatch in eu-west-1 (connection aws_default), GetMetricData for shop: "
IMPATIENT = Config(retries={"total_max_attempts": 1}, connect_timeout=1, read_timeout=0.2)


def collect(client: Any, **given: Any) -> None:
    window = minutes_ago(60, 5)
    entries, target = [entry(**given)], Target("cloudwatch", "aws_default")
    for request in plan(client, entries, target, AWS_ACCOUNT, AWS_REGION, window, window.end):
        fetch(client, request, wait=lambda seconds: None)


def refused(client: Any, **given: Any) -> SourceError:
    with pytest.raises(SourceError) as told:
        collect(client, **given)
    return told.value


@pytest.mark.parametrize(
    ("fault", "retryable", "words"),
    [
        ({"status": 500}, True, "AWS answered 500 500: Internal Server Error. It is asked again later"),
        ({"status": 503, "body": "<html>busy</html>"}, True, "AWS answered 503 503"),
        ({"status": 404}, False, "check the connection's region and endpoint_url"),
        ({"status": 429}, True, "a quota increase may help"),
        (
            {"status": 403, "body": {"__type": "AccessDenied", "message": "no"}},
            False,
            "AWS answered 403 AccessDenied: no",
        ),
        (
            {"status": 400, "body": {"__type": "ThrottlingException", "message": "Rate exceeded"}},
            True,
            "Rate exceeded",
        ),
        (
            {"status": 400, "body": {"__type": "ValidationError", "message": "bad"}},
            False,
            "ValidationError: bad",
        ),
        ({"cut": True}, True, "the connection broke"),
        ({"delay_s": 0.5}, True, "no answer in time"),
        ({"body": "<html>a proxy</html>"}, True, "the answer is not CloudWatch's"),
        ({"body": "{}"}, True, "it has no MetricDataResults"),
        ({"body": {"MetricDataResults": "x"}}, True, "the answer is not CloudWatch's"),
        (
            {"body": {"MetricDataResults": [{"Id": "other", "StatusCode": "Complete"}]}},
            True,
            "a result without sense",
        ),
        (
            {
                "body": {
                    "MetricDataResults": [
                        {"Id": "m0", "StatusCode": "Complete", "Timestamps": [60], "Values": []}
                    ]
                }
            },
            True,
            "a result without sense",
        ),
        (
            {"body": {"MetricDataResults": [], "NextToken": "x"}, "times": None},
            True,
            "the same NextToken twice",
        ),
        (
            {"body": {"MetricDataResults": []}, "times": None},
            True,
            "CloudWatch failed 3 times for 1 of 1 metrics",
        ),
    ],
    ids=str,
)
def test_trouble_is_told(sandbox: Sandbox, fault: dict[str, Any], retryable: bool, words: str) -> None:
    sandbox.faults.add(Fault("cloudwatch", "GetMetricData", **fault))
    told = refused(aws_client(sandbox, "cloudwatch", config=IMPATIENT))
    assert str(told).startswith(ASKED)
    assert words in str(told)
    assert told.retryable is retryable


def test_trouble_while_listing_is_told(sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault("cloudwatch", "ListMetrics", cut=True))
    told = refused(aws_client(sandbox, "cloudwatch"), dimensions={"service": "*"})
    assert "ListMetrics for shop: the connection broke" in str(told)
    sandbox.faults.add(Fault("cloudwatch", "ListMetrics", body="<html>a proxy</html>"))
    told = refused(aws_client(sandbox, "cloudwatch"), dimensions={"service": "*"})
    assert "ListMetrics for shop: the answer is not CloudWatch's" in str(told)


def test_wrong_keys_are_told(sandbox: Sandbox) -> None:
    told = refused(aws_client(sandbox, "cloudwatch", aws_access_key_id="AKIAIOSFODNN7EXAMPLE"))
    assert "AWS answered 403 InvalidClientTokenId" in str(told)
    assert "AWS does not know these keys: correct the connection" in str(told)
    assert not told.retryable


def test_keys_with_a_line_break_are_told_but_not_shown(sandbox: Sandbox) -> None:
    told = refused(aws_client(sandbox, "cloudwatch", aws_access_key_id="AKIAIOSFODNN7EXAMPLE\n"))
    assert "AKIAIOSFODNN7EXAMPLE" not in str(told)


def test_missing_keys_are_told(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_WEB_IDENTITY_TOKEN_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    client = boto3.session.Session().client(
        "cloudwatch", endpoint_url=f"{sandbox.url}/cloudwatch", region_name=AWS_REGION
    )
    told = refused(client)
    assert "there are no AWS credentials. Put an access key or a role into the connection" in str(told)
    assert not told.retryable


def test_nobody_at_the_door_is_told(sandbox: Sandbox) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
    told = refused(aws_client(sandbox, "cloudwatch", endpoint_url=url))
    assert "Could not connect to the endpoint URL" in str(told)
    assert told.retryable


def test_a_statistic_that_cloudwatch_does_not_know_is_told(sandbox: Sandbox) -> None:
    told = refused(aws_client(sandbox, "cloudwatch"), statistics="Mean")
    assert "Correct what include/metrics asks for" in str(told)
    assert not told.retryable
