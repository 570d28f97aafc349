"""What a renderer could not say in a cloud's words: it notes each thing here where it meets it, so that none is silent.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Loss:
    """lossy: the same series or query is still shown, but not all of it as declared. impossible: it is not."""

    path: Path  # in the widget: ("metrics", 0, "statistic")
    kind: Literal["lossy", "impossible"]
    reason: str
    fix: str = ""
    is_absent: bool = False  # the widget has no words for that cloud at all, and is left out


@dataclass(slots=True)
class Lost:
    """`at`: where in the widget what is noted stands."""

    at: Path = ()
    losses: list[Loss] = field(default_factory=list)

    def below(self, *path: str | int) -> "Lost":
        """Notes into the same list."""
        return Lost((*self.at, *path), self.losses)

    def lossy(self, *path: str | int, reason: str, fix: str = "") -> None:
        self.losses.append(Loss((*self.at, *path), "lossy", reason, fix))

    def impossible(self, *path: str | int, reason: str, fix: str = "") -> None:
        self.losses.append(Loss((*self.at, *path), "impossible", reason, fix))

    def absent(self, reason: str, fix: str) -> None:
        self.losses.append(Loss(self.at, "impossible", reason, fix, is_absent=True))

    @property
    def unsaid(self) -> Iterator[Loss]:
        """What is missing from a widget that is shown."""
        return (one for one in self.losses if one.kind == "impossible" and not one.is_absent)
