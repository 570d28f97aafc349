"""A dashboard and the lake -> one picture of it, and its newest values in words."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from watchbill.dashboards.grid import Place, arranged, heading
from watchbill.flows.dashboard_cells import metric_content, other_content, subtitle
from watchbill.flows.lake_lines import Read, choices, read
from watchbill.graphs.board.canvas import Kind
from watchbill.graphs.board.paint import paint
from watchbill.graphs.board.scales import with_unit
from watchbill.graphs.board.sheet import Cell, Prose, Sheet
from watchbill.graphs.lines.selection import titled
from watchbill.graphs.lines.widget import Lines
from watchbill.lake.lake import Lake
from watchbill.model.dashboards import Dashboard, GroupWidget, MetricWidget, Widget
from watchbill.model.windows import Window, ceil_time

SPAN = timedelta(hours=3)  # as CloudWatch's own dashboards begin
WIDTH = 1600
_TOLD = 8  # values of one widget


@dataclass(frozen=True)
class Drawing:
    """`values`: a line for each widget with numbers, as `Errors: checkout 12, search 3`."""

    picture: bytes
    values: tuple[str, ...]
    window: Window


def draw_dashboard(dashboard: Dashboard, lake: Lake, *, now: datetime, span: timedelta | None = None,
                   width: int = WIDTH, zone: str = "UTC", title: str = "", kind: Kind = "png") -> Drawing:
    """The time up to `now`: `span`, else what the dashboard says, else three hours. Raises LakeError, and what
    matplotlib raises.
    """
    end = ceil_time(now, 60)
    window = Window(end - (span or dashboard.start or SPAN), end)
    sheet, values = sheet_of(dashboard, lake, window, zone=zone)
    return Drawing(paint(replace(sheet, title=title or sheet.title), kind, width=width), values, window)


def sheet_of(dashboard: Dashboard, lake: Lake, window: Window, *, zone: str = "UTC") -> tuple[Sheet, tuple[str, ...]]:
    placed = list(_placed(dashboard))
    metrics = [widget for widget, _ in placed if isinstance(widget, MetricWidget)]
    variables = choices(dashboard)
    reads = {id(one.widget): one for one in read(metrics, lake, window, variables)}
    cells, values = list[Cell](), list[str]()
    for widget, place in placed:
        cell, found = _cell(widget, place, reads.get(id(widget)), lake)
        cells.append(replace(cell, title=titled(cell.title, variables)))
        if found and any(one.value is not None for one in found.drawn):
            values.append(_told(widget, found))
    return Sheet(dashboard.title, window.start, window.end, cells, dashboard.description, zone), tuple(values)


def _placed(dashboard: Dashboard) -> Iterator[tuple[Widget, Place]]:
    """Every widget in its place on the whole; those of a group below its heading."""
    for widget, place in zip(dashboard.widgets, arranged(dashboard.widgets), strict=True):
        if not isinstance(widget, GroupWidget):
            yield widget, place
            continue
        if heading(widget):
            yield widget, place._replace(height=heading(widget))
        for member, inner in zip(widget.widgets, arranged(widget.widgets, widget.width), strict=True):
            yield member, inner._replace(x=place.x + inner.x, y=place.y + heading(widget) + inner.y)


def _cell(widget: Widget, place: Place, own: Read | None, lake: Lake) -> tuple[Cell, Lines | None]:
    made = Cell(place.x, place.y, place.width, place.height, Prose(""), widget.title)
    if isinstance(widget, GroupWidget):
        return replace(made, frame=False), None
    if own is None:
        return replace(made, content=other_content(widget), subtitle=subtitle(widget)), None
    content, found = metric_content(own, lake)
    return replace(made, content=content, title=widget.title or _named(own.widget),
                   subtitle=subtitle(widget, own, found)), found


def _named(widget: MetricWidget) -> str:
    """As CloudWatch calls a widget without a title: by its metrics."""
    names = dict.fromkeys(line.label or line.metric for line in widget.metrics if line.visible and line.metric)
    return ", ".join(list(names)[:3])


def _told(widget: Widget, found: Lines) -> str:
    shown = [one for one in found.drawn if one.value is not None]
    words = ", ".join(f"{one.name} {with_unit(one.value, one.unit)}" for one in shown[:_TOLD])
    more = f" and {found.total - _TOLD} more" if found.total > _TOLD else ""
    return f"{widget.title or 'Values'}: {words}{more}"
