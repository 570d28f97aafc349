"""Names and queries of Datadog, from CloudWatch's."""

import pytest

from watchbill.dashboards.datadog_names import is_guess, metric_name
from watchbill.dashboards.datadog_query import query
from watchbill.model.dashboards import WidgetMetric
from watchbill.model.failures import DashboardError


def _metric(namespace: str, metric: str, statistic: str = "Average", **dimensions: str) -> WidgetMetric:
    return WidgetMetric(namespace=namespace, metric=metric, statistic=statistic, dimensions=dimensions)


@pytest.mark.parametrize(
    ("namespace", "metric", "name"),
    [
        ("AWS/EC2", "CPUUtilization", "aws.ec2.cpuutilization"),
        ("AWS/EC2", "NetworkIn", "aws.ec2.network_in"),
        ("AWS/RDS", "FreeStorageSpace", "aws.rds.free_storage_space"),
        ("AWS/Lambda", "Invocations", "aws.lambda.invocations"),
        ("AWS/SQS", "ApproximateNumberOfMessagesVisible", "aws.sqs.approximate_number_of_messages_visible"),
        ("AWS/ApplicationELB", "TargetResponseTime", "aws.applicationelb.target_response_time"),
        ("AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", "aws.applicationelb.httpcode_target_5xx"),
        ("AWS/ELB", "HTTPCode_Backend_5XX", "aws.elb.httpcode_backend_5xx"),
        ("AWS/ApiGateway", "5XXError", "aws.apigateway.5xxerror"),
        ("shop", "errors", "shop.errors"),
        ("shop", "error rate (%)", "shop.error_rate____"),
        ("CWAgent", "cpu_usage_active", "cwagent.cpu_usage_active"),
        ("My App/Orders", "Placed", "my_app_orders.Placed"),
    ],
)
def test_the_name_of_a_metric(namespace: str, metric: str, name: str) -> None:
    assert metric_name(_metric(namespace, metric)) == name


def test_ecs_says_of_whom_the_numbers_are() -> None:
    assert metric_name(_metric("AWS/ECS", "CPUUtilization", ClusterName="a")) == "aws.ecs.cluster.cpuutilization"
    assert metric_name(_metric("AWS/ECS", "CPUUtilization", ClusterName="a", ServiceName="b")) == (
        "aws.ecs.service.cpuutilization")


@pytest.mark.parametrize(
    ("statistic", "asked"),
    [
        ("Average", "avg:aws.ec2.network_in{host:i-1}.rollup(avg, 300)"),
        ("Sum", "sum:aws.ec2.network_in{host:i-1}.as_count().rollup(sum, 300)"),
        ("Minimum", "min:aws.ec2.network_in.minimum{host:i-1}.rollup(min, 300)"),
        ("Maximum", "max:aws.ec2.network_in.maximum{host:i-1}.rollup(max, 300)"),
        ("p50", "avg:aws.ec2.network_in.p50{host:i-1}.rollup(avg, 300)"),
    ],
)
def test_the_statistics_of_an_aws_namespace_are_metrics_of_their_own(statistic: str, asked: str) -> None:
    assert query(_metric("AWS/EC2", "NetworkIn", statistic, InstanceId="i-1"), 300) == asked


@pytest.mark.parametrize(
    ("statistic", "asked"),
    [
        ("Average", "avg:shop.latency{service:checkout}.rollup(avg, 60)"),
        ("Sum", "sum:shop.latency{service:checkout}.as_count().rollup(sum, 60)"),
        ("Minimum", "min:shop.latency{service:checkout}.rollup(min, 60)"),
        ("Maximum", "max:shop.latency{service:checkout}.rollup(max, 60)"),
        ("SampleCount", "sum:shop.latency{service:checkout}.rollup(count, 60)"),
        ("p99", "p99:shop.latency{service:checkout}.rollup(avg, 60)"),
    ],
)
def test_the_statistics_of_other_namespaces_are_aggregations(statistic: str, asked: str) -> None:
    assert query(_metric("shop", "latency", statistic, service="checkout"), 60) == asked


def test_the_dimensions_of_an_aws_namespace_become_its_tags() -> None:
    made = _metric("AWS/Lambda", "Errors", "Sum", FunctionName="Pay Now", DBInstanceIdentifier="*")
    assert query(made, 60) == (
        "sum:aws.lambda.errors{functionname:pay_now} by {dbinstanceidentifier}.as_count().rollup(sum, 60)")


def test_no_dimension_is_every_series() -> None:
    assert query(_metric("shop", "errors"), 60) == "avg:shop.errors{*}.rollup(avg, 60)"


def test_a_query_of_its_own_is_taken_as_it_is() -> None:
    made = WidgetMetric(namespace="CWAgent", metric="cpu", statistic="SampleCount", datadog="avg:system.cpu.user{*}")
    assert query(made, 60) == "avg:system.cpu.user{*}"
    assert not is_guess(made)


def test_what_the_integration_does_not_keep_is_refused() -> None:
    with pytest.raises(DashboardError, match="Datadog keeps no SampleCount of AWS/EC2"):
        query(_metric("AWS/EC2", "NetworkIn", "SampleCount"), 60)


def test_the_name_of_what_an_agent_reports_is_a_guess() -> None:
    assert is_guess(_metric("CWAgent", "cpu_usage_active"))
    assert not is_guess(_metric("AWS/EC2", "CPUUtilization"))
    assert not is_guess(_metric("shop", "errors"))
