"""Where in the declaration a place of a rendered body comes from: a Dashboard, how it is rendered and a path in the
body go in, the path in the declaration comes out.

What an override says is where the override says it; what a raw widget says is below its cloud's name. Asked only where
something is wrong, it renders widgets alone and counts, so that it need not know how the rendering picks them.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import Any

from watchbill.dashboards.validate.shapes import Path
from watchbill.model.dashboards import Cloud, Dashboard, GroupWidget, RawWidget, Widget, walk

Body = dict[str, Any]
Render = Callable[[Dashboard], Body]
_PARTS: dict[Cloud, tuple[tuple[Path, Path], ...]] = {  # a part of a rendered widget -> the keys that made it
    "cloudwatch": (
        (("properties", "metrics"), ("metrics",)),
        (("properties", "annotations", "horizontal"), ("thresholds",)),
        (("properties", "annotations", "vertical"), ("annotations",)),
        (("properties", "alarms"), ("cloudwatch", "alarms")),
        (("properties", "query"), ("cloudwatch", "query")),
        (("properties", "yAxis"), ("axis",)),
        (("properties",), ()),
    ),
    "datadog": (
        (("definition", "requests", 0, "queries"), ("metrics",)),
        (("definition", "requests", 0, "formulas"), ("metrics",)),
        (("definition", "markers"), ("thresholds",)),
        (("definition", "yaxis"), ("axis", "left")),
        (("definition", "right_yaxis"), ("axis", "right")),
        (("definition", "content"), ("markdown",)),
        (("definition",), ()),
        (("layout",), ()),
    ),
}
_WHOLE: dict[str, str] = {"template_variables": "variables"}


class Trace:
    def __init__(self, dashboard: Dashboard, cloud: Cloud, render: Render) -> None:
        self._dashboard, self._cloud, self._render = dashboard, cloud, render

    def declared(self, path: Path) -> Path:
        """The nearest part of the declaration."""
        if path[:1] != ("widgets",) or len(path) < 2:
            return self._of_dashboard(path)
        at, inner = path[1], path[2:]
        origin = self._origins[at] if isinstance(at, int) and at < len(self._origins) else ("widgets",)
        while self._cloud == "datadog" and inner[:2] == ("definition", "widgets") and len(inner) > 2:
            member = self._members(origin, inner[2])
            if member is None:
                break
            origin, inner = member, inner[3:]
        widget = next((each for where, each in walk(self._dashboard) if where == origin), None)
        return origin if widget is None else (*origin, *self._inside(widget, inner))

    def _of_dashboard(self, path: Path) -> Path:
        said = _said(self._dashboard.override.model_dump()[self._cloud], path)
        if said is not None:
            return ("override", self._cloud, *said)
        first = _WHOLE.get(str(path[0]), str(path[0])) if path else ""
        return (first, *path[1:2]) if first in type(self._dashboard).model_fields else ()

    def _inside(self, widget: Widget, path: Path) -> Path:
        override = getattr(widget.override, self._cloud)
        said = _said(override, path)
        if said is not None:
            return ("override", self._cloud, *said)
        if isinstance(widget, RawWidget):
            return (self._cloud, *path)
        for rendered, declared in _PARTS[self._cloud]:
            if path[:len(rendered)] == rendered:
                return self._known(widget, (*declared, *path[len(rendered):]))
        return self._known(widget, path)

    def _known(self, widget: Widget, path: Path) -> Path:
        """As far as the widget has it."""
        held: Any = widget
        for depth, part in enumerate(path):
            inside = held.get(part) if isinstance(held, dict) else getattr(held, str(part), None) \
                if isinstance(part, str) else held[part] if isinstance(held, tuple) and part < len(held) else None
            if inside is None or inside in ("", ()):
                return path[:depth]
            held = inside
        return path

    @cached_property
    def _origins(self) -> list[Path]:
        """Of each widget of the body."""
        return list(self._counted())

    def _counted(self) -> Iterator[Path]:
        for at, widget in enumerate(self._dashboard.widgets):
            if self._cloud == "cloudwatch" and isinstance(widget, GroupWidget):
                yield from [("widgets", at)] * self._count(_with(widget, ()))
                for inner, member in enumerate(widget.widgets):
                    more = self._count(_with(widget, (member,))) - self._count(_with(widget, ()))
                    yield from [("widgets", at, "widgets", inner)] * more
            else:
                yield from [("widgets", at)] * self._count(widget)

    def _count(self, widget: Widget) -> int:
        return len(self._alone(widget))

    def _alone(self, widget: Widget) -> list[Body]:
        made = self._render(self._dashboard.model_copy(update={"widgets": (widget,)}))["widgets"]
        return list(made)

    def _members(self, origin: Path, at: str | int) -> Path | None:
        group = next((each for where, each in walk(self._dashboard) if where == origin), None)
        if not isinstance(group, GroupWidget) or not isinstance(at, int):
            return None
        shown = [inner for inner, member in enumerate(group.widgets)
                 if self._alone(_with(group, (member,)))[0]["definition"].get("widgets")]
        return (*origin, "widgets", shown[at]) if at < len(shown) else None


def _with(group: GroupWidget, members: Sequence[Any]) -> GroupWidget:
    return group.model_copy(update={"widgets": tuple(members)})


def _said(override: Any, path: Path) -> Path | None:
    """How far an override says what stands at the path; None where it says nothing of it."""
    held = override
    for depth, part in enumerate(path):
        if not isinstance(held, dict):
            return _in_list(held, path, depth)
        if part not in held:
            return path[:depth] if 2 <= depth == len(path) - 1 else None  # beside it something is said
        held = held[part]
    return path or None


def _in_list(held: Any, path: Path, depth: int) -> Path:
    """What stands in a list of an override, or beside a value that the override took away, is the override's."""
    while depth < len(path) and isinstance(held, list | dict):
        part = path[depth]
        if isinstance(held, list):
            if not isinstance(part, int) or part >= len(held):
                break
        elif part not in held:
            break
        held, depth = held[part], depth + 1  # type: ignore[index]
    return path[:depth]
