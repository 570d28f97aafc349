"""What a plan says, and how little it asks for it."""

import json
from pathlib import Path

import pytest

from tests.unit.dashboards.made import one, shop
from tests.unit.dashboards.syncing import CLOUDWATCH, DATADOG, World, said
from watchbill.flows.dashboard_changes import Change
from watchbill.model.failures import DashboardError
from watchbill.model.places import Place
from watchbill.model.settings import DashboardSettings


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_a_plan_writes_nothing_and_says_what_is_new(world: World) -> None:
    plan = world.plan(shop())
    assert [str(each) for each in plan] == [
        "create shop on cloudwatch (aws_default)\n    + The shop, 6 widgets",
        "create shop on datadog (datadog_default)\n    + The shop, 6 widgets"]
    assert world.datadog.calls == world.cloudwatch.calls == {"list": 1}


def test_a_plan_with_nothing_to_do_asks_for_one_list_and_nothing_else(world: World) -> None:
    boards = [shop(id=f"shop-{at}") for at in range(7)]
    world.sync(*boards)
    world.forget_calls()
    assert {each.action for each in world.plan(*boards)} == {"unchanged"}
    assert world.datadog.calls == world.cloudwatch.calls == {"list": 1}


def test_with_the_ledger_lost_each_is_asked_for_once_and_then_known_again(world: World) -> None:
    boards = [shop(id=f"shop-{at}") for at in range(7)]
    world.sync(*boards)
    world.lose_the_ledger()
    world.forget_calls()
    assert {each.action for each in world.plan(*boards)} == {"unchanged"}
    assert world.datadog.calls == world.cloudwatch.calls == {"list": 1, "get": 7}
    world.forget_calls()
    assert {each.action for each in world.plan(*boards)} == {"unchanged"}
    assert world.datadog.calls == world.cloudwatch.calls == {"list": 1}


def test_without_any_ledger_the_clouds_themselves_say_what_is_ours(world: World) -> None:
    world.ledger = None
    assert world.sync(shop()) == ["create shop cloudwatch", "create shop datadog"]
    assert world.sync(shop()) == ["unchanged shop cloudwatch", "unchanged shop datadog"]
    changed = one({"type": "text", "markdown": "x"})
    assert world.sync(changed) == ["change shop cloudwatch", "change shop datadog"]
    assert [len(cloud.held) for cloud in world.clouds.values()] == [1, 1]


def test_a_change_is_told_by_widget_and_field(world: World) -> None:
    world.sync(one({"type": "text", "markdown": "# Old\nx", "height": 2}))
    (change, _) = world.plan(one({"type": "text", "markdown": "# Old\nx", "height": 3}))
    assert str(change) == ('change shop on cloudwatch (aws_default)\n    ~ "Old" (text): place: x 0, y 0, height 2 -> '
                           'x 0, y 0, height 3')


def test_an_edit_by_hand_is_drift_with_what_was_edited_and_what_would_be_undone(world: World) -> None:
    world.sync(shop())
    world.datadog.edit("ref-shop", start="-PT3H")
    (still, drifted) = world.plan(shop())
    assert (still.action, drifted.action) == ("unchanged", "drifted")
    assert list(map(str, drifted.by_hand)) == ['+ start: "-PT3H"']
    assert list(map(str, drifted.differences)) == ['- start: "-PT3H"']
    assert drifted.note == ""
    (_, both) = world.plan(one({"type": "text", "markdown": "x"}))
    assert (both.action, both.note) == ("drifted", "its declaration has changed too")


def test_what_was_only_saved_is_no_drift_and_is_asked_for_once(world: World) -> None:
    world.sync(shop())
    world.datadog.edit("ref-shop")
    assert said(world.plan(shop()))[1] == "unchanged shop datadog"
    world.forget_calls()
    world.plan(shop())
    assert world.datadog.calls == {"list": 1}


def test_one_that_was_deleted_by_hand_is_made_again(world: World) -> None:
    world.sync(shop())
    world.datadog.held.clear()
    assert [(each.action, each.note) for each in world.plan(shop())] == [
        ("unchanged", ""), ("create", "it was deleted by hand")]


def test_what_is_declared_no_more_is_to_go_and_what_is_not_ours_stays(world: World) -> None:
    world.sync(shop(), shop(id="old"))
    for cloud in world.clouds.values():
        cloud.put("theirs", {"widgets": []})
        cloud.put("alike", {"widgets": []}, "nobody-declared-this")
        cloud.unproven.add("alike")
    assert said(world.plan(shop())) == ["unchanged shop cloudwatch", "unchanged shop datadog",
                                        "delete old cloudwatch", "delete old datadog"]
    world.lose_the_ledger()
    assert said(world.plan(shop()))[2:] == ["delete old cloudwatch", "delete old datadog"]


def test_a_dashboard_that_leaves_a_cloud_is_to_go_there(world: World) -> None:
    world.sync(shop())
    assert said(world.plan(shop(clouds="datadog")))[0] == "delete shop cloudwatch"


