"""Monitors as Datadog's client sees them: created, listed in pages, deleted."""

from collections.abc import Iterator

import httpx
import pytest
from datadog_api_client import ApiClient
from datadog_api_client.exceptions import ApiException
from datadog_api_client.v1.api.monitors_api import MonitorsApi

from sandbox import credentials
from sandbox.server import Sandbox
from tests.sandbox_fixtures import datadog_client
from watchbill.sources.datadog.monitors import all_monitors

KEYS = {"DD-API-KEY": credentials.DATADOG_API_KEY, "DD-APPLICATION-KEY": credentials.DATADOG_APPLICATION_KEY}
BODY = {"name": "cpu", "type": "metric alert", "query": "avg(last_5m):avg:system.cpu.user{*} by {host} > 90",
        "options": {"thresholds": {"critical": 90.0}}, "tags": ["team:shop"]}


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[ApiClient]:
    with datadog_client(sandbox) as found:
        yield found


@pytest.fixture
def api(client: ApiClient) -> MonitorsApi:
    return MonitorsApi(client)


def test_monitors_are_kept_as_they_were_put_with_an_id_of_their_own(api: MonitorsApi) -> None:
    made = api.create_monitor(BODY).to_dict()
    assert {name: made[name] for name in BODY if name != "type"} == {
        name: value for name, value in BODY.items() if name != "type"}
    assert str(made["type"]) == "query alert"  # as the vendor calls one with groups
    api.delete_monitor(made["id"])
    assert api.list_monitors() == []


def test_pages_follow_each_other(api: MonitorsApi, client: ApiClient) -> None:
    for number in range(7):
        api.create_monitor({**BODY, "name": f"cpu {number}"})
    assert [one.to_dict()["name"] for one in api.list_monitors(page=1, page_size=3)] == ["cpu 3", "cpu 4", "cpu 5"]
    assert [one["name"] for one in all_monitors(client, "here", "datadog")] == [f"cpu {n}" for n in range(7)]


def test_what_is_no_monitor_is_refused(api: MonitorsApi, sandbox: Sandbox) -> None:
    answer = httpx.post(f"{sandbox.url}/datadog/api/v1/monitor", headers=KEYS, json={**BODY, "query": 1})
    assert (answer.status_code, answer.json()) == (
        400, {"errors": ["The value provided for parameter 'query' is invalid"]})
    with pytest.raises(ApiException) as caught:
        api.delete_monitor(7)
    assert caught.value.status == 404
