"""Where in the lake a line's metric may lie: CloudWatch's own names, the same names from Datadog, Datadog's names for
it, or those of the query that the line brings itself.
"""

from collections.abc import Iterator
from typing import NamedTuple

from watchbill.graphs.lines.selection import Choices, Dimensions, Wanted, chosen
from watchbill.model.dashboards.lines import ANY, WidgetMetric
from watchbill.model.datadog_names import is_aws, metric_name, tag_key
from watchbill.model.languages import datadog_expression as datadog
from watchbill.model.series import Source

_SPACES = {"avg": "Average", "sum": "Sum", "min": "Minimum", "max": "Maximum", "count": "SampleCount"}


class Place(NamedTuple):
    """`across`: how several series of one group become one line; "" leaves each as it is."""

    source: Source
    wanted: Wanted
    across: str
    groups: tuple[str, ...]


def places(line: WidgetMetric, region: str, variables: Choices) -> Iterator[Place]:
    """The likeliest first; the first of them with series is drawn."""
    if line.metric:
        dimensions = chosen(line.dimensions, variables)
        yield _place("cloudwatch", line, line.namespace, line.metric, dimensions, line.region or region)
        yield _place("datadog", line, line.namespace, line.metric, dimensions)
    if line.datadog:
        yield from _of_query(line, variables)
    if line.metric and is_aws(line.namespace):
        whole = metric_name(line.namespace, line.metric, line.statistic, line.dimensions)
        renamed = {tag_key(line.namespace, name): value for name, value in dimensions.items()}
        namespace, _, metric = whole.partition(".")
        yield _place("datadog", line, namespace, metric, renamed)


def _place(source: Source, line: WidgetMetric, namespace: str, metric: str, dimensions: Dimensions,
           region: str = "") -> Place:
    across = "" if line.aggregate_across == "none" else line.aggregate_across
    is_here = source == "cloudwatch"
    wanted = Wanted(namespace, metric, line.statistic, dimensions, not across and is_here,
                    region if is_here else "", line.account if is_here else "")
    return Place(source, wanted, across, groups(dimensions))


def groups(dimensions: Dimensions) -> tuple[str, ...]:
    """The dimensions that a line is drawn for each value of: those with `*`."""
    return tuple(name for name, value in dimensions.items()
                 if any(ANY in one and not one.startswith("!") for one in _listed(value)))


def _listed(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value


def _of_query(line: WidgetMetric, variables: Choices) -> Iterator[Place]:
    """`avg:system.cpu.user{env:prod} by {host}`, kept under its first word as namespace."""
    try:
        tree = datadog.read(line.datadog)
        if not isinstance(tree, datadog.Selection):
            return
        scope = tree.scope
    except ValueError:
        return
    dimensions: dict[str, str | tuple[str, ...]] = dict.fromkeys(tree.by, ANY)
    for each in scope:
        values = tuple(f"!{value}" if each.negated else value for value in each.values)
        if each.key and each.key not in dimensions:
            dimensions[each.key] = values[0] if len(values) == 1 else values
    namespace, _, metric = tree.metric.partition(".")
    statistic = _SPACES.get(tree.space, tree.space or "Average")
    # What was collected by such a query has been aggregated already, and has no tag but those it was grouped by.
    whole = {name: value for name, value in chosen(dimensions, variables).items() if name in tree.by}
    for kept in (metric, " ".join(line.datadog.split())):
        for asked in (dimensions, whole):
            yield Place("datadog", Wanted(namespace, kept, statistic, chosen(asked, variables), False),
                        tree.space if tree.space in _SPACES else "avg", tree.by)
