"""A backtest is what live ticks would have done: the same engine over the same points, all at once."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.contract.flows.world import MINUTE, START, TICK, World, errors_rule
from watchbill.alerts.ledger import Ledger
from watchbill.flows.backtest_rules import Backtest, backtest_rules
from watchbill.flows.replay_rules import replay_rules
from watchbill.graphs.graph import Span
from watchbill.model.failures import RuleError
from watchbill.model.rules import RuleGroup
from watchbill.model.windows import Window

TICKS = 14
Lived = dict[tuple[str, datetime], datetime | None]
"""Labels and start of each firing, with its end."""

_VALUES = st.lists(st.lists(st.sampled_from([None, 0.0, 5.0, 20.0, 300.0]), min_size=TICKS, max_size=TICKS),
                   min_size=1, max_size=2)
_OF = {"source": "cloudwatch", "namespace": "shop", "metric": "errors", "statistic": "Sum"}
_CONDITIONS: list[dict[str, Any]] = [
    {**_OF, "window": "5m", "aggregate": "avg", "comparison": ">", "threshold": 10},
    {**_OF, "window": "15m", "aggregate": "last", "comparison": ">=", "threshold": 20},
    {**_OF, "type": "datapoints", "period": "1m", "evaluation_periods": 10, "datapoints_to_alarm": 6, "comparison": ">",
     "threshold": 4},
    {**_OF, "type": "absence", "window": "5m", "lookback": "20m"},
    {**_OF, "type": "range", "window": "5m", "range": "inside", "lower": 1, "upper": 50},
    {**_OF, "type": "change", "offset": "10m", "change": "difference", "window": "5m", "comparison": ">",
     "threshold": 0},
    {"type": "expression", "inputs": {"a": {**_OF, "window": "10m", "aggregate": "avg"}}, "expression": "a ** 2",
     "comparison": ">", "threshold": 100},
]
_LABELS = [{"severity": "critical"}, {"severity": "{{ 'critical' if (value or 0) > 100 else 'warning' }}"}]


def rules(condition: dict[str, Any], labels: dict[str, str], **fields: Any) -> list[dict[str, Any]]:
    return [{"alert": "Errors", "condition": condition, "labels": labels, **fields},
            {"alert": "Both", "condition": {"type": "composite", "expression": "Errors and not Never",
                                            "on": "service"}},
            errors_rule(alert="Never", labels={}) | {"condition": {**_CONDITIONS[0], "threshold": 1e9}}]


def filled(world: World, values: list[list[float | None]], holes: set[int]) -> None:
    for name, found in zip("ab", values, strict=False):
        for tick, value in enumerate(found):
            if value is not None:
                world.lake.put(name, 5 * tick, value)
    for tick in holes:
        world.fail(5 * (tick + 1))


def live(world: World) -> Lived:
    """What the ledger says after each tick."""
    lived: Lived = {}
    for tick in range(1, TICKS + 1):
        world.evaluate(5 * tick)
        at = START + tick * TICK
        fires = {str(sorted(one.alert.labels.items())) for one in world.ledger.alerts(["firing"])}
        for key in [key for key, end in lived.items() if end is None and key[0] not in fires]:
            lived[key] = at
        began = {labels for labels, _ in lived if lived[labels, _] is None}
        lived |= {(labels, at): None for labels in fires - began}
    return lived


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=_VALUES, holes=st.sets(st.integers(1, TICKS - 1), max_size=3), condition=st.sampled_from(_CONDITIONS),
       labels=st.sampled_from(_LABELS), wait=st.sampled_from(["0s", "5m", "12m"]), keep=st.sampled_from(["0s", "10m"]),
       policy=st.sampled_from(["missing", "ignore", "breaching", "notBreaching"]), at_once=st.sampled_from([3, 288]))
def test_a_backtest_is_what_live_ticks_have_done(
    values: Any, holes: set[int], condition: dict[str, Any], labels: dict[str, str], wait: str, keep: str, policy: str,
    at_once: int,
) -> None:
    ledger = Ledger.open("sqlite://")
    ledger.migrate()
    missing = {} if condition.get("type") == "absence" else {"treat_missing_data": policy}
    world = World(ledger, *rules(condition, labels, **{"for": wait}, keep_firing_for=keep, **missing))
    filled(world, values, holes)
    lived = live(world)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("watchbill.flows.replay_rules._TIMES_AT_ONCE", at_once)
        replayed = replay_rules(world.groups, ["shop/Errors", "shop/Both", "shop/Never"], world.settings,
                                world.lake, Window(START, START + TICKS * TICK))  # type: ignore[arg-type]
    assert {(str(sorted(one.labels.items())), one.start): one.end for rule in replayed for one in rule.firings} == lived
    ledger.close()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=_VALUES, holes=st.sets(st.integers(1, TICKS - 1), max_size=3), condition=st.sampled_from(_CONDITIONS),
       ran=st.sets(st.integers(2, TICKS - 1)), wait=st.sampled_from(["0s", "12m"]),
       keep=st.sampled_from(["0s", "10m"]))
def test_runs_that_were_missed_and_made_up_for_end_where_the_backtest_does(
    values: Any, holes: set[int], condition: dict[str, Any], ran: set[int], wait: str, keep: str,
) -> None:
    ledger = Ledger.open("sqlite://")
    ledger.migrate()
    world = World(ledger, *rules(condition, _LABELS[0], **{"for": wait}, keep_firing_for=keep))
    filled(world, values, holes)
    for tick in sorted({1, TICKS} | ran):
        world.evaluate(5 * tick)
    replayed = replay_rules(world.groups, ["shop/Errors", "shop/Both"], world.settings,
                            world.lake, Window(START, START + TICKS * TICK))  # type: ignore[arg-type]
    assert {(str(sorted(one.alert.labels.items())), one.alert.starts_at) for one in ledger.alerts(["firing"])} == {
        (str(sorted(one.labels.items())), one.start) for rule in replayed for one in rule.firings if one.end is None}
    ledger.close()


def backtest(world: World, **options: Any) -> Backtest:
    [found] = backtest_rules(world.groups, ["shop/Errors"], world.settings, world.lake,  # type: ignore[arg-type]
                             Window(START, START + 30 * MINUTE), **options)
    return found


@pytest.fixture
def world() -> World:
    """Checkout is bad for ten minutes, search for the next ten, and nothing was collected for five."""
    made = World(Ledger.open("sqlite://"))
    for tick, (checkout, search) in enumerate([(0, 0), (200, 0), (200, 200), (0, 200), (0, 0), (0, 0)]):
        made.lake.put("checkout", 5 * tick, checkout)
        made.lake.put("search", 5 * tick, search)
    made.fail(30)
    return made


def test_a_backtest_tells_firings_their_time_and_what_was_not_collected(world: World) -> None:
    found = backtest(world)
    at = [START + minutes * MINUTE for minutes in (0, 10, 15, 20, 25)]
    assert [(one.labels["service"], one.start, one.end, one.annotations) for one in found.replayed.firings] == [
        ("checkout", at[1], at[3], {"summary": "checkout has errors"}),
        ("search", at[2], at[4], {"summary": "search has errors"})]
    assert (found.replayed.evaluations, found.replayed.missed) == (5, 1)
    assert found.spans == [Span(at[1], at[4])]
    assert found.in_alert == timedelta(minutes=15)
    assert [(one.week, one.firings, one.in_alert) for one in found.weeks] == [("2026-W10", 2, timedelta(minutes=15))]


def test_a_firing_at_the_end_of_the_span_fires_on(world: World) -> None:
    world.lake.put("checkout", 20, 200)
    found = backtest(world)
    assert found.replayed.firings[-1].end is None
    assert found.to_json()["firings"][-1]["end"] is None
    assert found.in_alert == timedelta(minutes=20)


@pytest.mark.parametrize(("kind", "begins"), [("png", b"\x89PNG"), ("svg", b"<?xml")])
def test_a_picture_has_what_was_judged(world: World, kind: Any, begins: bytes) -> None:
    found = backtest(world, pictured=True)
    assert {name: [value for _, value in points] for name, points in found.lines.items()} == {
        "service=checkout": [0, 1000, 1000, 0, 0], "service=search": [0, 0, 1000, 1000, 0]}
    assert found.draw(kind).startswith(begins)


def test_weeks_share_the_time_of_a_firing_that_lasts() -> None:
    found = Backtest(None, Window(START, START + timedelta(days=9)))  # type: ignore[arg-type]
    firing = type("F", (), {"start": START + timedelta(days=5), "end": None})
    found.replayed = type("R", (), {"firings": [firing]})  # type: ignore[assignment]
    assert [(one.week, one.firings, one.in_alert) for one in found.weeks] == [
        ("2026-W10", 1, timedelta(days=1, hours=14)), ("2026-W11", 0, timedelta(days=2, hours=10))]


def test_a_rule_that_cannot_be_judged_says_why(world: World) -> None:
    condition = {"type": "expression", "inputs": {"a": {**_OF, "window": "5m"}}, "on": [], "expression": "a",
                 "comparison": ">", "threshold": 1}
    world.groups = [RuleGroup.model_validate({"name": "shop", "rules": [{"alert": "Errors", "condition": condition}]})]
    with pytest.raises(RuleError, match="shop/Errors: input a has several series"):
        backtest(world)
