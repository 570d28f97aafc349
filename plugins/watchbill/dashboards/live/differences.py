"""Two bodies of one cloud -> what differs, by titles of widgets and names of fields, as a person would say it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from watchbill.dashboards.compare import shortened
from watchbill.model.dashboards import Cloud

Kind = Literal["added", "removed", "changed", "moved"]
Body = dict[str, Any]
_SIGNS: dict[Kind, str] = {"added": "+", "removed": "-", "changed": "~", "moved": "~"}
_PLACE = ("x", "y", "width", "height")
_INSIDE: dict[Cloud, str] = {"cloudwatch": "properties", "datadog": "definition"}
_ABSENT = object()


@dataclass(frozen=True)
class Difference:
    """One thing that a person would change; `widget` is "" for what belongs to the dashboard itself."""

    kind: Kind
    widget: str
    field: str = ""
    before: Any = None
    after: Any = None

    def __str__(self) -> str:
        where = ": ".join(each for each in (self.widget, self.field) if each)
        if not self.field:
            return f"{_SIGNS[self.kind]} {where}"
        values = {"added": shortened(self.after), "removed": shortened(self.before)}
        return f"{_SIGNS[self.kind]} {where}: " + values.get(
            self.kind, f"{_said(self.kind, self.before)} -> {_said(self.kind, self.after)}")

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "widget": self.widget, "field": self.field, "before": self.before,
                "after": self.after}


def differences(cloud: Cloud, held: Body, wanted: Body) -> list[Difference]:
    """Both normalised. Widgets are paired by their title and type, then by what they show, then by their place."""
    found = [*_fields("", _without(held, "widgets"), _without(wanted, "widgets"))]
    return [*found, *_widgets(cloud, held.get("widgets") or [], wanted.get("widgets") or [], "")]


def _without(value: Body, *keys: str) -> Body:
    return {key: item for key, item in value.items() if key not in keys}


def _widgets(cloud: Cloud, held: Sequence[Any], wanted: Sequence[Any], group: str) -> Iterator[Difference]:
    pairs = _pairs(cloud, held, wanted)
    for at, there in enumerate(wanted):
        before = pairs.get(at)
        if before is None:
            yield Difference("added", group + name(cloud, there, at))
        else:
            yield from _widget(cloud, held[before], there, group + name(cloud, there, at))
    for at in sorted(set(range(len(held))) - set(pairs.values())):
        yield Difference("removed", group + name(cloud, held[at], at))
    kept = [pairs[at] for at in sorted(pairs)]
    if kept != sorted(kept):
        yield Difference("changed", "", f"{group}order of widgets", [at + 1 for at in sorted(kept)],
                         [at + 1 for at in kept])


def _pairs(cloud: Cloud, held: Sequence[Any], wanted: Sequence[Any]) -> dict[int, int]:
    """Position in `wanted` -> position in `held`."""
    free, pairs = dict(enumerate(held)), dict[int, int]()
    for sign in (lambda each: each, lambda each: _inside(cloud, each), lambda each: _titled(cloud, each),
                 lambda each: _place(each) and (_place(each), _kind(cloud, each))):
        for at, there in enumerate(wanted):
            if at not in pairs and sign(there):
                match = next((place for place, here in free.items() if sign(here) == sign(there)), None)
                if match is not None:
                    pairs[at] = match
                    del free[match]
    return pairs


def _widget(cloud: Cloud, held: Any, wanted: Any, called: str) -> Iterator[Difference]:
    if held == wanted:
        return
    if not isinstance(held, dict) or not isinstance(wanted, dict):
        yield Difference("changed", called, "widget", held, wanted)
        return
    before, after = _place(held), _place(wanted)
    if before != after:
        yield Difference("moved", called, "place", before, after)
    inside = _INSIDE[cloud]
    here, there = _inside(cloud, held), _inside(cloud, wanted)
    beside = (*_PLACE, "layout", inside)
    yield from _fields(called, _without(held, *beside) | _without(here, "widgets"),
                       _without(wanted, *beside) | _without(there, "widgets"))
    if "widgets" in here or "widgets" in there:
        yield from _widgets(cloud, here.get("widgets") or [], there.get("widgets") or [], f"{called} › ")


def _fields(called: str, held: Any, wanted: Any, path: str = "") -> Iterator[Difference]:
    if isinstance(held, dict) and isinstance(wanted, dict):
        for key in sorted({*held, *wanted}):
            yield from _member(called, f"{path}.{key}".lstrip("."), held.get(key, _ABSENT), wanted.get(key, _ABSENT))
    elif isinstance(held, list) and isinstance(wanted, list) and not _is_line(held, wanted):
        for at in range(max(len(held), len(wanted))):
            yield from _member(called, f"{path}[{at}]", held[at] if at < len(held) else _ABSENT,
                               wanted[at] if at < len(wanted) else _ABSENT)
    elif held != wanted:
        yield Difference("changed", called, path, held, wanted)


def _member(called: str, path: str, held: Any, wanted: Any) -> Iterator[Difference]:
    if held is _ABSENT:
        yield Difference("added", called, path, None, wanted)
    elif wanted is _ABSENT:
        yield Difference("removed", called, path, held)
    elif held != wanted:
        yield from _fields(called, held, wanted, path)


def _is_line(held: list[Any], wanted: list[Any]) -> bool:
    """A metric of CloudWatch, a list of words: read as a whole."""
    return all(bool(each) and isinstance(each[0], str) for each in (held, wanted))


def name(cloud: Cloud, widget: Any, at: int) -> str:
    """`"Errors" (timeseries)`; by its place where it has no title."""
    kind, title = _named(cloud, widget)
    return f'"{title}" ({kind})' if title else f"widget {at + 1} ({kind})"


def _named(cloud: Cloud, widget: Any) -> tuple[str, str]:
    inside = _inside(cloud, widget)
    said = inside.get("title") or _first_line(inside.get("markdown") or inside.get("content"))
    return _kind(cloud, widget), str(said or "")


def _titled(cloud: Cloud, widget: Any) -> tuple[str, str] | None:
    named = _named(cloud, widget)
    return named if named[1] else None


def _first_line(text: Any) -> str:
    lines = str(text or "").strip().splitlines()
    return lines[0].lstrip("# ")[:60] if lines else ""


def _kind(cloud: Cloud, widget: Any) -> str:
    if not isinstance(widget, dict):
        return "?"
    return str((widget if cloud == "cloudwatch" else _inside(cloud, widget)).get("type", "?"))


def _inside(cloud: Cloud, widget: Any) -> Body:
    found = widget.get(_INSIDE[cloud]) if isinstance(widget, dict) else None
    return found if isinstance(found, dict) else {}


def _place(widget: Any) -> Body:
    if not isinstance(widget, dict):
        return {}
    layout = widget.get("layout")
    place: Body = layout if isinstance(layout, dict) else widget
    return {key: place[key] for key in _PLACE if key in place}


def _said(kind: Kind, value: Any) -> str:
    if kind == "moved" and isinstance(value, dict):
        return ", ".join(f"{key} {item}" for key, item in value.items()) or "nowhere"
    return shortened(value)
