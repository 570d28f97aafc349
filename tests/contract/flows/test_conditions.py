"""Conditions that need more than one metric, through the flow: other alerts, other sources, SQL."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from tests.contract.flows.world import MINUTE, START, TICK, World, errors_rule, series
from watchbill.alerts.ledger import Ledger
from watchbill.flows.coverage import mark_collected
from watchbill.lake.lake import Lake
from watchbill.model.windows import Window

QUERY = "SELECT dimensions['service'] AS service, sum(value) AS value FROM points WHERE name = 'errors' GROUP BY ALL"


def composite(expression: str, **changes: Any) -> dict[str, Any]:
    return {"alert": "Both", "condition": {"type": "composite", "expression": expression, **changes},
            "labels": {"severity": "critical"}}


def latency_rule(**changes: Any) -> dict[str, Any]:
    rule = errors_rule(alert="Latency", **changes)
    return {**rule, "condition": {**rule["condition"], "metric": "latency"}}


def firing(ledger: Ledger, alert: str = "Both") -> list[dict[str, str]]:
    return [dict(one.alert.labels) for one in ledger.alerts(["firing"]) if one.alert.labels["alertname"] == alert]


def test_a_composite_fires_in_the_tick_in_which_all_its_alerts_do(ledger: Ledger) -> None:
    world = World(ledger, composite("Errors and Latency"), errors_rule(), latency_rule())
    world.lake.put("checkout", 0, 200, minutes=10)
    world.lake.put("search", 0, 1, metric="latency")
    world.lake.put("search", 5, 200, metric="latency")
    world.evaluate(5)
    assert firing(ledger) == []
    world.evaluate(10)
    assert firing(ledger) == [{"alertname": "Both", "severity": "critical"}]
    world.lake.put("checkout", 10, 0)
    world.evaluate(15)
    assert firing(ledger) == []


def test_a_composite_on_a_label_is_one_alert_for_each_of_its_values(ledger: Ledger) -> None:
    world = World(ledger, errors_rule(), latency_rule(), composite("Errors and not Latency", on=["service"]))
    for service in ("checkout", "search"):
        world.lake.put(service, 0, 200)
    world.lake.put("search", 0, 200, metric="latency")
    world.evaluate(5)
    assert firing(ledger) == [{"alertname": "Both", "severity": "critical", "service": "checkout"}]


def test_a_composite_sees_how_rules_stand_that_are_not_due(ledger: Ledger) -> None:
    world = World(ledger, errors_rule())
    slow = World(ledger, latency_rule(), interval="1h").groups[0].model_copy(update={"name": "slow"})
    both = World(ledger, composite("Errors and Latency", on="service")).groups[0].model_copy(update={"name": "both"})
    world.groups += [slow, both]
    world.lake.put("checkout", -5, 200, metric="latency")
    world.lake.put("checkout", 5, 200)
    world.evaluate(0)
    found = world.evaluate(10)
    assert (found.rules, firing(ledger)) == (2, [{"alertname": "Both", "severity": "critical", "service": "checkout"}])


def test_missed_times_of_a_composite_are_made_up_for_in_step_with_its_alerts(ledger: Ledger) -> None:
    world = World(ledger, errors_rule(), latency_rule(), composite("Errors and Latency") | {"for": "10m"})
    world.lake.put("checkout", 0, 200, minutes=20)
    world.lake.put("checkout", 0, 200, metric="latency", minutes=20)
    world.evaluate(5)
    found = world.evaluate(20)
    assert found.evaluations == 9
    assert [one.alert.starts_at for one in ledger.alerts(["firing"]) if one.alert.labels["alertname"] == "Both"] == [
        START + 3 * TICK]


def test_a_composite_of_itself_is_not_judged_and_stops_no_other(ledger: Ledger) -> None:
    world = World(ledger, errors_rule(), composite("Both"))
    world.lake.put("checkout", 0, 200)
    found = world.evaluate(5)
    assert found.failed == {"shop/Both": "is composed of itself: shop/Both of shop/Both"}
    assert found.rules == 1


def test_a_rule_over_two_sources_waits_for_both(ledger: Ledger) -> None:
    of = {"namespace": "shop", "metric": "errors", "statistic": "Sum", "window": "5m", "aggregate": "sum"}
    world = World(ledger, {"alert": "Differ", "condition": {
        "type": "expression", "expression": "abs(a - b)", "comparison": ">", "threshold": 10,
        "inputs": {"a": {**of, "source": "cloudwatch"}, "b": {**of, "source": "datadog"}}}})
    world.lake.put("checkout", 0, 200)
    theirs = type(series("checkout"))("datadog", "d", "eu", "shop", "errors", "Sum", 60, (("service", "checkout"),))
    coverage = world.lake.coverage
    world.lake.coverage = lambda source, window, share: (  # type: ignore[method-assign]
        [] if source == "datadog" else coverage(source, window, share))
    quiet = world.evaluate(5, sources={"cloudwatch"})
    assert (quiet.rules, quiet.failed) == (0, {})
    told = world.evaluate(5, sources={"cloudwatch", "datadog"})
    assert told.failed == {"shop/Differ": "datadog was not collected for 2026-03-02T10:05:00Z"}
    world.lake.coverage = coverage  # type: ignore[method-assign]
    world.lake.points_of[theirs] = {START + minute * MINUTE: 1.0 for minute in range(5)}
    assert world.evaluate(5, sources={"datadog"}).rules == 1
    assert firing(ledger, "Differ") == [{"alertname": "Differ", "service": "checkout"}]


def test_what_cannot_be_matched_is_told_and_leaves_the_alerts_as_they_are(ledger: Ledger) -> None:
    of = {"source": "cloudwatch", "namespace": "shop", "metric": "errors", "statistic": "Sum", "window": "5m"}
    world = World(ledger, {"alert": "Odd", "condition": {
        "type": "expression", "expression": "a", "on": [], "comparison": ">", "threshold": 10, "inputs": {"a": of}}})
    world.lake.put("checkout", 0, 200)
    world.evaluate(5)
    assert firing(ledger, "Odd") == [{"alertname": "Odd"}]
    world.lake.put("search", 5, 0)
    found = world.evaluate(10)
    assert found.failed["shop/Odd"].startswith("input a has several series for all of it")
    assert firing(ledger, "Odd") == [{"alertname": "Odd"}]


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Two services; the errors of one end after ten minutes."""
    made = Lake.open("lake", home=tmp_path)
    for tick in range(3):
        window = Window(START + tick * TICK, START + (tick + 1) * TICK)
        rows = [(series(name), window.start + minute * MINUTE, value) for minute in range(5)
                for name, value in (("checkout", 200.0 if tick < 2 else 0.0), ("search", 1.0))]
        table = pa.table({"series": pa.array([one.key for one, _, _ in rows], pa.int64()),
                          "timestamp": pa.array([at for _, at, _ in rows], pa.timestamp("ms", "UTC")),
                          "value": [value for *_, value in rows]})
        made.write("cloudwatch", window, 0, table, [series("checkout"), series("search")], collected_at=window.end)
        mark_collected("cloudwatch", window, made, now=window.end)
    return made


