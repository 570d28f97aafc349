"""One widget of a CloudWatch body -> the same as our YAML would say it, without its place; None where it has no words.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from watchbill.dashboards.from_cloudwatch.lines import NoLineError, Read, read_rows
from watchbill.dashboards.from_cloudwatch.marks import axes, levels, moments
from watchbill.dashboards.reading import Family, Unsaid
from watchbill.model.languages.logs_insights import Sources, split
from watchbill.model.languages.tokens import NotReadError
from watchbill.model.windows import format_duration

Properties = Mapping[str, Any]
VIEWS = {"timeSeries": "line", "bar": "bar", "singleValue": "number", "gauge": "gauge", "table": "table", "pie": "pie"}
LOG_VIEWS = {"table": "table", "timeSeries": "line", "bar": "bar", "pie": "pie"}
_OVER_ALL = {"Sum": "sum", "SampleCount": "sum", "Average": "avg", "Minimum": "min", "Maximum": "max"}
_NO_WORD = {("number", "trend"): "its trend", ("number", "sparkline"): "its sparkline",
            ("table", "table"): "the layout of its table"}
_FAMILIES: dict[str, Family] = {"metric": "metric", "log": "log", "text": "text"}


@dataclass
class Said:
    """`fields` are those of a widget of the model but for its place; {} where only `raw` can carry it."""

    kind: str  # CloudWatch's word, but `alarm graph` for a metric widget that shows nothing but an alarm
    family: Family
    fields: dict[str, Any] = field(default_factory=dict)
    unsaid: list[Unsaid] = field(default_factory=list)
    broken: dict[int, str] = field(default_factory=dict)


def said(widget: Mapping[str, Any], variables: Collection[str]) -> Said:
    """`variables`: dimensions whose value a variable of the dashboard puts in. Never raises."""
    kind, properties = str(widget.get("type")), widget["properties"]
    found = Said(kind, _FAMILIES.get(kind, "other"))
    try:
        match kind:
            case "text":
                found.fields = _text(properties)
            case "log":
                found.fields = _log(properties)
            case "alarm":
                found.fields = {"type": "alarm", **_titled(properties), "cloudwatch": {"alarms": properties["alarms"]}}
            case "metric" if _alarms(properties) and not properties.get("metrics"):
                found = Said("alarm graph", "other", _alarm_graph(properties))
            case "metric":
                _metric(properties, variables, found)
    except (NoLineError, NotReadError, KeyError, TypeError, ValueError) as error:
        found.fields = {}
        found.unsaid = [Unsaid("impossible", str(error))]
    return found


def _titled(properties: Properties) -> dict[str, Any]:
    return {"title": properties["title"]} if isinstance(properties.get("title"), str) and properties["title"] else {}


def _text(properties: Properties) -> dict[str, Any]:
    return {"type": "text", "markdown": properties["markdown"]}


def _log(properties: Properties) -> dict[str, Any]:
    sources, commands = split(properties["query"])
    view = LOG_VIEWS[properties.get("view", "table")]
    view = "area" if view == "line" and properties.get("stacked") is True else view
    return {"type": "log", **_titled(properties), "region": _region(properties),
            "cloudwatch": {"log_groups": _log_groups(sources), "query": commands, "view": view}}


def _log_groups(sources: Sources) -> list[str]:
    if not (sources.groups or sources.prefixes):
        raise NotReadError("names no log groups")
    return [*sources.groups, *(f"{prefix}*" for prefix in sources.prefixes)]


def _alarms(properties: Properties) -> Any:
    annotations = properties.get("annotations")
    return annotations.get("alarms") if isinstance(annotations, Mapping) else None


def _alarm_graph(properties: Properties) -> dict[str, Any]:
    return {"type": "alarm", "view": "graph", **_titled(properties), "cloudwatch": {"alarms": _alarms(properties)}}


def _region(properties: Properties) -> str:
    return str(properties.get("region") or "")


def _metric(properties: Properties, variables: Collection[str], found: Said) -> None:
    read = read_rows(properties["metrics"], variables)
    view = VIEWS[properties.get("view", "timeSeries")]
    view = "area" if view == "line" and properties.get("stacked") is True else view
    found.unsaid += read.unsaid
    found.broken = read.broken
    found.fields = {"type": "metric", **_titled(properties), "view": view, "region": _region(properties)}
    if properties.get("stat"):
        found.fields["statistic"] = properties["stat"]
    if properties.get("period"):
        found.fields["period"] = format_duration(timedelta(seconds=properties["period"]))
    found.fields["metrics"] = read.lines
    found.fields |= _ordered(read, view) | _marked(properties, view, found) | _legend(properties)
    if properties.get("setPeriodToTimeRange") is True and view not in ("line", "area"):
        found.fields["aggregate"] = _over_all(properties, read)
    if _alarms(properties):
        found.unsaid.append(Unsaid("lossy", "the thresholds of its alarms are not drawn"))
    found.unsaid += [Unsaid("lossy", f"{word} has no counterpart") for (of, name), word in _NO_WORD.items()
                     if view == of and properties.get(name)]


def _ordered(read: Read, view: str) -> dict[str, Any]:
    """The order of a legend says nothing; how many lines there are, and the order of bars, do."""
    visible = [line for line in read.lines if line.get("visible", True)]
    if len(visible) > 1 or not (read.limit or (read.sort and view not in ("line", "area"))):
        return {}
    return {"sort": read.sort or "desc"} | ({"limit": read.limit} if read.limit else {})


def _marked(properties: Properties, view: str, found: Said) -> dict[str, Any]:
    drawn, when, sides = levels(properties), moments(properties), axes(properties)
    if drawn and view in ("bar", "table", "pie"):
        found.unsaid.append(Unsaid("lossy", f"levels in the view {view} have no counterpart"))
        drawn = []
    if when and view not in ("line", "area"):
        when = []
    return {name: part for name, part in (("thresholds", drawn), ("annotations", when), ("axis", sides)) if part}


def _legend(properties: Properties) -> dict[str, Any]:
    legend = properties.get("legend")
    position = legend.get("position") if isinstance(legend, Mapping) else None
    return {"legend": position} if position in ("bottom", "right", "hidden") else {}


def _over_all(properties: Properties, read: Read) -> str:
    """The statistic over all that is shown, where it is one that values of periods make up."""
    named = {line.get("statistic") or properties.get("stat") or "Average" for line in read.lines if "metric" in line}
    if len(named) == 1 and (way := _OVER_ALL.get(next(iter(named)))):
        return way
    read.unsaid.append(Unsaid("lossy", "its values are over all the time shown, which no one reduction makes up"))
    return "avg"
