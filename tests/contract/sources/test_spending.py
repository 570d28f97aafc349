"""What a fetch really called and paid, over HTTP: pages, retries and failures count as they are sent."""

import pytest
from botocore.config import Config

from sandbox.faults import Fault
from sandbox.server import Sandbox
from tests.contract.sources.readings import epoch, minutes_ago
from tests.contract.sources.test_cloudwatch import GET, planned
from tests.sandbox_fixtures import aws_client, datadog_client
from tests.unit.sources.entries import entry, free
from watchbill.model.failures import SourceError
from watchbill.model.targets import Target
from watchbill.sources import datadog
from watchbill.sources.cloudwatch import fetch
from watchbill.sources.cost import estimate
from watchbill.sources.fetched import Fetched

WINDOW = minutes_ago(60, 5)
TWO = {"metrics": ["errors", "requests"], "statistics": ["Sum", "p99", "Average"]}


@pytest.fixture
def filled(sandbox: Sandbox) -> Sandbox:
    for metric in ("errors", "requests"):
        sandbox.cloudwatch.put("shop", metric, {"service": "checkout"}, epoch(WINDOW), [1.0] * 5)
    return sandbox


def spent(sandbox: Sandbox, attempts: int = 1, **wanted: object) -> Fetched:
    client = aws_client(sandbox, "cloudwatch", config=Config(
        retries={"mode": "standard", "total_max_attempts": attempts}))
    (request,) = planned(client, WINDOW, entry(**wanted))
    return fetch(client, request, wait=lambda seconds: None)


def test_a_fetch_without_trouble_is_billed_as_it_was_estimated(filled: Sandbox) -> None:
    client = aws_client(filled, "cloudwatch")
    (request,) = planned(client, WINDOW, entry(**TWO))
    fetched, cost = fetch(client, request), estimate([request], WINDOW.end)
    assert (fetched.calls, fetched.billed_metrics) == (cost.calls, cost.billed_metrics) == (1, 2)


def test_every_page_is_billed_as_a_call_for_all_metrics(filled: Sandbox) -> None:
    filled.faults.add(Fault(*GET, partial=True))
    fetched = spent(filled, **TWO)
    assert fetched.calls == filled.faults.calls[GET] > 1
    assert fetched.billed_metrics == 2 * fetched.calls


def test_what_is_asked_again_alone_is_billed_alone(filled: Sandbox) -> None:
    filled.faults.add(Fault(*GET, partial=True, body="InternalError"))
    fetched = spent(filled, metrics=["errors", "requests"], statistics="Sum")
    assert (fetched.calls, fetched.billed_metrics) == (2, 2 + 1)


def test_calls_that_botocore_repeats_are_billed(filled: Sandbox) -> None:
    filled.faults.add(Fault(*GET, status=503))
    filled.faults.add(Fault(*GET, cut=True))
    fetched = spent(filled, attempts=4, **TWO)
    assert (fetched.calls, fetched.billed_metrics) == (3, 3 * 2)


def test_listing_is_a_call_and_free(filled: Sandbox) -> None:
    fetched = spent(filled, dimensions={"service": "*"})
    assert (fetched.calls, fetched.billed_metrics) == (2, 1)


def test_a_fetch_that_fails_tells_what_it_cost_all_the_same(filled: Sandbox) -> None:
    filled.faults.add(Fault(*GET, status=503, times=None))
    with pytest.raises(SourceError) as told:
        spent(filled, attempts=4, **TWO)
    assert (told.value.calls, told.value.billed_metrics) == (4, 4 * 2)


def test_datadog_bills_no_call_and_tells_those_of_a_failure(sandbox: Sandbox) -> None:
    client = datadog_client(sandbox)
    target = Target("datadog", "datadog_default")
    [request] = datadog.plan([free("avg:shop.errors{*}")], target, "datadoghq.eu", WINDOW, WINDOW.end)
    fetched = datadog.fetch(client, request)
    assert (fetched.calls, fetched.billed_metrics) == (1, 0)
    sandbox.faults.add(Fault("datadog", status=503, times=None))
    with pytest.raises(SourceError) as told:
        datadog.fetch(client, request)
    assert (told.value.calls, told.value.billed_metrics) == (1, 0)
