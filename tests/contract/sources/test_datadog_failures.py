"""Whatever goes wrong with Datadog is one clear sentence, over HTTP with the real datadog-api-client."""

import socket
from typing import Any

import pytest
from datadog_api_client import ApiClient, Configuration

from sandbox.datadog.limits import Limit
from sandbox.faults import Fault
from sandbox.server import Sandbox
from tests.contract.sources.readings import minutes_ago
from tests.sandbox_fixtures import datadog_client, datadog_configuration
from tests.unit.sources.entries import entry
from watchbill.model.failures import SourceError
from watchbill.model.targets import Target
from watchbill.sources.datadog import fetch, plan

ASKED = "Datadog in datadoghq.eu (connection datadog_default), timeseries query for shop: "
QUERY = ("datadog", "POST /api/v2/query/timeseries")


def refused(client: ApiClient, **given: Any) -> SourceError:
    window = minutes_ago(60, 5)
    (request,) = plan([entry(**given)], Target("datadog", "datadog_default"), "datadoghq.eu", window, window.end)
    with pytest.raises(SourceError) as told:
        fetch(client, request)
    assert str(told.value).startswith(ASKED)
    return told.value


@pytest.mark.parametrize(
    ("fault", "retryable", "words"),
    [
        ({"status": 500}, True, "Datadog answered 500. It is asked again later"),
        ({"status": 503, "headers": {"Retry-After": "0"}}, True, "Datadog answered 503. It"),
        ({"status": 502, "body": "<html>bad gateway</html>"}, True, "Datadog answered 502. It"),
        ({"status": 404}, False, "check the connection's site"),
        (
            {"status": 400, "body": {"errors": ["odd"]}},
            False,
            "Datadog answered 400: odd. Correct what include/metrics",
        ),
        ({"status": 413}, False, "Datadog answered 413"),
        ({"status": 302, "headers": {"Location": "/elsewhere"}}, False, "Datadog answered 404"),
        ({"cut": True}, True, "the connection broke"),
        ({"partial": True}, True, "the connection broke"),
        ({"delay_s": 0.5}, True, "no answer in time"),
        ({"body": "<html>a proxy</html>"}, True, "the answer is not Datadog's"),
        ({"body": {"data": None}}, True, "the answer is not Datadog's"),
        ({"body": b"\xff\xfe"}, True, "the answer is not Datadog's"),
        ({"status": 500, "body": b"\xff\xfe"}, True, "the answer is not Datadog's"),
    ],
    ids=str,
)
def test_trouble_is_told_after_one_call(
    sandbox: Sandbox, fault: dict[str, Any], retryable: bool, words: str
) -> None:
    sandbox.faults.add(Fault(*QUERY, **fault))
    told = refused(datadog_client(sandbox, request_timeout=(1, 0.2)))
    assert words in str(told)
    assert told.retryable is retryable
    assert sandbox.faults.calls[QUERY] == 1


def test_a_rate_limit_says_when_to_come_back(sandbox: Sandbox) -> None:
    sandbox.datadog.limits.set(QUERY[1], Limit(0, 3600))
    told = refused(datadog_client(sandbox))
    assert "Datadog answered 429: Rate limit of 0 requests in 3600 seconds reached" in str(told)
    assert told.retryable
    assert told.retry_after_s is not None
    assert 0 < told.retry_after_s <= 3600
    assert sandbox.faults.calls == {QUERY: 1}


@pytest.mark.parametrize(
    "keys", [{}, {"apiKeyAuth": "wrong", "appKeyAuth": "wrong"}, {"apiKeyAuth": "wrong"}]
)
def test_missing_and_wrong_keys_are_told(sandbox: Sandbox, keys: dict[str, str]) -> None:
    told = refused(ApiClient(Configuration(host=f"{sandbox.url}/datadog", api_key=dict(keys))))
    assert "Correct the connection's API and application key" in str(told) or (
        "Datadog does not know these keys" in str(told)
    )
    assert not told.retryable


def test_a_key_with_a_line_break_is_told_but_not_shown(sandbox: Sandbox) -> None:
    configuration = datadog_configuration(sandbox)
    configuration.api_key["apiKeyAuth"] = "0123456789abcdef\n"
    told = refused(ApiClient(configuration))
    assert "the request cannot be sent. Check the connection's keys" in str(told)
    assert "0123456789abcdef" not in str(told)
    assert not told.retryable


@pytest.mark.parametrize("policy", [None, False])
def test_nobody_at_the_door_is_told(sandbox: Sandbox, policy: bool | None) -> None:
    configuration = datadog_configuration(sandbox, retry_policy=policy)
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        configuration.host = f"http://127.0.0.1:{closed.getsockname()[1]}"
    told = refused(ApiClient(configuration))
    assert "no connection" in str(told)
    assert told.retryable


def test_a_query_that_datadog_does_not_understand_is_told(sandbox: Sandbox) -> None:
    sandbox.datadog.put("shop.errors", {"service": "checkout"}, [minutes_ago(60, 5).start.timestamp()], [1.0])
    told = refused(datadog_client(sandbox), statistics="p99")
    assert "p99 needs percentiles of a distribution metric" in str(told)
    assert not told.retryable
