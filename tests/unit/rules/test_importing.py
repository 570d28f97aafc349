"""Alarms of CloudWatch and monitors of Datadog as rules: what becomes of each, and what is said of the rest."""

from typing import Any

import pytest

from watchbill.declare.load import load
from watchbill.rules.importing import cloudwatch, datadog
from watchbill.rules.importing.imported import Imported, entries, groups, written

ALARM = {"AlarmName": "cpu", "Namespace": "AWS/EC2", "MetricName": "CPUUtilization", "Statistic": "Average",
         "Dimensions": [{"Name": "InstanceId", "Value": "i-1"}], "Period": 300, "EvaluationPeriods": 1,
         "Threshold": 80.0, "ComparisonOperator": "GreaterThanThreshold"}
MATH = {"AlarmName": "Errors: ratio", "EvaluationPeriods": 1, "Threshold": 5.0,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold", "Metrics": [
            {"Id": "percent", "Expression": "100*ratio", "ReturnData": True},
            {"Id": "ratio", "Expression": "errors/FILL(m2,0)", "ReturnData": False},
            *({"Id": name, "ReturnData": False, "MetricStat": {"Period": 60, "Stat": "Sum", "Metric": {
                "Namespace": "shop", "MetricName": metric, "Dimensions": [{"Name": "service", "Value": "checkout"}]}}}
              for name, metric in (("errors", "errors"), ("m2", "requests")))]}
MONITOR = {"id": 1, "name": "cpu", "type": "query alert", "options": {},
           "query": "avg(last_5m):avg:system.cpu.user{env:prod,!role:db} by {host} > 90"}


def alarm(**given: Any) -> Imported:
    [found] = cloudwatch.imported({"MetricAlarms": [{**ALARM, **given}]})
    return found


def monitor(**given: Any) -> Imported:
    [found] = datadog.imported([{**MONITOR, **given}])
    return found


def test_an_alarm_on_a_metric_is_a_rule_at_its_own_period() -> None:
    found = alarm(EvaluationPeriods=3, TreatMissingData="notBreaching", AlarmDescription="It {{burns}}")
    assert found.to_json() == {"name": "cpu", "verdict": "whole", "why": [], "notes": []}
    assert (found.interval, found.rules) == ("5m", [{
        "alert": "cpu", "treat_missing_data": "notBreaching",
        "annotations": {"description": "{% raw %}It {{burns}}{% endraw %}"},
        "condition": {"type": "datapoints", "source": "cloudwatch", "namespace": "AWS/EC2",
                      "metric": "CPUUtilization", "statistic": "Average", "dimensions": {"InstanceId": "i-1"},
                      "period": "5m", "evaluation_periods": 3, "comparison": ">", "threshold": 80.0}}])
    assert found.entry == {"name": "aws-ec2-cpuutilization-i-1", "sources": "cloudwatch", "namespace": "AWS/EC2",
                           "metrics": "CPUUtilization", "statistics": "Average", "dimensions": {"InstanceId": "i-1"},
                           "period": "5m"}


def test_metric_math_becomes_an_entry_that_computes_it() -> None:
    [found] = cloudwatch.imported([MATH])
    assert found.verdict == "whole"
    assert found.entry == {
        "name": "errors-ratio", "sources": "cloudwatch", "namespace": "imported", "metrics": "errors_ratio",
        "expression": "100*(errors/FILL(m2,0))", "period": "1m", "queries": {
            name: {"namespace": "shop", "metric": metric, "statistic": "Sum", "dimensions": {"service": "checkout"}}
            for name, metric in (("errors", "errors"), ("m2", "requests"))}}
    assert found.rules[0]["condition"] == {
        "type": "datapoints", "source": "cloudwatch", "namespace": "imported", "metric": "errors_ratio",
        "statistic": "Expression", "period": "1m", "evaluation_periods": 1, "comparison": ">=", "threshold": 5.0}


def test_m_of_n_datapoints_are_what_they_are() -> None:
    found = alarm(EvaluationPeriods=5, DatapointsToAlarm=3)
    assert (found.verdict, found.rules[0]["condition"]["evaluation_periods"],
            found.rules[0]["condition"]["datapoints_to_alarm"]) == ("whole", 5, 3)


