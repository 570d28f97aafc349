"""What is odd in a routing tree though Alertmanager would take it as it is."""

import random
from datetime import timedelta

import pytest
import yaml

from tests.unit.alerts.test_amtool import NAMES, VALUES, random_config
from watchbill.alerts.routing import tree
from watchbill.declare.parts import Located
from watchbill.declare.reach import contradiction, first_blocking
from watchbill.declare.reader import read_document
from watchbill.declare.route_checks import check_routes, notes
from watchbill.model.alerting import Alerting
from watchbill.model.matcher_text import parse_matchers

RECEIVERS = "\nreceivers: [{name: us}, {name: them}]"
MINUTES = timedelta(minutes=1)


def checked(text, tick=5 * MINUTES):
    document = read_document("alerting.yaml", text)
    return list(check_routes(Located(Alerting.model_validate(document.data), document), tick))


def told(route):
    text = f"route: {{receiver: us, routes: [{route}]}}{RECEIVERS}"
    return [f"{one.field}: {one.problem}" for one in checked(text)]


@pytest.mark.parametrize(("matchers", "problem"), [
    ("a=1,a=2", 'no value fulfils a="1" and a="2"'),
    ("a=1,a!=1", 'no value fulfils a="1" and a!="1"'),
    ("a=1,a=~\"2|3\"", 'no value fulfils a="1" and a=~"2|3"'),
    ("a=~\"1|2\",a=~\"3|4\"", 'no value fulfils a=~"1|2" and a=~"3|4"'),
    ("a=~\"1|2\",a!~\"[0-9]\"", 'no value fulfils a=~"1|2" and a!~"[0-9]"'),
    ("a=~\"x.*\",a!~\"x.*\"", 'no value fulfils a=~"x.*" and a!~"x.*"'),
    ("a!~\".*\"", 'a!~".*" refuses every value of a'),
    ("a=\"\",a=~\".+\"", 'no value fulfils a="" and a=~".+"'),
])
def test_matchers_that_contradict_each_other_are_found(matchers, problem):
    assert contradiction(parse_matchers(matchers)) == problem


@pytest.mark.parametrize("matchers", [
    "a=1,b=2", "a=1,a!=2", 'a=1,a=~"1|2"', 'a=~"x.*",a=~".*y"', "a!=1,a!=2", 'a="",a!~".+"', 'a=~"1|",a=""',
])
def test_matchers_that_something_fulfils_are_left_alone(matchers):
    assert contradiction(parse_matchers(matchers)) == ""


@pytest.mark.parametrize(("mine", "earlier", "is_blocked"), [
    ("a=1", "", True), ("a=1,b=2", "a=1", True), ("a=1", "a=1,b=2", False), ("a=1", "a=~\"1|2\"", True),
    ("a=~\"1|2\"", "a=~\"1|2|3\"", True), ("a=~\"1|4\"", "a=~\"1|2|3\"", False), ("a=1", "a!=2", True),
    ("a=~\"x.+\"", "a=~\"x.*\"", False), ("a!=1", "a!=1", True), ("", "b=~\".*\"", True), ("", "b=\"\"", False),
])
def test_a_route_is_blocked_where_an_earlier_one_takes_all_of_its_alerts(mine, earlier, is_blocked):
    assert (first_blocking(parse_matchers(mine), [parse_matchers(earlier)]) == 0) == is_blocked


def test_routes_that_never_match_are_told_once_and_what_is_below_them_is_not():
    below = "{matchers: [a=2], routes: [{matchers: [b=1, b=2]}]}"
    assert told(f"{{matchers: [a=1], routes: [{below}]}}, {{receiver: them}}") == [
        'route.routes[0].routes[0]: can never match: no value fulfils a="1" and a="2"']
    assert told("{receiver: them}, {matchers: [a=1]}") == [
        "route.routes[1]: can never match: {} before it takes all that would come here"]
    assert told("{receiver: them, continue: true}, {matchers: [a=1]}") == []
    assert told("{match: {a: 1}, receiver: them}, {match_re: {a: '^(1)$'}}") == [
        'route.routes[1]: can never match: {a="1"} before it takes all that would come here']


@pytest.mark.parametrize("seed", range(150))
def test_no_alert_ever_comes_to_a_route_that_can_never_match(seed):
    dice = random.Random(seed)
    config = random_config(dice)
    alerting = Alerting.model_validate(config)
    top = tree(alerting.route)
    never = {one.field for one in checked(yaml.safe_dump(config)) if "never match" in one.problem}
    values = [value for value in [*VALUES, "x", "crit9", "9"] if "\n" not in value]  # of which `.*` is not everything
    for _ in range(60):
        labels = {name: dice.choice(values) for name in NAMES if dice.random() < 0.7}
        for matched in top.match(labels):
            assert not any(_field(top, matched).startswith(one) for one in never), (config, labels)


def _field(node, matched, at="route"):
    if node.matched is matched:
        return f"{at}."
    inner = (_field(child, matched, f"{at}.routes[{place}]") for place, child in enumerate(node.children))
    return next((found for found in inner if found), "")


def test_receivers_that_nothing_names_are_told():
    assert told("{matchers: [a=1]}") == ["receivers[1].name: no route leads to receiver `them`"]


LOOKED_AT = "when the group is looked at: it is repeated after"


@pytest.mark.parametrize(("times", "problem"), [
    ("group_wait: 1m", "group_wait: 1m is below the tick of 5m: a new group is told in the run that opens it"),
    ("group_interval: 7m, repeat_interval: 14m", "group_interval: 7m neither divides the tick of 5m nor is a multiple "
     "of it: changes are told at the next tick"),
    ("repeat_interval: 12m", f"repeat_interval: repeat_interval 12m is no multiple of 5m, {LOOKED_AT} 15m"),
    ("group_interval: 45m", f"group_interval: repeat_interval 4h is no multiple of 45m, {LOOKED_AT} 4h30m"),
    ("repeat_interval: 1m", f"repeat_interval: repeat_interval 1m is no multiple of 5m, {LOOKED_AT} 5m"),
])
def test_times_that_mean_something_else_here_are_told(times, problem):
    assert told(f"{{matchers: [a=1], receiver: them, {times}}}") == [f"route.routes[0].{problem}"]


@pytest.mark.parametrize("times", ["group_wait: 0s", "group_wait: 10m", "group_interval: 1m", "group_interval: 10m"])
def test_times_that_mean_what_they_say_are_not(times):
    assert told(f"{{matchers: [a=1], receiver: them, {times}, repeat_interval: 1h}}") == []


def test_defaults_below_the_tick_are_explained_once():
    alerting = Alerting.model_validate(yaml.safe_load("route: {receiver: us, routes: [{}, {}]}" + RECEIVERS))
    assert list(notes(alerting, 10 * MINUTES)) == [
        "Alertmanager's default of group_wait, 30s, is below the tick of 10m: a group is told in the run that opens it",
        "Alertmanager's default of group_interval, 5m, is below the tick of 10m: a group is looked at every 10m"]
    assert list(notes(alerting, MINUTES / 2)) == []


def test_a_place_that_a_receiver_tells_twice_is_told():
    configs = "[{channel: '#a'}, {channel: '#a', title: x}, {channel: '#b'}, {channel: '#a', connection: other}]"
    text = f"route: {{receiver: us}}\nreceivers:\n- name: us\n  slack_configs: {configs}"
    assert [f"{one.field}: {one.problem}" for one in checked(text)] == [
        "receivers[0].slack_configs[1]: #a is told by this receiver already: the last one counts"]
