"""Entries become questions in Datadog's query language."""

from typing import Any

import pytest

from tests.unit.sources.entries import entry, free
from watchbill.model.failures import SourceError
from watchbill.model.series import Series
from watchbill.sources.datadog.queries import formula_question, free_question, question
from watchbill.sources.datadog.texts import is_plain
from watchbill.sources.request import Query


def text(statistic: str) -> str:
    return question(entry(), "errors", statistic, "datadog_default", "datadoghq.eu").text


def asked(query: str, **given: str) -> Query:
    return free_question(free(query, **given), "datadog_default", "datadoghq.eu")


def test_a_statistic_of_cloudwatch_alone_is_refused() -> None:
    with pytest.raises(
        SourceError, match=r"Datadog has no statistic tm99. Write one of Average, Sum"
    ) as refused:
        text("tm99")
    assert not refused.value.retryable


def test_dimensions_become_tags_as_datadog_keeps_them_and_stay_as_declared_in_the_series() -> None:
    declared = entry(
        dimensions={"Service": "Check Out", "InstanceId": "*", "env": "prod", "zone": "*"}, unit="error"
    )
    made = question(declared, "errors", "Sum", "datadog_default", "datadoghq.eu")
    assert made == Query(
        "shop",
        Series(
            "datadog",
            "datadog_default",
            "datadoghq.eu",
            "shop",
            "errors",
            "Sum",
            60,
            (("Service", "Check Out"), ("env", "prod")),
        ),
        "sum:shop.errors{service:check_out,env:prod} by {instanceid,zone}.as_count().rollup(sum, 60).fill(null)",
        ("InstanceId", "zone"),
    )
    assert made.series.unit == "error"


def test_a_metric_of_aws_is_asked_for_by_the_name_and_tags_of_the_integration() -> None:
    declared = entry(namespace="AWS/EC2", dimensions={"InstanceId": "*", "AutoScalingGroupName": "Web"}, unit="Percent")
    made = question(declared, "CPUUtilization", "Maximum", "datadog_default", "datadoghq.eu")
    assert made == Query(
        "shop",
        Series("datadog", "datadog_default", "datadoghq.eu", "AWS/EC2", "CPUUtilization", "Maximum", 60,
               (("AutoScalingGroupName", "Web"),)),
        "max:aws.ec2.cpuutilization.maximum{autoscalinggroupname:web} by {host}.rollup(max, 60).fill(null)",
        ("InstanceId",),
    )
    assert made.series.unit == "Percent"


def test_a_free_query_is_stored_under_its_metric_scope_and_groups() -> None:
    assert asked("avg:system.cpu.user{env:prod,!host:a,service:web*,role:API} by {host, zone}") == Query(
        "shop",
        Series(
            "datadog",
            "datadog_default",
            "datadoghq.eu",
            "system",
            "cpu.user",
            "Average",
            60,
            (("env", "prod"), ("role", "api")),
        ),
        "avg:system.cpu.user{env:prod,!host:a,service:web*,role:API} by {host, zone}.rollup(avg, 60).fill(null)",
        ("host", "zone"),
    )


@pytest.mark.parametrize(
    ("query", "statistic", "sent"),
    [
        ("max:a.b{*}", "Maximum", "max:a.b{*}.rollup(max, 60).fill(null)"),
        ("a.b{*}", "Average", "a.b{*}.rollup(avg, 60).fill(null)"),
        ("count:a.b{*}", "SampleCount", "count:a.b{*}.rollup(sum, 60).fill(null)"),
        ("p95:a.b{*}", "p95", "p95:a.b{*}.rollup(avg, 60).fill(null)"),
        ("avg:a.b{*}.as_count()", "Average", "avg:a.b{*}.as_count().rollup(sum, 60)"),
        ("sum:a.b{*}.as_rate()", "Sum", "sum:a.b{*}.as_rate()"),
        ("avg:a.b{*}.rollup(max, 60)", "Average", "avg:a.b{*}.rollup(max, 60).fill(null)"),
        ("avg:a.b{*}.fill(last, 60)", "Average", "avg:a.b{*}.fill(last, 60).rollup(avg, 60)"),
        ("avg:a.b{*}.fill(null).rollup(avg,60)", "Average", "avg:a.b{*}.fill(null).rollup(avg,60)"),
    ],
)
def test_a_free_query_is_rolled_up_to_its_period_and_not_interpolated(query: str, statistic: str, sent: str) -> None:
    made = asked(query)
    assert (made.series.namespace, made.series.metric, made.series.statistic, made.text) == (
        "a",
        "b",
        statistic,
        sent,
    )


def test_a_query_of_several_metrics_is_stored_under_its_own_text() -> None:
    made = asked("100 * sum:shop.errors{*} by {service} /  sum:shop.requests{*} by {service}")
    assert made.series.metric == "100 * sum:shop.errors{*} by {service} / sum:shop.requests{*} by {service}"
    assert made.text == (
        "100 * sum:shop.errors{*} by {service}.rollup(sum, 60).fill(null) / "
        "sum:shop.requests{*} by {service}.rollup(sum, 60).fill(null)"
    )
    assert (made.series.namespace, made.group_by) == ("shop", ("service",))


def test_a_function_of_a_metric_is_not_the_metric() -> None:
    assert asked("per_minute(avg:a.b{*})").series != asked("avg:a.b{*}").series


