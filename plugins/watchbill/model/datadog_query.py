"""A metric in CloudWatch's words -> a question in Datadog's query language, whether it is collected or shown.

    sum:shop.errors{service:checkout} by {zone}.as_count().rollup(sum, 60).fill(null)

The modifiers have to stand after `by`; among them no order is prescribed, so they stand in the one in which they are
applied: over time within each series (`rollup`), then to the times of its sisters (`fill`), and at last over the series
(the word before the colon). docs.datadoghq.com/dashboards/guide/query-to-the-graph

`as_count` makes counts of what is stored as a rate per second, as the AWS integration and statsd store counts; to a
count it changes nothing but that gaps stay gaps, to a gauge nothing at all.
docs.datadoghq.com/metrics/custom_metrics/type_modifiers

`fill(null)`: otherwise a gap is filled with a straight line for up to five minutes as soon as another series has a
value there, and nobody measured that. `as_count` prevents it too, but not for gauges, and what is a gauge cannot be
told from its name. docs.datadoghq.com/metrics/guide/interpolation-the-fill-modifier-explained
"""

import re
from collections.abc import Mapping, Sequence

from watchbill.model.datadog_names import Own, is_aws, metric_name, tag_key, tag_value
from watchbill.model.metrics import is_fixed

STATISTICS = ("Average", "Sum", "Minimum", "Maximum", "SampleCount")  # and percentiles
NOT_INTERPOLATED = ".fill(null)"

Over = tuple[str, str, str]
# Over the series, a modifier, over time: together they say of a scope what CloudWatch says of all its samples. Sums add
# up, and so do counts of samples; `count:` would count the series. An Average weighs every series alike.
_AGGREGATORS = {
    "Average": ("avg", "", "avg"),
    "Sum": ("sum", ".as_count()", "sum"),
    "Minimum": ("min", "", "min"),
    "Maximum": ("max", "", "max"),
}
_OWN_SAMPLES = ("sum", "", "count")
_AWS_SAMPLES = ("sum", ".as_count()", "sum")  # of a metric of their own, `….samplecount`
_PERCENTILE = re.compile(r"p\d{1,2}(\.\d{1,2})?")


class UnknownStatisticError(ValueError):
    """Datadog has nothing that corresponds."""


def query(namespace: str, metric: str, statistic: str, dimensions: Mapping[str, str], period_s: int,
          own: Own = "") -> str:
    """A dimension of `*` or of an expression, which Datadog does not have, is a group for each value there is.

    `own`: what the metric is called there, where the rule misses. Raises UnknownStatisticError.
    """
    over = aggregators(namespace, statistic)
    fixed = [f"{tag_key(namespace, name)}:{tag_value(value)}" for name, value in dimensions.items() if is_fixed(value)]
    groups = [tag_key(namespace, name) for name, value in dimensions.items() if not is_fixed(value)]
    name = metric_name(namespace, metric, statistic, dimensions, own)
    return assembled(over, name, ",".join(fixed), groups, period_s)


def assembled(over: Over, name: str, scope: str, groups: Sequence[str], period_s: int,
              fill: str = NOT_INTERPOLATED) -> str:
    """`scope`: what stands in the braces, "" for everything."""
    space, modifier, time = over
    by = f" by {{{','.join(groups)}}}" if groups else ""
    return f"{space}:{name}{{{scope or '*'}}}{by}{modifier}.rollup({time}, {period_s}){fill}"


def aggregators(namespace: str, statistic: str) -> Over:
    """Raises UnknownStatisticError."""
    if statistic in _AGGREGATORS:
        return _AGGREGATORS[statistic]
    if statistic == "SampleCount":
        return _AWS_SAMPLES if is_aws(namespace) else _OWN_SAMPLES
    if not _PERCENTILE.fullmatch(statistic):
        raise UnknownStatisticError(f"Datadog has no statistic {statistic}")
    # The integration keeps a percentile as a metric; any other is asked of a distribution, where the time aggregator
    # has no meaning, but is always taken: docs.datadoghq.com/metrics/faq/rollup-for-distributions-with-percentiles
    return ("avg" if is_aws(namespace) else statistic), "", "avg"
