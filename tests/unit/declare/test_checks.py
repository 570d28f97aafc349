"""What only two declarations together can get wrong."""

import pytest

SECOND_RULE = """\
      - alert: {alert}
        condition: {{source: cloudwatch, namespace: shop, metric: requests, statistic: Sum, window: 5m,
                    comparison: "<", threshold: 1}}
        labels: {{severity: {severity}}}
"""
FIRST = "the first is rules/shop.yaml:4: rename or remove one"


def add_rule(include, alert, severity):
    file = include.path / "rules/shop.yaml"
    file.write_text(file.read_text() + SECOND_RULE.format(alert=alert, severity=severity))


def test_a_rule_that_is_there_twice_counts_once(include):
    add_rule(include, "HighErrorRate", "warning")
    declared = include.load()
    assert [str(finding) for finding in declared.findings] == [
        f"rules/shop.yaml:14: groups[0].rules[1].alert: rule `HighErrorRate` is there twice ({FIRST})"]
    assert [rule.labels for rule in declared.groups[0].rules] == [{"severity": "critical"}]


def test_a_rule_of_the_same_name_and_labels_in_another_file_counts_once(include):
    include.write("rules/other.yaml", (include.path / "rules/shop.yaml").read_text().replace("name: shop", "name: b"))
    declared = include.load()
    assert [str(finding) for finding in declared.findings] == [
        "rules/shop.yaml:4: groups[0].rules[0].alert: rule `HighErrorRate` is there twice "
        "(the first is rules/other.yaml:4: rename or remove one)"]
    assert [(group.name, len(group.rules)) for group in declared.groups] == [("b", 1), ("shop", 0)]


def test_a_rule_of_the_same_name_in_another_group_may_differ_in_its_labels(include):
    text = (include.path / "rules/shop.yaml").read_text()
    include.write("rules/other.yaml", text.replace("name: shop", "name: b").replace("critical", "warning"))
    assert include.told() == []


def test_groups_entries_and_dashboards_have_names_of_their_own(include):
    for name in ("metrics", "rules", "dashboards"):
        include.write(f"{name}/z.yaml", (include.path / f"{name}/shop.yaml").read_text().replace("High", "Higher"))
    assert include.told() == [
        "dashboards/z.yaml:1: id: dashboard `shop` is there twice (the first is dashboards/shop.yaml:1: "
        "rename or remove one)",
        "metrics/z.yaml:2: metrics[0].name: entry `shop` is there twice (the first is metrics/shop.yaml:2: "
        "rename or remove one)",
        "rules/z.yaml:2: groups[0].name: group `shop` is there twice (the first is rules/shop.yaml:2: "
        "rename or remove one)",
    ]


UNCOLLECTED = {
    "a metric that no one collects": (
        "metric: errors", "metric: erorrs",
        "rules/shop.yaml:8: groups[0].rules[0].condition.metric: no entry of metrics/ collects shop/erorrs "
        "from cloudwatch (did you mean shop/errors?)"),
    "a metric like no other": (
        "metric: errors", "metric: temperature",
        "rules/shop.yaml:8: groups[0].rules[0].condition.metric: no entry of metrics/ collects shop/temperature "
        "from cloudwatch (add it to an entry)"),
    "a metric of the other cloud": (
        "source: cloudwatch", "source: datadog",
        "rules/shop.yaml:8: groups[0].rules[0].condition.metric: no entry of metrics/ collects shop/errors "
        "from datadog (entry `shop` collects it from cloudwatch)"),
    "a statistic": (
        "statistic: Sum", "statistic: p99",
        "rules/shop.yaml:9: groups[0].rules[0].condition.statistic: no entry collects shop/errors as p99, "
        "only as Sum (add p99 to the statistics of entry `shop`)"),
    "a statistic that is not even written": (
        "          statistic: Sum\n", "",
        "rules/shop.yaml:5: groups[0].rules[0].condition.statistic: no entry collects shop/errors as Average, "
        "only as Sum (add Average to the statistics of entry `shop`)"),
    "a dimension": (
        "window: 5m", "window: 5m\n          dimensions: {host: a}",
        "rules/shop.yaml:11: groups[0].rules[0].condition.dimensions: no entry collects shop/errors with host: a "
        "(collected with service: *)"),
    "a period": (
        "window: 5m", "window: 5m\n          period: 5m",
        "rules/shop.yaml:11: groups[0].rules[0].condition.period: no entry collects shop/errors every 5m "
        "(collected every 1m; leave it out for the finest)"),
    "a window in which no point ever lies": (
        "window: 5m", "window: 30s",
        "rules/shop.yaml:10: groups[0].rules[0].condition.window: is shorter than the period of 1m: "
        "no point ever lies in it (at least 1m)"),
}


@pytest.mark.parametrize("what", UNCOLLECTED)
def test_a_rule_on_what_no_one_collects_is_an_error(include, what):
    old, new, told = UNCOLLECTED[what]
    include.replace("rules/shop.yaml", old, new)
    assert include.told() == [told]


def test_a_query_of_datadog_collects_its_metric(include):
    include.write("metrics/machine.yaml", """\
        metrics:
          - {name: cpu, sources: datadog, query: "max:system.cpu.user{*} by {host}", period: 1m}
        """)
    include.replace("rules/shop.yaml", "source: cloudwatch", "source: datadog")
    include.replace("rules/shop.yaml", "namespace: shop", "namespace: system")
    include.replace("rules/shop.yaml", "metric: errors", "metric: cpu.user")
    assert include.told() == [
        "rules/shop.yaml:9: groups[0].rules[0].condition.statistic: no entry collects system/cpu.user as Sum, "
        "only as Maximum (add Sum to the statistics of entry `cpu`)"]
    include.replace("rules/shop.yaml", "statistic: Sum", "statistic: Maximum")
    assert include.told() == []


def test_an_entry_that_is_refused_does_not_echo_in_its_rules(include):
    include.replace("metrics/shop.yaml", "period: 1m", "period: soon")
    assert [finding.file for finding in include.load().findings] == ["metrics/shop.yaml"]


TEMPLATES = {
    "{{ value | round(1) }} of {{ labels.service }} in {{ window }} over {{ threshold | humanize }}": None,
    "{% for name in labels %}{{ name }}{% endfor %}": None,
    "{{ value": "is no Jinja template: unexpected end of template, expected 'end of print statement'.",
    "{{ $labels.instance }} is down":
        "is a template of Go; here they are Jinja's (write {{ value }} and {{ labels.name }})",
    "{{ label.service }}": "`label` is unknown in a template (did you mean `labels`?)",
    "{{ instance }}": "`instance` is unknown in a template (known: value, labels, threshold, window)",
    "{{ value | humanise }}": "there is no filter `humanise` (did you mean `humanize`?)",
    "{{ value is prime }}": "is no Jinja template: No test named 'prime'.",
    "50 % of $5": None,
}


@pytest.mark.parametrize("template", TEMPLATES)
def test_templates_are_read_before_they_are_needed(include, template):
    include.replace("rules/shop.yaml", "labels: {severity: critical}", f'annotations: {{summary: "{template}"}}')
    problem = TEMPLATES[template]
    place = "rules/shop.yaml:13: groups[0].rules[0].annotations.summary: "
    assert include.told() == ([place + problem] if problem else [])


def test_a_label_that_changes_with_the_value_is_pointed_out(include):
    include.replace("rules/shop.yaml", "severity: critical", 'seen: "{{ value }}"')
    assert include.told() == [
        "warning: rules/shop.yaml:13: groups[0].rules[0].labels.seen: changes with the value: every value is "
        "another alert (put the value into an annotation)"]
