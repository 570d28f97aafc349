"""What a user writes wrong, and the exact finding that answers it."""

import pytest


def test_a_sound_folder_has_no_findings(include):
    declared = include.load()
    assert declared.findings == ()
    assert [entry.name for entry in declared.metrics] == ["shop"]
    assert [(group.name, [rule.alert for rule in group.rules]) for group in declared.groups] == [
        ("shop", ["HighErrorRate"])]
    assert declared.alerting is not None
    assert [dashboard.id for dashboard in declared.dashboards] == ["shop"]
    assert declared.settings is not None


SPOILT = {
    "an unknown key": (
        "rules/shop.yaml", "threshold: 100", "threshold: 100\n          treshold: 90",
        ["rules/shop.yaml:13: groups[0].rules[0].condition.treshold: unknown key (did you mean `threshold`?)"]),
    "a mistyped key is one finding and not two": (
        "metrics/shop.yaml", "namespace:", "namspace:",
        ["metrics/shop.yaml:4: metrics[0].namspace: unknown key (did you mean `namespace`?)"]),
    "an unknown key like no other": (
        "metrics/shop.yaml", "period: 1m", "period: 1m\n    colour: red",
        ["metrics/shop.yaml:9: metrics[0].colour: unknown key (known keys: name, sources, namespace, metrics, "
         "statistics, dimensions, period, unit, datadog_names, query, expression, formula, queries, delay, "
         "nil_to_zero, tags, connections, regions, roles, linked_accounts, retention, downsample)"]),
    "an unknown key at the top": (
        "metrics/shop.yaml", "metrics:\n", "x: 1\nmetrics:\n",
        ["metrics/shop.yaml:1: x: unknown key (known keys: metrics)"]),
    "a missing key": (
        "rules/shop.yaml", "          window: 5m\n", "",
        ["rules/shop.yaml:5: groups[0].rules[0].condition.window: is missing (add `window:`)"]),
    "a wrong type": (
        "rules/shop.yaml", "threshold: 100", "threshold: lots",
        ["rules/shop.yaml:12: groups[0].rules[0].condition.threshold: should be a number, not `lots`"]),
    "a number where text belongs": (
        "rules/shop.yaml", "metric: errors", "metric: 404",
        ["rules/shop.yaml:8: groups[0].rules[0].condition.metric: should be text, not `404` "
         '(put it in quotes: "404")']),
    "a list where a mapping belongs": (
        "rules/shop.yaml", "labels: {severity: critical}", "labels: [critical]",
        ["rules/shop.yaml:13: groups[0].rules[0].labels: should be a mapping, not a list"]),
    "a mapping where a list belongs": (
        "metrics/shop.yaml", "metrics: [requests, errors]", "metrics: {a: b}",
        ["metrics/shop.yaml:5: metrics[0].metrics: should be a list, not a mapping"]),
    "a key without its value": (
        "rules/shop.yaml", "threshold: 100", "threshold:",
        ["rules/shop.yaml:12: groups[0].rules[0].condition.threshold: is empty "
         "(give it a value, or leave the key out)"]),
    "a threshold that is no number to compare with": (
        "rules/shop.yaml", "threshold: 100", "threshold: .nan",
        ["rules/shop.yaml:12: groups[0].rules[0].condition.threshold: should be a finite number, not `.nan`"]),
    "a window of nothing": (
        "rules/shop.yaml", "window: 5m", "window: 0s",
        ["rules/shop.yaml:10: groups[0].rules[0].condition.window: must be more than nothing"]),
    "a duration nobody can read": (
        "rules/shop.yaml", "window: 5m", "window: 5 minutes",
        ["rules/shop.yaml:10: groups[0].rules[0].condition.window: '5 minutes' is no duration; "
         "write for example 30s, 5m, 1h30m or 2d"]),
    "a value that is not allowed": (
        "rules/shop.yaml", "source: cloudwatch", "source: cloudwach",
        ["rules/shop.yaml:6: groups[0].rules[0].condition.source: `cloudwach` is not allowed "
         "(did you mean `cloudwatch`? allowed: cloudwatch, datadog)"]),
    "a value that is not allowed in a list of one": (
        "metrics/shop.yaml", "sources: cloudwatch", "sources: prometheus",
        ["metrics/shop.yaml:3: metrics[0].sources: `prometheus` is not allowed (allowed: cloudwatch, datadog)"]),
    "an error of a whole block at the key it names": (
        "metrics/shop.yaml", "period: 1m", "period: 500ms",
        ["metrics/shop.yaml:8: metrics[0].period: `period` is in whole seconds, at least 1s"]),
    "an unknown receiver": (
        "alerting.yaml", "receiver: on-call", "receiver: on-cal",
        ["alerting.yaml:5: route.routes[0].receiver: there is no receiver `on-cal` (did you mean `on-call`?)"]),
    "a matcher that is none": (
        "alerting.yaml", '[severity="critical"]', "[severity]",
        ["alerting.yaml:4: route.routes[0].matchers: bad matcher format: 'severity'; "
         'write for example severity="critical"']),
    "a widget of an unknown type": (
        "dashboards/shop.yaml", "type: metric", "type: metrics",
        ["dashboards/shop.yaml:4: widgets[0].type [metrics at x 0, y 0]: `metrics` is not allowed "
         "(did you mean `metric`? allowed: metric, log, text, alarm, raw, group)"]),
    "a widget without its type": (
        "dashboards/shop.yaml", "- type: metric\n    x: 0", "- x: 0",
        ["dashboards/shop.yaml:4: widgets[0].type [widget at x 0, y 0]: is missing (add `type:`)"]),
    "an unknown key of a widget": (
        "dashboards/shop.yaml", "y: 0", "y: 0\n    titel: Errors",
        ["dashboards/shop.yaml:7: widgets[0].titel [metric at x 0, y 0]: unknown key (did you mean `title`?)"]),
    "a dashboard of a metric that nobody collects": (
        "dashboards/shop.yaml", "metric: errors", "metric: errrors",
        ["warning: dashboards/shop.yaml:8: widgets[0].metrics[0].metric [metric at x 0, y 0]: no entry of metrics/ "
         "collects shop/errrors (did you mean shop/errors?)"]),
    "a tick that divides neither an hour nor a day": (
        "watchbill.yaml", "5m", "7m",
        ["watchbill.yaml:1: tick: must divide an hour, or be hours that divide a day "
         "(for example 1m, 5m, 15m, 1h or 1d)"]),
    "an interval between two ticks": (
        "rules/shop.yaml", "- name: shop", "- name: shop\n    interval: 7m",
        ["warning: rules/shop.yaml:3: groups[0].interval: neither divides the tick of 5m nor is a multiple of it: "
         "its rules wait for the next tick"]),
    "a severity that nobody knows": (
        "rules/shop.yaml", "severity: critical", "severity: critcal",
        ["warning: rules/shop.yaml:13: groups[0].rules[0].labels.severity: `critcal` is shown as error "
         "(did you mean critical?)"]),
}


