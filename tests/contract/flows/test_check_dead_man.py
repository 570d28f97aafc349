"""Who watches Watchbill: what is not done any more is told once it is overdue, and ends by itself."""

from datetime import datetime
from typing import Any

from sqlalchemy import insert

from tests.contract.flows.world import ALERTING, MINUTE, START
from watchbill.alerts.ledger import Ledger
from watchbill.alerts.tables import rule_clocks
from watchbill.flows.check_dead_man import DeadMan, check_dead_man
from watchbill.flows.coverage import PART, WHOLE
from watchbill.model.alerting import Alerting
from watchbill.model.metrics import MetricEntry
from watchbill.model.rules import RuleGroup
from watchbill.model.settings import DeadManSettings, Settings
from watchbill.model.windows import Window

TICK = 5 * MINUTE
SETTINGS = Settings(tick=TICK, dead_man=DeadManSettings(intervals=2))  # overdue after 15 minutes
ROUTING = Alerting.model_validate(ALERTING)
ENTRY = MetricEntry.model_validate({"name": "shop", "sources": "cloudwatch", "namespace": "shop", "metrics": "errors",
                                    "statistics": "Sum", "period": "1m"})
CONDITION = {"source": "cloudwatch", "namespace": "shop", "metric": "errors", "statistic": "Sum", "window": "5m",
             "aggregate": "sum", "comparison": ">", "threshold": 10}


class Coverage:
    """A lake that knows until when each source is whole, and no more."""

    def __init__(self) -> None:
        self.until: dict[str, datetime] = {}
        self.share = WHOLE

    def coverage(self, source: str, window: Window, share: str) -> list[Window]:
        until = self.until.get(source)
        if share != self.share or until is None or until <= window.start:
            return []
        return [Window(max(window.start, until - TICK), until)]


class World:
    def __init__(self, ledger: Ledger, *, interval: str = "") -> None:
        self.ledger, self.lake, self.settings = ledger, Coverage(), SETTINGS
        group: dict[str, Any] = {"name": "shop", "rules": [{"alert": "Errors", "condition": CONDITION}]}
        self.groups = [RuleGroup.model_validate(group | ({"interval": interval} if interval else {}))]

    def collected(self, minute: float) -> None:
        self.lake.until["cloudwatch"] = START + minute * MINUTE

    def judged(self, minute: float, rule: str = "shop/Errors") -> None:
        at = START + minute * MINUTE
        with self.ledger.transaction() as tx:
            tx.execute(rule_clocks.delete().where(rule_clocks.c.rule == rule))
            tx.execute(insert(rule_clocks).values(rule=rule, last_evaluated=at, updated_at=at))

    def look(self, minute: float) -> DeadMan:
        return check_dead_man(self.groups, [ENTRY], self.settings, self.lake, self.ledger,  # type: ignore[arg-type]
                              ROUTING, now=START + minute * MINUTE)

    def firing(self) -> list[dict[str, str]]:
        return [dict(state.alert.labels) for state in self.ledger.alerts(["firing"])]


NOT_COLLECTED = {"alertname": "WatchbillNotCollected", "source": "cloudwatch", "severity": "critical"}
NOT_EVALUATED = {"alertname": "WatchbillNotEvaluated", "group": "shop", "severity": "critical"}


def test_while_all_is_done_nothing_is_told_and_the_lags_are_known(ledger: Ledger) -> None:
    world = World(ledger)
    for minute in range(0, 60, 5):
        world.collected(minute - 1)
        world.judged(minute - 2)
        found = world.look(minute)
    assert world.firing() == []
    assert found.lags_s == {"source.cloudwatch": 60.0, "rules": 120.0}


def test_rules_that_are_not_judged_any_more_are_told_after_so_many_intervals_and_end_by_themselves(
        ledger: Ledger) -> None:
    world = World(ledger)
    world.judged(0)
    told = {}
    for minute in range(0, 40, 5):
        world.collected(minute)
        told[minute] = len(world.look(minute).overdue)
    assert told == {0: 0, 5: 0, 10: 0, 15: 0, 20: 1, 25: 1, 30: 1, 35: 1}
    [state] = ledger.alerts(["firing"])
    assert dict(state.alert.labels) == NOT_EVALUATED
    assert (state.alert.title, state.alert.starts_at) == (
        "The rules of the group shop have not been evaluated for 35m", START)

    world.judged(36)
    world.collected(40)
    world.look(40)
    assert world.firing() == []


