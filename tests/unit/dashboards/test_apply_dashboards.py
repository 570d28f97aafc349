"""A plan is done as it says, or not at all; whatever comes between, the next run heals."""

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests.unit.dashboards.fake_cloud import FakeCloud
from tests.unit.dashboards.made import one, shop
from tests.unit.dashboards.syncing import CLOUDWATCH, DATADOG, World, said
from watchbill.flows.apply_dashboards import NotApplied
from watchbill.flows.dashboard_changes import Synced
from watchbill.flows.dashboard_memory import HOLD
from watchbill.model.failures import DashboardError
from watchbill.model.settings import DashboardSettings

TEXT = one({"type": "text", "markdown": "x"})


class Killed(BaseException):
    """As SIGKILL: nothing of ours runs after it."""


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def writes(world: World) -> dict[str, int]:
    found: dict[str, int] = {}
    for cloud in world.clouds.values():
        for call in ("create", "update", "delete"):
            found[call] = found.get(call, 0) + cloud.calls[call]
    return found


def test_made_once_changed_when_declared_otherwise_and_then_left_alone(world: World) -> None:
    assert world.sync(shop()) == ["create shop cloudwatch", "create shop datadog"]
    assert world.sync(shop()) == ["unchanged shop cloudwatch", "unchanged shop datadog"]
    assert world.sync(TEXT) == ["change shop cloudwatch", "change shop datadog"]
    assert world.sync(TEXT) == ["unchanged shop cloudwatch", "unchanged shop datadog"]
    assert writes(world) == {"create": 2, "update": 2, "delete": 0}


def test_each_is_told_by_one_event(world: World) -> None:
    world.cloudwatch.down = True
    with capture_logs() as logs:
        done = world.apply(world.plan(shop()))
    assert done == [Synced("shop", CLOUDWATCH, "failed", error="the cloud is down"),
                    Synced("shop", DATADOG, "create", "https://cloud/ref-shop")]
    assert logs == [
        {"event": "dashboard_sync_failed", "log_level": "error", "dashboard": "shop", "cloud": "cloudwatch",
         "connection": "aws_default", "error": "the cloud is down"},
        {"event": "dashboard_synced", "log_level": "info", "dashboard": "shop", "cloud": "datadog",
         "connection": "datadog_default", "action": "create", "done": "created", "url": "https://cloud/ref-shop",
         "differences": ["+ The shop, 6 widgets"]}]


def test_nothing_at_all_is_written_where_one_was_edited_since_it_was_kept(world: World) -> None:
    world.sync(shop(), shop(id="hand"))
    world.datadog.edit("ref-hand", start="-PT3H")
    plan = world.plan(TEXT, shop(id="hand"))
    before = writes(world)
    with pytest.raises(NotApplied, match=r"hand on datadog .* was changed by hand: say which side wins"):
        world.apply(plan)
    assert writes(world) == before
    assert said(world.apply(plan, side="keep")) == [
        "change shop cloudwatch", "change shop datadog", "unchanged hand cloudwatch", "drifted hand datadog"]
    assert world.datadog.held["ref-hand"].body["start"] == "-PT3H"
    assert world.sync(TEXT, shop(id="hand"), side="overwrite")[3] == "change hand datadog"
    assert "start" not in world.datadog.held["ref-hand"].body
    assert {each.action for each in world.plan(TEXT, shop(id="hand"))} == {"unchanged"}


def test_an_edit_that_is_overwritten_can_be_looked_up(world: World) -> None:
    world.sync(shop())
    world.datadog.edit("ref-shop", start="-PT3H")
    world.sync(shop(), side="overwrite")
    versions = world.memory().history(DATADOG, "shop")
    assert [(each.kind, each.author) for each in versions] == [("applied", "ann"), ("by hand", ""), ("applied", "ann")]
    assert versions[1].body["start"] == "-PT3H"


def test_nothing_is_written_where_one_was_changed_since_the_plan(world: World) -> None:
    world.sync(shop(), shop(id="two"))
    plan = world.plan(TEXT, one({"type": "text", "markdown": "x"}, id="two"))
    world.datadog.edit("ref-two", start="-PT3H")
    before = writes(world)
    with pytest.raises(NotApplied, match=r"two on datadog .*: it was changed since the plan"):
        world.apply(plan)
    assert writes(world) == before
    kept = said(world.apply(plan, side="keep"))
    assert kept == ["change shop cloudwatch", "change shop datadog", "change two cloudwatch", "drifted two datadog"]
    assert said(world.apply([plan[3]], side="overwrite")) == ["change two datadog"]


def test_nothing_is_written_where_one_was_made_or_deleted_since_the_plan(world: World) -> None:
    world.sync(shop(id="gone"))
    plan = world.plan(shop(), one({"type": "text", "markdown": "x"}, id="gone"))
    del world.datadog.held["ref-gone"]
    world.cloudwatch.put("ref-shop", {"widgets": []}, "shop")
    with pytest.raises(NotApplied) as caught:
        world.apply(plan)
    assert caught.value.reasons == ("shop on cloudwatch (aws_default): it is there by now: plan again",
                                    "gone on datadog (datadog_default): it is gone by now: plan again")


