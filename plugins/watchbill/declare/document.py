"""One YAML file as the rest of this room sees it: plain data, where all of it stands, what is wrong."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from watchbill.model.failures import Finding

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Place:
    """Where a value stands."""

    key_line: int
    line: int
    scalar: str | None  # its text, where it is one
    first: int = 0  # the line that its text begins in; of a block scalar the one after its sign
    file: str = ""  # the template's that it came from; the document's own, where empty
    used: str = ""  # where that was used: dashboards/shop.yaml:12
    is_argument: bool = False  # of a template: a number, where a text is wanted, is its text


@dataclass
class Document:
    """`data` is None where the file is no YAML at all; `broken` lists the paths that cannot be trusted."""

    file: str
    data: Any = None
    findings: list[Finding] = field(default_factory=list)
    broken: list[Path] = field(default_factory=list)
    variables: dict[Path, str] = field(default_factory=dict)  # values that the environment gave
    look_up: Callable[[], dict[Path, Place]] = dict

    @cached_property
    def places(self) -> dict[Path, Place]:
        """Where everything stands; looked up when it is first asked, for most files are sound."""
        return self.look_up()

    def is_broken(self, path: Path) -> bool:
        return any(broken[:len(path)] == path for broken in self.broken)

    def place(self, path: Path) -> Place:
        """Its own, or that of the nearest thing around it."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, Place(0, 0, None))

    def line(self, path: Path) -> int:
        """Of a scalar the line of its value, of a block that of its key."""
        place = self.place(path)
        return place.line if place.scalar is not None else place.key_line

    def finding(self, path: Path, problem: str, fix: str = "", *, at_key: bool = False,
                severity: Literal["error", "warning"] = "error") -> Finding:
        variable = next((name for at, name in self.variables.items() if path[:len(at)] == at), None)
        if variable:
            return Finding(f"${variable}", 0, dotted(path), problem, fix, severity)
        place = self.place(path)
        line = place.key_line if at_key else self.line(path)
        told = f"{problem}, as used in {place.used}" if place.used else problem
        return Finding(place.file or self.file, line, dotted(path), told, fix, severity, widget_of(self.data, path))


def dotted(path: Path) -> str:
    """`groups[0].rules[1].condition.threshold`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")


def widget_of(data: Any, path: Path) -> str:
    """The title and place of the dashboard's widget that the path leads into: `"Errors" at x 0, y 6`."""
    widget, place = None, 0
    while len(path) > 1 and path[0] == "widgets" and isinstance(path[1], int):
        listed = data.get("widgets") if isinstance(data, dict) else None
        if not isinstance(listed, list) or path[1] >= len(listed):
            break
        widget = data = listed[path[1]]
        place, path = path[1] + 1, path[2:]
    if not isinstance(widget, dict):
        return ""
    title = f'"{widget["title"]}"' if widget.get("title") else str(widget.get("type", "widget"))
    placed = "x" in widget and "y" in widget
    return f"{title} at x {widget['x']}, y {widget['y']}" if placed else f"{title}, number {place}"


def as_written(document: Document) -> Any:
    """Its data, with text where a number or a boolean is not what its own text would be: `1.10`, `True`, `0x1F`.

    Alertmanager reads a scalar as text wherever it wants text.
    """
    def read(data: Any, path: Path) -> Any:
        if isinstance(data, dict):
            return {key: read(value, (*path, key)) for key, value in data.items()}
        if isinstance(data, list):
            return [read(value, (*path, place)) for place, value in enumerate(data)]
        scalar = document.places[path].scalar if path in document.places else None
        plain = str(data).lower() if isinstance(data, bool) else str(data)
        return data if data is None or scalar is None or plain == scalar else scalar

    return read(document.data, ())
