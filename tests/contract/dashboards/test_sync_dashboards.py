"""Both clouds made to match a declaration, over HTTP."""

from typing import Any

from sandbox.faults import Fault
from sandbox.server import Sandbox
from tests.sandbox_fixtures import aws_client, datadog_client
from tests.unit.dashboards.made import one, shop
from watchbill.dashboards.cloudwatch import CloudWatchCloud
from watchbill.dashboards.datadog import DatadogCloud
from watchbill.flows.sync_dashboards import apply_sync, plan_sync
from watchbill.model.dashboards import Dashboard


def _clouds(sandbox: Sandbox) -> Any:
    return {"cloudwatch": CloudWatchCloud(aws_client(sandbox, "cloudwatch")),
            "datadog": DatadogCloud(datadog_client(sandbox))}


def _sync(sandbox: Sandbox, *dashboards: Dashboard) -> list[str]:
    clouds = _clouds(sandbox)
    return [each.action for each in apply_sync(plan_sync(dashboards, clouds), clouds)]


def _writes(sandbox: Sandbox) -> int:
    return sum(count for (_, name), count in sandbox.faults.calls.items() if name.startswith(("P", "Put")))


def test_created_once_updated_when_changed_and_left_alone_when_equal(sandbox: Sandbox) -> None:
    assert _sync(sandbox, shop()) == ["create", "create"]
    written = _writes(sandbox)
    assert _sync(sandbox, shop()) == ["unchanged", "unchanged"]
    assert _writes(sandbox) == written
    assert _sync(sandbox, shop(title="Renamed")) == ["unchanged", "update"]  # CloudWatch shows no title
    assert _sync(sandbox, one({"type": "text", "markdown": "x"})) == ["update", "update"]
    assert _sync(sandbox, one({"type": "text", "markdown": "x"})) == ["unchanged", "unchanged"]
    assert len(sandbox.datadog.dashboards) == 1


def test_a_change_made_by_hand_is_seen_with_its_difference_and_taken_back(sandbox: Sandbox) -> None:
    _sync(sandbox, shop())
    (held,) = sandbox.datadog.dashboards.values()
    held["widgets"][0]["definition"]["content"] = "by hand"
    (_, change) = plan_sync([shop()], _clouds(sandbox))
    assert change.diff == ('widgets[0].definition.content: "by hand" -> "## Checkout\\n\\nSee *runbook*."',)
    assert _sync(sandbox, shop()) == ["unchanged", "update"]
    assert _sync(sandbox, shop()) == ["unchanged", "unchanged"]


def test_one_that_was_deleted_by_hand_is_created_again(sandbox: Sandbox) -> None:
    _sync(sandbox, shop())
    sandbox.datadog.dashboards.clear()
    aws_client(sandbox, "cloudwatch").delete_dashboards(DashboardNames=["watchbill-shop"])
    assert _sync(sandbox, shop()) == ["create", "create"]


def test_one_cloud_that_is_down_does_not_stop_the_other(sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault("cloudwatch", status=503, times=None))
    assert _sync(sandbox, shop(), shop(id="two")) == ["failed", "create", "failed", "create"]
    sandbox.faults.clear()
    assert _sync(sandbox, shop(), shop(id="two")) == ["create", "unchanged", "create", "unchanged"]