def test_more_deletions_than_agreed_are_none_until_they_are_confirmed(tmp_path: Path) -> None:
    world = World(tmp_path, DashboardSettings(prune=2))
    world.sync(*(shop(id=f"old-{at}") for at in range(3)))
    plan = world.plan(shop())
    with pytest.raises(NotApplied, match=r"3 dashboards would be deleted on .*, and 2 are the most at once: confirm 3"):
        world.apply(plan, prune=2)
    assert writes(world)["delete"] == 0
    some = world.apply(plan, prune=2, whole=False, side="keep")
    assert [each.action for each in some] == ["create", "create", *["failed"] * 6]
    assert said(world.apply(world.plan(shop()), prune=3)) == [
        "unchanged shop cloudwatch", "unchanged shop datadog",
        *(f"delete old-{at} {cloud}" for at in range(3) for cloud in ("cloudwatch", "datadog"))]
    assert world.plan(shop())[0].action == "unchanged"
    assert [len(cloud.held) for cloud in world.clouds.values()] == [1, 1]


def test_the_last_versions_are_kept_and_no_more(tmp_path: Path) -> None:
    world = World(tmp_path, DashboardSettings(versions=3))
    for at in range(5):
        world.sync(one({"type": "text", "markdown": f"{at}"}))
    found = [each.body["widgets"][0]["properties"]["markdown"] for each in world.memory().history(DATADOG, "shop")]
    assert found == ["4", "3", "2"]


def test_two_syncs_at_once_do_not_both_write(world: World) -> None:
    plan = world.plan(shop())
    other = world.memory("other")
    other.hold(DATADOG)
    with pytest.raises(DashboardError, match="other is at work there; nothing was written"):
        world.apply(plan)
    assert writes(world)["create"] == 0
    world.clock.now += HOLD  # the other died
    assert said(world.apply(plan)) == ["create shop cloudwatch", "create shop datadog"]


def test_the_second_of_two_syncs_that_planned_the_same_writes_nothing(world: World) -> None:
    first, second = world.plan(shop()), world.plan(shop())
    world.apply(first)
    with pytest.raises(NotApplied, match="it is there by now"):
        world.apply(second)
    assert writes(world)["create"] == 2


def test_of_two_made_at_once_without_a_ledger_in_common_the_younger_is_taken_back(world: World) -> None:
    def another(call: str) -> None:
        world.datadog.before_write = lambda _: None
        world.datadog.put("theirs", world.datadog.render(shop()), "shop")

    world.datadog.before_write = another
    assert world.sync(shop()) == ["create shop cloudwatch", "create shop datadog"]
    assert list(world.datadog.held) == ["theirs"]
    assert {each.action for each in world.plan(shop())} == {"unchanged"}


def test_one_that_was_edited_while_it_was_settled_is_found_by_the_next_plan(world: World) -> None:
    world.cloudwatch.after_write = lambda _: world.cloudwatch.edit("ref-shop", start="-PT3H")
    world.sync(shop())
    assert said(world.plan(shop())) == ["drifted shop cloudwatch", "unchanged shop datadog"]


def _die(call: str) -> None:
    raise Killed


@pytest.mark.parametrize("cloud", ["cloudwatch", "datadog"])
@pytest.mark.parametrize("moment", ["before_write", "after_write"])
@pytest.mark.parametrize("start", ["new", "changed", "deleted"])
def test_wherever_it_dies_the_next_run_heals(world: World, start: str, moment: str, cloud: str) -> None:
    boards = {"new": [shop()], "changed": [TEXT], "deleted": []}[start]
    if start != "new":
        world.sync(shop())
    dying: FakeCloud = getattr(world, cloud)
    setattr(dying, moment, _die)
    with pytest.raises(Killed):
        world.sync(*boards)
    setattr(dying, moment, lambda _: None)
    assert "drifted" not in {each.action for each in world.plan(*boards)}
    newest = [one({"type": "text", "markdown": "newer still"})] if boards else []
    assert "drifted" not in {each.action for each in world.plan(*newest)}
    world.clock.now += HOLD
    world.sync(*boards)
    assert {each.action for each in world.plan(*boards)} <= {"unchanged"}
    assert [len(each.held) for each in world.clouds.values()] == [len(boards)] * 2
    world.lose_the_ledger()
    assert {each.action for each in world.plan(*boards)} <= {"unchanged"}


def test_a_post_that_nobody_saw_end_is_waited_for(world: World) -> None:
    world.datadog.before_write = _die
    with pytest.raises(Killed):
        world.sync(shop())
    world.datadog.before_write = lambda _: None
    plan = world.plan(shop())
    world.sync(shop())  # of the same holder
    assert world.datadog.calls["find"] == 1
    assert [each.action for each in plan] == ["unchanged", "create"]
