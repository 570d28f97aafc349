"""A dashboard's body checked as PutDashboard does it: text in, what is wrong with it out.

The grid, the kinds of widgets and their properties follow the vendor's page; messages are in its words
where they are known. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import orjson

from sandbox.cloudwatch.dashboard_marks import annotations, axes, legend, table
from sandbox.cloudwatch.dashboard_metrics import metrics
from sandbox.cloudwatch.errors import Refused
from sandbox.cloudwatch.findings import (
    Finding,
    Findings,
    array,
    distinct,
    integer,
    matching,
    one_of,
    period,
    required,
    stat,
    text,
    typed,
)

MOST_WIDGETS, MOST_VARIABLES, MOST_METRICS, MOST_ALARMS = 500, 25, 500, 100
MOST_TOGETHER, MOST_EXPLORED, MOST_VALUES = 2_500, 100, 500
MOST_LOG_GROUPS, LONGEST_QUERY = 50, 10_000
START = re.compile(r"-P(T\d+[MH]|\d+[DWM])|-P[\dYMWDTHS]*\d[YMWDHS]|\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-][\d:]+)?")
TIMEZONE = re.compile(r"[+-]\d{4}")
VARIABLE_ID, LABEL = re.compile(r"[0-9A-Za-z_-]{1,32}"), re.compile(r".{0,30}", re.DOTALL)
SOURCES = re.compile(r"(?:^|\|)\s*SOURCE\s", re.IGNORECASE)
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
    yield from matching("", body, "start", START, "Should be an ISO 8601 moment, or a duration such as -PT3H")
    if "end" in body and "start" not in body:
        yield Finding("", "Should have property start when property end is present")
    yield from distinct("/variables", body.get("variables"), "id")
    if sum(_count(widget) for _, widget in _items("", body.get("widgets"))) > MOST_TOGETHER:
        yield Finding("/widgets", f"Should NOT have more than {MOST_TOGETHER} metrics")


def _count(widget: Any) -> int:
    properties = widget.get("properties") if isinstance(widget, dict) else None
    listed = properties.get("metrics") if isinstance(properties, dict) else None
    return len(listed) if isinstance(listed, list) else 0


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
    elif "type" in widget and not isinstance(kind, str):
        yield Finding(f"{path}/type", "Should be string")
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
    yield from axes(path, given)
    yield from annotations(f"{path}/annotations", given.get("annotations", {}))
    yield from legend(path, given)
    yield from table(path, given)
    yield from matching(path, given, "timezone", TIMEZONE, "Should match pattern ^[+-]\\d{4}$")


def _data_source(path: str, given: Mapping[str, Any]) -> Findings:
    """Metrics of a region, or an alarm, which names its region itself."""
    marks = given.get("annotations")
    alarms = marks.get("alarms") if isinstance(marks, dict) else None
    if alarms and given.get("metrics"):
        yield Finding(path, "Should NOT have metrics and an alarm annotation at once")
    if alarms is not None or ("metrics" in given and "region" in given):
        return
    yield from required(path, given, *(["region"] if "metrics" in given else ["metrics"]))
    yield Finding(
        path, "The metric widget should have specified a region and a data source or an alarm annotation"
    )
    yield from required(path, given, "annotations")


def _text(path: str, given: Mapping[str, Any]) -> Findings:
    yield from required(path, given, "markdown")
    yield from text(path, given, "markdown")
    yield from one_of(path, given, "background", ("solid", "transparent"))


def _log(path: str, given: Mapping[str, Any]) -> Findings:
    yield from required(path, given, "region", "query")
    yield from text(path, given, "region", "query", "title", "accountId")
    yield from typed(path, given, "boolean", "stacked")
    yield from one_of(path, given, "view", VIEWS)
    asked = str(given.get("query", "SOURCE"))
    if len(asked) > LONGEST_QUERY:
        yield Finding(f"{path}/query", f"Should NOT be longer than {LONGEST_QUERY} characters")
    if len(SOURCES.findall(asked)) > MOST_LOG_GROUPS:
        yield Finding(f"{path}/query", f"Should NOT have more than {MOST_LOG_GROUPS} log groups")
    if "queryLanguage" not in given and not asked.lstrip().upper().startswith("SOURCE"):
        yield Finding(f"{path}/query", "Should name its log groups with SOURCE", "warning")


def _alarm(path: str, given: Mapping[str, Any]) -> Findings:
    yield from required(path, given, "alarms")
    yield from array(f"{path}/alarms", given.get("alarms", [""]), MOST_ALARMS, fewest=1)
    for at, alarm in _items(f"{path}/alarms", given.get("alarms")):
        if not isinstance(alarm, str):
            yield Finding(at, "Should be string")
    yield from text(path, given, "title")
    yield from one_of(path, given, "sortBy", ("default", "stateUpdatedTimestamp", "timestamp"))
    for at, state in _items(f"{path}/states", given.get("states")):
        if state not in ("ALARM", "INSUFFICIENT_DATA", "OK"):
            yield Finding(at, "Should be equal to one of the allowed values")


def _explorer(path: str, given: Mapping[str, Any]) -> Findings:
    yield from required(path, given, "metrics")
    yield from array(f"{path}/metrics", given.get("metrics", [{}]), MOST_EXPLORED, fewest=1)
    kinds = set()
    for at, metric in _items(f"{path}/metrics", given.get("metrics")):
        yield from required(at, metric, "metricName", "resourceType")
        yield from text(at, metric, "metricName", "resourceType")
        yield from stat(at, metric if isinstance(metric, dict) else {})
        kinds.add(str(metric.get("resourceType")) if isinstance(metric, dict) else "")
    if len(kinds) > 1:
        yield Finding(f"{path}/metrics", "Should have the same resourceType")
    yield from period(path, given)
    yield from text(path, given, "splitBy", "title")
    yield from one_of(f"{path}/aggregateBy", given.get("aggregateBy"), "func",
                      ("", "AVG", "MIN", "MAX", "STDDEV", "SUM"))  # fmt: skip


def _custom(path: str, given: Mapping[str, Any]) -> Findings:
    yield from required(path, given, "endpoint")
    yield from text(path, given, "endpoint", "title")
    yield from typed(path, given, "object", "updateOn")
    yield from typed(f"{path}/updateOn", given.get("updateOn"), "boolean", "refresh", "resize", "timeRange")


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
    yield from text(path, given, "property", "pattern", "search", "populateFrom")
    yield from typed(path, given, "boolean", "visible")
    yield from matching(path, given, "id", VARIABLE_ID, "Should match pattern ^[0-9A-Za-z_-]{1,32}$")
    yield from matching(path, given, "label", LABEL, "Should NOT be longer than 30 characters")
    if "values" in given:
        yield from array(f"{path}/values", given["values"], MOST_VALUES, fewest=1)
    for at, value in _items(f"{path}/values", given.get("values")):
        yield from required(at, value, "value")
        yield from text(at, value, "label")
    if given.get("type") in ("property", "pattern"):
        yield from required(path, given, given["type"])
    if given.get("inputType") in ("select", "radio") and "values" not in given and "search" not in given:
        yield from required(path, given, "values", "populateFrom")
    elif "search" in given:
        yield from required(path, given, "populateFrom")