@pytest.mark.parametrize("what", SPOILT)
def test_what_is_wrong_is_named_with_its_place_and_its_fix(include, what):
    name, old, new, told = SPOILT[what]
    include.replace(name, old, new)
    assert include.told() == told


def test_everything_is_told_at_once(include):
    include.replace("metrics/shop.yaml", "period: 1m", "period: 1")
    include.replace("rules/shop.yaml", "comparison: \">\"", "comparison: gt")
    include.replace("rules/shop.yaml", "threshold: 100", "threshold: lots")
    include.replace("alerting.yaml", "receiver: everyone", "receiver: nobody")
    include.replace("alerting.yaml", "receiver: on-call", "receiver: on-cal")
    include.write("dashboards/other.yaml", "id: [\n")
    assert include.told() == [
        "alerting.yaml:2: route.receiver: there is no receiver `nobody` (known: everyone, on-call)",
        "alerting.yaml:5: route.routes[0].receiver: there is no receiver `on-cal` (did you mean `on-call`?)",
        "dashboards/other.yaml:2: is no YAML: did not find expected node content while parsing a flow node "
        "(close the bracket or give the value)",
        "metrics/shop.yaml:8: metrics[0].period: 1 is no duration; write for example 30s, 5m, 1h30m or 2d",
        "rules/shop.yaml:11: groups[0].rules[0].condition.comparison: `gt` is not allowed "
        "(allowed: >, >=, <, <=, ==, !=)",
        "rules/shop.yaml:12: groups[0].rules[0].condition.threshold: should be a number, not `lots`",
    ]


def test_numbers_are_text_where_prometheus_takes_them_as_text(include):
    include.replace("rules/shop.yaml", "severity: critical", "priority: 1, region: no, code: 0x1F")
    [group] = include.load().groups
    assert group.rules[0].labels == {"priority": "1", "region": "no", "code": "0x1F"}


def test_text_where_prometheus_takes_text_is_still_refused_when_it_is_none(include):
    include.replace("rules/shop.yaml", "severity: critical", "priority: [1], team: 2")
    assert include.told() == [
        "rules/shop.yaml:13: groups[0].rules[0].labels.priority: should be text, not a list"]


def test_yaml_that_nothing_reads_is_pointed_out(include):
    include.write("alerting.yml", "route:\n")
    include.write("rule/shop.yaml", "groups: []\n")
    assert include.told() == [
        "warning: alerting.yml: is not read: nothing looks for it here (did you mean alerting.yaml?)",
        "warning: rule/shop.yaml: is not read: nothing looks for it here (did you mean rules/shop.yaml?)",
    ]


def test_rules_without_an_alerting_file_would_reach_nobody(include):
    (include.path / "alerting.yaml").unlink()
    assert include.told() == ["alerting.yaml: is not there: no alert would reach anyone "
                              "(write a route and its receivers, as in Alertmanager)"]
