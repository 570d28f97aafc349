"""Inhibition as Alertmanager's own tests and a live Alertmanager have it."""

from typing import Any

import pytest

from tests.unit.alerts.cases import load
from watchbill.alerts.inhibition import Inhibitor
from watchbill.model.alerting import InhibitRule
from watchbill.model.alerts import fingerprint

pytestmark = pytest.mark.cases


def _firing(alerts: list[dict[str, Any]]) -> list[dict[str, str]]:
    latest = {fingerprint(alert["labels"]): alert for alert in alerts}
    return [alert["labels"] for alert in latest.values() if (alert["ends_at_offset_s"] or 1) > 0]


@pytest.mark.parametrize("cases", load("inhibit_cases.json"))
def test_sources_inhibit_targets_with_equal_labels(cases: dict[str, Any]) -> None:
    for case in cases["has_equal"]:
        # The table asks for equality alone, so a label of our own makes the target one-sided.
        rule = InhibitRule.model_validate({"equal": case["equal"], "target_matchers": ["asked=yes"]})
        inhibitor = Inhibitor([rule], _firing(case["source_alerts"]))
        assert inhibitor.mutes({**case["target_labels"], "asked": "yes"}) == case["inhibited"], case["name"]


@pytest.mark.parametrize("cases", load("inhibit_cases.json"))
def test_inhibition_follows_the_table_of_alertmanager(cases: dict[str, Any]) -> None:
    for case in cases["inhibit"]:
        rules = [InhibitRule.model_validate(rule) for rule in case["inhibit_rules"]]
        muted = Inhibitor(rules, _firing(case["active_alerts"])).mutes(case["target_labels"])
        assert muted == case["inhibited"], case


@pytest.mark.parametrize("cases", load("inhibit_silence_live_cases.json"))
def test_inhibition_follows_a_live_alertmanager(cases: dict[str, Any]) -> None:
    for case in cases["inhibition"]:
        rules = [InhibitRule.model_validate(rule) for rule in case["inhibit_rules"]]
        inhibitor = Inhibitor(rules, [alert["labels"] for alert in case["alerts"] if not alert["resolved"]])
        labels = {alert["id"]: alert["labels"] for alert in case["alerts"]}
        found = [{"id": e["id"], "inhibited": inhibitor.mutes(labels[e["id"]])} for e in case["expected"]]
        assert found == case["expected"]