def test_a_source_that_is_not_collected_is_told_and_not_its_rules_as_well(ledger: Ledger) -> None:
    world = World(ledger)
    world.collected(0)
    world.judged(0)
    for minute in range(0, 30, 5):
        world.look(minute)
    assert world.firing() == [NOT_COLLECTED]

    world.collected(29)
    world.judged(29)
    world.look(30)
    assert world.firing() == []


def test_rules_that_were_told_stay_told_while_their_source_is_late(ledger: Ledger) -> None:
    world = World(ledger)
    world.judged(0)
    for minute in range(0, 25, 5):
        world.collected(min(minute, 10))
        world.look(minute)
    assert world.firing() == [NOT_EVALUATED]
    for minute in range(25, 45, 5):
        world.look(minute)
    assert sorted(labels["alertname"] for labels in world.firing()) == ["WatchbillNotCollected",
                                                                       "WatchbillNotEvaluated"]


def test_a_source_of_which_a_part_came_in_is_collected(ledger: Ledger) -> None:
    world = World(ledger)
    world.lake.share = PART
    for minute in range(0, 40, 5):
        world.collected(minute)
        world.judged(minute)
        world.look(minute)
    assert world.firing() == []


def test_what_was_never_done_has_as_long_as_the_others(ledger: Ledger) -> None:
    world = World(ledger)
    told = {minute: world.look(minute).overdue for minute in range(0, 25, 5)}
    assert [minute for minute, names in told.items() if names] == [20]
    assert world.firing() == [NOT_COLLECTED]


def test_a_group_of_a_long_interval_is_overdue_after_so_many_of_its_own(ledger: Ledger) -> None:
    world = World(ledger, interval="1h")
    world.judged(0)
    for minute in range(0, 125, 5):
        world.collected(minute)
        world.look(minute)
    assert world.firing() == []
    for minute in range(125, 135, 5):
        world.collected(minute)
        world.look(minute)
    assert world.firing() == [NOT_EVALUATED]


def test_after_a_hole_in_its_own_runs_the_others_have_their_time_again_and_nothing_seems_well(ledger: Ledger) -> None:
    world = World(ledger)
    world.judged(0)
    for minute in (*range(0, 25, 5), *range(120, 140, 5)):
        world.collected(minute)
        found = world.look(minute)
        if minute == 120:
            assert (found.overdue, world.firing()) == ([], [NOT_EVALUATED])
    assert found.overdue == []


def test_a_rule_that_is_new_in_a_group_has_its_time(ledger: Ledger) -> None:
    world = World(ledger)
    for minute in range(0, 60, 5):
        world.collected(minute)
        world.judged(minute)
        world.look(minute)
    rules = [{"alert": name, "condition": CONDITION} for name in ("Errors", "More")]
    world.groups = [RuleGroup.model_validate({"name": "shop", "rules": rules})]
    told = {}
    for minute in range(60, 85, 5):
        world.collected(minute)
        world.judged(minute)
        told[minute] = len(world.look(minute).overdue)
    assert told == {60: 0, 65: 0, 70: 0, 75: 0, 80: 1}


def test_a_group_that_is_gone_ends(ledger: Ledger) -> None:
    world = World(ledger)
    world.judged(0)
    for minute in range(0, 30, 5):
        world.collected(minute)
        world.look(minute)
    assert world.firing() == [NOT_EVALUATED]
    world.groups = []
    world.look(30)
    assert world.firing() == []


def test_the_outbox_is_counted(ledger: Ledger) -> None:
    found = World(ledger).look(0).vitals
    assert (found.judged, found.firing, found.unsent, found.dead, found.oldest_unsent) == ({}, 0, 0, 0, None)
