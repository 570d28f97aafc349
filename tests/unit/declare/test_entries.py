"""What a metric entry would only be told by a failed collection at night, told when it is written."""

import pytest

ENTRY = """\
metrics:
  - name: machine
    sources: cloudwatch
    namespace: AWS/EC2
    metrics: CPUUtilization
    dimensions:
      InstanceId: "*"
    period: 1m
"""
RATE = """\
metrics:
  - name: rate
    sources: cloudwatch
    namespace: shop
    metrics: error_rate
    expression: errors / requests * 100
    period: 1m
    queries:
      errors: {metric: errors, statistic: Sum, dimensions: {service: cart}}
      requests:
        metric: requests
        statistic: Sum
"""
FORMULA = """\
metrics:
  - name: rate
    sources: datadog
    namespace: shop
    metrics: error_rate
    formula: a / b
    period: 1m
    queries:
      a: sum:shop.errors{*}
      b: sum:shop.requests{*}
"""
SOUND = {
    "many accounts": (ENTRY, """\
    connections: {cloudwatch: [aws_default, aws_prod]}
    regions: [eu-west-1, us-gov-west-1, ap-southeast-5]
    roles: [arn:aws:iam::123456789012:role/a, {role_arn: "arn:aws-cn:iam::123456789012:role/b", external_id: x}]
    linked_accounts: "123456789012"
    tags: [Name, team]
    statistics: [Average, IQM, p99.9, tm90, "TM(10%:90%)", "PR(:300)", SampleCount]
    retention: 30d
    downsample: {after: 7d, period: 5m}
    delay: 10m
    nil_to_zero: true
"""),
    "an expression of expressions": (
        RATE.replace("errors / requests * 100", "share * 100"), "      share: errors / requests"),
    "a search": (RATE.split("    expression")[0] + """\
    expression: SEARCH('{shop,service} MetricName="errors"', 'Sum', 60)
    dimensions: {service: "=~prod-.*"}
    period: 1m
""", ""),
    "a select": (RATE.split("    expression")[0] + """\
    expression: SELECT SUM(errors) FROM shop GROUP BY service
    dimensions: {service: "*"}
    period: 1m
""", ""),
    "all metrics of the request": (RATE.replace("errors / requests * 100", "SUM(METRICS())"), ""),
    "a formula": (FORMULA, ""),
}


@pytest.mark.parametrize("what", SOUND)
def test_what_is_sound_is_not_complained_about(include, what):
    text, more = SOUND[what]
    include.write("metrics/more.yaml", text + more)
    assert include.told() == []
    assert len(include.load().metrics) == 2


