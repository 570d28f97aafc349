"""A CloudWatch dashboard body -> our model of it. Rendered for CloudWatch it is that body again, normalised.

What the model does not say stands in `override.cloudwatch` of the widget; what has no words at all is carried raw.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from watchbill.dashboards.compare import normalise
from watchbill.dashboards.from_cloudwatch.variables import read_variables
from watchbill.dashboards.from_cloudwatch.widgets import Said, said
from watchbill.dashboards.reading import Origin, Reading
from watchbill.dashboards.to_cloudwatch import to_cloudwatch
from watchbill.model.dashboards import COLUMNS, Dashboard
from watchbill.model.failures import DashboardError
from watchbill.model.merge_patch import between, same
from watchbill.model.windows import parse_duration

Body = dict[str, Any]
Fields = dict[str, Any]
_MOST_TRIES = 100  # lines of a widget, each of which costs a rendering
_REGION = "us-east-1"  # rendered where a widget names none, and taken away again


def read(body: Any, dashboard_id: str, title: str = "", adopt: str = "") -> Reading:
    """`adopt`: the name of the live dashboard that it is to stay. Raises DashboardError for what is no body."""
    widgets = _checked(body)
    variables, dimensions = read_variables(body)
    found = [said(widget, dimensions) for widget in widgets]
    fields = [_exact(widget, one) for widget, one in zip(widgets, found, strict=True)]
    top: Fields = {"id": dashboard_id, "title": title or dashboard_id, "clouds": ["cloudwatch"],
                   **({"adopt": {"cloudwatch": adopt}} if adopt else {}), **_start(body), "variables": variables}
    dashboard = _whole(body, top | {"widgets": fields})
    origins = {f"widgets.{at}": _origin(one, made) for at, (one, made) in enumerate(zip(found, fields, strict=True))}
    return Reading("cloudwatch", dashboard, origins)


def _checked(body: Any) -> list[Body]:
    widgets = body.get("widgets") if isinstance(body, dict) else None
    if not isinstance(widgets, list):
        raise DashboardError("this is no body of a CloudWatch dashboard: it has no list of widgets")
    for at, widget in enumerate(widgets):
        if not (isinstance(widget, dict) and isinstance(widget.get("type"), str)
                and isinstance(widget.get("properties"), dict) and widget["properties"]):
            raise DashboardError(f"this is no body of a CloudWatch dashboard: widgets.{at} lacks a type or properties")
    return widgets


def _start(body: Body) -> Fields:
    start = body.get("start")
    if not isinstance(start, str):
        return {}
    try:
        parse_duration(_ours(start))
    except ValueError:
        return {}
    return {"start": _ours(start)}


def _ours(start: str) -> str:
    """`-PT3H` is 3h, `-P14D` 14d."""
    date, _, time = start.removeprefix("-P").partition("T") if start.startswith("-P") else ("", "", "")
    if any(unit in date for unit in "MY"):
        raise ValueError(start)
    return (date + time).lower()


def _origin(found: Said, fields: Fields) -> Origin:
    return Origin(found.kind, found.family if fields["type"] != "raw" or found.family != "other" else "other",
                  tuple(found.unsaid), {} if fields["type"] == "raw" else found.broken)


def _place(widget: Mapping[str, Any]) -> Fields:
    """{} for one that our grid does not take; the override then has it."""
    place = {name: widget[name] for name in ("x", "y", "width", "height") if name in widget}
    if not all(isinstance(value, int) and not isinstance(value, bool) for value in place.values()):
        return {}
    if ("x" in place) != ("y" in place) or place.get("x", 0) + place.get("width", 6) > COLUMNS:
        return {}
    return place


def _exact(widget: Body, found: Said) -> Fields:
    """With an override of what it lacks; raw where none leads to the same widget."""
    if found.fields:
        for fields in _tries(widget, found.fields):
            made = _with_override(widget, _settled(fields))
            if made is not None:
                return made
    return _raw(widget)


def _tries(widget: Body, fields: Fields) -> Iterator[Fields]:
    plain = {name: value for name, value in fields.items() if value not in ("", None)}
    kind = {"type": plain.pop("type")}
    yield kind | _place(widget) | plain
    yield kind | plain


def _settled(fields: Fields) -> Fields:
    """Without `cloudwatch:` on lines that are rendered as they were written anyway."""
    meant = [at for at, line in enumerate(fields.get("metrics", ()))
             if "cloudwatch" in line and ("expression" in line or "metric" in line)]
    wanted = _rows(fields) if meant else None
    if wanted is None:
        return fields
    if _rows(plain := _without_words(fields, meant)) == wanted:
        return plain
    for at in meant if len(meant) <= _MOST_TRIES else ():
        if _rows(tried := _without_words(fields, [at])) == wanted:
            fields = tried
    return fields


def _without_words(fields: Fields, rows: Collection[int]) -> Fields:
    return fields | {"metrics": [{name: value for name, value in line.items() if name != "cloudwatch" or at not in rows}
                                 for at, line in enumerate(fields["metrics"])]}


def _rows(fields: Fields) -> Any:
    rendered = _rendered(fields)
    return rendered and rendered["properties"].get("metrics")


def _with_override(widget: Body, fields: Fields) -> Fields | None:
    rendered = _rendered(fields)
    if rendered is None:
        return None
    for given, wanted in ((_normal(rendered), _normal(widget)), (rendered, widget)):
        try:
            override = between(given, wanted) | _unplaced(widget, fields)
        except ValueError:
            return None
        made = fields | ({"override": {"cloudwatch": override}} if override else {})
        again = _rendered(made)
        if again is not None and same(_normal(again), _normal(widget)):
            return made
    return None


def _unplaced(widget: Body, fields: Fields) -> Fields:
    """Where ours has no place it is laid out among its neighbours: the original's own place, or none, is said then."""
    return {} if "x" in fields else {name: widget.get(name) for name in ("x", "y")}


def _raw(widget: Body) -> Fields:
    place = _place(widget)
    kept = {name: value for name, value in widget.items() if name not in place}
    fields = {"type": "raw", **place, "cloudwatch": kept}
    unplaced = _unplaced(widget, fields)
    return fields | ({"override": {"cloudwatch": unplaced}} if unplaced else {})


def _rendered(fields: Fields) -> Body | None:
    """None where the model refuses it."""
    try:
        made = Dashboard.model_validate({"id": "one", "title": "one", "clouds": ["cloudwatch"], "widgets": [fields]})
        rendered: Body = to_cloudwatch(made, _REGION)["widgets"][0]
    except (ValidationError, DashboardError, IndexError):
        return None
    return rendered


def _normal(widget: Body) -> Body:
    normal: Body = normalise("cloudwatch", {"widgets": [widget]})["widgets"][0]
    return normal


def _whole(body: Body, fields: Fields) -> Dashboard:
    """With an override of what the dashboard says beside its widgets."""
    for tried in (fields, {name: value for name, value in fields.items() if name not in ("variables", "start")}):
        try:
            made = Dashboard.model_validate(tried)
            rendered = normalise("cloudwatch", to_cloudwatch(made, _REGION))
            override = between(_beside(rendered), _beside(normalise("cloudwatch", body)))
        except (ValidationError, DashboardError):
            continue
        except ValueError as error:
            raise DashboardError(f"this body cannot be carried: {error}") from None
        return Dashboard.model_validate(tried | ({"override": {"cloudwatch": override}} if override else {}))
    raise DashboardError("this body cannot be carried")


def _beside(body: Body) -> Body:
    return {name: value for name, value in body.items() if name != "widgets"}
