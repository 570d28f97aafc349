"""The properties of each type of CloudWatch's widgets: `properties` go in, what is wrong with them comes out.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
"""

import re
from collections.abc import Mapping
from typing import Any

from watchbill.dashboards.validate.cloudwatch_metrics import STAT, metrics, period
from watchbill.dashboards.validate.shapes import (
    RIGHT,
    Check,
    Found,
    Problem,
    anything,
    boolean,
    many,
    number,
    one_of,
    shape,
    text,
    warned,
    wrong,
)

LOG_GROUPS_MOST, QUERY_MOST = 50, 10_000  # Logs Insights' own
_SOURCE = re.compile(r"\s*SOURCE\b", re.IGNORECASE)
_SOURCES = re.compile(r"(?:^|\|)\s*SOURCE\s+(?!logGroups)", re.IGNORECASE)
_LEGEND = shape({}, {"position": one_of("right", "bottom", "hidden")}, "warning")
_SIDE = shape({}, {"label": text(), "min": number(), "max": number(), "showUnits": boolean}, "warning")
_COLORED = text(pattern=r"#([0-9a-fA-F]{3}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})", like="#d62728")
_ARN = text(pattern=r"arn:[\w-]+:cloudwatch:[\w-]*:\d{0,12}:alarm:.+",
            like="arn:aws:cloudwatch:eu-west-1:123456789012:alarm:name")


def _region(value: Any) -> Found:
    if not isinstance(value, str) or not value:
        return wrong("should be the name of a region", "for example eu-west-1")
    if not re.fullmatch(r"[a-z]{2,}(-[a-z]+)+-\d+", value):
        return warned(f"`{value[:60]}` looks like no region", "for example eu-west-1")
    return RIGHT


def _lenient(check: Check) -> Check:
    """Text that is wrong is taken, and shows nothing."""
    def lenient(value: Any) -> Found:
        found = check(value)
        return warned(found[0].problem, found[0].fix) if found and isinstance(value, str) and value else found

    return lenient


_COLOR, _ALARM_ARN = _lenient(_COLORED), _lenient(_ARN)


def _mark(value: Check, *fills: str) -> Check:
    """An annotation, or a band: a list of two."""
    keys = {"label": text(), "color": _COLOR, "fill": one_of(*fills), "visible": boolean,
            "yAxis": one_of("left", "right")}
    edge = shape({"value": value}, keys, "warning")
    band = many(edge, 2, 2)
    return lambda given: band(given) if isinstance(given, list) else edge(given)


_ANNOTATIONS = shape({}, {
    "alarms": many(_ALARM_ARN, most=1),
    "horizontal": many(_mark(number(), "above", "below", "none")),
    "vertical": many(_mark(text(least=1), "before", "after", "none")),
}, "warning")
_TABLE = shape({}, {
    "layout": one_of("vertical", "horizontal"), "stickySummary": boolean, "showTimeSeriesData": boolean,
    "summaryColumns": many(one_of("MIN", "MAX", "SUM", "AVG")),
}, "warning")
_METRIC = shape({}, {
    "accountId": text(), "annotations": _ANNOTATIONS, "end": text(), "labels": anything, "legend": _LEGEND,
    "liveData": boolean, "metrics": metrics, "period": period, "region": _region, "setPeriodToTimeRange": boolean,
    "singleValueFullPrecision": boolean, "sparkline": boolean, "stacked": boolean, "start": text(), "stat": STAT,
    "table": _TABLE, "timezone": text(pattern=r"[+-]\d{4}", like="+0130"), "title": text(), "trend": boolean,
    "view": one_of("timeSeries", "singleValue", "gauge", "bar", "pie", "table"),
    "yAxis": shape({}, {"left": _SIDE, "right": _SIDE}, "warning"),
}, "warning")


def _metric(given: Any) -> Found:
    found = _METRIC(given)
    if not isinstance(given, dict):
        return found
    more = [*_data_source(given), *_gauge(given)]
    return [*found, *more] if more else found


def _data_source(given: Mapping[str, Any]) -> Found:
    """Metrics of a region, or an alarm, which names its region itself."""
    marks = given.get("annotations")
    alarms = marks.get("alarms") if isinstance(marks, dict) else None
    if alarms:
        if given.get("metrics"):
            return wrong("an alarm is drawn with its own metrics alone", "leave the others out, or the alarm",
                         "annotations", "alarms")
        if isinstance(marks, dict) and (marks.get("horizontal") or marks.get("vertical")):
            return wrong("an alarm stands without other annotations", "leave them out", "annotations", "alarms")
        return RIGHT
    return [Problem((key,), "is missing", fix) for key, fix in (
        ("metrics", "add metrics, or an alarm under annotations"), ("region", "for example eu-west-1"))
        if key not in given]