SPOILT = {
    "a region without its dash": (
        ENTRY, "period: 1m", "period: 1m\n    regions:\n      - eu-west-1\n      - eu-west1",
        "metrics/more.yaml:11: metrics[0].regions[1]: `eu-west1` is no region of AWS (did you mean `eu-west-1`?)"),
    "a region like no other": (
        ENTRY, "period: 1m", "period: 1m\n    regions: Dublin",
        "metrics/more.yaml:9: metrics[0].regions: `Dublin` is no region of AWS (write it as eu-west-1)"),
    "a role that is none": (
        ENTRY, "period: 1m", "period: 1m\n    roles: [watchbill]",
        "metrics/more.yaml:9: metrics[0].roles[0]: `watchbill` is no ARN of an IAM role "
        "(write it as arn:aws:iam::123456789012:role/watchbill)"),
    "a user where a role belongs": (
        ENTRY, "period: 1m", "period: 1m\n    roles:\n      - external_id: x\n        role_arn: "
        "arn:aws:iam::123456789012:user/a",
        "metrics/more.yaml:11: metrics[0].roles[0].role_arn: `arn:aws:iam::123456789012:user/a` is no ARN of an IAM "
        "role (write it as arn:aws:iam::123456789012:role/watchbill)"),
    "an account as a number": (
        ENTRY, "period: 1m", "period: 1m\n    linked_accounts: [123456789012]",
        "metrics/more.yaml:9: metrics[0].linked_accounts[0]: should be text, not `123456789012` "
        '(put it in quotes: "123456789012")'),
    "an account of eleven digits": (
        ENTRY, "period: 1m", 'period: 1m\n    linked_accounts: ["12345678901"]',
        "metrics/more.yaml:9: metrics[0].linked_accounts[0]: `12345678901` is no AWS account "
        "(its number has 12 digits; or write true for all that are linked)"),
    "accounts that are neither": (
        ENTRY, "period: 1m", "period: 1m\n    linked_accounts: {a: b}",
        "metrics/more.yaml:9: metrics[0].linked_accounts: should be true or false or a list, not a mapping"),
    "an RE2 expression that is none": (
        ENTRY, '"*"', '"=~i-("',
        "metrics/more.yaml:7: metrics[0].dimensions.InstanceId: `dimensions` InstanceId: 'i-(' is no RE2 expression: "
        "missing ): ^(?:i-()$"),
    "a star in a name that Datadog is asked for": (
        ENTRY, "sources: cloudwatch\n    namespace: AWS/EC2\n    metrics: CPUUtilization",
        "sources: [cloudwatch, datadog]\n    namespace: AWS/EC2\n    metrics: CPU*",
        "metrics/more.yaml:5: metrics[0].metrics: `metrics` with * are CloudWatch's: Datadog has to be asked by name"),
    "a statistic by its other name": (
        ENTRY, "period: 1m", "period: 1m\n    statistics: [Sum, Avarage]",
        "metrics/more.yaml:9: metrics[0].statistics[1]: `Avarage` is no statistic of CloudWatch "
        "(did you mean `Average`?)"),
    "a statistic that nobody has": (
        ENTRY, "period: 1m", "period: 1m\n    statistics: p1000",
        "metrics/more.yaml:9: metrics[0].statistics: `p1000` is no statistic of CloudWatch "
        "(Average, Sum, Minimum, Maximum, SampleCount, IQM or a percentile as p99.9)"),
    "a period that CloudWatch never has": (
        ENTRY, "period: 1m", "period: 90s",
        "metrics/more.yaml:8: metrics[0].period: is none of CloudWatch's (1s, 5s, 10s, 20s, 30s or whole minutes)"),
    "a delay longer than points are kept": (
        ENTRY, "period: 1m", "period: 10s\n    delay: 3d",
        "metrics/more.yaml:9: metrics[0].delay: is longer than CloudWatch keeps points every 10s, which is 3h "
        "(a shorter one, or a coarser period)"),
    "a retention of hours": (
        ENTRY, "period: 1m", "period: 1m\n    retention: 12h",
        "metrics/more.yaml:9: metrics[0].retention: days go whole: keep at least 1d, or leave "
        "`retention` out to keep all"),
    "a downsampling to finer points": (
        ENTRY, "period: 1m", "period: 5m\n    downsample:\n      after: 7d\n      period: 1m",
        "metrics/more.yaml:11: metrics[0].downsample.period: is shorter than the period of the points themselves "
        "(at least 5m)"),
    "a downsampling that cuts periods": (
        ENTRY, "period: 1m", "period: 1m\n    downsample: {after: 7d, period: 90s}",
        "metrics/more.yaml:9: metrics[0].downsample.period: does not hold a whole number of the entry's periods "
        "(a multiple of 1m)"),
    "a downsampling that never comes": (
        ENTRY, "period: 1m", "period: 1m\n    retention: 7d\n    downsample: {after: 7d, period: 1h}",
        "warning: metrics/more.yaml:10: metrics[0].downsample.after: never comes: points are kept for 7d "
        "(a shorter `after`, or a longer `retention`)"),
    "an expression that is not stored anywhere": (
        RATE, "    metrics: error_rate\n", "",
        "metrics/more.yaml:4: metrics[0].namespace: name a `namespace` and `metrics`, or for Datadog a `query`"),
    "a name that CloudWatch does not take": (
        RATE, "      requests:", "      Requests:",
        ["metrics/more.yaml:6: metrics[0].expression: there is no query `requests` (did you mean `Requests`?)",
         "metrics/more.yaml:10: metrics[0].queries.Requests: is no name for a query "
         "(a lower-case letter first, then letters, digits and _)"]),
    "a query that is not used": (
        RATE, "errors / requests * 100", "requests * 100",
        "metrics/more.yaml:9: metrics[0].queries.errors: is not used (use it, or leave it out)"),
    "a query that is mistyped in the expression": (
        RATE, "errors / requests * 100", "erors / requests * 100",
        ["metrics/more.yaml:6: metrics[0].expression: there is no query `erors` (did you mean `errors`?)",
         "metrics/more.yaml:9: metrics[0].queries.errors: is not used (did you mean `erors`?)"]),
    "an unknown key of a query": (
        RATE, "        statistic: Sum", "        statistc: Sum",
        "metrics/more.yaml:12: metrics[0].queries.requests.statistc: unknown key (did you mean `statistic`?)"),
    "a query that is neither text nor a metric": (
        RATE, "{metric: errors, statistic: Sum, dimensions: {service: cart}}", "[errors]",
        "metrics/more.yaml:9: metrics[0].queries.errors: should be text or a mapping, not a list"),
    "a query for many metrics at once": (
        RATE, "service: cart", 'service: "*"',
        "metrics/more.yaml:9: metrics[0].queries.errors.dimensions.service: has to be one value here "
        "(write a SEARCH to compute with many)"),
    "a query for many names at once": (
        RATE, "metric: requests", 'metric: "req*"',
        "metrics/more.yaml:11: metrics[0].queries.requests.metric: is the name of one metric "
        "(write a SEARCH to compute with many)"),
    "a statistic of a query": (
        RATE, "        statistic: Sum", "        statistic: sum",
        "metrics/more.yaml:12: metrics[0].queries.requests.statistic: `sum` is no statistic of CloudWatch "
        "(did you mean `Sum`?)"),
    "a search of another period": (
        RATE, "errors / requests * 100", "errors / requests + SUM(SEARCH('{a,b} c', 'Sum', 300))",
        "metrics/more.yaml:6: metrics[0].expression: searches every 5m, but the entry's period is 1m "
        "(write the same for both)"),
    "tags of what is grouped": (
        RATE, "period: 1m", 'period: 1m\n    tags: Name\n    dimensions: {service: "*"}',
        "warning: metrics/more.yaml:8: metrics[0].tags: come with metrics, not with what an expression groups "
        "(collect the metrics themselves too)"),
    "linked accounts of an expression": (
        RATE, "period: 1m", "period: 1m\n    linked_accounts: true",
        "warning: metrics/more.yaml:8: metrics[0].linked_accounts: is not used by an expression "
        "(SEARCH and SELECT name accounts themselves, with :aws.AccountId or AWS.AccountId)"),
    "a name that Datadog does not take": (
        FORMULA, "a / b", "a / A",
        ["metrics/more.yaml:6: metrics[0].formula: there is no query `A` (did you mean `a`?)",
         "metrics/more.yaml:10: metrics[0].queries.b: is not used (use it, or leave it out)"]),
}


