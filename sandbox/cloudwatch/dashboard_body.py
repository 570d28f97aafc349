"""A dashboard's body checked as PutDashboard does it: text in, what is wrong with it out.

The grid, the kinds of widgets and their properties follow the vendor's page; messages are in its words
where they are known. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import orjson

from sandbox.cloudwatch.dashboard_metrics import metrics
from sandbox.cloudwatch.errors import Refused
from sandbox.cloudwatch.findings import (
    Finding,
    Findings,
    array,
    integer,
    one_of,
    period,
    required,
    stat,
    text,
    typed,
)

MOST_WIDGETS, MOST_VARIABLES, MOST_METRICS, MOST_ALARMS = 500, 25, 500, 100
VIEWS = ("timeSeries", "singleValue", "gauge", "bar", "pie", "table")


def validate(body: str) -> list[Finding]:
    """Every error and warning, in the order of the body. Raises Refused for what is no JSON object."""
    try:
        dashboard = orjson.loads(body)
    except orjson.JSONDecodeError:
        dashboard = None
    if not isinstance(dashboard, dict):
        raise Refused("InvalidParameterInput", "The field DashboardBody must be a valid JSON object")
    return list(_dashboard(dashboard))


def _dashboard(body: Mapping[str, Any]) -> Findings:
    yield from required("", body, "widgets")
    yield from array("/widgets", body.get("widgets", []), MOST_WIDGETS)
    for path, widget in _items("/widgets", body.get("widgets")):
        yield from _widget(path, widget)
    yield from array("/variables", body.get("variables", []), MOST_VARIABLES)
    for path, variable in _items("/variables", body.get("variables")):
        yield from _variable(path, variable)
    yield from one_of("", body, "periodOverride", ("auto", "inherit"))
    yield from text("", body, "start", "end")
    if "end" in body and "start" not in body:
        yield Finding("/end", "It is ignored without a start", "warning")


def _items(path: str, listed: Any) -> Iterator[tuple[str, Any]]:
    return ((f"{path}/{at}", item) for at, item in enumerate(listed if isinstance(listed, list) else []))


def _widget(path: str, widget: Any) -> Findings:
    if not isinstance(widget, dict):
        yield Finding(path, "Should be object")
        return
    yield from required(path, widget, "type", "properties")
    yield from integer(path, widget, "x", 0, 23)
    yield from integer(path, widget, "y", 0, None)
    yield from integer(path, widget, "width", 1, 24)
    yield from integer(path, widget, "height", 1, 1000)
    for one, other in (("x", "y"), ("y", "x")):
        if one in widget and other not in widget:
            yield Finding(path, f"Should have property {other} when property {one} is present")
    kind, properties = widget.get("type"), widget.get("properties", {})
    if not isinstance(properties, dict):
        yield Finding(f"{path}/properties", "Should be object")
    elif "type" in widget and kind not in _KINDS:
        # Seen to be taken all the same: such a widget shows nothing.
        yield Finding(f"{path}/type", "Should be equal to one of the allowed values", "warning")
    elif "properties" in widget and kind in _KINDS:
        yield from _KINDS[kind](f"{path}/properties", properties)


def _metric(path: str, given: Mapping[str, Any]) -> Findings:
    yield from _data_source(path, given)
    yield from text(path, given, "region", "title", "accountId", "timezone")
    yield from one_of(path, given, "view", VIEWS)
    yield from typed(path, given, "boolean", "stacked", "liveData", "sparkline", "trend")
    yield from typed(path, given, "boolean", "setPeriodToTimeRange")
    yield from period(path, given)
    yield from stat(path, given)
    yield from array(f"{path}/metrics", given.get("metrics", []), MOST_METRICS)
    if isinstance(given.get("metrics"), list):
        yield from metrics(f"{path}/metrics", given["metrics"])
    yield from _axes(path, given)
    yield from _annotations(f"{path}/annotations", given.get("annotations", {}))
    if "legend" in given:
        yield from typed(path, given, "object", "legend")
        yield from one_of(f"{path}/legend", given["legend"], "position", ("right", "bottom", "hidden"))


def _data_source(path: str, given: Mapping[str, Any]) -> Findings:
    """Metrics of a region, or an alarm, which names its region itself."""
    annotations = given.get("annotations")
    alarms = annotations.get("alarms") if isinstance(annotations, dict) else None
    if alarms is not None or ("metrics" in given and "region" in given):
        return
    yield from required(path, given, *(["region"] if "metrics" in given else ["metrics"]))
    yield Finding(
        path, "The metric widget should have specified a region and a data source or an alarm annotation"
    )
    yield from required(path, given, "annotations")


def _axes(path: str, given: Mapping[str, Any]) -> Findings:
    yield from typed(path, given, "object", "yAxis")
    axes = given.get("yAxis", {})
    if not isinstance(axes, dict):
        return
    for side in ("left", "right"):
        yield from typed(f"{path}/yAxis", axes, "object", side)
        yield from typed(f"{path}/yAxis/{side}", axes.get(side), "number", "min", "max")
    if given.get("view") == "gauge":
        yield from required(path, given, "yAxis")
        if "yAxis" in given:
            yield from required(f"{path}/yAxis", axes, "left")
        if isinstance(axes.get("left"), dict):
            yield from required(f"{path}/yAxis/left", axes["left"], "min", "max")


def _annotations(path: str, given: Any) -> Findings:
    if not isinstance(given, dict):
        yield Finding(path, "Should be object")
        return
    if "alarms" in given:
        yield from array(f"{path}/alarms", given["alarms"], 1, fewest=1)
    for kind, member in (("horizontal", "number"), ("vertical", "string")):
        yield from array(f"{path}/{kind}", given.get(kind, []), None)
        for at, mark in _items(f"{path}/{kind}", given.get(kind)):
            for where, edge in _items(at, mark) if isinstance(mark, list) else [(at, mark)]:
                yield from required(where, edge, "value")
                yield from typed(where, edge, member, "value")


def _text(path: str, given: Mapping[str, Any]) -> Findings:
    yield from required(path, given, "markdown")
    yield from text(path, given, "markdown")
    yield from one_of(path, given, "background", ("solid", "transparent"))


def _log(path: str, given: Mapping[str, Any]) -> Findings:
    yield from required(path, given, "region", "query")
    yield from text(path, given, "region", "query", "title")
    yield from one_of(path, given, "view", VIEWS)
    asked = str(given.get("query", "SOURCE")).lstrip().upper()
    if "queryLanguage" not in given and not asked.startswith("SOURCE"):
        yield Finding(f"{path}/query", "Should name its log groups with SOURCE", "warning")


def _alarm(path: str, given: Mapping[str, Any]) -> Findings:
    yield from required(path, given, "alarms")
    yield from array(f"{path}/alarms", given.get("alarms", []), MOST_ALARMS)


def _explorer(path: str, given: Mapping[str, Any]) -> Findings:
    yield from required(path, given, "metrics")
    yield from period(path, given)


def _custom(path: str, given: Mapping[str, Any]) -> Findings:
    yield from required(path, given, "endpoint")
    yield from text(path, given, "endpoint", "title")


def _chart(path: str, given: Mapping[str, Any]) -> Findings:
    yield from text(path, given, "region", "title", "view")


_KINDS: dict[str, Callable[[str, Mapping[str, Any]], Findings]] = {
    "metric": _metric, "text": _text, "log": _log, "alarm": _alarm, "explorer": _explorer,
    "custom": _custom, "chart": _chart,
}  # fmt: skip


def _variable(path: str, given: Any) -> Findings:
    if not isinstance(given, dict):
        yield Finding(path, "Should be object")
        return
    yield from required(path, given, "type", "id", "inputType")
    yield from one_of(path, given, "type", ("property", "pattern"))
    yield from one_of(path, given, "inputType", ("input", "select", "radio"))
    if given.get("type") in ("property", "pattern"):
        yield from required(path, given, given["type"])
    if given.get("inputType") in ("select", "radio") and "values" not in given and "search" not in given:
        yield from required(path, given, "values", "populateFrom")
    elif "search" in given:
        yield from required(path, given, "populateFrom")