@pytest.mark.parametrize(("rule", "expression", "verdict"), [
    ('ALARM("cpu") AND NOT (ALARM(disk) OR ALARM(\'a b\'))', '"cpu" and not ("disk" or "a b")', "whole"),
    ("alarm(arn:aws:cloudwatch:eu-west-1:123456789012:alarm:cpu)", '"cpu"', "whole"),
    ("OK(cpu) and ALARM(disk)", 'not "cpu" and "disk"', "lossy"),
])
def test_composite_alarms_are_expressions_over_alerts(rule: str, expression: str, verdict: str) -> None:
    *_, found = cloudwatch.imported({
        "MetricAlarms": [{**ALARM, "AlarmName": name} for name in ("cpu", "disk", "a b")],
        "CompositeAlarms": [{"AlarmName": "both", "AlarmRule": rule}]})
    assert (found.rules, found.verdict) == (
        [{"alert": "both", "condition": {"type": "composite", "expression": expression}}], verdict)


@pytest.mark.parametrize(("rule", "why"), [
    ("ALARM(nobody)", "is composed of nobody, which is not there"), ("TRUE", "its rule says TRUE or FALSE, which no "
     "alert does"), ("ALARM(cpu) XOR ALARM(cpu)", "its rule cannot be read from 'XOR ALARM(cpu)' on"),
    ("ALARM(odd)", "is composed of odd, which is impossible"), ("ALARM(cpu) AND", "its rule is not made of alerts, "
     "`and`, `or` and `not`; a name with spaces needs quotes"),
    ("INSUFFICIENT_DATA(cpu)", "asks whether cpu has too little data: write a rule for its absence"),
])
def test_composite_alarms_that_ask_for_more_are_impossible(rule: str, why: str) -> None:
    *_, found = cloudwatch.imported({
        "MetricAlarms": [ALARM, {**ALARM, "AlarmName": "odd", "ThresholdMetricId": "x"}],
        "CompositeAlarms": [{"AlarmName": "both", "AlarmRule": rule}]})
    assert (found.impossible, found.rules) == (why, [])


def test_composites_of_composites_come_after_them() -> None:
    found = cloudwatch.imported({"MetricAlarms": [ALARM], "CompositeAlarms": [
        {"AlarmName": "outer", "AlarmRule": "ALARM(inner)"}, {"AlarmName": "inner", "AlarmRule": "ALARM(cpu)"}]})
    assert [(one.name, one.verdict) for one in found] == [("cpu", "whole"), ("inner", "whole"), ("outer", "whole")]


@pytest.mark.parametrize(("given", "why"), [
    ({"Unit": "Percent"}, "judges datapoints of every unit, not only of Percent"),
    ({"Dimensions": []}, "judges every series of the metric that is collected, not only the one without dimensions"),
    ({"EvaluateLowSampleCountPercentile": "ignore"}, "judges percentiles of few samples too"),
    ({"ActionsEnabled": False},
     "its actions are switched off: the rule tells all the same, unless a silence keeps it quiet"),
    ({"AlarmActions": ["arn:aws:automate:eu-west-1:ec2:reboot"]},
     "does not do arn:aws:automate:eu-west-1:ec2:reboot: keep the alarm for that"),
])
def test_what_a_rule_does_not_do_of_an_alarm_is_told(given: dict[str, Any], why: str) -> None:
    found = alarm(**given)
    assert (found.verdict, found.lost, len(found.rules)) == ("lossy", [why], 1)


def test_a_topic_is_not_lost_but_belongs_elsewhere() -> None:
    found = alarm(AlarmActions=["arn:aws:sns:eu-west-1:123456789012:ops"], OKActions=[])
    assert (found.verdict, found.notes) == (
        "whole", ["tells arn:aws:sns:eu-west-1:123456789012:ops: give a receiver of alerting.yaml that topic"])


def test_bands_of_anomalies_are_impossible() -> None:
    found = alarm(ComparisonOperator="GreaterThanUpperThreshold", ThresholdMetricId="a")
    assert (found.verdict, found.rules, found.entry, found.impossible) == (
        "impossible", [], None, "compares with a band of anomalies, which CloudWatch alone can compute")


