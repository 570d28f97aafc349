"""Places on the grid: ours and CloudWatch's have 24 columns, Datadog's has 12."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from watchbill.model.dashboards import COLUMNS, GroupWidget, Placed
from watchbill.model.dashboards.widgets import HEADING


class Place(NamedTuple):
    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        return self.x + self.width

    @property
    def bottom(self) -> int:
        return self.y + self.height

    def overlaps(self, other: "Place") -> bool:
        return (self.x < other.right and other.x < self.right
                and self.y < other.bottom and other.y < self.bottom)


def arranged(widgets: Sequence[Placed], columns: int = COLUMNS) -> list[Place]:
    """Each as declared; one without a place right of the one before it, or else in a new row below all before it."""
    fixed = {at: Place(one.x, one.y, one.width, _height(one))
             for at, one in enumerate(widgets) if one.x is not None and one.y is not None}
    taken: list[Place] = []
    for at, one in enumerate(widgets):
        taken.append(fixed[at] if at in fixed else _free(one, taken, [*fixed.values()], columns))
    return taken


def _free(widget: Placed, before: Sequence[Place], declared: Sequence[Place], columns: int) -> Place:
    others = [*before, *declared]
    here = Place(0, 0, min(widget.width, columns), _height(widget))
    if before:
        beside = here._replace(x=before[-1].right, y=before[-1].y)
        if beside.right <= columns and not any(map(beside.overlaps, others)):
            return beside
        here = here._replace(y=max(one.bottom for one in before))
    while in_the_way := [one for one in others if here.overlaps(one)]:
        here = here._replace(y=max(one.bottom for one in in_the_way))
    return here


def _height(widget: Placed) -> int:
    """Of a group at least what its heading and widgets take."""
    if not isinstance(widget, GroupWidget):
        return widget.height
    inside = max((place.bottom for place in arranged(widget.widgets, widget.width)), default=0)
    return max(widget.height, heading(widget) + inside, 1)


def heading(group: GroupWidget) -> int:
    """Rows that the title takes."""
    return HEADING if group.title else 0


def coarse(place: Place) -> Place:
    """On 12 columns. Both edges are floored, not the width: neighbours stay neighbours; rounding made overlaps."""
    left, right = place.x // 2, place.right // 2
    return Place(left, place.y, max(1, right - left), place.height)


def overlapping(places: Sequence[Place]) -> Iterator[tuple[int, int]]:
    """The positions of every two that share a cell; from the top down, so that few pairs are looked at."""
    found: list[tuple[int, int]] = []
    alive: list[tuple[int, Place]] = []
    for at, place in sorted(enumerate(places), key=lambda each: each[1].y):
        alive = [(other, there) for other, there in alive if there.bottom > place.y]
        found += [(min(at, other), max(at, other)) for other, there in alive if place.overlaps(there)]
        alive.append((at, place))
    return iter(sorted(found))
