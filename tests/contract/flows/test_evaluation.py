"""Evaluation writes what became of each rule, once, from stored points."""

from typing import Any

import pytest
from sqlalchemy import Connection

from tests.contract.flows.world import START, TICK, World, errors_rule, series
from watchbill.alerts import changes
from watchbill.alerts.ledger import Ledger
from watchbill.model.alerts import Alert


def test_a_breach_becomes_a_firing_alert_with_its_words(ledger: Ledger) -> None:
    world = World(ledger)
    world.lake.put("checkout", 0, 200)
    world.lake.put("search", 0, 1)
    found = world.evaluate(5)
    assert (found.rules, found.evaluations, found.states) == (1, 1, {"pending": 0, "firing": 1})
    labels = {"alertname": "Errors", "service": "checkout", "severity": "critical"}
    assert found.changes == [{"state": "firing", "rule": "shop/Errors", "labels": labels}]
    [state] = ledger.alerts(["firing"])
    assert state.alert == Alert(
        labels=labels, starts_at=START + TICK, annotations={"summary": "checkout has errors"},
        metadata={"value": 1000.0, "condition": "sum shop errors Sum over 5m > 10", "source": "cloudwatch",
                  "account": "123456789012", "region": "eu-west-1",
                  "graph": {"series": [series("checkout").to_json()], "zones": [], "unit": "", "window_s": 300.0}})


def test_a_second_run_of_the_same_window_changes_nothing(ledger: Ledger) -> None:
    world = World(ledger)
    world.lake.put("checkout", 0, 200)
    world.evaluate(5)
    before = ledger.history()
    world.lake.put("checkout", 0, 0)
    found = world.evaluate(5)
    assert (found.rules, found.skipped, found.changes) == (0, 1, [])
    assert world.firing() == ["checkout"]
    assert ledger.history() == before


def test_missed_runs_are_made_up_for_in_order(ledger: Ledger) -> None:
    world = World(ledger, errors_rule(**{"for": "15m"}))
    world.lake.put("checkout", 0, 200, minutes=20)
    world.evaluate(5)
    assert [one.state for one in ledger.alerts()] == ["pending"]
    found = world.evaluate(20)
    assert (found.evaluations, world.firing()) == (3, ["checkout"])
    assert [one.alert.starts_at for one in ledger.alerts()] == [START + 4 * TICK]


def test_a_dip_in_the_missed_runs_starts_for_again(ledger: Ledger) -> None:
    world = World(ledger, errors_rule(**{"for": "15m"}))
    world.lake.put("checkout", 0, 200, minutes=20)
    world.lake.put("checkout", 5, 0)
    world.evaluate(5)
    world.evaluate(20)
    assert world.firing() == []
    assert [one.state for one in ledger.alerts()] == ["pending"]


def test_the_end_of_a_breach_resolves_the_alert(ledger: Ledger) -> None:
    world = World(ledger)
    world.lake.put("checkout", 0, 200)
    world.lake.put("checkout", 5, 0)
    world.evaluate(5)
    labels = {"alertname": "Errors", "service": "checkout", "severity": "critical"}
    assert world.evaluate(10).changes == [{"state": "resolved", "rule": "shop/Errors", "labels": labels}]
    assert [one.alert.ends_at for one in ledger.alerts(["resolved"])] == [START + 2 * TICK]


def test_a_source_that_failed_neither_resolves_nor_forgets(ledger: Ledger) -> None:
    world = World(ledger)
    world.lake.put("checkout", 0, 200)
    world.evaluate(5)
    world.fail(10)
    found = world.evaluate(10)
    assert found.failed == {"shop/Errors": "cloudwatch was not collected for 2026-03-02T10:10:00Z"}
    assert world.firing() == ["checkout"]
    world.lake.put("checkout", 10, 200)
    assert world.evaluate(15).evaluations == 1  # what nobody saw is not judged as if it were missing
    assert world.firing() == ["checkout"]


def test_a_tick_that_was_collected_late_is_judged_then(ledger: Ledger) -> None:
    world = World(ledger)
    world.lake.put("checkout", 0, 200)
    world.evaluate(5)
    world.fail(10)
    world.evaluate(10)
    world.lake.uncollected.clear()
    world.lake.put("checkout", 5, 0)
    world.lake.put("checkout", 10, 200)
    assert world.evaluate(15).evaluations == 2