def test_a_monitor_of_one_metric_is_a_rule_on_its_query() -> None:
    found = monitor(tags=["team:shop", "urgent"], priority=2)
    assert (found.verdict, found.interval) == ("whole", "1m")
    assert found.entry == {"name": "system-cpu-user-host-env", "sources": "datadog", "period": "1m",
                           "query": "avg:system.cpu.user{env:prod,!role:db} by {host}"}
    assert found.rules == [{
        "alert": "cpu", "treat_missing_data": "ignore", "labels": {"team": "shop", "severity": "error"},
        "condition": {"source": "datadog", "namespace": "system", "metric": "cpu.user", "statistic": "Average",
                      "dimensions": {"host": "*", "env": "prod"}, "window": "5m", "aggregate": "avg",
                      "comparison": ">", "threshold": 90.0}}]


def test_arithmetic_of_a_monitor_becomes_a_formula() -> None:
    found = monitor(name="Ratio", query="sum(last_10m):( sum:shop.errors{*}.as_count() / sum:shop.requests{*} ) * 100 "
                                        ">= 5.5")
    assert found.entry == {
        "name": "ratio", "sources": "datadog", "namespace": "imported", "metrics": "ratio", "period": "1m",
        "formula": "( q0 / q1 ) * 100",
        "queries": {"q0": "sum:shop.errors{*}.as_count()", "q1": "sum:shop.requests{*}"}}
    assert found.rules[0]["condition"] == {
        "source": "datadog", "namespace": "imported", "metric": "ratio", "statistic": "Formula", "window": "10m",
        "aggregate": "sum", "comparison": ">=", "threshold": 5.5}


@pytest.mark.parametrize(("word", "change"), [("change", "difference"), ("pct_change", "percent")])
def test_a_change_is_judged_against_the_same_time_before(word: str, change: str) -> None:
    found = monitor(query=f"{word}(max(last_5m),last_1h):avg:x.y{{*}} by {{host}} > 50")
    assert (found.verdict, found.rules[0]["condition"]) == ("whole", {
        "type": "change", "source": "datadog", "namespace": "x", "metric": "y", "statistic": "Average",
        "dimensions": {"host": "*"}, "window": "5m", "aggregate": "max", "comparison": ">", "change": change,
        "offset": "1h", "threshold": 50.0})


def test_missing_data_is_told_by_a_rule_of_its_own() -> None:
    found = monitor(options={"notify_no_data": True, "no_data_timeframe": 20})
    assert found.rules[1] == {"alert": "cpu no data", "labels": {}, "condition": {
        "type": "absence", "source": "datadog", "namespace": "system", "metric": "cpu.user", "statistic": "Average",
        "dimensions": {"host": "*", "env": "prod"}, "window": "20m"}}


def test_composite_monitors_are_expressions_over_the_others() -> None:
    found = datadog.imported([
        {"id": 9, "name": "both", "type": "composite", "query": "1 && !( 2 || 1 )", "message": "Both @me"},
        {**MONITOR, "id": 1}, {**MONITOR, "id": 2},
        {"id": 10, "name": "none", "type": "composite", "query": "1 && 77"}])
    assert [one.name for one in found] == ["cpu", "cpu 2", "both", "none"]
    assert found[2].rules == [{"alert": "both", "annotations": {"description": "Both"}, "condition": {
        "type": "composite", "expression": '"cpu" and not ("cpu 2" or "cpu")'}}]
    assert found[3].impossible == "is composed of 77, which is not there"


def test_a_warning_threshold_is_a_rule_of_its_own() -> None:
    found = monitor(options={"thresholds": {"critical": 90, "warning": 80}})
    assert [(rule["labels"], rule["condition"]["threshold"]) for rule in found.rules] == [
        ({"severity": "critical"}, 90.0), ({"severity": "warning"}, 80.0)]


