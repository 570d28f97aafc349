"""What is odd in time intervals and escalation, though Alertmanager or the model would take it as it is."""

from datetime import timedelta

import pytest

from watchbill.declare.on_call_checks import check_on_call
from watchbill.declare.parts import Located
from watchbill.declare.reader import read_document
from watchbill.model.alerting import Alerting

RECEIVERS = """
receivers:
  - {name: us, slack_configs: [{channel: "#a"}]}
  - {name: boss, email_configs: [{to: boss@example.com}]}
  - name: nobody
"""


def told(text: str) -> list[str]:
    document = read_document("alerting.yaml", text + RECEIVERS)
    found = check_on_call(Located(Alerting.model_validate(document.data), document), timedelta(minutes=5))
    return [str(one) for one in found]


def intervals(text: str) -> list[str]:
    routes = "routes: [{mute_time_intervals: [x]}]"
    return told(f"route: {{receiver: us, {routes}}}\ntime_intervals: [{{name: x, {text}}}]")


def test_an_interval_that_no_route_names_is_found() -> None:
    [one] = told("route: {receiver: us}\ntime_intervals: [{name: nights, time_intervals: [{}]}]")
    assert one.startswith("alerting.yaml:2: time_intervals[0].name: no route is mute or active in `nights` (name it")


@pytest.mark.parametrize(("text", "says"), [
    ("time_intervals: []", "contains no time: it has no intervals"),
    ("time_intervals: [{times: []}]", "time_intervals[0].times: is empty, so the interval contains no time"),
    ("time_intervals: [{months: ['13']}]", "no month has such a number"),
    ("time_intervals: [{months: ['-3:0']}]", "no month has such a number"),
    ("time_intervals: [{location: Local}]", "is the zone of whichever worker dispatches"),
])
def test_an_interval_that_contains_nothing_or_who_knows_what_is_found(text: str, says: str) -> None:
    [one] = intervals(text)
    assert says in one


def test_an_interval_that_is_used_and_holds_something_is_left_alone() -> None:
    assert intervals("time_intervals: [{months: ['0:13'], weekdays: [monday], location: UTC}]") == []


@pytest.mark.parametrize(("step", "says"), [
    ("{after: 1m, receiver: boss}", "after: 1m is below the tick of 5m: it is told at the next tick"),
    ("{after: 15m, receiver: nobody}", "receiver: `nobody` has no channel: nobody is told"),
    ("{after: 15m, receiver: us}", "receiver: `us` is told by the route already"),
])
def test_a_step_that_does_not_do_what_it_says_is_found(step: str, says: str) -> None:
    [one] = told(f"route: {{receiver: us, escalations: [{step}]}}")
    assert f"route.escalations[0].{says}" in one


def test_a_sound_step_is_left_alone() -> None:
    assert told("route: {receiver: us, escalations: [{after: 15m, receiver: boss}]}") == []
