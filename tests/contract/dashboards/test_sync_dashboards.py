"""Both clouds made to match declarations, through the real clients, over HTTP; every call counted."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sandbox import credentials
from sandbox.faults import Fault
from sandbox.server import Sandbox
from tests.sandbox_fixtures import aws_client, datadog_client
from tests.unit.dashboards.made import one, shop
from tests.unit.dashboards.syncing import CLOUDWATCH, DATADOG, World, said
from watchbill.dashboards.live.cloudwatch import CloudWatchCloud
from watchbill.dashboards.live.datadog import DatadogCloud
from watchbill.model.places import Place

POST, PUT, LIST, GET = ("POST /api/v1/dashboard", "PUT /api/v1/dashboard/{id}", "GET /api/v1/dashboard",
                        "GET /api/v1/dashboard/{id}")
TEXT = one({"type": "text", "markdown": "x"})


@pytest.fixture
def world(sandbox: Sandbox, tmp_path: Path) -> World:
    found = World(tmp_path)
    found.clouds = clouds(sandbox)
    return found


def clouds(sandbox: Sandbox, wait: Callable[[float], None] = lambda _: None) -> dict[Place, Any]:
    return {CLOUDWATCH: CloudWatchCloud(aws_client(sandbox, "cloudwatch")),
            DATADOG: DatadogCloud(datadog_client(sandbox), wait=wait)}


def calls(sandbox: Sandbox, forget: bool = True) -> dict[str, int]:
    found = {name: count for (_, name), count in sandbox.faults.calls.items()}
    if forget:
        sandbox.faults.calls.clear()
    return found


def test_what_each_step_asks_of_the_clouds(world: World, sandbox: Sandbox) -> None:
    boards = [shop(id=f"shop-{at}") for at in range(5)]
    assert set(world.sync(*boards)) == {f"create shop-{at} {cloud}" for at in range(5)
                                        for cloud in ("cloudwatch", "datadog")}
    # For each place: the plan's list, one more before the writes, and one after; CloudWatch's times are in lists only.
    assert calls(sandbox) == {"ListDashboards": 3, "PutDashboard": 5, "GetDashboard": 5, LIST: 3, POST: 5}
    assert {each.action for each in world.plan(*boards)} == {"unchanged"}
    assert calls(sandbox) == {"ListDashboards": 1, LIST: 1}
    world.lose_the_ledger()
    assert {each.action for each in world.plan(*boards)} == {"unchanged"}
    assert calls(sandbox) == {"ListDashboards": 1, "GetDashboard": 5, LIST: 1, GET: 5}
    assert {each.action for each in world.plan(*boards)} == {"unchanged"}
    assert calls(sandbox) == {"ListDashboards": 1, LIST: 1}
    world.sync(one({"type": "text", "markdown": "x"}, id="shop-0"), *boards[1:])
    assert calls(sandbox) == {"ListDashboards": 3, "GetDashboard": 3, "TagResource": 1, "PutDashboard": 1,
                              LIST: 2, GET: 2, PUT: 1}
    assert set(world.sync(*boards[1:])) >= {"delete shop-0 cloudwatch", "delete shop-0 datadog"}
    assert calls(sandbox) == {"ListDashboards": 2, "DeleteDashboards": 1, LIST: 2, "DELETE /api/v1/dashboard/{id}": 1}


def test_titles_may_repeat_and_ids_are_found_again(world: World, sandbox: Sandbox) -> None:
    boards = [shop(id="one"), shop(id="two")]
    client = datadog_client(sandbox)
    theirs = DatadogCloud(client)._calls.create(DatadogCloud(client).render(shop()) | {"description": "mine"})
    world.sync(*boards)
    world.lose_the_ledger()
    assert set(world.sync(*boards)) == {f"unchanged {name} {cloud}" for name in ("one", "two")
                                        for cloud in ("cloudwatch", "datadog")}
    world.lose_the_ledger()
    assert set(world.sync()) == {f"delete {name} {cloud}" for name in ("one", "two")
                                 for cloud in ("cloudwatch", "datadog")}
    assert list(sandbox.datadog.dashboards) == [theirs["id"]]


def test_an_edit_by_hand_is_told_with_its_widget_and_field(world: World, sandbox: Sandbox) -> None:
    world.sync(shop())
    ref = world.memory().of(DATADOG)["shop"].ref
    body = world.clouds[DATADOG].raw(ref)
    body["widgets"][1]["definition"]["title"] = "Faults"
    world.clouds[DATADOG]._calls.update(ref, body)
    (_, drifted) = world.plan(shop())
    assert drifted.action == "drifted"
    assert list(map(str, drifted.by_hand)) == ['~ "Faults" (timeseries): title: "Errors" -> "Faults"']
    assert world.sync(shop(), side="overwrite") == ["unchanged shop cloudwatch", "change shop datadog"]
    assert {each.action for each in world.plan(shop())} == {"unchanged"}


def test_what_a_save_in_the_editor_adds_is_no_drift(world: World, sandbox: Sandbox) -> None:
    world.sync(shop())
    ref = world.memory().of(DATADOG)["shop"].ref
    body = world.clouds[DATADOG].raw(ref)
    for widget in body["widgets"]:
        widget["definition"] |= {"title_size": "16", "title_align": "left"} if "title" in widget["definition"] else {}
    world.clouds[DATADOG]._calls.update(ref, body | {"notify_list": [], "template_variables": []})
    assert {each.action for each in world.plan(shop())} == {"unchanged"}


def test_accounts_and_organisations_by_connection(world: World, sandbox: Sandbox) -> None:
    keys = {"aws_access_key_id": credentials.OTHER_ACCESS_KEY_ID, "aws_secret_access_key": "sandbox"}
    client = datadog_client(sandbox)
    client.configuration.api_key |= {"apiKeyAuth": credentials.OTHER_DATADOG_API_KEY,
                                     "appKeyAuth": credentials.OTHER_DATADOG_APPLICATION_KEY}
    world.clouds |= {Place("cloudwatch", "aws_other"): CloudWatchCloud(aws_client(sandbox, "cloudwatch", **keys)),
                     Place("datadog", "datadog_other"): DatadogCloud(client)}
    everywhere = shop(connections={"cloudwatch": ["aws_default", "aws_other"], "datadog": ["datadog_other"]})
    assert said(world.apply(world.plan(everywhere))) == ["create shop cloudwatch", "create shop cloudwatch",
                                                         "create shop datadog"]
    assert {each.action for each in world.plan(everywhere)} == {"unchanged"}
    other = sandbox.cloudwatch_of(credentials.OTHER_ACCOUNT, "us-east-1")
    assert set(other.dashboards) == set(sandbox.cloudwatch.dashboards) == {"watchbill-shop"}
    assert (len(sandbox.datadog.dashboards), len(sandbox.datadog_of(credentials.OTHER_DATADOG).dashboards)) == (0, 1)


def test_one_cloud_that_is_down_does_not_stop_the_other(world: World, sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault("cloudwatch", status=503, times=None))
    assert world.sync(shop()) == ["failed shop cloudwatch", "create shop datadog"]
    sandbox.faults.clear()
    assert world.sync(shop()) == ["create shop cloudwatch", "unchanged shop datadog"]


@pytest.mark.parametrize("fault", [
    Fault("datadog", POST, cut=True, after=True), Fault("datadog", POST, status=502, after=True),
    Fault("datadog", POST, partial=True), Fault("datadog", POST, cut=True), Fault("datadog", POST, status=502),
    Fault("datadog", GET, status=404, times=2), Fault("cloudwatch", "PutDashboard", status=500, after=True),
    Fault("cloudwatch", "GetDashboard", cut=True), Fault("datadog", LIST, status=500, skip=1),
], ids=lambda fault: f"{fault.operation.split('/')[0].strip()} {fault.status or 'cut'} after={fault.after}")
def test_whatever_goes_wrong_there_is_one_of_each_in_the_end(world: World, sandbox: Sandbox, fault: Fault) -> None:
    sandbox.faults.add(fault)
    world.sync(shop())
    sandbox.faults.clear()
    world.sync(shop())
    assert {each.action for each in world.plan(shop())} == {"unchanged"}
    assert (len(sandbox.cloudwatch.dashboards), len(sandbox.datadog.dashboards)) == (1, 1)


def test_a_post_that_came_through_after_we_gave_up_is_not_made_again(world: World, sandbox: Sandbox) -> None:
    """The answer takes longer than the client waits; the work is done all the same, later than the first look."""
    client = datadog_client(sandbox)
    client.configuration.request_timeout = (0.2, 0.2)
    world.clouds[DATADOG] = DatadogCloud(client, wait=lambda pause_s: time.sleep(pause_s / 4))
    sandbox.faults.add(Fault("datadog", POST, delay_s=0.6))
    assert world.sync(shop()) == ["create shop cloudwatch", "create shop datadog"]
    assert calls(sandbox)[POST] == 1
    assert {each.action for each in world.plan(shop())} == {"unchanged"}
    assert len(sandbox.datadog.dashboards) == 1


@pytest.mark.parametrize("shared", [True, False], ids=["one ledger", "no ledger"])
def test_syncs_at_once_make_one_of_each(world: World, sandbox: Sandbox, shared: bool) -> None:
    if not shared:
        world.ledger = None
    boards = [shop(id=f"shop-{at}") for at in range(3)]
    done: list[Any] = []

    def run(holder: str) -> None:
        from watchbill.flows.apply_dashboards import Terms
        from watchbill.flows.sync_dashboards import sync_dashboards
        from watchbill.model.failures import DashboardError

        try:
            done.append(sync_dashboards(boards, clouds(sandbox), world.memory(holder), world.settings,
                                        Terms(whole=False, side="keep")))
        except DashboardError as error:
            done.append(error)

    threads = [threading.Thread(target=run, args=(f"sync-{at}",)) for at in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 4
    world.sync(*boards)
    assert {each.action for each in world.plan(*boards)} == {"unchanged"}
    assert (len(sandbox.cloudwatch.dashboards), len(sandbox.datadog.dashboards)) == (3, 3)
