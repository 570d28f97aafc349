"""Routing and grouping as amtool and Alertmanager answered."""

from datetime import timedelta
from typing import Any

import pytest
import yaml

from tests.unit.alerts.cases import load
from watchbill.alerts.routing import routes, tree
from watchbill.model.alerting import Alerting, Route

pytestmark = pytest.mark.cases


def _alerting(text: str) -> Alerting:
    """Only the tree: where mail is relayed and templates are kept is Alertmanager's own."""
    whole = yaml.safe_load(text)
    return Alerting.model_validate({"route": whole["route"], "receivers": whole["receivers"]})


@pytest.mark.parametrize("cases", load("routing_cases.json"))
def test_receivers_come_in_the_order_of_amtool(cases: list[dict[str, Any]]) -> None:
    assert len(cases) > 0
    for case in cases:
        found = routes(_alerting(case["config_yaml"]), case["labels"])
        assert [match.receiver for match in found] == case["receivers"]


@pytest.mark.parametrize("cases", load("route_go_cases.json"))
def test_matched_routes_have_the_keys_and_options_of_alertmanager(cases: dict[str, Any]) -> None:
    for case in cases["route_match"]:
        found = tree(Route.model_validate(yaml.safe_load(case["route_yaml"]))).match(case["labels"])
        assert [match.path for match in found] == case["keys"]
        assert [
            {
                "receiver": match.receiver,
                "group_by": list(match.options.group_by),
                "group_by_all": match.options.group_by_all,
                "group_wait_s": match.options.group_wait / timedelta(seconds=1),
                "group_interval_s": match.options.group_interval / timedelta(seconds=1),
                "repeat_interval_s": match.options.repeat_interval / timedelta(seconds=1),
            }
            for match in found
        ] == [{**match, "group_by": sorted(match["group_by"])} for match in case["matches"]]


@pytest.mark.parametrize("cases", load("route_go_cases.json"))
def test_the_tree_is_walked_named_and_inherited_as_in_alertmanager(cases: dict[str, Any]) -> None:
    for case in cases["misc"]:
        top = tree(Route.model_validate(yaml.safe_load(case["route_yaml"])))
        if case["kind"] == "walk_receivers_depth_first":
            assert [match.receiver for match in top.walk()] == case["expected"]
        elif case["kind"] == "route_ids":
            assert sorted(match.id for match in top.walk()) == case["expected"]
        else:
            assert case["kind"] == "group_by_all_inherit"
            parent = top.children[0]
            found = [parent.matched, *(child.matched for child in parent.children)]
            assert [match.options.group_by_all for match in found] == list(case["expected"].values())


@pytest.mark.parametrize("cases", load("route_go_cases.json"))
def test_full_configurations_route_as_amtool_routes_them(cases: dict[str, Any]) -> None:
    for case in cases["amtool_routing"]:
        found = routes(_alerting(case["config_yaml"]), case["labels"])
        assert [match.receiver for match in found] == case["receivers"]


@pytest.mark.parametrize("cases", load("route_go_cases.json"))
def test_labels_of_routes_are_inherited_one_by_one(cases: dict[str, Any]) -> None:
    for case in cases["route_labels_head_only"]:
        [found] = tree(Route.model_validate(yaml.safe_load(case["route_yaml"]))).match(case["labels"])
        assert dict(found.labels) == case["route_labels"]


@pytest.mark.parametrize("cases", load("grouping_live_cases.json"))
def test_alerts_fall_into_the_groups_of_alertmanager(cases: dict[str, Any]) -> None:
    for case in cases["cases"]:
        top = tree(Route.model_validate(case["route"]))
        groups: dict[tuple[str, str], dict[str, Any]] = {}
        for alert in case["alerts"]:
            for match in top.match(alert["labels"]):
                group = groups.setdefault((match.group_key(alert["labels"]), match.receiver), {
                    "receiver": match.receiver,
                    "group_labels": match.options.group_labels(alert["labels"]),
                    "alert_ids": [],
                })
                group["alert_ids"].append(alert["id"])
        assert _ordered(groups.values()) == _ordered(case["groups"])


def _ordered(groups: Any) -> list[Any]:
    plain = [{**group, "alert_ids": sorted(set(group["alert_ids"]))} for group in groups]
    return sorted(plain, key=lambda group: (group["receiver"], str(sorted(group["group_labels"].items())),
                                            group["alert_ids"]))
