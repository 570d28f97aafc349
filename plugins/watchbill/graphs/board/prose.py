"""Blocks of markdown in their box: words one after the other, line by line, until there is no room."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from watchbill.graphs.board.canvas import Canvas
from watchbill.graphs.board.colours import BORDER, FAINT, GRID, INK, LINK, PAPER, SOFT
from watchbill.graphs.board.geometry import Box
from watchbill.graphs.board.lettering import clean, fitted, width
from watchbill.graphs.board.markdown import Block, Span, blocks

SIZE = 12.0
_HEADINGS = (20.0, 16.5, 14.0, 12.5, 12.0, 12.0)
_LEADING = 1.42
_INDENT = 16.0


class Word(NamedTuple):
    text: str
    span: Span
    glued: bool  # to the one before, without a blank


def draw_prose(canvas: Canvas, markdown: str, box: Box) -> None:
    """What does not fit ends in `…` in the corner."""
    canvas.within(box)
    y, is_first = box.y, True
    for block in blocks(clean(markdown)):
        size = _HEADINGS[block.level - 1] if block.kind == "heading" else SIZE
        y += 0 if is_first else _before(block)
        if y + size * _LEADING > box.bottom + 4:
            canvas.text(box.right, box.bottom - 2, "…", 14, FAINT, align="right")
            break
        y = _draw(canvas, block, box, y, size)
        is_first = False
    canvas.within(None)


def _before(block: Block) -> float:
    return {"heading": 9.0, "text": 7.0, "rule": 7.0, "item": 2.0, "quote": 2.0, "code": 0.0, "row": 0.0}[block.kind]


def _draw(canvas: Canvas, block: Block, box: Box, y: float, size: float) -> float:
    """The y below it."""
    if block.kind == "rule":
        canvas.line([box.x, box.right], [y + 4, y + 4], BORDER)
        return y + 10
    if block.kind == "row":
        return _row(canvas, block, box, y)
    if block.kind == "code":
        canvas.rectangle(Box(box.x, y, box.width, size * 1.4), PAPER)
        text = "".join(span.text for span in block.spans)
        canvas.text(box.x + 6, y + size, fitted(text, size - 1, box.width - 12, mono=True), size - 1, INK, mono=True)
        return y + size * 1.4
    left = 0.0
    if block.kind == "item":
        left = _INDENT * (block.level + 1)
        canvas.text(box.x + left - 6, y + size, block.mark, size, SOFT, align="right")
    if block.kind == "quote":
        left = 12.0
    below = _flow(canvas, _words(block), box.inset(left, 0, 0, 0), y, size, bold=block.kind == "heading",
                  colour=SOFT if block.kind == "quote" else INK)
    if block.kind == "quote":
        canvas.rectangle(Box(box.x, y, 3, below - y), BORDER)
    return below


def _words(block: Block) -> Iterator[Word]:
    return _split(block.spans)


def _split(spans: Sequence[Span]) -> Iterator[Word]:
    ended = True
    for span in spans:
        pieces = span.text.split(" ")
        for place, piece in enumerate(pieces):
            if piece:
                yield Word(piece, span, not ended and place == 0)
                ended = False
            if place < len(pieces) - 1:
                ended = True


def _flow(canvas: Canvas, words: Iterator[Word], box: Box, y: float, size: float, *, bold: bool = False,
          colour: str = INK, lines: int = 10_000) -> float:
    """Wraps; a word wider than the box is cut. The y below the last line."""
    x, blank, line = box.x, width(" ", size), 1
    for word in words:
        heavy = bold or word.span.bold
        small = size - 1 if word.span.code else size
        said = fitted(word.text, small, box.width, bold=heavy, mono=word.span.code)
        taken = width(said, small, bold=heavy, mono=word.span.code) + (4 if word.span.code else 0)
        gap = 0.0 if word.glued or x == box.x else blank
        if x + gap + taken > box.right + 0.5 and x > box.x:
            if line >= lines:
                break
            x, y, gap, line = box.x, y + size * _LEADING, 0.0, line + 1
            if y + size > box.bottom:
                break
        if word.span.code:
            canvas.rectangle(Box(x + gap, y + 2, taken, size * 1.2), GRID, radius=2)
        ink = LINK if word.span.link else colour
        canvas.text(x + gap + (2 if word.span.code else 0), y + size, said, small, ink, bold=heavy,
                    italic=word.span.italic, mono=word.span.code, gid="prose")
        x += gap + taken
    return y + size * _LEADING


def _row(canvas: Canvas, block: Block, box: Box, y: float) -> float:
    wide = box.width / max(1, len(block.cells))
    for place, cell in enumerate(block.cells):
        _flow(canvas, _split(cell), Box(box.x + place * wide + 2, y, wide - 8, SIZE * 2), y + 2, SIZE - 1,
              bold=block.level == 1, lines=1)
    below = y + (SIZE - 1) * _LEADING + 5
    canvas.line([box.x, box.right], [below, below], BORDER if block.level else GRID)
    return below
