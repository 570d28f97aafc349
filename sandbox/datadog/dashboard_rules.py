"""What the API refuses in a dashboard: a body goes in; nothing, or `Refused` (400), comes out.

Words as in recorded answers where there is one; others are JSON schema's own, which the vendor uses too.
"""

from collections.abc import Iterator
from typing import Any

from sandbox.datadog.refused import Refused
from sandbox.datadog.schema import ANY, BOOL, COUNT, TEXT, WHOLE, Checker, Schema, closed, many, one_of
from sandbox.datadog.widget_keys import KEYS, UNREAD
from sandbox.datadog.widget_schema import WIDGETS

COLUMNS = 12
TAGS = 5

Json = dict[str, Any]


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


LAYOUT = closed(dict.fromkeys(("x", "y", "width", "height"), COUNT), is_column_break=BOOL)
WIDGET = closed({"definition": ANY}, id=WHOLE, layout=LAYOUT)
VARIABLE = closed(
    {"name": TEXT},
    available_values=_or_null(many(TEXT)),
    default=_or_null(TEXT),
    defaults=many(TEXT),
    prefix=_or_null(TEXT),
    type=_or_null(TEXT),
)
PRESET = closed(name=TEXT, template_variables=many(closed(name=TEXT, value=TEXT, values=many(TEXT))))
READ_ONLY = ("id", "url", "author_handle", "author_name", "created_at", "modified_at")
DASHBOARD = closed(
    {"title": TEXT, "layout_type": one_of("ordered free"), "widgets": many(WIDGET)},
    description=_or_null(TEXT),
    default_timeframe=_or_null(ANY),
    is_read_only=BOOL,
    notify_list=_or_null(many(TEXT)),
    reflow_type=one_of("auto fixed"),
    restricted_roles=many(TEXT),
    tabs=many(ANY, most=100),
    tags=_or_null(many(TEXT)),
    template_variable_presets=_or_null(many(PRESET)),
    template_variables=_or_null(many(VARIABLE)),
    **{key: _or_null(TEXT) for key in READ_ONLY},  # taken as the UI exports them, and ignored
)

_BODY = Checker(DASHBOARD)
_WIDGETS = {kind: Checker(schema) for kind, schema in (KEYS | WIDGETS).items()}
_WIDGET = Checker(WIDGET)


def check(body: Any) -> None:
    """Raises `Refused` with the first thing that is wrong."""
    if complaint := _BODY.complaint(body):
        raise Refused(400, complaint)
    for complaint in _complaints(body):
        raise Refused(400, complaint)


def _complaints(body: Json) -> Iterator[str]:
    yield from _tags(body.get("tags") or [])
    for variable in body.get("template_variables") or []:
        yield from _variable(variable)
    for preset in body.get("template_variable_presets") or []:
        for value in preset.get("template_variables", []):
            yield from _preset(value)
    yield from _reflow(body)
    for position, widget in enumerate(body["widgets"]):
        yield from _widget(widget, position, body["layout_type"])


def _tags(tags: list[str]) -> Iterator[str]:
    if any(not tag.startswith("team:") or tag == "team:" for tag in tags):
        yield "Invalid tag format. Valid tag keys are: team."
    if len(tags) > TAGS:
        yield f"Maximum number of elements in parameter 'tags' should be {TAGS}"


def _variable(variable: Json) -> Iterator[str]:
    if not variable["name"]:
        yield "Minimum length of parameter 'name' should be 1"
    if "" in variable.get("defaults", ["-"]):
        yield "Minimum length of parameter 'defaults' should be 1"
    if variable.get("default") is not None and "defaults" in variable:
        yield f"'template_variables' value '{variable}' is invalid"


def _preset(value: Json) -> Iterator[str]:
    if "values" in value and not value["values"]:
        yield "Minimum number of elements in parameter 'values' should be 1"
    if "" in value.get("values", []):
        yield "Minimum length of parameter 'values' should be 1"
    if "value" in value and "values" in value:
        yield f"'template_variables' value '{value}' is invalid"


def _reflow(body: Json) -> Iterator[str]:
    reflow = body.get("reflow_type")
    have_layout = ["layout" in widget for widget in body["widgets"]]
    needs = body["layout_type"] == "free" or reflow == "fixed"
    if body["layout_type"] == "free" and reflow is not None:
        yield "'reflow_type' is only valid for dashboards with layout_type 'ordered'"
    if needs and not all(have_layout):
        yield f"Invalid widget at position {have_layout.index(False)}. Error: 'layout' is a required property"
    if reflow == "auto" and any(have_layout) and body["layout_type"] == "ordered":
        yield "Widgets in a dashboard with reflow_type 'auto' must not have a 'layout'"


def _widget(widget: Json, position: int, layout_type: str) -> Iterator[str]:
    kind = widget["definition"].get("type")
    for complaint in _inside(widget, layout_type):
        yield f"Invalid widget definition at position {position} of type {kind}. Error: {complaint}."


def _inside(widget: Json, layout_type: str, *, is_grouped: bool = False) -> Iterator[str]:
    """What is wrong with a widget, wherever it stands."""
    definition, layout = widget["definition"], widget.get("layout")
    kind = definition.get("type")
    if kind is None:
        yield "'type' is a required property"
    elif not isinstance(kind, str) or kind not in {*_WIDGETS, *UNREAD}:
        yield f"'{kind}' is not a valid widget type"
    elif is_grouped and kind == "group":
        yield "Widget type 'group' is not allowed in group widgets"
    elif isinstance(kind, str) and kind in _WIDGETS and (complaint := _WIDGETS[kind].complaint(definition)):
        yield complaint
    if layout and layout_type == "ordered" and layout["x"] + layout["width"] > COLUMNS:
        yield f"a widget must lie within {COLUMNS} columns"
    if kind == "group" and not is_grouped:
        for position, inner in enumerate(definition.get("widgets", [])):
            yield from _inner(inner, position)


def _inner(widget: Any, position: int) -> Iterator[str]:
    """As answers were seen: a group names the widget in it by its place there."""
    if complaint := _WIDGET.complaint(widget):
        yield f"Invalid inner widget at position {position}. Error: {complaint}"
        return
    kind = widget["definition"].get("type")
    for complaint in _inside(widget, "ordered", is_grouped=True):
        yield f"Invalid inner widget definition at position {position} of type {kind}. Error: {complaint}"