def test_only_what_is_named_is_planned_and_nothing_pruned_then(world: World) -> None:
    world.sync(shop(), shop(id="old"))
    assert said(world.plan(shop(), shop(id="new"), only=["new"])) == ["create new cloudwatch", "create new datadog"]
    with pytest.raises(DashboardError, match="no dashboard is declared as nwe"):
        world.plan(shop(), only=["nwe"])


def test_somebody_elses_of_the_same_name_is_not_ours_until_it_is_adopted(world: World) -> None:
    world.cloudwatch.put("watchbill-shop", {"widgets": []}, "shop")
    world.cloudwatch.unproven.add("watchbill-shop")
    (refused, _) = world.plan(shop())
    assert refused.error == ("CloudWatch: watchbill-shop is there, and nothing says that it is ours: write "
                             "`adopt: {cloudwatch: watchbill-shop}` to take it over")
    (change, _) = world.plan(shop(adopt={"cloudwatch": "watchbill-shop"}))
    assert change.action == "change"


def test_one_is_adopted_by_naming_it_and_never_by_its_title(world: World) -> None:
    world.datadog.put("abc-def-ghi", {"widgets": [], "title": "The shop"})
    assert said(world.plan(shop()))[1] == "create shop datadog"
    (_, change) = world.plan(shop(adopt={"datadog": "abc-def-ghi"}))
    assert (change.action, change.ref, change.note) == ("change", "abc-def-ghi", "adopts abc-def-ghi")
    (_, missing) = world.plan(shop(adopt={"datadog": "abc-def-ghj"}))
    assert missing.error == "Datadog: there is no abc-def-ghj to adopt: correct `adopt`, or leave it out"


def test_one_whose_mark_was_taken_away_is_neither_changed_nor_made_twice(world: World) -> None:
    world.sync(shop())
    world.datadog.marks["ref-shop"] = None
    (_, refused) = world.plan(shop())
    assert refused.error == ("Datadog: the mark in the description of ref-shop was taken away by hand: write "
                             "`adopt: {datadog: ref-shop}` to take it back")


def test_somebodys_copy_with_our_mark_is_left_alone_even_when_the_original_went(world: World) -> None:
    world.sync(shop())
    world.datadog.put("copy", {"widgets": []}, "shop")
    assert said(world.plan(shop())) == ["unchanged shop cloudwatch", "unchanged shop datadog"]
    assert world.sync() == ["delete shop cloudwatch", "delete shop datadog"]
    assert set(world.datadog.held) == {"copy"}
    assert world.plan() == []


def test_one_cloud_that_is_down_does_not_stop_the_other(world: World) -> None:
    world.cloudwatch.down = True
    assert [(each.action, each.error) for each in world.plan(shop())] == [
        ("failed", "the cloud is down"), ("create", "")]


def test_what_one_cloud_cannot_show_still_reaches_the_other(world: World) -> None:
    metric = {"namespace": "AWS/EC2", "metric": "NetworkIn", "statistic": "p100"}
    plan = world.plan(one({"type": "metric", "metrics": [metric]}))
    assert [(each.place.cloud, each.action) for each in plan] == [("cloudwatch", "create"), ("datadog", "failed")]


def test_every_connection_has_its_own(world: World) -> None:
    other = Place("datadog", "datadog_other")
    world.clouds[other] = type(world.datadog)()
    board = shop(connections={"datadog": ["datadog_default", "datadog_other"]})
    assert said(world.apply(world.plan(board))) == ["create shop cloudwatch", "create shop datadog",
                                                    "create shop datadog"]
    world.clouds[other].edit("ref-shop", start="-PT3H")
    assert [(each.place, each.action) for each in world.plan(board)] == [
        (CLOUDWATCH, "unchanged"), (DATADOG, "unchanged"), (other, "drifted")]
    assert said(world.plan(shop())) == ["unchanged shop cloudwatch", "unchanged shop datadog", "delete shop datadog"]


def test_a_plan_survives_json(world: World) -> None:
    world.sync(shop(), shop(id="hand"), shop(id="old"))
    world.datadog.edit("ref-hand", start="-PT3H")
    plan = world.plan(one({"type": "text", "markdown": "x"}), shop(id="hand"), shop(id="new"))
    assert {each.action for each in plan} == {"create", "change", "delete", "unchanged", "drifted"}
    assert [Change.from_json(json.loads(json.dumps(each.to_json()))) for each in plan] == plan


def test_a_change_of_tags_alone_is_a_change_where_they_are_kept_beside_the_body(world: World) -> None:
    world.sync(shop())
    assert [(each.action, [str(one) for one in each.differences]) for each in world.plan(shop(tags=["team:a"]))] == [
        ("change", ['+ tags: {"team": "a"}']), ("unchanged", [])]
    world.sync(shop(tags=["team:a"]))
    assert world.cloudwatch.tagged["ref-shop"] == {"team": "a"}
    assert {each.action for each in world.plan(shop(tags=["team:a"]))} == {"unchanged"}


def test_another_owners_dashboards_are_somebody_elses() -> None:
    assert DashboardSettings(owner="staging").owner == "staging"
    with pytest.raises(ValueError, match="owner"):
        DashboardSettings(owner="watchbill-staging")