def sql_rule(query: str = QUERY, **changes: Any) -> dict[str, Any]:
    return {"alert": "Sql", "annotations": {"summary": "{{ labels.service }}: {{ value }}"}, "condition": {
        "type": "sql", "query": query, "sources": "cloudwatch", "window": "5m", **changes}}


def test_a_query_is_judged_at_each_time_over_what_was_in_its_window_then(ledger: Ledger, lake: Lake) -> None:
    world = World(ledger, sql_rule(comparison=">", threshold=10) | {"for": "5m"})
    world.lake = lake  # type: ignore[assignment]
    world.evaluate(5)
    found = world.evaluate(10)
    assert (found.failed, firing(ledger, "Sql")) == ({}, [{"alertname": "Sql", "service": "checkout"}])
    assert ledger.alerts(["firing"])[0].alert.annotations == {"summary": "checkout: 1000.0"}
    world.evaluate(15)
    assert firing(ledger, "Sql") == []


@pytest.mark.parametrize(("query", "why"), [
    ("SELECT nonsense FROM points", "the query failed"),
    ("DROP VIEW points", "the lake answers one SELECT at a time and changes nothing"),
    ("SELECT * FROM read_csv('/etc/passwd')", "the query failed"),
    ("SELECT 'a' AS service, 1 AS value FROM range(2)", "several rows for the same labels"),
    ("SELECT range AS n FROM range(20000)", "20,000 rows"),
])
def test_a_query_that_fails_stops_only_its_rule(ledger: Ledger, lake: Lake, query: str, why: str) -> None:
    world = World(ledger, sql_rule(query), errors_rule())
    world.lake = lake  # type: ignore[assignment]
    found = world.evaluate(5)
    assert why in found.failed["shop/Sql"]
    assert world.firing() == ["checkout"]


def test_a_query_without_end_is_ended(ledger: Ledger, lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("watchbill.lake.query._MOST_S", 0.3)
    world = World(ledger, sql_rule("SELECT count(*) AS value FROM range(10000000000) a, range(1000) b"))
    world.lake = lake  # type: ignore[assignment]
    assert world.evaluate(5).failed == {"shop/Sql": "the query took longer than 0.3 s"}


def test_a_clock_that_goes_back_judges_nothing_twice(ledger: Ledger) -> None:
    world = World(ledger)
    world.lake.put("checkout", 0, 200, minutes=10)
    world.evaluate(10)
    before = ledger.history(), ledger.alerts()
    for minute in (5, 0, 10):
        assert world.evaluate(minute).rules == 0
    assert (ledger.history(), ledger.alerts()) == before
    assert world.evaluate(15).evaluations == 1


def test_ten_thousand_labels_and_a_megabyte_of_words_go_through(ledger: Ledger) -> None:
    many = {f"label_{number}": "x" * 10 for number in range(10_000)}
    annotations = {"summary": "y" * 1_000_000, "long": "z" * 40_000 + "{{ 1 }}"}
    world = World(ledger, errors_rule(labels=many, annotations=annotations))
    world.lake.put("checkout", 0, 200)
    assert world.evaluate(5).changed == 1
    [state] = ledger.alerts(["firing"])
    assert len(state.alert.labels) == 10_002
    assert len(state.alert.annotations["summary"]) == 1_000_000
    assert state.alert.annotations["long"] == "z" * 40_000 + "{{ 1 }}"  # more comes of it than may: as it was written
