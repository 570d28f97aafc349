"""A picture for a notification, from a lake, within its time; and none where that cannot be."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.contract.flows.world import MINUTE, START, FakeLake, series
from tests.unit.channels.made import alert, notification
from watchbill.flows import illustrate
from watchbill.flows.illustrate import Illustrator, span
from watchbill.flows.judged_lines import Judgement
from watchbill.model.alerts import Alert, Notification
from watchbill.model.failures import LakeError
from watchbill.model.pictured import Pictured
from watchbill.model.rules import RuleGroup
from watchbill.model.settings import Settings

NOW = START + 70 * MINUTE
NO_RULES = Judgement((), Settings())
PICTURED = Pictured((series("checkout"),), ((10.0, None),), "Count", 5 * MINUTE)


@pytest.fixture(autouse=True)
def ended() -> Iterator[None]:
    """What a test leaves drawing neither draws nor logs in the next one."""
    before = set(threading.enumerate())
    yield
    for thread in set(threading.enumerate()) - before:
        thread.join(30)


@pytest.fixture
def lake() -> FakeLake:
    made = FakeLake()
    made.put("checkout", 0, 2, minutes=60)
    made.put("checkout", 60, 12, minutes=10)
    return made


@pytest.fixture
def graphs(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What was drawn."""
    found: list[Any] = []

    def draw(graph: Any) -> bytes:
        found.append(graph)
        return b"png"

    monkeypatch.setattr(illustrate, "draw", draw)
    return found


def fired(pictured: Pictured = PICTURED, **changes: Any) -> Alert:
    return replace(alert(metadata={"graph": pictured.to_json()}), starts_at=START + 65 * MINUTE, **changes)


def illustrated(made: Notification, lake: Any, rules: Judgement = NO_RULES, **options: Any) -> Notification:
    opened: Callable[[], Any] = lake if callable(lake) else lambda: lake
    return Illustrator(opened, lambda: rules, now=NOW, **options)(made)


def test_the_series_of_an_alert_are_drawn_with_threshold_and_firing_span(lake: FakeLake, graphs: list[Any]):
    found = illustrated(notification(fired()), lake).picture
    assert found is not None
    assert found.png == b"png"
    assert found.description == ("Checkout fails: service=checkout from 2026-03-02 10:05 to 2026-03-02 11:10 UTC")
    [graph] = graphs
    assert (graph.title, graph.unit, graph.start, graph.end) == (
        "Checkout fails", "errors Sum, Count", START + 5 * MINUTE, NOW)
    assert [(zone.low, zone.high) for zone in graph.zones] == [(10.0, None)]
    assert [(each.start, each.end) for each in graph.spans] == [(START + 65 * MINUTE, NOW)]
    [line] = graph.lines
    assert (line.name, line.values) == ("service=checkout", [2.0] * 55 + [12.0] * 10)
    assert line.timestamps[0] == (START + 5 * MINUTE).timestamp()


def test_it_is_really_drawn(lake: FakeLake):
    found = illustrated(notification(fired()), lake, one_s=60).picture
    assert found is not None
    assert found.png.startswith(b"\x89PNG")


def test_alerts_with_different_thresholds_share_a_picture_without_one(lake: FakeLake, graphs: list[Any]):
    lake.put("search", 0, 1, minutes=70)
    other = replace(PICTURED, series=(series("search"),), zones=((5.0, None),))
    illustrated(notification(fired(), fired(other, labels={"alertname": "B", "service": "search"})), lake)
    [graph] = graphs
    assert ([line.name for line in graph.lines], graph.zones) == (["service=checkout", "service=search"], [])


def test_a_resolved_alert_shows_how_it_ended_and_a_long_one_its_last_week():
    ended = fired(status="resolved", ends_at=START + 69 * MINUTE)
    assert span([ended], 5 * MINUTE, NOW + timedelta(days=1)).end == START + 84 * MINUTE
    old = replace(fired(), starts_at=NOW - timedelta(days=60))
    assert span([old], 5 * MINUTE, NOW).length == timedelta(days=7)


