"""A Datadog dashboard's body -> what the API would refuse, or take and not show.

Most of it is the API's own schema, as its client has it; here stand the rules that the schema lacks, in the API's own
words where its answers are known. https://docs.datadoghq.com/api/latest/dashboards/
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from watchbill.dashboards.validate.datadog_queries import queries
from watchbill.dashboards.validate.datadog_schema import dashboard
from watchbill.dashboards.validate.grid import crowded
from watchbill.dashboards.validate.shapes import Problem

COLUMNS = 12
_TAG = re.compile(r"team:.+")
_Json = Mapping[str, Any]


def check_datadog(body: Any) -> list[Problem]:
    """Everything that is wrong with a body, whoever wrote it."""
    found = list(dashboard(body))
    if not isinstance(body, dict):
        return found
    found += _tags(body)
    found += _variables(body)
    found += _presets(body)
    widgets = _listed(body, "widgets")
    found += _layouts(body, widgets)
    found += _titled(body)
    known = {each["name"] for each in _listed(body, "template_variables")
             if isinstance(each, dict) and isinstance(each.get("name"), str)}
    for at, widget in enumerate(widgets):
        if isinstance(widget, dict):
            found += (problem.under("widgets", at) for problem in check_widget(widget, known))
    return _without_doubles(found)


def check_widget(widget: _Json, variables: set[str], *, is_grouped: bool = False) -> Iterator[Problem]:
    """The rules that the schema lacks."""
    held = widget.get("definition")
    if not isinstance(held, dict):
        return
    if held.get("type") != "group":
        yield from (problem.under("definition") for problem in queries(held, variables))
        return
    if is_grouped:
        yield Problem(("definition", "type"), "a group cannot hold a group", "move its widgets out")
    inner = _listed(held, "widgets")
    for problem in crowded(inner, COLUMNS, ("layout",), None, overlaps=False):
        yield problem.under("definition")
    for at, each in enumerate(inner):
        if isinstance(each, dict):
            for problem in check_widget(each, variables, is_grouped=True):
                yield problem.under("definition", "widgets", at)


def _listed(body: _Json, key: str) -> list[Any]:
    found = body.get(key)
    return found if isinstance(found, list) else []


def _titled(body: _Json) -> Iterator[Problem]:
    if body.get("title") == "":
        yield Problem(("title",), "is empty", "give it a title", "warning")


def _tags(body: _Json) -> Iterator[Problem]:
    for at, tag in enumerate(_listed(body, "tags")):
        if isinstance(tag, str) and not _TAG.fullmatch(tag):
            yield Problem(("tags", at), "Invalid tag format. Valid tag keys are: team.", "write team:name")


def _variables(body: _Json) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for at, variable in enumerate(_listed(body, "template_variables")):
        if not isinstance(variable, dict):
            continue
        path = ("template_variables", at)
        name, defaults = variable.get("name"), variable.get("defaults")
        if isinstance(name, str) and first.setdefault(name, at) != at:
            yield Problem((*path, "name"), f"template_variables[{first[name]}] is called {name} too", "rename one")
        if isinstance(defaults, list) and "" in defaults:
            yield Problem((*path, "defaults", defaults.index("")),
                          "Minimum length of parameter 'defaults' should be 1", "write a value, or *")
        if variable.get("default") is not None and defaults is not None:
            yield Problem((*path, "default"), f"'template_variables' value '{variable}' is invalid: "
                          "default stands beside defaults", "leave default out")


def _presets(body: _Json) -> Iterator[Problem]:
    for at, preset in enumerate(_listed(body, "template_variable_presets")):
        for inner, given in enumerate(_listed(preset, "template_variables") if isinstance(preset, dict) else []):
            path = ("template_variable_presets", at, "template_variables", inner)
            values = given.get("values") if isinstance(given, dict) else None
            if values == []:
                yield Problem((*path, "values"), "Minimum number of elements in parameter 'values' should be 1",
                              "write a value, or *")
            if isinstance(values, list) and "" in values:
                yield Problem((*path, "values", values.index("")),
                              "Minimum length of parameter 'values' should be 1", "write a value, or *")
            if isinstance(given, dict) and given.get("value") is not None and values is not None:
                yield Problem((*path, "value"), f"'template_variables' value '{given}' is invalid: "
                              "value stands beside values", "leave value out")


def _layouts(body: _Json, widgets: list[Any]) -> Iterator[Problem]:
    """`ordered` on 12 columns: `fixed` with a place for every widget, `auto` with none; `free` always with one."""
    kind, reflow = body.get("layout_type"), body.get("reflow_type")
    needs = kind == "free" or (kind == "ordered" and reflow == "fixed")
    said = "layout_type free" if kind == "free" else f"reflow_type {reflow}"
    for at, widget in enumerate(widgets):
        placed = isinstance(widget, dict) and widget.get("layout") is not None
        if needs and not placed:
            yield Problem(("widgets", at, "layout"), f"is missing: {said} needs a place for every widget",
                          "add layout: {x, y, width, height}")
        elif reflow == "auto" and placed and kind == "ordered":
            yield Problem(("widgets", at, "layout"), "stands beside reflow_type auto, which places widgets itself",
                          "leave layout out, or write reflow_type fixed")
    if kind == "free" and reflow is not None:
        yield Problem(("reflow_type",), "is for layout_type ordered only", "leave it out")
    if kind == "ordered":
        yield from crowded(widgets, COLUMNS, ("layout",), None, overlaps=False)


def _without_doubles(found: list[Problem]) -> list[Problem]:
    """What the API says in its own words stands for what the schema says of the same place."""
    told = {problem.path: problem for problem in found}
    return list(told.values())
