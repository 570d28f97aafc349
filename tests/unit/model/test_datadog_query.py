"""Questions in Datadog's language, from CloudWatch's words."""

import pytest

from sandbox.datadog.query import parse
from watchbill.model.datadog_query import UnknownStatisticError, query


@pytest.mark.parametrize(
    ("statistic", "asked"),
    [
        ("Average", "avg:shop.latency{service:checkout}.rollup(avg, 60).fill(null)"),
        ("Sum", "sum:shop.latency{service:checkout}.as_count().rollup(sum, 60).fill(null)"),
        ("Minimum", "min:shop.latency{service:checkout}.rollup(min, 60).fill(null)"),
        ("Maximum", "max:shop.latency{service:checkout}.rollup(max, 60).fill(null)"),
        ("SampleCount", "sum:shop.latency{service:checkout}.rollup(count, 60).fill(null)"),
        ("p99", "p99:shop.latency{service:checkout}.rollup(avg, 60).fill(null)"),
        ("p99.9", "p99.9:shop.latency{service:checkout}.rollup(avg, 60).fill(null)"),
    ],
)
def test_a_statistic_names_both_aggregators(statistic: str, asked: str) -> None:
    assert query("shop", "latency", statistic, {"service": "checkout"}, 60) == asked


@pytest.mark.parametrize(
    ("statistic", "asked"),
    [
        ("Average", "avg:aws.ec2.network_in{host:i-1}.rollup(avg, 300).fill(null)"),
        ("Sum", "sum:aws.ec2.network_in{host:i-1}.as_count().rollup(sum, 300).fill(null)"),
        ("Minimum", "min:aws.ec2.network_in.minimum{host:i-1}.rollup(min, 300).fill(null)"),
        ("Maximum", "max:aws.ec2.network_in.maximum{host:i-1}.rollup(max, 300).fill(null)"),
        ("SampleCount", "sum:aws.ec2.network_in.samplecount{host:i-1}.as_count().rollup(sum, 300).fill(null)"),
        ("p50", "avg:aws.ec2.network_in.p50{host:i-1}.rollup(avg, 300).fill(null)"),
    ],
)
def test_the_statistics_of_an_aws_namespace_are_metrics_of_their_own(statistic: str, asked: str) -> None:
    assert query("AWS/EC2", "NetworkIn", statistic, {"InstanceId": "i-1"}, 300) == asked
    parse(asked)


def test_dimensions_are_the_scope_and_a_star_is_a_group() -> None:
    dimensions = {"FunctionName": "Pay Now", "DBInstanceIdentifier": "*", "InstanceId": "*"}
    assert query("AWS/Lambda", "Errors", "Sum", dimensions, 60) == (
        "sum:aws.lambda.errors{functionname:pay_now} by {dbinstanceidentifier,host}"
        ".as_count().rollup(sum, 60).fill(null)")


def test_no_dimension_is_every_series() -> None:
    assert query("shop", "errors", "Average", {}, 60) == "avg:shop.errors{*}.rollup(avg, 60).fill(null)"


def test_nothing_declared_can_break_out_of_the_query() -> None:
    assert query("a}b", "m:x", "Average", {"k,y": "v},host:*{"}, 60) == (
        "avg:a_b.m_x{k_y:v__host:__}.rollup(avg, 60).fill(null)")


@pytest.mark.parametrize("statistic", ["tm99", "p100", "p99.999", "p", "sum", ""])
@pytest.mark.parametrize("namespace", ["shop", "AWS/EC2"])
def test_a_statistic_that_datadog_does_not_have_is_refused(namespace: str, statistic: str) -> None:
    with pytest.raises(UnknownStatisticError, match=f"Datadog has no statistic {statistic}"):
        query(namespace, "errors", statistic, {}, 60)
