"""One metric query of Datadog's -> a line of the model, and what it loses.

    sum:shop.errors{env:prod,$region} by {host}.as_count().rollup(sum, 60)
    -> namespace shop, metric errors, dimensions {env: prod, region: $region, host: "*"}, Sum, aggregated by sum, 1m

A name's first word is the namespace; the names of Datadog's AWS integration lead back to AWS' own. Words of a line say
what another cloud has to show; Datadog itself is given the query as it was.
"""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from watchbill.dashboards.from_datadog.dimensions import Variables, dimensions
from watchbill.model.aws_metrics import aws_dimension, aws_metric, aws_schema, aws_stands_alone
from watchbill.model.languages.datadog_expression import Modifier, Selection

_OVER_TIME = {"avg": "Average", "sum": "Sum", "min": "Minimum", "max": "Maximum", "count": "SampleCount"}
_SUFFIX = re.compile(r"(?P<name>aws\..+?)\.(?P<statistic>average|maximum|minimum|sum|samplecount|p\d+(?:\.\d+)?)")
_STATISTICS = {"average": "Average", "maximum": "Maximum", "minimum": "Minimum", "sum": "Sum",
               "samplecount": "SampleCount"}
_KNOWN_MODIFIERS = {"rollup", "as_count", "as_rate", "fill", "weighted"}
_ALIKE = {("Average", "avg"), ("Sum", "sum"), ("Minimum", "min"), ("Maximum", "max")}
_LEGAL_S = (1, 5, 10, 20, 30)


@dataclass
class Line:
    """`words` for WidgetMetric; without a namespace where `impossible` says why another cloud cannot show it."""

    words: dict[str, Any] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)
    impossible: str = ""


def line(selection: Selection, text: str, variables: Variables) -> Line:
    """`text`: the query as it was written."""
    found = Line({"datadog": text})
    scope = dimensions(selection, variables)
    if scope.impossible:
        found.impossible = scope.impossible
        return found
    found.lost = scope.lost
    words = _named(selection, found) | _over_time(selection, found)
    words["aggregate_across"] = _across(selection, found)
    words["dimensions"] = _translated(words.get("namespace", ""), scope.values, found)
    if aws_stands_alone(words.get("namespace", "")):
        _over_resources(words, found)
    if not found.impossible:
        found.words |= words
    return found


def _named(selection: Selection, found: Line) -> dict[str, Any]:
    suffix = _SUFFIX.fullmatch(selection.metric)
    known = aws_metric(suffix["name"] if suffix else selection.metric)
    if known is not None:
        namespace, metric, is_count = known
        said = suffix["statistic"] if suffix else ("sum" if is_count else "average")
        if is_count and not suffix and not any(one.name in ("as_count", "as_rate") for one in selection.modifiers):
            found.lost.append("counts in each period what Datadog may show for each second")
        return {"namespace": namespace, "metric": metric, "statistic": _STATISTICS.get(said, said)}
    if selection.metric.startswith("aws."):
        found.impossible = f"{selection.metric} leads back to no metric of CloudWatch that is known"
    namespace, _, metric = selection.metric.partition(".")
    if not metric:
        found.impossible = f"{selection.metric} has no namespace: its name is one word"
    return {"namespace": namespace, "metric": metric}


def _over_time(selection: Selection, found: Line) -> dict[str, Any]:
    """The statistic of each series, the period, the rate and what fills gaps."""
    modifiers = {each.name: each for each in selection.modifiers}
    for name in modifiers.keys() - _KNOWN_MODIFIERS:
        found.lost.append(f"leaves out .{name}()")
    rollup = modifiers.get("rollup", Modifier("rollup")).arguments
    counts = "as_count" in modifiers or "as_rate" in modifiers
    over = rollup[0] if rollup and rollup[0] in _OVER_TIME else ""
    if counts and over not in ("", "sum"):
        found.impossible = f"it rolls counts up by {over}: CloudWatch keeps no count of each moment"
    words: dict[str, Any] = {}
    if not selection.metric.startswith("aws."):
        words["statistic"] = "Sum" if counts else _OVER_TIME.get(over, "Average")
    if selection.space.startswith("p"):
        words["statistic"] = selection.space
    if "as_rate" in modifiers:
        words["rate"] = "second"
    if (seconds := _seconds(rollup)) is not None:
        words["period"] = seconds
    fill = modifiers.get("fill", Modifier("fill")).arguments[:1]
    if fill and fill[0] in ("zero", "last", "linear"):
        words["fill"] = fill[0]
    return words


def _seconds(rollup: tuple[str, ...]) -> timedelta | None:
    """As far as CloudWatch knows such a period; None is the widget's."""
    if len(rollup) < 2 or not rollup[1].isdigit():
        return None
    seconds = int(rollup[1])
    if seconds in _LEGAL_S or (seconds >= 60 and seconds % 60 == 0 and seconds <= 86_400):
        return timedelta(seconds=seconds)
    return None


def _across(selection: Selection, found: Line) -> str:
    if not selection.space.startswith("p"):
        return selection.space or "avg"
    if not selection.by:
        found.impossible = f"it takes {selection.space} over many series together: CloudWatch has that of each alone"
    found.lost.append(f"shows {selection.space} of each series with these dimensions alone, not of all together")
    return "none"


def _translated(namespace: str, values: dict[str, Any], found: Line) -> dict[str, Any]:
    """Tags of an AWS metric as its dimensions; what Datadog has added to them is no dimension."""
    if not namespace.startswith("AWS/"):
        return values
    translated: dict[str, Any] = {}
    for tag, value in values.items():
        dimension = aws_dimension(namespace, tag)
        if dimension is not None:
            translated[dimension] = value
        else:
            _without(value, f"{namespace} has no dimension {tag}", found)
    return _alone(namespace, translated, found) if aws_stands_alone(namespace) else translated


def _over_resources(words: dict[str, Any], found: Line) -> None:
    """Of one resource there is one series, whatever it is aggregated by; by the rest AWS has done it already."""
    for name, value in words["dimensions"].items():
        if name == aws_schema(words["namespace"], ())[0]:
            words["aggregate_across"] = "none" if "*" in value else words["aggregate_across"]
        elif (words["statistic"], words["aggregate_across"]) not in _ALIKE:
            found.impossible = f"AWS keeps one metric for all with the same {name}, not one of each"


def _without(value: Any, why: str, found: Line) -> None:
    if isinstance(value, str) and value.startswith("$"):
        found.lost.append(f"does not follow {value}: {why}")
    else:
        found.impossible = why


def _alone(namespace: str, values: dict[str, Any], found: Line) -> dict[str, Any]:
    """The one dimension that stays: one whose values are lines before any other."""
    if len(values) < 2:
        return values
    kept = next((name for name, value in values.items() if "*" in value), next(iter(values)))
    for name, value in values.items():
        if name != kept:
            _without(value, f"no metric of {namespace} has {kept} and {name}", found)
    return {kept: values[kept]}