@pytest.mark.parametrize("what", SPOILT)
def test_what_would_fail_at_night_is_named_with_its_place_and_its_fix(include, what):
    text, old, new, told = SPOILT[what]
    assert old in text
    include.write("metrics/more.yaml", text.replace(old, new, 1))
    assert include.told() == (told if isinstance(told, list) else [told])
    kept = not any(finding.severity == "error" for finding in include.load().findings)
    assert [entry.name for entry in include.load().metrics] == ["shop"] or kept


def test_metrics_insights_answers_by_the_minute(include):
    include.write("metrics/more.yaml", SOUND["a select"][0].replace("1m", "10s"))
    assert include.told() == [
        "metrics/more.yaml:8: metrics[0].period: is finer than Metrics Insights answers (at least 1m)"]


def test_two_expressions_are_not_stored_as_one_series(include):
    second = RATE.removeprefix("metrics:\n").replace("name: rate", "name: again").replace("* 100", "* 10")
    include.write("metrics/more.yaml", RATE + second)
    assert include.told() == ["metrics/more.yaml:16: metrics[1].metrics: entry `rate` is stored under that name "
                              "(call its metric otherwise)"]
    include.write("metrics/more.yaml", RATE + second + "    regions: us-east-1\n")
    assert include.told() == []


def rule(include, metric, statistic="Sum", dimensions=""):
    include.replace("rules/shop.yaml", "metric: errors", f"metric: {metric}")
    include.replace("rules/shop.yaml", "statistic: Sum", f"statistic: {statistic}{dimensions}")


def test_a_rule_may_judge_what_a_star_an_expression_or_a_formula_collects(include):
    include.replace("metrics/shop.yaml", "[requests, errors]", '"err*"')
    include.replace("metrics/shop.yaml", '{service: "*"}', '{service: "=~prod-.*"}')
    assert include.told() == []
    rule(include, "errors_4xx", dimensions="\n          dimensions: {service: prod-cart}")
    assert include.told() == []
    include.replace("rules/shop.yaml", "prod-cart", "test-cart")
    assert include.told() == [
        "rules/shop.yaml:10: groups[0].rules[0].condition.dimensions: no entry collects shop/errors_4xx with service: "
        "test-cart (collected with service: =~prod-.*)"]


@pytest.mark.parametrize(("source", "text", "statistic"), [
    ("cloudwatch", RATE, "Expression"), ("datadog", FORMULA, "Formula")])
def test_what_is_computed_is_judged_by_its_own_statistic(include, source, text, statistic):
    include.write("metrics/more.yaml", text)
    include.replace("rules/shop.yaml", "source: cloudwatch", f"source: {source}")
    rule(include, "error_rate")
    assert include.told() == [
        f"rules/shop.yaml:9: groups[0].rules[0].condition.statistic: no entry collects shop/error_rate as Sum, only as "
        f"{statistic} (what entry `rate` computes is judged with `statistic: {statistic}`)"]
    include.replace("rules/shop.yaml", "statistic: Sum", f"statistic: {statistic}")
    assert include.told() == []


def test_a_dashboard_may_show_what_a_star_collects(include):
    include.replace("metrics/shop.yaml", "[requests, errors]", '"*rors"')
    assert include.told() == []


def test_a_refused_star_does_not_echo_in_its_rules(include):
    include.replace("metrics/shop.yaml", "[requests, errors]", '"err*"')
    include.replace("metrics/shop.yaml", "period: 1m", "period: 90s")
    assert [finding.file for finding in include.load().findings] == ["metrics/shop.yaml"]