@pytest.mark.parametrize(
    "scope", ["env:prod OR env:dev", "service IN (a,b)", "NOT env:prod", "env:prod AND a:b"]
)
def test_a_scope_that_is_no_list_of_tags_gives_no_dimensions(scope: str) -> None:
    assert asked(f"avg:a.b{{{scope}}}").series.dimensions == ()


@pytest.mark.parametrize("query", ["avg:a.b{*}.rollup(avg, 300)", "avg:a.b{*}.rollup(avg)"])
def test_a_free_query_that_rolls_up_to_another_period_is_refused(query: str) -> None:
    with pytest.raises(SourceError, match=r"but its period is 1m. Write .rollup\(…, 60\)") as refused:
        asked(query)
    assert not refused.value.retryable


def test_a_free_query_without_a_metric_is_refused() -> None:
    with pytest.raises(SourceError, match=r"no metric with a scope was found in system.cpu.user"):
        asked("system.cpu.user")


def test_a_dimension_of_an_expression_is_a_group_that_is_sifted_afterwards() -> None:
    declared = entry(dimensions={"InstanceId": "=~i-0.*", "zone": "!~.*c", "env": "prod", "az": "*"}, nil_to_zero=True)
    assert question(declared, "errors", "Sum", "datadog_default", "datadoghq.eu") == Query(
        "shop",
        Series("datadog", "datadog_default", "datadoghq.eu", "shop", "errors", "Sum", 60, (("env", "prod"),)),
        "sum:shop.errors{env:prod} by {instanceid,zone,az}.as_count().rollup(sum, 60).fill(null)",
        ("InstanceId", "zone", "az"), (("InstanceId", "=~i-0.*"), ("zone", "!~.*c")), nil_to_zero=True)


RATIO = {"errors": "sum:shop.errors{env:prod} by {service}.as_count()", "requests": "sum:shop.requests{*} by {service}"}


def computed(formula: str = "100 * errors / abs(requests)", queries: dict[str, str] = RATIO, **given: Any) -> Query:
    given = {"dimensions": {}, "metrics": "error_rate", **given}
    declared = entry(sources="datadog", formula=formula, queries=queries, **given)
    return formula_question(declared, "datadog_default", "datadoghq.eu")


def test_a_formula_is_stored_under_its_entrys_metric_with_the_groups_of_its_queries() -> None:
    made = computed("100 *  errors / abs(requests)", dimensions={"env": "prod", "Service": "=~c.*"}, unit="Percent")
    assert made == Query(
        "shop",
        Series("datadog", "datadog_default", "datadoghq.eu", "shop", "error_rate", "Formula", 60, (("env", "prod"),)),
        "100 * errors / abs(requests)", ("Service",), (("Service", "=~c.*"),), (
            ("errors", "sum:shop.errors{env:prod} by {service}.as_count().rollup(sum, 60)"),
            ("requests", "sum:shop.requests{*} by {service}.rollup(sum, 60).fill(null)")))
    assert made.series.unit == "Percent"


def test_words_in_quotes_and_functions_are_no_queries_of_a_formula() -> None:
    made = computed("moving_rollup(a, 300, 'avg') + timeshift(b, -3600)", {"a": "avg:a.b{*}", "b": "avg:a.b{*} by {x}"})
    assert made.group_by == ("x",)


@pytest.mark.parametrize(("given", "says"), [
    ({"formula": "errors / request"}, "its formula names request, which is none of its queries. There are errors"),
    ({"formula": "errors * 2"}, "its formula does not name its query requests. Leave it out"),
    ({"formula": "A * 2", "queries": {"A": "avg:a.b{*}"}}, "its query cannot be called A. Write small letters"),
    ({"formula": "a", "queries": {"a": "avg:a.b"}}, "no metric with a scope was found in avg:a.b"),
    ({"formula": "a", "queries": {"a": "abs(avg:a.b{*})"}}, "its query a is more than one metric. Write functions"),
    ({"formula": "a", "queries": {"a": "avg:a.b{*}.rollup(avg, 300)"}},
     r"its query a says .rollup\(avg, 300\), but its period is 1m"),
    ({"dimensions": {"Zone": "*"}}, r"none of its queries is grouped by its dimension Zone. Write by \{zone\}"),
])
def test_a_formula_that_cannot_be_asked_is_refused(given: dict[str, Any], says: str) -> None:
    with pytest.raises(SourceError, match=says) as refused:
        computed(**given)
    assert not refused.value.retryable


def test_several_queries_in_one_are_refused() -> None:
    with pytest.raises(SourceError, match=r"its query asks for several things at once\. Write an entry for each"):
        asked("avg:a.b{x:1,y:2}, avg:a.c{*}")


def test_a_rate_in_arithmetic_is_refused_since_nothing_holds_its_steps_to_the_period() -> None:
    with pytest.raises(SourceError, match="Datadog chooses the steps of as_rate"):
        asked("sum:a.b{*}.as_rate() * 60")


@pytest.mark.parametrize(("text", "plain"), [
    ("sum:a.b{x:1,y:2} by {c}.as_count().rollup(sum, 60).fill(null)", True), ("a.b{*}", True),
    ("abs(sum:a.b{*})", False), ("sum:a.b{*} * 2", False), ("sum:a.b{*} + sum:a.c{*}", False),
    ("sum:a.b{*}.weighted()", False)])
def test_v2_is_for_one_metric_and_no_more(text: str, plain: bool) -> None:
    assert is_plain(text) is plain
