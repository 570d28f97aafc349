"""The sandbox for tests: one server a session, emptied before each test, and the real clients pointed at it.

A conftest.py takes what it needs:  `from tests.sandbox_fixtures import sandbox, sandbox_server  # noqa: F401`
"""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from datadog_api_client import ApiClient, Configuration
from slack_sdk import WebClient

from sandbox import credentials
from sandbox.server import Sandbox

MOTO = ("sns", "ses", "sesv2", "s3", "sts")


@pytest.fixture(scope="session")
def sandbox_server() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest.fixture
def sandbox(sandbox_server: Sandbox) -> Sandbox:
    """A running sandbox with nothing in it, on the machine's clock."""
    sandbox_server.reset()
    return sandbox_server


def aws_client(sandbox: Sandbox, service: str, **options: Any) -> Any:
    """boto3's client of cloudwatch or one of MOTO; one attempt unless `config` says otherwise."""
    settings: dict[str, Any] = {
        "endpoint_url": sandbox.aws_url if service in MOTO else f"{sandbox.url}/{service}",
        "region_name": credentials.AWS_REGION,
        "aws_access_key_id": credentials.AWS_ACCESS_KEY_ID,
        "aws_secret_access_key": credentials.AWS_SECRET_ACCESS_KEY,
        "config": Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=10),
    }
    return boto3.client(service, **settings | options)


def datadog_configuration(sandbox: Sandbox, **options: Any) -> Configuration:
    configuration = Configuration(host=f"{sandbox.url}/datadog", **options)
    configuration.api_key["apiKeyAuth"] = credentials.DATADOG_API_KEY
    configuration.api_key["appKeyAuth"] = credentials.DATADOG_APPLICATION_KEY
    return configuration


def datadog_client(sandbox: Sandbox, **options: Any) -> ApiClient:
    """datadog-api-client's ApiClient; it does not retry unless told by `enable_retry`."""
    return ApiClient(datadog_configuration(sandbox, **options))


def slack_client(sandbox: Sandbox, token: str = credentials.SLACK_BOT_TOKEN, **options: Any) -> WebClient:
    return WebClient(token=token, base_url=f"{sandbox.url}/slack/api/", timeout=5, **options)
