"""What a cloud would refuse, or show otherwise than meant: found before any call is made.

What one widget says by itself the model has checked. Here stands what needs the neighbours or the other cloud, and then
the rendered bodies are checked whole, as the clouds check them: overrides and raw widgets are written by hand.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from watchbill.dashboards.grid import Place, arranged, coarse, overlapping
from watchbill.dashboards.lost import Loss, Lost
from watchbill.dashboards.to_cloudwatch import to_cloudwatch
from watchbill.dashboards.to_datadog import to_datadog
from watchbill.dashboards.validate.cloudwatch import check_cloudwatch
from watchbill.dashboards.validate.datadog import check_datadog
from watchbill.dashboards.validate.shapes import Path, Problem
from watchbill.dashboards.validate.trace import Body, Trace
from watchbill.model.clouds import NAMES
from watchbill.model.dashboards import CLOUDS, COLUMNS, Cloud, Dashboard, GroupWidget, Widget

_REGION = "us-east-1"  # only its form counts: which one it is, the connection says


def validate(dashboard: Dashboard, cloud: Cloud | None = None) -> list[Problem]:
    """For one cloud, or for all that the dashboard names. Paths are those of the dashboard: ("widgets", 2, "title")."""
    asked = [each for each in CLOUDS if each in dashboard.clouds and cloud in (None, each)]
    areas = list(_areas(dashboard))
    found = [*_places(dashboard, areas, asked)]
    if "datadog" in asked:
        found += _narrow(areas)
    for each in asked:
        found += _rendered(dashboard, each, found)
    return found


def check_body(cloud: Cloud, body: Body) -> list[Problem]:
    """What is wrong with a body of that cloud, whoever wrote it; paths are the body's."""
    return check_cloudwatch(body) if cloud == "cloudwatch" else check_datadog(body)


def _render(dashboard: Dashboard, cloud: Cloud, lost: Lost) -> Body:
    return to_cloudwatch(dashboard, _REGION, lost) if cloud == "cloudwatch" else to_datadog(dashboard, lost)


def _rendered(dashboard: Dashboard, cloud: Cloud, before: Sequence[Problem]) -> list[Problem]:
    """What is lost, and what is wrong with the body but for the places of which something as bad is told already."""
    lost = Lost()
    body = _render(dashboard, cloud, lost)
    found = list(dict.fromkeys(_missing(one) for one in lost.losses))
    wrong = check_body(cloud, body)
    if wrong:
        told = [*before, *found]
        errors, known = {one.path for one in told if one.severity == "error"}, {one.path for one in told}
        trace = Trace(dashboard, cloud, lambda each: _render(each, cloud, Lost()))
        refused = [_declared(problem, trace.declared(problem.path), cloud) for problem in wrong]
        found += dict.fromkeys(each for each in refused
                               if each.path not in (errors if each.severity == "error" else known))
    return found


def _missing(loss: Loss) -> Problem:
    """What a cloud cannot show is an error; what it shows otherwise, or leaves to the other cloud, a warning."""
    is_error = loss.kind == "impossible" and not loss.is_absent
    return Problem(loss.path, loss.reason, loss.fix, "error" if is_error else "warning")


def _declared(problem: Problem, path: Path, cloud: Cloud) -> Problem:
    said = f"{NAMES[cloud]} refuses it" if problem.severity == "error" else f"in {NAMES[cloud]}"
    key = next((part for part in reversed(problem.path) if isinstance(part, str)), "")
    named = "" if key in (*path, "widgets") else f"{key} "  # of the vendor's, where ours is called otherwise
    return Problem(path, f"{said}: {named}{problem.problem}", problem.fix, problem.severity)


class _Area(NamedTuple):
    """The dashboard itself, or a group: where its widgets are written, where they lie, how many columns it has."""

    path: Path
    widgets: Sequence[Widget]
    places: Sequence[Place]
    columns: int


def _areas(dashboard: Dashboard) -> Iterator[_Area]:
    yield _Area(("widgets",), dashboard.widgets, arranged(dashboard.widgets), COLUMNS)
    for at, widget in enumerate(dashboard.widgets):
        if isinstance(widget, GroupWidget):
            places = arranged(widget.widgets, widget.width)
            yield _Area(("widgets", at, "widgets"), widget.widgets, places, widget.width)


def _places(dashboard: Dashboard, areas: Sequence[_Area], clouds: list[Cloud]) -> Iterator[Problem]:
    """Widgets of two clouds may share a place. The clouds take it, and move them apart as they like."""
    for path, widgets, places, columns in areas:
        for one, other in overlapping(places):
            if any(dashboard.shown(widgets[one], cloud) and dashboard.shown(widgets[other], cloud) for cloud in clouds):
                yield Problem((*path, other), f"lies over widgets[{one}]", "move one of them", "warning")
        for at, place in enumerate(places):
            if place.right > columns:
                yield Problem((*path, at), f"reaches past its group's {columns} columns",
                              "make it narrower, or the group wider", "warning")


def _narrow(areas: Sequence[_Area]) -> Iterator[Problem]:
    for path, _, places, _ in areas:
        for one, other in overlapping([coarse(place) for place in places]):
            if not places[one].overlaps(places[other]):
                yield Problem((*path, other), f"lies over widgets[{one}] on Datadog's 12 columns",
                              "begin at an even column, and make both 2 wide at least", "warning")
