"""Where Datadog's widgets lie -> places on our grid of 24 columns."""

from collections.abc import Mapping, Sequence
from typing import Any

from watchbill.dashboards.grid import Place, overlapping
from watchbill.model.dashboards import COLUMNS

Body = Mapping[str, Any]
_COLUMNS = 12  # of an ordered dashboard; a free one has about as many as it needs
_GROUP_WIDTH = COLUMNS
_WIDTH, _HEIGHT = 8, 4  # three in a row, as Datadog lays out what has no place


def places(widgets: Sequence[Body], *, is_free: bool, columns: int = COLUMNS) -> list[dict[str, Any]]:
    """x, y, width, height of each; without x and y where Datadog says no place, or two would share one."""
    layouts = [one.get("layout") for one in widgets]
    found = [_scaled(layout, is_free, _widest(layouts)) if isinstance(layout, Mapping) else None for layout in layouts]
    whole = [one for one in found if one is not None]
    if len(whole) < len(found) or any(True for _ in overlapping(whole)) or any(one.right > columns for one in whole):
        return [_flowing(one, widget, columns) for one, widget in zip(found, widgets, strict=True)]
    return [{"x": one.x, "y": one.y, "width": one.width, "height": one.height} for one in whole]


def _widest(layouts: Sequence[Any]) -> int:
    ends = [_whole(one, "x", 0) + _whole(one, "width", 1) for one in layouts if isinstance(one, Mapping)]
    return max([_COLUMNS, *ends])


def _scaled(layout: Body, is_free: bool, widest: int) -> Place:
    x, y = _whole(layout, "x", 0), _whole(layout, "y", 0)
    right, bottom = x + _whole(layout, "width", 1), y + _whole(layout, "height", 1)
    if not is_free:
        return Place(2 * x, y, 2 * (right - x), min(bottom - y, 1000))
    left, end = x * COLUMNS // widest, right * COLUMNS // widest
    top, under = y * COLUMNS // widest, bottom * COLUMNS // widest
    return Place(min(left, COLUMNS - 1), top, max(1, end - left), max(1, min(under - top, 1000)))


def _flowing(place: Place | None, widget: Body, columns: int) -> dict[str, Any]:
    is_group = isinstance(widget.get("definition"), Mapping) and widget["definition"].get("type") == "group"
    if place is not None:
        return {"width": min(place.width, columns), "height": place.height}
    return {"width": _GROUP_WIDTH} if is_group else {"width": min(_WIDTH, columns), "height": _HEIGHT}


def _whole(layout: Body, name: str, least: int) -> int:
    value = layout.get(name)
    return max(least, int(value)) if isinstance(value, int | float) and not isinstance(value, bool) else least
