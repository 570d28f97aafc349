"""Paints a Sheet: the header, then each cell in its place. What matplotlib raises comes through."""

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from watchbill.graphs.board.amounts import draw_amounts
from watchbill.graphs.board.canvas import Canvas, Kind, silent, style
from watchbill.graphs.board.colours import BORDER, CELL, FAINT, INK, PAPER, SOFT
from watchbill.graphs.board.geometry import MARGIN, Box, Layout, arrange
from watchbill.graphs.board.lettering import fitted, one_line, width, wrapped
from watchbill.graphs.board.markdown import plain
from watchbill.graphs.board.prose import draw_prose
from watchbill.graphs.board.scales import finite
from watchbill.graphs.board.sheet import Amounts, Cell, Chart, Gap, Prose, Sheet
from watchbill.graphs.board.timeline import draw_chart
from watchbill.model.windows import format_duration

LEAST_WIDTH, MOST_WIDTH = 400, 4_000  # pixels
TITLE, HEADING = 13.0, 20.0  # font sizes


def paint(sheet: Sheet, kind: Kind = "png", *, width: int = 1600) -> bytes:
    """The picture, `width` pixels wide and as high as the grid needs."""
    layout = arrange(sheet.cells, max(LEAST_WIDTH, min(MOST_WIDTH, width)))
    with style(), silent():
        canvas = Canvas(layout.width, layout.height, PAPER)
        zone = _zone(sheet.zone)
        _header(canvas, sheet, layout, zone)
        for cell, box in layout.boxes:
            _cell(canvas, cell, box, sheet, zone)
        if layout.left_out:
            canvas.text(MARGIN, layout.height - 10, f"{layout.left_out} more widgets lie below and are not drawn", 12,
                        SOFT)
        return canvas.bytes(kind)


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def _header(canvas: Canvas, sheet: Sheet, layout: Layout, zone: tzinfo) -> None:
    span = f"{_span(sheet.start, sheet.end, zone)} {sheet.zone}"
    length = format_duration(sheet.end - sheet.start)
    taken = max(width(span, 12), 80)
    room = layout.width - 2 * MARGIN - taken - 24
    described = one_line(plain(sheet.description))
    canvas.text(MARGIN, 31 if described else 38, fitted(one_line(sheet.title), HEADING, room, bold=True), HEADING, INK,
                bold=True, gid="heading")
    canvas.text(MARGIN, 49, fitted(described, 12, room), 12, SOFT)
    canvas.text(layout.width - MARGIN, 31, span, 12, SOFT, align="right")
    canvas.text(layout.width - MARGIN, 49, length, 11, FAINT, align="right")


def _span(start: datetime, end: datetime, zone: tzinfo) -> str:
    first, last = start.astimezone(zone), end.astimezone(zone)
    same_day = first.date() == last.date()
    return f"{first:%Y-%m-%d %H:%M} – {last:{'%H:%M' if same_day else '%Y-%m-%d %H:%M'}}"


def _cell(canvas: Canvas, cell: Cell, box: Box, sheet: Sheet, zone: tzinfo) -> None:
    if cell.frame:
        canvas.rectangle(box, CELL, edge=BORDER, radius=5, gid="cell")
    inner = box.inset(12, 10, 12, 10) if cell.frame else box.inset(2, 2, 2, 0)
    if title := one_line(cell.title):
        subtitle = one_line(cell.subtitle, 80)
        room = inner.width - (width(subtitle, 10) + 10 if subtitle else 0)
        base = inner.y + 11 if cell.frame else inner.bottom - 7  # a heading stands near what is below it
        canvas.text(inner.x, base, fitted(title, TITLE, room, bold=True), TITLE, INK, bold=True, gid="title")
        canvas.text(inner.right, inner.y + 11, subtitle, 10, FAINT, align="right")
        inner = inner.inset(0, 22, 0, 0)
    match cell.content:
        case Prose(markdown=text):
            draw_prose(canvas, text, inner)
        case Gap() as gap:
            _gap(canvas, gap, inner)
        case Chart() as chart if not any(finite(curve.values) for curve in chart.curves):
            _gap(canvas, Gap("no data"), inner)
        case Chart() as chart:
            draw_chart(canvas, chart, inner, sheet.end, zone)
        case Amounts() as amounts if not finite(one.value for one in amounts.amounts):
            _gap(canvas, Gap("no data"), inner)
        case Amounts() as amounts:
            draw_amounts(canvas, amounts, inner)


def _gap(canvas: Canvas, gap: Gap, box: Box) -> None:
    middle = box.y + box.height / 2
    lines = wrapped(one_line(gap.detail), 11, box.width - 20, max(0, int((box.height - 30) / 15)))
    top = middle - 7.5 * len(lines)
    canvas.text(box.x + box.width / 2, top + 4, fitted(one_line(gap.why), 13, box.width - 8), 13, SOFT, align="center",
                gid="gap")
    for place, line in enumerate(lines):
        canvas.text(box.x + box.width / 2, top + 22 + 15 * place, line, 11, FAINT, align="center")
