"""What a widget asks Datadog."""

from watchbill.dashboards.lost import Loss, Lost
from watchbill.dashboards.to_datadog.query import groups, guessed_name, query
from watchbill.model.dashboards import WidgetMetric


def _metric(namespace: str, metric: str, statistic: str = "Average", **dimensions: str) -> WidgetMetric:
    return WidgetMetric(namespace=namespace, metric=metric, statistic=statistic, dimensions=dimensions)


def test_a_metric_is_asked_for_in_the_periods_of_its_widget() -> None:
    made = _metric("AWS/EC2", "NetworkIn", "Maximum", InstanceId="*")
    assert query(made, 300, {}, Lost()) == "max:aws.ec2.network_in.maximum{*} by {host}.rollup(max, 300).fill(null)"
    assert groups(made) == ["host"]


def test_a_query_of_its_own_is_taken_as_it_is() -> None:
    made = WidgetMetric(namespace="CWAgent", metric="cpu", statistic="p100", datadog="avg:system.cpu.user{*}")
    assert query(made, 60, {}, Lost()) == "avg:system.cpu.user{*}"
    assert guessed_name(made) is None


def test_a_statistic_that_datadog_does_not_keep_is_refused() -> None:
    lost = Lost()
    assert query(_metric("AWS/EC2", "NetworkIn", "p100"), 60, {}, lost) is None
    assert lost.losses == [Loss((), "impossible", "Datadog keeps no p100 of AWS/EC2",
                                "write `datadog:` with a query of its own")]


def test_the_name_of_what_an_agent_reports_is_a_guess() -> None:
    assert guessed_name(_metric("CWAgent", "cpu_usage_active")) == "CWAgent.cpu_usage_active"
    for namespace in ("AWS/EC2", "shop", "My App/Orders"):
        assert guessed_name(_metric(namespace, "errors")) is None


def test_placeholders_of_a_template_survive() -> None:
    line = WidgetMetric(namespace="shop", metric="${env}_rows", dimensions={"Host": "$${App}-${Env}"}, statistic="Sum")
    assert query(line, 60, {}, Lost()) == (
        "sum:shop.${env}_rows{host:$${App}-${Env}}.as_count().rollup(sum, 60).fill(null)")
