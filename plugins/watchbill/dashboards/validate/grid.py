"""Places in a rendered body: widgets go in; those that reach over the edge or lie over each other come out."""

from collections.abc import Iterator
from typing import Any

from watchbill.dashboards.validate.shapes import Path, Problem

_Box = tuple[int, int, int, int]


def crowded(widgets: list[Any], columns: int, layout: Path, usual: tuple[int, int] | None,
            *, overlaps: bool = True) -> Iterator[Problem]:
    """`layout`: where a widget keeps its place. `usual`: width and height where they are not said. `overlaps`: whether
    those count; Datadog's editor leaves them, and moves widgets apart when it shows them.
    """
    boxes: list[tuple[int, _Box]] = []
    for at, widget in enumerate(widgets):
        box = _box(_at(widget, layout), usual)
        if box is None:
            continue
        if box[0] + box[2] > columns:
            yield Problem(("widgets", at, *layout, "width" if box[0] < columns else "x"),
                          f"x {box[0]} and width {box[2]} reach past column {columns}",
                          f"make it {columns - box[0]} wide at most" if box[0] < columns else "move it to the left")
        boxes.append((at, box))
    for one, other in _overlapping(boxes) if overlaps else ():
        yield Problem(("widgets", other), f"lies over widgets[{one}]", "move one of them", "warning")


def _at(widget: Any, path: Path) -> Any:
    for part in path:
        widget = widget.get(part) if isinstance(widget, dict) else None
    return widget


def _box(layout: Any, usual: tuple[int, int] | None) -> _Box | None:
    if not isinstance(layout, dict) or "x" not in layout or "y" not in layout:
        return None
    width, height = usual or (None, None)
    values = (layout["x"], layout["y"], layout.get("width", width), layout.get("height", height))
    return values if set(map(type, values)) == {int} else None  # type: ignore[return-value]


def _overlapping(boxes: list[tuple[int, _Box]]) -> Iterator[tuple[int, int]]:
    """Only the first that each lies over; from the top down, so that few pairs are looked at."""
    ordered = sorted(boxes, key=lambda each: each[1][1])
    alive: list[tuple[int, _Box]] = []
    for at, (x, y, width, height) in ordered:
        alive = [each for each in alive if each[1][1] + each[1][3] > y]
        for other, (left, _, span, _) in alive:
            if left < x + width and x < left + span:
                yield min(at, other), max(at, other)
                break
        alive.append((at, (x, y, width, height)))
