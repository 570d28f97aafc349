"""The body of a Datadog dashboard -> our model, so that rendering it for Datadog gives the same body back.

Everything that the model has no word for stands in an `override` or in a `raw` widget.
https://docs.datadoghq.com/api/latest/dashboards/
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from watchbill.dashboards.from_datadog.dimensions import Variables
from watchbill.dashboards.from_datadog.places import places
from watchbill.dashboards.from_datadog.widgets import widget
from watchbill.dashboards.normal_datadog import sendable
from watchbill.dashboards.ownership import unmarked
from watchbill.dashboards.reading import Body, Origin, Reading, Unsaid
from watchbill.dashboards.to_datadog import to_datadog
from watchbill.model.dashboards import Dashboard, GroupWidget, Member, Override, Variable, Widget
from watchbill.model.failures import DashboardError
from watchbill.model.merge_patch import between

_LONGEST_DESCRIPTION = 1500
_LONGEST_TITLE = 200
_MOST_VARIABLES = 25
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,49}")
_ANY = "*"
_Widget = TypeVar("_Widget", Member, GroupWidget)


def read(body: Mapping[str, Any], dashboard_id: str) -> Reading:
    """Raises DashboardError where it is no dashboard of Datadog's."""
    if not isinstance(body.get("widgets"), list) or "layout_type" not in body:
        raise DashboardError("this is no dashboard of Datadog: it has no `widgets` and `layout_type`")
    if not all(isinstance(one, Mapping) and isinstance(one.get("definition"), Mapping) for one in body["widgets"]):
        raise DashboardError("this is no dashboard of Datadog: a widget has no `definition`")
    normal = sendable(dict(body))
    variables = _variables(normal)
    origins: dict[str, Origin] = {}
    is_free = normal.get("layout_type") == "free"
    widgets = _widgets(normal["widgets"], is_free, {one.name: one for one in variables}, origins)
    plain = Dashboard(id=dashboard_id, title=_title(normal, dashboard_id), description=_description(normal),
                      clouds=("datadog",), variables=variables, widgets=widgets)
    return Reading("datadog", plain.model_copy(update={"override": _override(plain, normal)}), origins,
                   tuple(_unsaid(normal, variables)))


def _widgets(bodies: Sequence[Any], is_free: bool, variables: Variables,
             origins: dict[str, Origin]) -> tuple[Widget, ...]:
    made: list[Widget] = []
    for body, place in zip(bodies, places(bodies, is_free=is_free), strict=True):
        path = f"widgets.{len(made)}"
        definition = body.get("definition") or {}
        if definition.get("type") == "group" and _are_widgets(definition.get("widgets") or []):
            made.append(_group(body, place, variables, path, origins))
        else:
            made.append(_single(body, place, variables, path, origins))
    return tuple(made)


def _are_widgets(inside: Any) -> bool:
    """Groups in groups are none that we or Datadog know."""
    return isinstance(inside, list) and all(
        isinstance(one, Mapping) and isinstance(one.get("definition"), Mapping)
        and one["definition"].get("type") != "group" for one in inside)


def _group(body: Body, place: dict[str, Any], variables: Variables, path: str,
           origins: dict[str, Origin]) -> GroupWidget:
    definition = body["definition"]
    origins[path] = Origin("group", "other")
    inside = definition.get("widgets") or []
    columns = place["width"]
    members = tuple(_single(each, at, variables, f"{path}.widgets.{row}", origins) for row, (each, at)
                    in enumerate(zip(inside, places(inside, is_free=False, columns=columns), strict=True)))
    group = GroupWidget(type="group", title=str(definition.get("title") or ""), widgets=members,
                        **{"height": 0, **place})
    return _exact(group, body)


def _single(body: Body, place: dict[str, Any], variables: Variables, path: str, origins: dict[str, Origin]) -> Member:
    made, origins[path] = widget(body, place, variables)
    return _exact(made, body)


def _exact(made: _Widget, body: Body) -> _Widget:
    """With the override that makes it the vendor's widget again."""
    rendered = to_datadog(Dashboard(id="one", title="One", clouds=("datadog",), widgets=(made,)))["widgets"][0]
    patch = between(rendered, body)
    if made.x is None and body.get("layout"):
        patch["layout"] = body["layout"]  # where it lies depends on its neighbours
    return made.model_copy(update={"override": Override(datadog=patch)})


def _override(plain: Dashboard, normal: Body) -> Override:
    """Over the body without its widgets; whose it was is no part of it."""
    rendered = {name: part for name, part in to_datadog(plain.model_copy(update={"widgets": ()})).items()
                if name != "widgets"}
    wanted = {name: part for name, part in normal.items() if name != "widgets"}
    if text := unmarked(str(wanted.pop("description", ""))):
        wanted["description"] = text
    return Override(datadog=between(rendered, wanted))


def _title(normal: Body, dashboard_id: str) -> str:
    return str(normal.get("title") or dashboard_id)[:_LONGEST_TITLE]


def _description(normal: Body) -> str:
    text = unmarked(str(normal.get("description", "")))
    return text if len(text) <= _LONGEST_DESCRIPTION else ""


def _variables(normal: Body) -> tuple[Variable, ...]:
    """Those that we can name; the others stay in the override alone."""
    found: dict[str, Variable] = {}
    for given in (one for one in normal.get("template_variables") or () if isinstance(one, Mapping)):
        name = str(given.get("name", ""))
        if _NAME.fullmatch(name) and name not in found and len(found) < _MOST_VARIABLES:
            found[name] = _variable(given, name)
    return tuple(found.values())


def _variable(given: Mapping[str, Any], name: str) -> Variable:
    defaults = given.get("defaults") or ([given["default"]] if given.get("default") else [])
    prefix = str(given.get("prefix") or "")
    return Variable(name=name, dimension="" if prefix == _ANY else prefix,
                    default=tuple(str(one) for one in defaults if one != _ANY),
                    values=tuple(map(str, given.get("available_values") or ())))


def _unsaid(normal: Body, variables: Sequence[Variable]) -> list[Unsaid]:
    said = {"title", "description", "layout_type", "reflow_type", "template_variables", "widgets", "is_read_only",
            "notify_list", "restricted_roles", "tags"}
    lost = [f"leaves out its {name}" for name in sorted(normal.keys() - said) if normal[name]]
    unnamed = len(normal.get("template_variables") or ()) - len(variables)
    if unnamed:
        lost.append(f"leaves out {unnamed} variables")
    return [Unsaid("lossy", what) for what in lost]