def test_a_message_keeps_what_is_said_while_it_fires_and_leaves_out_whom_it_tells() -> None:
    found = monitor(message="{{#is_alert}}CPU of {{host.name}} is {{value}}, over {{threshold}}{{/is_alert}}"
                            "{{#is_recovery}}fine{{/is_recovery}}{{^is_recovery}}!{{/is_recovery}} {% x\n"
                            "@slack-ops {{last_triggered_at}} @me@example.com")
    assert found.rules[0]["annotations"]["description"] == (
        "CPU of {{ labels.host }} is {{ value|humanize }}, over {{ threshold }}{% raw %}! {% x\n {% endraw %}")
    assert found.notes == ["tells @slack-ops, @me@example.com: route it in alerting.yaml"]
    assert found.lost == ["its message leaves out {{last_triggered_at}}"]


@pytest.mark.parametrize(("given", "why"), [
    ({"options": {"thresholds": {"critical_recovery": 70}}},
     "resolves at its threshold: there is no other one for recovery"),
    ({"query": "avg(last_5m):avg:a.b{*}.rollup(max, 300) > 1"},
     "judges points of one minute, not those of its rollup()"),
])
def test_what_a_rule_does_not_do_of_a_monitor_is_told(given: dict[str, Any], why: str) -> None:
    found = monitor(**given)
    assert (found.verdict, found.lost) == ("lossy", [why])


@pytest.mark.parametrize(("given", "why"), [
    ({"type": "log alert"}, "is a log alert: rules judge metrics"),
    ({"query": "avg(last_4h):anomalies(avg:x.y{*}, 'basic', 2) >= 1"},
     "uses anomalies(), which Datadog alone can compute"),
    ({"query": "sum(last_current_1d):sum:x.y{*} > 50"}, "judges a calendar span (last_current_1d)"),
    ({"query": "nonsense"}, "its query cannot be read: aggregate(last_…):metric{scope} > threshold was expected"),
])
def test_monitors_that_are_no_rule_are_told_with_the_reason(given: dict[str, Any], why: str) -> None:
    found = monitor(**given)
    assert (found.verdict, found.impossible, found.rules, found.entry) == ("impossible", why, [], None)


@pytest.mark.parametrize(("module", "answer"), [
    (cloudwatch, {}), (cloudwatch, "x"), (datadog, [{"name": "x"}]), (datadog, "x")])
def test_an_answer_of_something_else_is_refused(module: Any, answer: Any) -> None:
    with pytest.raises(ValueError, match="this is no"):
        module.imported(answer)


def test_what_is_imported_passes_the_check_as_it_is(tmp_path) -> None:
    composed = {"CompositeAlarms": [{"AlarmName": "both", "AlarmRule": 'ALARM("Errors: ratio") OR ALARM(cpu)'}]}
    monitors = [{**MONITOR, "name": "host"}, {**MONITOR, "id": 2, "options": {"thresholds": {"warning": 1}}},
                {**MONITOR, "id": 3, "query": "max(last_1h):avg:a.b{*} by {x} - avg:a.c{*} by {x} < -1"},
                {**MONITOR, "id": 4, "query": "change(avg(last_5m),last_1h):avg:a.b{*} > 1",
                 "options": {"notify_no_data": True}},
                {"id": 5, "name": "all", "type": "composite", "query": "1 || 3"}]
    found = {"cloudwatch": cloudwatch.imported(
        {"MetricAlarms": [ALARM, {**ALARM, "Period": 60, "AlarmName": "fast"}, MATH], **composed}),
        "datadog": datadog.imported([{**one, "name": one["name"].replace("cpu", "host")} for one in monitors])}
    for source, of in found.items():
        assert not [one.impossible for one in of if one.impossible]
        for folder, document in (("rules", groups(of, source)), ("metrics", entries(of))):
            (tmp_path / folder).mkdir(exist_ok=True)
            (tmp_path / folder / f"imported-{source}.yaml").write_text(written(document, ["a comment"]))
    (tmp_path / "alerting.yaml").write_text("route: {receiver: us}\nreceivers: [{name: us}]\n")
    declared = load(tmp_path, {})
    assert [str(one) for one in declared.findings if one.severity == "error"] == []
    assert [len(group.rules) for group in declared.groups] == [3, 1, 6, 1]
