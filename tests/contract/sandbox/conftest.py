"""The whole sandbox, and its CloudWatch alone by a clock that stands still: a server each, emptied before a test."""

from collections.abc import Iterator

import pytest

from tests.contract.sandbox.cloudwatch_server import Cloud, serving
from tests.sandbox_fixtures import sandbox, sandbox_server

__all__ = ["sandbox", "sandbox_server"]


@pytest.fixture(scope="module")
def server() -> Iterator[Cloud]:
    with serving() as cloud:
        yield cloud


@pytest.fixture
def cloud(server: Cloud) -> Cloud:
    return server.reset()