def _gauge(given: Mapping[str, Any]) -> Found:
    if given.get("view") != "gauge":
        return RIGHT
    axes = given.get("yAxis")
    left = axes.get("left") if isinstance(axes, dict) else None
    side = left if isinstance(left, dict) else {}
    missing = [Problem(("yAxis", "left", key), "is missing", "a gauge needs min and max of its left axis")
               for key in ("min", "max") if key not in side]
    if missing:
        return missing
    least, most = side["min"], side["max"]
    if isinstance(least, int | float) and isinstance(most, int | float) and least >= most:
        return wrong(f"should be more than min {least}, not {most}", "", "yAxis", "left", "max")
    return RIGHT


_TEXT = shape({"markdown": text()}, {"background": one_of("solid", "transparent")}, "warning")
_LOG = shape({"region": _region, "query": text(least=1, most=QUERY_MOST)}, {
    "accountId": text(), "legend": _LEGEND, "title": text(), "stacked": boolean, "period": anything,
    "view": one_of("table", "timeSeries", "bar", "pie", "singleValue", "gauge"), "yAxis": anything,
    "queryLanguage": one_of("CWLI", "SQL", "PPL"), "queryBy": anything, "logGroupPrefixes": anything,
    "logGroups": anything, "timezone": text(), "liveData": boolean, "annotations": anything,
}, "warning")


def _log(given: Any) -> Found:
    found = _LOG(given)
    query = given.get("query") if isinstance(given, dict) else None
    if not isinstance(query, str):
        return found
    groups = len(_SOURCES.findall(query))
    if groups > LOG_GROUPS_MOST:
        return [*found, *wrong(f"names {groups} log groups of {LOG_GROUPS_MOST} at most", "", "query")]
    if query and not _SOURCE.match(query) and given.get("queryLanguage", "CWLI") == "CWLI":
        return [*found, *warned("names no log groups", "begin it with SOURCE 'group' |", "query")]
    return found


_EXPLORER_METRIC = shape({"metricName": text(least=1), "resourceType": text(pattern=r"\w+::\w+::[\w/]+",
                                                                            like="AWS::EC2::Instance")},
                         {"stat": STAT}, "warning")
_EXPLORER = shape({"metrics": many(_EXPLORER_METRIC, 1, 100)}, {
    "labels": many(shape({"key": text(least=1)}, {"value": text()}, "warning")),
    "aggregateBy": shape({}, {"key": text(), "func": one_of("", "AVG", "MIN", "MAX", "STDDEV", "SUM")}, "warning"),
    "period": period, "splitBy": text(), "title": text(), "region": text(), "accountId": text(),
    "widgetOptions": shape({}, {
        "legend": _LEGEND, "rowsPerPage": number(1, whole=True), "widgetsPerRow": number(1, whole=True),
        "stacked": boolean, "view": one_of("timeSeries", "bar", "pie")}, "warning"),
}, "warning")


def _explorer(given: Any) -> Found:
    found = _EXPLORER(given)
    listed = given.get("metrics") if isinstance(given, dict) else None
    kinds = {each.get("resourceType") for each in listed if isinstance(each, dict)} if isinstance(listed, list) else ()
    if len(kinds) > 1:
        return [*found, *wrong("all metrics of an explorer are of one resourceType", "write two widgets", "metrics")]
    return found


_ALARM = shape({"alarms": many(_ALARM_ARN, 1, 100)}, {
    "sortBy": one_of("default", "stateUpdatedTimestamp", "timestamp"), "title": text(),
    "states": many(one_of("ALARM", "INSUFFICIENT_DATA", "OK")),
}, "warning")
_CUSTOM = shape({"endpoint": text(least=1)}, {
    "title": text(), "params": anything,
    "updateOn": shape({}, {"refresh": boolean, "resize": boolean, "timeRange": boolean}, "warning"),
}, "warning")
_CHART = shape({}, {"region": _region, "title": text(), "view": text()}, None)

WIDGETS: Mapping[str, Check] = {
    "metric": _metric, "text": _TEXT, "log": _log, "alarm": _ALARM, "explorer": _explorer, "custom": _CUSTOM,
    "chart": _CHART,
}
