"""What a widget asks Datadog."""

import pytest

from watchbill.dashboards.datadog_query import groups, guessed_name, query
from watchbill.model.dashboards import WidgetMetric
from watchbill.model.failures import DashboardError


def _metric(namespace: str, metric: str, statistic: str = "Average", **dimensions: str) -> WidgetMetric:
    return WidgetMetric(namespace=namespace, metric=metric, statistic=statistic, dimensions=dimensions)


def test_a_metric_is_asked_for_in_the_periods_of_its_widget() -> None:
    made = _metric("AWS/EC2", "NetworkIn", "Maximum", InstanceId="*")
    assert query(made, 300) == "max:aws.ec2.network_in.maximum{*} by {host}.rollup(max, 300).fill(null)"
    assert groups(made) == ["host"]


def test_a_query_of_its_own_is_taken_as_it_is() -> None:
    made = WidgetMetric(namespace="CWAgent", metric="cpu", statistic="p100", datadog="avg:system.cpu.user{*}")
    assert query(made, 60) == "avg:system.cpu.user{*}"
    assert guessed_name(made) is None


def test_a_statistic_that_datadog_does_not_keep_is_refused() -> None:
    with pytest.raises(DashboardError, match="Datadog keeps no p100 of AWS/EC2"):
        query(_metric("AWS/EC2", "NetworkIn", "p100"), 60)


def test_the_name_of_what_an_agent_reports_is_a_guess() -> None:
    assert guessed_name(_metric("CWAgent", "cpu_usage_active")) == "CWAgent.cpu_usage_active"
    for namespace in ("AWS/EC2", "shop", "My App/Orders"):
        assert guessed_name(_metric(namespace, "errors")) is None