@pytest.mark.parametrize("made", [
    notification(),
    notification(fired(), kind="sns"),
    notification(fired(), options={"graph": False}),
    notification(alert(metadata={"graph": {"series": []}})),
], ids=["nothing to draw", "a topic", "by choice", "no series"])
def test_there_is_none_where_none_is_wanted(made: Notification, lake: FakeLake, graphs: list[Any]):
    assert illustrated(made, lake) == made
    assert graphs == []


@pytest.mark.parametrize("graph", [
    "text", 3, {"series": "x"}, {"series": [{}]}, {"series": [{"source": "cloudwatch"}]}, {"zones": []},
    PICTURED.to_json() | {"zones": [[1]]},
], ids=str)
def test_what_cannot_be_read_as_a_graph_is_left_out(graph: Any, lake: FakeLake):
    made = notification(alert(metadata={"graph": graph}))
    assert illustrated(made, lake) == made


def test_a_lake_that_fails_costs_the_picture_alone():
    def broken() -> Any:
        raise LakeError("the bucket is not there")

    made = notification(fired())
    assert illustrated(made, broken) == made


def test_a_lake_that_hangs_holds_up_one_message_for_its_time_and_no_other(lake: FakeLake):
    def hang() -> Any:
        time.sleep(1.5)
        raise LakeError("too late")

    illustrator, made = Illustrator(hang, lambda: NO_RULES, now=NOW, one_s=0.2), notification(fired())
    started = time.perf_counter()
    assert [illustrator(made), illustrator(made), illustrator(made)] == [made] * 3
    assert time.perf_counter() - started < 1


def test_once_the_time_for_pictures_is_spent_messages_go_without(lake: FakeLake, graphs: list[Any]):
    illustrator = Illustrator(lambda: lake, lambda: NO_RULES, now=NOW, all_s=0.000001)
    assert [illustrator(notification(fired())).picture for _ in range(3)].count(None) >= 2


def computed(*conditions: dict[str, Any]) -> Judgement:
    """`Ratio`, a rule for each of the conditions."""
    rules = [{"alert": "Ratio", "condition": condition} for condition in conditions]
    groups = [RuleGroup.model_validate({"name": f"g{at}", "interval": "1m", "rules": [rule]})
              for at, rule in enumerate(rules)]
    return Judgement(groups, Settings())


SHARE = {"type": "expression", "inputs": {"a": {"source": "cloudwatch", "namespace": "shop", "metric": "errors",
                                                "statistic": "Sum", "window": "1m", "aggregate": "last"}},
         "expression": "a / 4", "comparison": ">", "threshold": 2}


def ratio(**changes: Any) -> Alert:
    graph = {"series": [], "zones": [], "window_s": 60.0, "unit": ""}
    return replace(alert(labels={"alertname": "Ratio", "service": "checkout"}, metadata={"graph": graph}),
                   starts_at=START + 65 * MINUTE, **changes)


def test_what_an_expression_came_to_is_drawn_with_its_threshold(lake: FakeLake, graphs: list[Any]):
    lake.put("search", 0, 1, minutes=70)  # of which no alert tells
    found = illustrated(notification(ratio()), lake, computed(SHARE)).picture
    [graph] = graphs
    assert found is not None
    assert [(zone.low, zone.high) for zone in graph.zones] == [(2.0, None)]
    assert [(each.start, each.end) for each in graph.spans] == [(START + 65 * MINUTE, NOW)]
    [line] = graph.lines
    assert (line.name, set(line.values[-9:]), set(line.values[2:50])) == ("service=checkout", {3.0}, {0.5})


def test_a_long_time_is_judged_at_some_of_its_times(lake: FakeLake, graphs: list[Any]):
    lake.put("checkout", -9000, 2, minutes=9060)
    illustrated(notification(replace(ratio(), starts_at=START - 8000 * MINUTE)), lake, computed(SHARE), one_s=60)
    [graph] = graphs
    assert 100 <= len(graph.lines[0].values) <= 121


def test_a_rule_that_is_gone_has_no_picture(lake: FakeLake, graphs: list[Any]):
    made = notification(ratio())
    assert illustrated(made, lake) == made
    assert graphs == []
