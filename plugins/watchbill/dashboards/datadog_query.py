"""One metric of a widget -> a query in Datadog's language, rolled up to the widget's period.

https://docs.datadoghq.com/metrics/#querying-metrics
"""

from watchbill.dashboards.datadog_names import is_aws, metric_name, tag_key, tag_value
from watchbill.model.dashboards import WidgetMetric
from watchbill.model.failures import DashboardError

# Over the series of a scope, a suffix of the AWS integration's name, what follows the scope, over time.
_AWS = {
    "Average": ("avg", "", "", "avg"),
    "Sum": ("sum", "", ".as_count()", "sum"),  # counts are stored per second
    "Minimum": ("min", ".minimum", "", "min"),
    "Maximum": ("max", ".maximum", "", "max"),
}
_OWN = {
    "Average": ("avg", "", "", "avg"),
    "Sum": ("sum", "", ".as_count()", "sum"),
    "Minimum": ("min", "", "", "min"),
    "Maximum": ("max", "", "", "max"),
    "SampleCount": ("sum", "", "", "count"),
}


def query(metric: WidgetMetric, period_s: int) -> str:
    """The metric's own `datadog` text, or what the rules make of it. Raises DashboardError where none can."""
    if metric.datadog:
        return metric.datadog
    space, suffix, modifier, time = _words(metric)
    fixed = [f"{tag_key(metric, name)}:{tag_value(value)}" for name, value in metric.dimensions.items() if value != "*"]
    by = f" by {{{','.join(groups(metric))}}}" if groups(metric) else ""
    return (f"{space}:{metric_name(metric)}{suffix}{{{','.join(fixed) or '*'}}}{by}{modifier}"
            f".rollup({time}, {period_s})")


def groups(metric: WidgetMetric) -> list[str]:
    """The tags whose every value is a line of its own."""
    return [tag_key(metric, name) for name, value in metric.dimensions.items() if value == "*"]


def _words(metric: WidgetMetric) -> tuple[str, str, str, str]:
    table = _AWS if is_aws(metric) else _OWN
    if metric.statistic in table:
        return table[metric.statistic]
    if metric.statistic.startswith("p"):
        # The integration keeps a percentile as a metric; ours is asked of a distribution.
        return ("avg", f".{metric.statistic}", "", "avg") if is_aws(metric) else (metric.statistic, "", "", "avg")
    raise DashboardError(f"Datadog keeps no {metric.statistic} of {metric.namespace}")
