"""The doors of the room: what is usable stays usable, and each kind answers for itself only."""

from datetime import timedelta
from pathlib import Path

import pytest

from watchbill.declare.load import (
    load,
    load_alerting,
    load_dashboards,
    load_metrics,
    load_rules,
    load_settings,
)
from watchbill.model.failures import DeclarationError

ROOT = Path(__file__).parents[3]
LOADERS = {"watchbill.yaml": load_settings, "metrics/shop.yaml": load_metrics, "rules/shop.yaml": load_rules,
           "alerting.yaml": load_alerting, "dashboards/shop.yaml": load_dashboards}


@pytest.mark.parametrize("broken", LOADERS)
def test_each_kind_answers_for_its_own_files_only(include, broken):
    include.write(broken, "unheard: of\n")
    for name, loader in LOADERS.items():
        if name == broken:
            with pytest.raises(DeclarationError) as caught:
                loader(include.path, {})
            assert {finding.file for finding in caught.value.findings} == {broken}
        else:
            loader(include.path, {})


def test_a_broken_rule_leaves_its_neighbours_alone(include):
    include.replace("rules/shop.yaml", "    rules:\n", "    rules:\n      - {alert: Broken, condition: {}}\n")
    declared = include.load()
    assert [rule.alert for rule in declared.groups[0].rules] == ["HighErrorRate"]
    assert {finding.field for finding in declared.findings} == {
        f"groups[0].rules[0].condition.{key}"
        for key in ("source", "namespace", "metric", "window", "comparison", "threshold")}


def test_a_key_written_twice_breaks_its_own_rule_only(include):
    include.replace("rules/shop.yaml", "    rules:\n", """    rules:
      - alert: Twice
        alert: Thrice
        condition: {source: cloudwatch, namespace: shop, metric: errors, statistic: Sum, window: 5m,
                    comparison: ">", threshold: 1}
""")
    declared = include.load()
    assert [rule.alert for rule in declared.groups[0].rules] == ["HighErrorRate"]
    assert [str(finding) for finding in declared.findings] == [
        "rules/shop.yaml:5: groups[0].rules[0].alert: is written twice, first in line 4 (keep one of them)"]


def test_variables_override_settings(include):
    settings = load_settings(include.path, {"WATCHBILL__TICK": "60s", "WATCHBILL__SOURCES__CLOUDWATCH__DELAY": "0s"})
    assert settings.tick == timedelta(minutes=1)
    assert settings.delay("cloudwatch") == timedelta(0)
    assert settings.delay("datadog") == timedelta(0)


def test_variables_override_settings_without_a_file(include):
    (include.path / "watchbill.yaml").unlink()
    assert load_settings(include.path, {"WATCHBILL__LAKE__URL": "s3://lake"}).lake.url == "s3://lake"


def test_a_wrong_variable_is_named(include):
    told = include.told(WATCHBILL__TICK="soon", WATCHBILL__LAKE__ULR="x", WATCHBILL_CASES="no setting")
    assert told == [
        "$WATCHBILL__LAKE__ULR: lake.ulr: unknown key (did you mean `url`?)",
        "$WATCHBILL__TICK: tick: 'soon' is no duration; write for example 30s, 5m, 1h30m or 2d",
    ]


def test_broken_settings_are_raised_when_they_are_needed(include):
    include.write("watchbill.yaml", "tick: soon\n")
    with pytest.raises(DeclarationError, match=r"watchbill\.yaml:1: tick"):
        include.load().require_settings()


def test_errors_are_asked_for_by_file_and_warnings_are_none(include):
    include.write("rules/other.yaml", "groups: 1\n")
    include.write("metrics/other.yaml", "# nothing\n")
    declared = include.load()
    assert str(declared.errors("rules/", "alerting.yaml")) == (
        "rules/other.yaml:1: groups: should be a list, not `1`")
    assert declared.errors("metrics/") is None
    assert len(declared.errors().findings) == 1


def test_the_shipped_declarations_are_sound():
    for environ in ({}, {"WATCHBILL__TICK": "60s", "WATCHBILL__SOURCES__CLOUDWATCH__DELAY": "0s"}):
        declared = load(ROOT / "include", environ)
        assert declared.findings == ()
        assert {rule.alert for group in declared.groups for rule in group.rules} >= {"HighErrorRate"}
        assert {dashboard.id for dashboard in declared.dashboards} >= {"service-overview", "machine"}
