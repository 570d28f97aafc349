"""A widget that was read from CloudWatch, before it is said in Datadog's words: what CloudWatch says in places that
Datadog lacks is moved to where Datadog has one, and what would show something else is told.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from watchbill.dashboards.reading import Unsaid
from watchbill.dashboards.to_datadog.query import guessed_name
from watchbill.model.aws_metrics import aws_metric
from watchbill.model.dashboards import AlarmWidget, Axes, MetricWidget, TextWidget, Variable, Widget, WidgetMetric
from watchbill.model.datadog_names import is_aws, metric_name, tag_key

_BUTTON = re.compile(r"\[button:(?:primary:)?([^\]]*)\](?=\()")
_GLOBAL = frozenset({"AWS/Billing", "AWS/CloudFront", "AWS/DDoSProtection", "AWS/Health", "AWS/Route53"})
"""Measured in one region for all of them."""


_SUM, _SAMPLES = "_sum", "_samples"
_CONTAINERS = "ECS/ContainerInsights"  # has each metric of clusters, services, tasks and containers


@dataclass
class Fitted:
    widget: Widget
    unsaid: list[Unsaid] = field(default_factory=list)


def fitted(widget: Widget, variables: Mapping[str, Variable]) -> Fitted:
    match widget:
        case TextWidget():
            return _text(widget)
        case MetricWidget():
            return _metric(widget, variables)
        case AlarmWidget(datadog=None):
            return Fitted(widget, [Unsaid("impossible", "Datadog does not know the alarm that it names by its ARN")])
    return Fitted(widget)


def _text(widget: TextWidget) -> Fitted:
    markdown, count = _BUTTON.subn(r"[\1]", widget.markdown)
    if not count:
        return Fitted(widget)
    return Fitted(widget.model_copy(update={"markdown": markdown}), [Unsaid("style", "its buttons are links")])


def _metric(widget: MetricWidget, variables: Mapping[str, Variable]) -> Fitted:
    taken = {line.id for line in widget.metrics}
    lines = tuple(made for line in widget.metrics
                  for made in _of_counts(_in_region(line, line.region or widget.region, variables), taken))
    axes = Axes(left=widget.axis.left.model_copy(update={"label": ""}),
                right=widget.axis.right.model_copy(update={"label": ""}))
    made = widget.model_copy(update={"metrics": lines, "axis": axes, "title": _title(widget)})
    return Fitted(made, [*_unsaid(made)])


def _in_region(line: WidgetMetric, region: str, variables: Mapping[str, Variable]) -> WidgetMetric:
    """CloudWatch shows one region, Datadog all that it collects, unless it is told by the tag that they all have."""
    if not line.metric or line.datadog or not is_aws(line.namespace) or line.namespace in _GLOBAL:
        return line
    if any(tag_key(line.namespace, name) == "region" for name in line.dimensions):
        return line
    chosen = next((f"${name}" for name, one in variables.items() if one.dimension == "region"), region)
    return line.model_copy(update={"dimensions": {**line.dimensions, "region": chosen}}) if chosen else line


def _title(widget: MetricWidget) -> str:
    """With the labels of the axes that it does not say already: Datadog labels the axes of scatter plots only."""
    labels = [axis.label for axis in (widget.axis.left, widget.axis.right) if axis.label]
    new = [label for label in dict.fromkeys(labels) if _words(label) not in _words(widget.title)]
    return " · ".join(part for part in (widget.title, *new) if part)


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+|[%$€]", text.lower()))


def _unsaid(widget: MetricWidget) -> Iterator[Unsaid]:
    for line in widget.metrics:
        if line.metric and not line.datadog and guessed_name(line):
            yield Unsaid("impossible", f"what Datadog calls {line.metric} of {line.namespace} is not known: its own "
                                       "agents measure the like under other names")
        if "${" in line.namespace:
            yield Unsaid("impossible", f"its namespace {line.namespace} is filled in later, and its name in Datadog "
                                       "follows from it")
        if line.statistic == "SampleCount" and line.id.endswith(_SAMPLES):
            yield Unsaid("lossy", f"the Average of {line.metric} is their Sum by their SampleCount, as far as that is "
                                  "collected")
        if line.namespace == _CONTAINERS and set(line.dimensions) & {"ServiceName", "ClusterName"} != {
                "ServiceName", "ClusterName"}:
            yield Unsaid("lossy", f"{line.metric} is of all that Datadog has below these dimensions, not of them alone")
        if line.account:
            yield Unsaid("lossy", f"it is not of account {line.account} alone")


def _of_counts(line: WidgetMetric, taken: set[str]) -> list[WidgetMetric]:
    """The Average of a count is its Sum by its SampleCount (docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/
    Statistics-definitions.html): Datadog keeps these two of it."""
    if not _is_average_of_a_count(line):
        return [line]
    stem, count = line.id or "average", 1
    while taken & {f"{stem}_{count}{each}" for each in (_SUM, _SAMPLES)}:
        count += 1
    names = [f"{stem}_{count}{each}" for each in (_SUM, _SAMPLES)]
    taken.update(names)
    hidden = {"visible": False, "label": "", "fill": None, "color": None}
    inputs = [line.model_copy(update={**hidden, "id": name, "statistic": statistic})
              for name, statistic in zip(names, ("Sum", "SampleCount"), strict=True)]
    ratio = f"{names[0]} / {names[1]}"
    shown = WidgetMetric(expression=f"fill({ratio}, 0)" if line.fill in ("zero", 0) else ratio, id=line.id,
                         label=line.label, period=line.period, color=line.color, axis=line.axis, visible=line.visible)
    return [*inputs, shown]


def _is_average_of_a_count(line: WidgetMetric) -> bool:
    """A name alone is the sum of what counts; of few counts the average has a name of its own."""
    if line.datadog or line.statistic != "Average" or not is_aws(line.namespace):
        return False
    name = metric_name(line.namespace, line.metric, "Average", line.dimensions)
    known = aws_metric(name)
    return known is not None and known[2]