@pytest.mark.parametrize("wait", ["0s", "10m"])
def test_an_outage_of_the_source_resolves_nothing_although_it_outlasts_ticks(ledger: Ledger, wait: str) -> None:
    world = World(ledger, errors_rule(**{"for": wait}))
    world.lake.put("checkout", 0, 200, minutes=15)
    for minute in (5, 10, 15):
        world.tick(minute)
    for minute in (20, 25, 30):
        world.fail(minute)
        world.tick(minute)
    world.lake.put("checkout", 30, 200, minutes=10)
    for minute in (35, 40):
        world.tick(minute)
    assert [one.status for one in world.vendor.taken if one.channel.kind == "slack"] == ["firing"]


def test_a_rule_that_takes_missing_data_for_breaching_fires_also_when_its_source_failed(ledger: Ledger) -> None:
    world = World(ledger, errors_rule(treat_missing_data="breaching"))
    world.lake.put("checkout", 0, 0)
    world.evaluate(5)
    assert world.firing() == []
    world.fail(10)
    world.evaluate(10)
    assert world.firing() == ["checkout"]


def test_a_part_of_the_lake_that_cannot_be_read_stops_only_its_rules(ledger: Ledger) -> None:
    other = errors_rule(alert="Latency")
    other["condition"] = {**other["condition"], "metric": "latency"}
    world = World(ledger, errors_rule(), other)
    world.lake.put("checkout", 0, 200)
    world.lake.put("checkout", 0, 200, metric="latency")
    world.lake.broken = {"latency"}
    found = world.evaluate(5)
    assert found.failed == {"shop/Latency": "a file cannot be read"}
    assert found.rules == 1
    world.lake.broken = set()
    assert world.evaluate(5).rules == 1
    assert world.firing() == ["checkout", "checkout"]


def test_rules_of_one_condition_read_the_lake_once(ledger: Ledger) -> None:
    world = World(ledger, errors_rule(), errors_rule(alert="More", **{"for": "5m"}))
    world.lake.put("checkout", 0, 200)
    world.evaluate(5)
    assert world.lake.reads == 1


def test_of_two_evaluations_at_once_one_writes(ledger: Ledger) -> None:
    world = World(ledger)
    world.lake.put("checkout", 0, 200)
    other = World(ledger)
    other.lake.put("checkout", 0, 200)
    world.lake.before_read = lambda: other.evaluate(5) and None  # type: ignore[func-returns-value]
    found = world.evaluate(5)
    assert (found.rules, found.skipped, found.changes) == (0, 1, [])
    assert [row["kind"] for row in ledger.history()] == ["alert_firing"]


def test_a_rule_that_is_gone_resolves_where_every_file_was_read(ledger: Ledger) -> None:
    world = World(ledger)
    world.lake.put("checkout", 0, 200)
    world.evaluate(5)
    world.groups = []
    world.evaluate(10)
    assert world.firing() == ["checkout"]
    world.evaluate(15, retire=True)
    assert world.firing() == []
    assert [one.alert.ends_at for one in ledger.alerts(["resolved"])] == [START + 3 * TICK]


def test_a_severity_that_rises_with_the_value_is_another_alert(ledger: Ledger) -> None:
    world = World(ledger, errors_rule(labels={"severity": "{{ 'critical' if value > 100 else 'warning' }}"}))
    world.lake.put("checkout", 0, 10)
    world.evaluate(5)
    world.lake.put("checkout", 5, 200)
    world.evaluate(10)
    found = {(one.state, one.alert.severity) for one in ledger.alerts(["firing", "resolved"])}
    assert found == {("resolved", "warning"), ("firing", "critical")}


def test_what_pends_again_does_not_hide_a_resolve_that_is_still_to_be_told(ledger: Ledger) -> None:
    world = World(ledger, errors_rule(**{"for": "5m"}))
    world.lake.put("checkout", 0, 200, minutes=10)
    world.evaluate(5)
    world.evaluate(10)
    world.lake.put("checkout", 10, 0)
    world.evaluate(15)
    world.lake.put("checkout", 15, 200)
    world.evaluate(20)
    found = [one.state for one in ledger.alerts(["pending", "firing", "resolved"])]
    assert sorted(found) == ["pending", "resolved"]


