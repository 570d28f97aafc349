"""Plan and apply, on clouds that are held in memory."""

import json
from dataclasses import replace
from typing import Any

from structlog.testing import capture_logs

from tests.unit.dashboards.made import one, shop
from watchbill.dashboards.cloud import Body, Held
from watchbill.dashboards.to_cloudwatch import to_cloudwatch
from watchbill.flows.sync_dashboards import Change, Synced, apply_sync, plan_sync
from watchbill.model.dashboards import Dashboard
from watchbill.model.failures import DashboardError


class FakeCloud:
    """Keeps bodies by id; refuses while `down`, and updates of what was changed since."""

    def __init__(self) -> None:
        self.held: dict[str, Held] = {}
        self.down = False
        self.writes: list[str] = []

    def render(self, dashboard: Dashboard) -> Body:
        return to_cloudwatch(dashboard, "eu-west-1")

    def comparable(self, body: Body) -> Body:
        return body

    def list(self) -> dict[str, str]:
        self._check()
        return {name: name for name in self.held}

    def get(self, ref: str) -> Held | None:
        self._check()
        return self.held.get(ref)

    def create(self, dashboard_id: str, body: Body) -> Held:
        return self._write(dashboard_id, body)

    def update(self, held: Held, body: Body) -> Held:
        if self.held[held.ref].version != held.version:
            raise DashboardError("changed since")
        return self._write(held.ref, body)

    def _write(self, ref: str, body: Body) -> Held:
        self._check()
        self.writes.append(ref)
        self.held[ref] = Held(ref, body, str(len(self.writes)), f"https://cloud/{ref}")
        return self.held[ref]

    def _check(self) -> None:
        if self.down:
            raise DashboardError("the cloud is down")


def _clouds() -> Any:
    return {"cloudwatch": FakeCloud(), "datadog": FakeCloud()}


def _sync(dashboards: list[Dashboard], clouds: Any) -> list[str]:
    return [f"{each.action} {each.dashboard} {each.cloud}"
            for each in apply_sync(plan_sync(dashboards, clouds), clouds)]


def test_a_dashboard_is_created_once_and_then_left_alone() -> None:
    clouds = _clouds()
    assert _sync([shop()], clouds) == ["create shop cloudwatch", "create shop datadog"]
    assert _sync([shop()], clouds) == ["unchanged shop cloudwatch", "unchanged shop datadog"]
    assert clouds["cloudwatch"].writes == clouds["datadog"].writes == ["shop"]


def test_a_changed_dashboard_is_updated_with_its_difference() -> None:
    clouds = _clouds()
    _sync([shop()], clouds)
    changed = shop(widgets=[{"type": "text", "x": 0, "y": 0, "width": 24, "height": 3, "markdown": "New"}])
    (change, _) = plan_sync([changed], clouds)
    assert change.action == "update"
    assert "widgets[0].height: 2 -> 3" in change.diff
    assert str(change).startswith("update shop on cloudwatch\n    widgets[0].height: 2 -> 3\n")
    assert _sync([changed], clouds) == ["update shop cloudwatch", "update shop datadog"]
    assert _sync([changed], clouds) == ["unchanged shop cloudwatch", "unchanged shop datadog"]


def test_a_plan_writes_nothing() -> None:
    clouds = _clouds()
    assert [str(each) for each in plan_sync([shop()], clouds)] == [
        "create shop on cloudwatch\n    + The shop: 6 widgets", "create shop on datadog\n    + The shop: 6 widgets",
    ]
    assert clouds["cloudwatch"].writes == []


def test_a_plan_survives_json() -> None:
    clouds = _clouds()
    _sync([shop()], clouds)
    plan = plan_sync([one({"type": "text", "markdown": "x"}), shop(id="new")], clouds)
    assert [each.action for each in plan] == ["update", "update", "create", "create"]
    assert [Change.from_json(json.loads(json.dumps(each.to_json()))) for each in plan] == plan


def test_one_cloud_that_is_down_does_not_stop_the_other() -> None:
    clouds = _clouds()
    clouds["cloudwatch"].down = True
    with capture_logs() as logs:
        done = apply_sync(plan_sync([shop(), shop(id="two")], clouds), clouds)
    assert done == [
        Synced("shop", "cloudwatch", "failed", error="the cloud is down"),
        Synced("shop", "datadog", "create", "https://cloud/shop"),
        Synced("two", "cloudwatch", "failed", error="the cloud is down"),
        Synced("two", "datadog", "create", "https://cloud/two"),
    ]
    assert logs[:2] == [
        {"event": "dashboard_sync_failed", "log_level": "error", "dashboard": "shop", "cloud": "cloudwatch",
         "error": "the cloud is down"},
        {"event": "dashboard_synced", "log_level": "info", "dashboard": "shop", "cloud": "datadog",
         "action": "create", "url": "https://cloud/shop"},
    ]


def test_a_cloud_that_falls_over_between_plan_and_apply_is_an_answer() -> None:
    clouds = _clouds()
    plan = plan_sync([shop()], clouds)
    clouds["datadog"].down = True
    assert apply_sync(plan, clouds)[1] == Synced("shop", "datadog", "failed", error="the cloud is down")


def test_what_somebody_changed_since_the_plan_is_not_overwritten() -> None:
    clouds = _clouds()
    _sync([shop()], clouds)
    plan = plan_sync([one({"type": "text", "markdown": "x"})], clouds)
    theirs = replace(clouds["datadog"].held["shop"], version="theirs")
    clouds["datadog"].held["shop"] = theirs
    assert [each.action for each in apply_sync(plan, clouds)] == ["update", "failed"]
    assert clouds["datadog"].held["shop"] == theirs


def test_a_dashboard_that_one_cloud_cannot_show_still_reaches_the_other() -> None:
    clouds = _clouds()
    metric = {"namespace": "AWS/EC2", "metric": "NetworkIn", "statistic": "p100"}
    plan = plan_sync([one({"type": "metric", "metrics": [metric]})], clouds)
    assert [(each.cloud, each.action, each.error) for each in plan] == [
        ("cloudwatch", "create", ""),
        ("datadog", "failed", "widgets.0.metrics.0: Datadog keeps no p100 of AWS/EC2"),
    ]


def test_a_dashboard_goes_only_where_it_says_and_we_can_go() -> None:
    clouds = _clouds()
    assert _sync([shop(clouds="datadog")], clouds) == ["create shop datadog"]
    assert _sync([shop()], {"cloudwatch": clouds["cloudwatch"]}) == ["create shop cloudwatch"]


def test_a_dashboard_that_is_declared_no_more_is_left_alone() -> None:
    clouds = _clouds()
    _sync([shop()], clouds)
    assert _sync([], clouds) == []
    assert set(clouds["datadog"].held) == {"shop"}
