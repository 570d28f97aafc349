"""Entries become questions in Datadog's query language."""

import pytest

from tests.unit.sources.entries import entry, free
from watchbill.model.failures import SourceError
from watchbill.model.series import Series
from watchbill.sources.datadog.queries import free_question, metric_name, question, tag
from watchbill.sources.request import Query


def text(statistic: str) -> str:
    return question(entry(), "errors", statistic, "datadog_default", "datadoghq.eu").text


def asked(query: str, **given: str) -> Query:
    return free_question(free(query, **given), "datadog_default", "datadoghq.eu")


@pytest.mark.parametrize(
    ("statistic", "wanted"),
    [
        ("Average", "avg:shop.errors{service:checkout}.rollup(avg, 60)"),
        ("Sum", "sum:shop.errors{service:checkout}.rollup(sum, 60)"),
        ("Minimum", "min:shop.errors{service:checkout}.rollup(min, 60)"),
        ("Maximum", "max:shop.errors{service:checkout}.rollup(max, 60)"),
        ("SampleCount", "sum:shop.errors{service:checkout}.rollup(count, 60)"),
        ("p99", "p99:shop.errors{service:checkout}.rollup(avg, 60)"),
        ("p99.9", "p99.9:shop.errors{service:checkout}.rollup(avg, 60)"),
    ],
)
def test_a_statistic_names_both_aggregators(statistic: str, wanted: str) -> None:
    assert text(statistic) == wanted


def test_a_statistic_of_cloudwatch_alone_is_refused() -> None:
    with pytest.raises(
        SourceError, match=r"Datadog has no statistic tm99. Write one of Average, Sum"
    ) as refused:
        text("tm99")
    assert not refused.value.retryable


def test_dimensions_become_tags_as_datadog_keeps_them_and_stay_named_as_declared() -> None:
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
            (("Service", "check_out"), ("env", "prod")),
        ),
        "sum:shop.errors{service:check_out,env:prod} by {instanceid,zone}.rollup(sum, 60)",
        ("InstanceId", "zone"),
    )
    assert made.series.unit == "error"


def test_without_dimensions_everything_is_in_scope() -> None:
    made = question(entry(dimensions={}), "errors", "Average", "datadog_default", "datadoghq.eu")
    assert made.text == "avg:shop.errors{*}.rollup(avg, 60)"


def test_nothing_declared_can_break_out_of_the_query() -> None:
    hostile = entry(namespace="a}b", dimensions={"k,y": "v},host:*{"})
    made = question(hostile, "m:x", "Average", "datadog_default", "datadoghq.eu")
    assert made.text == "avg:a_b.m_x{k_y:v__host:__}.rollup(avg, 60)"


def test_names_are_kept_as_datadog_keeps_them() -> None:
    assert tag("Ünder_score-1:2/3.4 %") == "ünder_score-1:2/3.4__"
    assert metric_name("AWS/EC2.CPU Utilization") == "AWS_EC2.CPU_Utilization"
    assert len(tag("x" * 300)) == len(metric_name("x" * 300)) == 200


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
        "avg:system.cpu.user{env:prod,!host:a,service:web*,role:API} by {host, zone}.rollup(avg, 60)",
        ("host", "zone"),
    )


@pytest.mark.parametrize(
    ("query", "statistic", "sent"),
    [
        ("max:a.b{*}", "Maximum", "max:a.b{*}.rollup(max, 60)"),
        ("a.b{*}", "Average", "a.b{*}.rollup(avg, 60)"),
        ("count:a.b{*}", "SampleCount", "count:a.b{*}.rollup(sum, 60)"),
        ("p95:a.b{*}", "p95", "p95:a.b{*}.rollup(avg, 60)"),
        ("avg:a.b{*}.as_count()", "Average", "avg:a.b{*}.as_count().rollup(sum, 60)"),
        ("sum:a.b{*}.as_rate()", "Sum", "sum:a.b{*}.as_rate()"),
        ("avg:a.b{*}.rollup(max, 60)", "Average", "avg:a.b{*}.rollup(max, 60)"),
        ("avg:a.b{*}.fill(null).rollup(avg,60)", "Average", "avg:a.b{*}.fill(null).rollup(avg,60)"),
    ],
)
def test_a_free_query_is_rolled_up_to_its_period(query: str, statistic: str, sent: str) -> None:
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
        "100 * sum:shop.errors{*} by {service}.rollup(sum, 60) / "
        "sum:shop.requests{*} by {service}.rollup(sum, 60)"
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