@pytest.mark.parametrize("statements", range(2, 11))
def test_a_crash_while_writing_leaves_everything_as_it_was(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, statements: int,
) -> None:
    world = World(ledger)
    world.lake.put("checkout", 0, 200)
    world.lake.put("search", 0, 200)
    execute, done = Connection.execute, []

    def dies(self: Connection, *args: Any, **kwargs: Any) -> Any:
        done.append(args)
        if len(done) > statements:
            raise KeyboardInterrupt
        return execute(self, *args, **kwargs)

    monkeypatch.setattr(Connection, "execute", dies)
    with pytest.raises(KeyboardInterrupt):
        world.evaluate(5)
    monkeypatch.undo()
    assert (world.firing(), ledger.history()) == ([], [])
    world.evaluate(5)
    assert world.firing() == ["checkout", "search"]


def test_an_alert_that_fires_on_tells_its_newest_value(ledger: Ledger) -> None:
    world = World(ledger, errors_rule(annotations={"summary": "{{ value }}"}))
    world.lake.put("checkout", 0, 200)
    world.lake.put("checkout", 5, 300)
    world.evaluate(5)
    found = world.evaluate(10)
    assert (found.changed, found.changes) == (0, [])
    [state] = ledger.alerts(["firing"])
    assert (state.alert.annotations, state.alert.starts_at) == ({"summary": "1500.0"}, START + TICK)
    assert [row["kind"] for row in ledger.history()] == ["alert_firing"]


def test_a_rule_that_says_something_else_says_it_at_the_next_evaluation(ledger: Ledger) -> None:
    world = World(ledger)
    world.lake.put("checkout", 0, 200, minutes=10)
    world.evaluate(5)
    world.groups = World(ledger, errors_rule(annotations={"summary": "new"})).groups
    world.evaluate(10)
    assert [one.alert.annotations for one in ledger.alerts(["firing"])] == [{"summary": "new"}]


def test_what_pends_without_a_clock_after_a_hole_is_written_down(ledger: Ledger) -> None:
    world = World(ledger, errors_rule(treat_missing_data="ignore", **{"for": "30m"}))
    world.lake.put("checkout", 0, 200)
    world.evaluate(5)
    world.fail(10)
    world.evaluate(10)
    world.evaluate(15)  # nobody looked, and then there was no data: the clock of `for` has to begin again
    assert [(one.state, one.alert.starts_at) for one in ledger.alerts()] == [("pending", START + 3 * TICK)]


def test_what_stands_as_it_stood_is_not_written(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(ledger)
    world.lake.put("checkout", 0, 200, minutes=10)
    world.evaluate(5)
    monkeypatch.setattr(changes, "stage", None)
    assert world.evaluate(10).states == {"pending": 0, "firing": 1}


def test_an_instance_whose_series_is_gone_keeps_its_words_while_it_is_kept_firing(ledger: Ledger) -> None:
    world = World(ledger, errors_rule(keep_firing_for="1h"))
    world.lake.put("checkout", 0, 200)
    world.evaluate(5)
    before = ledger.alerts(["firing"])
    world.lake.points_of.clear()
    world.evaluate(10)
    assert ledger.alerts(["firing"]) == before


@pytest.mark.parametrize("text", [
    "\0", "a\tb", "ünïcode ✓ 👩‍🚒", 'quo"te,\n\\N', "\x7f", "‮rtl", "x" * 100_000, ",", "%s"])
def test_any_text_from_outside_comes_through_as_it_is(ledger: Ledger, text: str) -> None:
    world = World(ledger, errors_rule(labels={"{": text.replace("{", "")}, annotations={",%s": text}))
    world.lake.put(text, 0, 200)
    world.lake.put(text, 5, 0)
    world.evaluate(5)
    [state] = ledger.alerts(["firing"])
    assert state.alert.labels == {"service": text, "{": text, "alertname": "Errors"}
    assert state.alert.annotations == {",%s": text}
    assert world.evaluate(10).changes[0]["labels"] == state.alert.labels
    assert [row["detail"].get("labels") for row in ledger.history()] == [state.alert.labels, None]


def test_a_group_with_an_interval_below_the_tick_is_judged_moment_by_moment(ledger: Ledger) -> None:
    rule = errors_rule(**{"for": "3m"})
    rule["condition"] = {**rule["condition"], "window": "1m", "threshold": 100}
    world = World(ledger, rule, interval="1m")
    world.lake.put("checkout", -1, 0)
    world.evaluate(0)
    world.lake.put("checkout", 1, 200, minutes=4)  # breaching at the minutes 2, 3, 4 and 5
    assert world.evaluate(5).evaluations == 5
    assert world.firing() == ["checkout"]
    [alert] = ledger.alerts(["firing"])
    assert alert.alert.starts_at == START + TICK
