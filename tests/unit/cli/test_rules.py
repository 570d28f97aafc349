"""`watchbill rules backtest` and `watchbill rules test`, as people run them."""

import json
from pathlib import Path

import pyarrow as pa
import pytest

from tests.contract.flows.world import MINUTE, START, TICK, series
from tests.unit.cli.terminal import watchbill
from tests.unit.declare.folder import Include
from watchbill.flows.coverage import mark_collected
from watchbill.lake.lake import Lake
from watchbill.model.windows import Window

RULES = """
groups:
  - name: shop
    rules:
      - alert: Errors
        condition: {source: cloudwatch, namespace: shop, metric: errors, statistic: Sum, window: 5m, aggregate: sum,
                    comparison: ">", threshold: 10}
        for: 5m
        labels: {severity: critical}
        annotations: {summary: "{{ labels.service }}: {{ value }}"}
"""
TESTS = """
rule_files: [rules.yaml]
evaluation_interval: 5m
tests:
  - name: an incident
    interval: 1m
    input_series:
      - series: 'errors{namespace="shop", statistic="Sum", service="checkout"}'
        values: 0x5 200x9 _x5 0x5
    alert_rule_test:
      - {eval_time: 5m, alertname: Errors}
      - {eval_time: 10m, alertname: Errors}
      - eval_time: 15m
        alertname: Errors
        exp_alerts:
          - exp_labels: {severity: critical, service: checkout}
            exp_annotations: {summary: "checkout: 1000.0"}
      - {eval_time: 20m, alertname: Errors}
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An include folder, and a lake in which checkout is bad from the fifth to the twentieth minute."""
    Include(tmp_path / "include")
    lake = Lake.open("lake", home=tmp_path)
    for tick, value in enumerate([0.0, 200.0, 200.0, 200.0, 0.0, 0.0]):
        window = Window(START + tick * TICK, START + (tick + 1) * TICK)
        stamps = [window.start + minute * MINUTE for minute in range(5)]
        table = pa.table({"series": pa.array([series("checkout").key] * 5, pa.int64()), "value": [value] * 5,
                          "timestamp": pa.array(stamps, pa.timestamp("ms", "UTC"))})
        lake.write("cloudwatch", window, 0, table.select(["series", "timestamp", "value"]), [series("checkout")],
                   collected_at=window.end)
        mark_collected("cloudwatch", window, lake, now=window.end)
    (tmp_path / "rules.yaml").write_text(RULES)
    (tmp_path / "tests.yaml").write_text(TESTS)
    (tmp_path / "include/watchbill.yaml").write_text("sources: {cloudwatch: {delay: 0s}}\n")
    return tmp_path


SPAN = ("--start", "2026-03-02T10:00:00Z", "--end", "2026-03-02T10:30:00Z", "--lake", "lake")


def test_a_file_of_rules_that_nobody_uses_can_be_tried_on_history(home: Path) -> None:
    said = watchbill("rules", "backtest", "rules.yaml", *SPAN, "--picture", "out.svg", cwd=home)
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines() == [
        "shop/Errors: 1 firings, 10m in alert (33.3% of the time), 6 evaluations",
        "week      firings  in alert", "2026-W10        1  10m",
        "start                 end                   lasted  labels",
        "2026-03-02T10:15:00Z  2026-03-02T10:25:00Z  10m     alertname=Errors, service=checkout, severity=critical"]
    assert (home / "out.svg").read_bytes().startswith(b"<?xml")


def test_a_rule_in_use_is_named(home: Path) -> None:
    said = watchbill("rules", "backtest", "HighErrorRate", *SPAN, "--json", cwd=home)
    assert said.code == 0
    [told] = json.loads(said.out)
    assert (told["rule"], told["evaluations"], len(told["firings"])) == ("shop/HighErrorRate", 6, 1)
    assert told["weeks"] == [{"week": "2026-W10", "firings": 1, "in_alert_s": 900.0}]


@pytest.mark.parametrize(("words", "why"), [
    (("Nothing", *SPAN), "watchbill: there is no rule and no file Nothing; rules are shop/HighErrorRate\n"),
    (("HighErrorRate", *SPAN[:4], "--lake", "away"), "there is no lake"),
])
def test_what_is_not_there_is_told(home: Path, words: tuple[str, ...], why: str) -> None:
    said = watchbill("rules", "backtest", *words, cwd=home)
    assert said.code == 1
    assert why in said.err


def test_rules_that_do_what_is_expected_pass(home: Path) -> None:
    said = watchbill("rules", "test", "tests.yaml", cwd=home)
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines() == [
        f"ok     tests.yaml: an incident: Errors at {at}" for at in ("5m", "10m", "15m", "20m")]


def test_what_is_missing_and_what_is_too_much_is_told_line_by_line(home: Path) -> None:
    (home / "tests.yaml").write_text(TESTS.replace("1000.0", "7.0").replace("eval_time: 20m", "eval_time: 16m"))
    said = watchbill("rules", "test", "tests.yaml", cwd=home)
    assert said.code == 1
    assert said.out.splitlines()[2:] == [
        "FAILED tests.yaml: an incident: Errors at 15m",
        "  - exp_labels.alertname: Errors", "  - exp_labels.service: checkout", "  - exp_labels.severity: critical",
        "  - exp_annotations.summary: checkout: 7.0",
        "  + exp_labels.alertname: Errors", "  + exp_labels.service: checkout", "  + exp_labels.severity: critical",
        "  + exp_annotations.summary: checkout: 1000.0",
        "FAILED tests.yaml: an incident: Errors at 16m",
        "  + exp_labels.alertname: Errors", "  + exp_labels.service: checkout", "  + exp_labels.severity: critical",
        "  + exp_annotations.summary: checkout: 1000.0"]
    assert json.loads(watchbill("rules", "test", "tests.yaml", "--json", cwd=home).out)[0] == {
        "file": "tests.yaml", "test": "an incident", "alertname": "Errors", "eval_time": "5m", "passed": True,
        "missing": [], "unexpected": []}


@pytest.mark.parametrize(("old", "new", "why"), [
    ("rules.yaml]", "away.yaml]", "watchbill: tests.yaml: there is no rule file away.yaml\n"),
    ("0x5 200x9", "0xx", "tests.yaml:9: tests[0].input_series[0].values: '0xx' are no values; write 1, _, 1x3, 0+10x5"),
    ('service="checkout"', "service=checkout",
     "tests.yaml:8: tests[0].input_series[0].series: 'service=checkout' is"),
    ("interval: 1m", "intervall: 1m", "tests.yaml:6: tests[0].intervall: unknown key (did you mean `interval`?)"),
])
def test_a_file_of_tests_that_is_wrong_is_told_with_its_line(home: Path, old: str, new: str, why: str) -> None:
    (home / "tests.yaml").write_text(TESTS.replace(old, new, 1))
    said = watchbill("rules", "test", "tests.yaml", cwd=home)
    assert said.code == 1
    assert why in said.err
