from typing import Any

import pytest

from watchbill.dashboards.convert.fitting import fitted
from watchbill.dashboards.reading import Unsaid
from watchbill.model.dashboards import Dashboard, MetricWidget, TextWidget, Variable, Widget


def widget(**said: Any) -> Widget:
    return Dashboard.model_validate({"id": "a", "title": "a", "widgets": [said]}).widgets[0]


def metric(namespace: str = "AWS/SQS", region: str = "eu-west-1", dimensions: Any = None, **said: Any) -> Widget:
    return widget(type="metric", region=region, **said, metrics=[
        {"namespace": namespace, "metric": "Size", "dimensions": dimensions or {"Queue": "*"}}])


@pytest.mark.parametrize(("namespace", "dimensions", "region"), [
    ("AWS/SQS", {"Queue": "*"}, "eu-west-1"), ("shop", {"service": "a"}, None), ("AWS/CloudFront", {"Id": "a"}, None),
    ("AWS/S3", {"Region": "us-east-1"}, None),
])
def test_a_metric_of_aws_is_of_the_widgets_region(
    namespace: str, dimensions: dict[str, str], region: str | None,
) -> None:
    made = fitted(metric(namespace, dimensions=dimensions), {}).widget
    assert isinstance(made, MetricWidget)
    assert made.metrics[0].dimensions.get("region") == region


def test_a_variable_of_the_region_chooses_it() -> None:
    made = fitted(metric(), {"where": Variable(name="where", dimension="region")}).widget
    assert isinstance(made, MetricWidget)
    assert made.metrics[0].dimensions == {"Queue": "*", "region": "$where"}


@pytest.mark.parametrize(("title", "label", "said"), [
    ("Latency", "ms", "Latency · ms"), ("CPU Utilization (%)", "CPU (%)", "CPU Utilization (%) · CPU (%)"),
    ("API errors", "Errors", "API errors"), ("", "Count", "Count"),
])
def test_an_axis_label_stands_behind_the_title(title: str, label: str, said: str) -> None:
    made = fitted(metric(title=title, axis={"left": {"label": label, "min": 0}}), {}).widget
    assert isinstance(made, MetricWidget)
    assert (made.title, made.axis.left.label, made.axis.left.min) == (said, "", 0)


def test_buttons_are_links() -> None:
    found = fitted(widget(type="text", markdown="[button:primary:Go](https://a) [button:B](b) [c](d)"), {})
    assert isinstance(found.widget, TextWidget)
    assert (found.widget.markdown, found.unsaid) == (
        "[Go](https://a) [B](b) [c](d)", [Unsaid("style", "its buttons are links")])


def test_a_metric_whose_name_nobody_knows_is_impossible() -> None:
    assert [one.kind for one in fitted(metric("CWAgent"), {}).unsaid] == ["impossible"]
    both = {"ClusterName": "a", "ServiceName": "b"}
    assert fitted(metric("ECS/ContainerInsights", dimensions=both), {}).unsaid == []


def test_a_metric_of_a_whole_cluster_is_less_than_what_datadog_sums_up_for_it() -> None:
    assert [one.kind for one in fitted(metric("ECS/ContainerInsights", dimensions={"ClusterName": "a"}), {}).unsaid
            ] == ["lossy"]


@pytest.mark.parametrize(("name", "statistic", "said"), [
    ("RequestCount", "Average", "average_1_sum / average_1_samples"), ("RequestCount", "Sum", ""),
    ("HealthyHostCount", "Average", ""), ("TargetResponseTime", "Average", ""),
])
def test_the_average_of_a_count_is_the_sum_by_the_samples(name: str, statistic: str, said: str) -> None:
    found = fitted(widget(type="metric", metrics=[
        {"namespace": "AWS/ApplicationELB", "metric": name, "statistic": statistic, "label": "it"}]), {})
    assert isinstance(found.widget, MetricWidget)
    assert (found.widget.metrics[-1].expression, found.widget.metrics[-1].label) == (said, "it")
    assert [(line.statistic, line.visible) for line in found.widget.metrics[:-1]] == (
        [("Sum", False), ("SampleCount", False)] if said else [])
    assert [one.kind for one in found.unsaid] == (["lossy"] if said else [])


def test_a_namespace_that_is_filled_in_later_has_no_name_yet() -> None:
    assert [one.kind for one in fitted(metric("${Space}/app"), {}).unsaid] == ["impossible"]


def test_an_alarm_is_known_to_its_own_cloud_alone() -> None:
    alarm = {"alarms": ["arn:aws:cloudwatch:eu-west-1:123456789012:alarm:cpu"]}
    assert [one.kind for one in fitted(widget(type="alarm", cloudwatch=alarm), {}).unsaid] == ["impossible"]
    assert fitted(widget(type="alarm", cloudwatch=alarm, datadog={"monitors": 5}), {}).unsaid == []
