"""Entries become questions in Datadog's query language."""

import pytest

from tests.unit.sources.entries import entry, free
from watchbill.model.failures import SourceError
from watchbill.model.series import Series
from watchbill.sources.datadog.queries import free_question, question
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
