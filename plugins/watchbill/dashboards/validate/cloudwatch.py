"""A CloudWatch dashboard's body -> what PutDashboard would refuse, or take and not show.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
Keys that the page does not know are warnings: the service takes them, and ignores them.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from watchbill.dashboards.validate.cloudwatch_widgets import WIDGETS
from watchbill.dashboards.validate.grid import crowded
from watchbill.dashboards.validate.shapes import (
    RIGHT,
    Found,
    Problem,
    anything,
    boolean,
    many,
    meant,
    number,
    one_of,
    shape,
    text,
    wrong,
)

COLUMNS, WIDGETS_MOST, VARIABLES_MOST = 24, 500, 25
METRICS_MOST = 2_500  # of all widgets together

# https://en.wikipedia.org/wiki/ISO_8601#Durations, as the vendor's page narrows them
_SPAN = r"P(\d+[YMWD])*(T(\d+[HMS])+)?(?<=\d[YMWDHS])"
_MOMENT = r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?"
_START = text(pattern=f"-{_SPAN}|{_MOMENT}", like="-PT3H, -P7D or 2018-12-17T06:00:00.000Z")
_END = text(pattern=f"-?{_SPAN}|{_MOMENT}", like="2018-12-17T06:00:00.000Z")
_PLACE = {"x": number(0, COLUMNS - 1, whole=True), "y": number(0, whole=True),
          "width": number(1, COLUMNS, whole=True), "height": number(1, 1000, whole=True)}
_BODY = shape({"widgets": many(anything, most=WIDGETS_MOST)},
              {"variables": many(anything, most=VARIABLES_MOST), "start": _START, "end": _END,
               "periodOverride": one_of("auto", "inherit")}, "warning")
_WIDGET = shape({"type": text(), "properties": anything}, _PLACE, "warning")
_VALUE = shape({"value": lambda given: RIGHT if isinstance(given, str | int | float) else wrong("should be text")},
               {"label": text(most=255)}, "warning")
_VARIABLE = shape(
    {"type": one_of("property", "pattern"), "id": text(pattern=r"[0-9A-Za-z_-]{1,32}", like="app_1"),
     "inputType": one_of("input", "select", "radio")},
    {"property": text(least=1), "pattern": text(least=1), "label": text(most=30), "values": many(_VALUE, 1, 500),
     "defaultValue": anything, "search": text(most=2048), "populateFrom": text(least=1), "visible": boolean},
    "warning")


def check_cloudwatch(body: Any) -> list[Problem]:
    """Everything that is wrong with a body, whoever wrote it."""
    found = list(_BODY(body))
    if not isinstance(body, dict):
        return found
    widgets, variables = body.get("widgets"), body.get("variables")
    listed = widgets if isinstance(widgets, list) else []
    for at, widget in enumerate(listed):
        found += [problem.under("widgets", at) for problem in check_widget(widget)]
    found += _variables(variables if isinstance(variables, list) else [])
    told = {problem.path for problem in found}
    found += [problem for problem in crowded(listed, COLUMNS, (), (6, 6)) if problem.path not in told]
    found += _whole(body, listed)
    return found


def check_widget(widget: Any) -> Found:
    found = _WIDGET(widget)
    if not isinstance(widget, dict):
        return found
    kind, properties = widget.get("type"), widget.get("properties")
    if isinstance(kind, str) and kind not in WIDGETS:
        found = [*found, Problem(("type",), f"there are no widgets of type {kind}: nothing is shown",
                                 meant(kind, WIDGETS) or f"known: {', '.join(sorted(WIDGETS))}", "warning")]
    elif isinstance(kind, str) and "properties" in widget:
        found = [*found, *(each.under("properties") for each in WIDGETS[kind](properties))]
    if ("x" in widget) != ("y" in widget):
        found = [*found, Problem(("x" if "x" in widget else "y",), "x and y are given together, or neither",
                                 f"add {'y' if 'x' in widget else 'x'}")]
    return found


def _variables(variables: list[Any]) -> Iterator[Problem]:
    first: dict[Any, int] = {}
    for at, variable in enumerate(variables):
        found = [*_VARIABLE(variable), *(_input(variable) if isinstance(variable, dict) else ())]
        yield from (problem.under("variables", at) for problem in found)
        name = variable.get("id") if isinstance(variable, dict) else None
        if isinstance(name, str) and first.setdefault(name, at) != at:
            yield Problem(("variables", at, "id"), f"variables[{first[name]}] has the id {name} too", "rename one")


def _input(variable: Mapping[str, Any]) -> Found:
    """What kind of variable needs which keys."""
    kind, asked = variable.get("type"), variable.get("inputType")
    found: list[Problem] = []
    if kind in ("property", "pattern") and kind not in variable:
        found += wrong("is missing", f"say which {kind} it changes", kind)
    if asked in ("select", "radio") and "values" not in variable:
        found += [Problem((key,), "is missing", f"inputType {asked} needs values, or search and populateFrom")
                  for key in ("search", "populateFrom") if key not in variable]
    values, default = variable.get("values"), variable.get("defaultValue")
    if asked in ("select", "radio") and isinstance(values, list) and default is not None and "search" not in variable:
        known = [each.get("value") for each in values if isinstance(each, dict)]
        if default not in known:
            found += wrong(f"{default} is none of the values", f"known: {', '.join(map(str, known))}", "defaultValue")
    return found


def _whole(body: Mapping[str, Any], widgets: list[Any]) -> Iterator[Problem]:
    if "end" in body and "start" not in body:
        yield Problem(("end",), "needs a start", "add start")
    count = sum(_metrics(widget) for widget in widgets)
    if count > METRICS_MOST:
        yield Problem(("widgets",), f"CloudWatch takes {METRICS_MOST} metrics a dashboard, not {count}",
                      "write two dashboards")


def _metrics(widget: Any) -> int:
    properties = widget.get("properties") if isinstance(widget, dict) and widget.get("type") == "metric" else None
    metrics = properties.get("metrics") if isinstance(properties, dict) else None
    return len(metrics) if isinstance(metrics, list) else 0
