"""One metric of a widget -> a query in Datadog's language, rolled up to the widget's period: the one that collects."""

from watchbill.model import datadog_query
from watchbill.model.dashboards import WidgetMetric
from watchbill.model.datadog_names import metric_name, tag_key
from watchbill.model.failures import DashboardError

# AWS' own namespaces outside of AWS/: Datadog's agent and integrations measure the same under other names.
_AGENTS = frozenset({"CWAgent", "ContainerInsights", "ECS/ContainerInsights", "LambdaInsights"})


def query(metric: WidgetMetric, period_s: int) -> str:
    """The metric's own `datadog` text, or what the rule makes of it. Raises DashboardError where it makes nothing."""
    if metric.datadog:
        return metric.datadog
    try:
        return metric.expression or datadog_query.query(metric.namespace, metric.metric, metric.statistic,
                                   {name: str(value) for name, value in metric.dimensions.items()}, period_s)
    except datadog_query.UnknownStatisticError:
        raise DashboardError(f"Datadog keeps no {metric.statistic} of {metric.namespace}") from None


def groups(metric: WidgetMetric) -> list[str]:
    """The tags whose every value is a line of its own."""
    return [tag_key(metric.namespace, name) for name, value in metric.dimensions.items() if value == "*"]


def guessed_name(metric: WidgetMetric) -> str | None:
    """The name that the rule makes where it is known to miss: what agents report is `system.cpu.user` in Datadog."""
    if metric.datadog or metric.namespace not in _AGENTS:
        return None
    return metric_name(metric.namespace, metric.metric, metric.statistic, metric.dimensions)
