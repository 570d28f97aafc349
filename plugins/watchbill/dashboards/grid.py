"""Places on the grid: ours and CloudWatch's have 24 columns, Datadog's has 12."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from watchbill.model.dashboards import Placed


@dataclass(frozen=True, slots=True)
class Place:
    x: int
    y: int
    width: int
    height: int

    def overlaps(self, other: "Place") -> bool:
        return (self.x < other.x + other.width and other.x < self.x + self.width
                and self.y < other.y + other.height and other.y < self.y + self.height)


def fine(widget: Placed) -> Place:
    """As declared."""
    return Place(widget.x, widget.y, widget.width, widget.height)


def coarse(widget: Placed) -> Place:
    """On 12 columns. Both edges are floored, not the width: neighbours stay neighbours; rounding made overlaps."""
    left, right = widget.x // 2, (widget.x + widget.width) // 2
    return Place(left, widget.y, max(1, right - left), widget.height)


def overlapping(places: Sequence[Place]) -> Iterator[tuple[int, int]]:
    """The positions of every two that share a cell."""
    for (one, here), (other, there) in combinations(enumerate(places), 2):
        if here.overlaps(there):
            yield one, other
