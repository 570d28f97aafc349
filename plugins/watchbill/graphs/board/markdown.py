"""A widget's markdown -> blocks of words, each with its style: headings, paragraphs, lists, quotes, code, tables.

What both clouds show of it. Anything else is text, and images are told by their words: nothing is loaded.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

_HEADING = re.compile(r"(#{1,6})[ \t]+(.*?)[ \t#]*")
_ITEM = re.compile(r"([ \t]*)([-*+]|\d{1,9}[.)])[ \t]+(.*)")
_RULE = re.compile(r"[ \t]*([-*_])[ \t]*(?:\1[ \t]*){2,}")
_DIVIDER = re.compile(r"[ \t]*\|?[ \t:|-]*-[ \t:|-]*")
_FENCE = re.compile(r"[ \t]*(`{3,}|~{3,}).*")
_BUTTON = re.compile(r"\[button:(?:primary:)?([^\]]{0,500})\]\(", re.IGNORECASE)  # CloudWatch's own
_INLINE = re.compile(
    r"\\(?P<escaped>[!-/:-@\[-`{-~])"
    r"|`(?P<code>[^`]{1,2000})`"
    r"|!\[(?P<alt>[^\]]{0,500})\]\([^)\s]{0,2000}[^)]{0,200}\)"
    r"|\[(?P<link>[^\]]{1,500})\]\([^)\s]{0,2000}[^)]{0,200}\)"
    r"|(?P<url>https?://[^\s<>)\]]{1,2000})"
    r"|\*\*(?P<bold>[^*\n]{1,2000})\*\*|__(?P<bold2>[^_\n]{1,2000})__"
    r"|(?<![\w*])\*(?P<italic>[^*\s][^*\n]{0,2000})\*(?!\w)|(?<![\w_])_(?P<italic2>[^_\s][^_\n]{0,2000})_(?!\w)")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,500}>")
_BREAK = re.compile(r"<br ?/?>", re.IGNORECASE)
MOST = 20_000  # characters


@dataclass(frozen=True)
class Span:
    """Words of one style."""

    text: str
    bold: bool = False
    italic: bool = False
    code: bool = False
    link: bool = False


@dataclass(frozen=True)
class Block:
    kind: Literal["heading", "text", "item", "quote", "code", "row", "rule"]
    spans: Sequence[Span] = ()
    level: int = 0  # of a heading 1 to 6, of an item how deep; of a table's row 1 for its head
    mark: str = ""  # of an item: its number or bullet
    cells: Sequence[Sequence[Span]] = ()


def blocks(markdown: str) -> list[Block]:
    return list(_blocks(_BREAK.sub("\n", markdown[:MOST]).splitlines()))


def plain(markdown: str) -> str:
    """Its words alone, on one line."""
    return " ".join("".join(span.text for span in part) for block in blocks(markdown)
                    for part in (block.spans, *block.cells))


def _blocks(lines: Sequence[str]) -> Iterator[Block]:
    place, paragraph = 0, list[str]()
    while place < len(lines):
        line = lines[place]
        found = _block(lines, place)
        if (found is not None or not line.strip()) and paragraph:
            yield Block("text", spans(" ".join(paragraph)))
            paragraph = []
        if found is not None:
            made, place = found
            yield from made
            continue
        if line.strip():
            paragraph.append(line.strip())
            if line.endswith(("  ", "\\")):
                yield Block("text", spans(" ".join(paragraph).rstrip("\\")))
                paragraph = []
        place += 1
    if paragraph:
        yield Block("text", spans(" ".join(paragraph)))


def _block(lines: Sequence[str], place: int) -> tuple[list[Block], int] | None:
    """What begins at this line, and the line after it; None where it is part of a paragraph."""
    line = lines[place]
    if _FENCE.fullmatch(line):
        end = next((at for at in range(place + 1, len(lines)) if _FENCE.fullmatch(lines[at])), len(lines))
        return [Block("code", (Span(text, code=True),)) for text in lines[place + 1:end]], end + 1
    if heading := _HEADING.fullmatch(line.strip()):
        return [Block("heading", spans(heading[2]), level=len(heading[1]))], place + 1
    if _RULE.fullmatch(line):
        return [Block("rule")], place + 1
    if item := _ITEM.fullmatch(line):
        mark = "•" if item[2] in "-*+" else item[2]
        depth = len(item[1].replace("\t", "    ")) // 2
        return [Block("item", spans(item[3]), level=min(depth, 4), mark=mark)], place + 1
    if line.lstrip().startswith(">"):
        return [Block("quote", spans(line.lstrip(" >\t")))], place + 1
    if "|" in line and place + 1 < len(lines) and "|" in lines[place + 1] and _DIVIDER.fullmatch(lines[place + 1]):
        end = next((at for at in range(place + 2, len(lines)) if "|" not in lines[at]), len(lines))
        rows = [line, *lines[place + 2:end]]
        return [Block("row", cells=_cells(row), level=int(number == 0)) for number, row in enumerate(rows)], end
    return None


def _cells(row: str) -> list[list[Span]]:
    return [spans(cell.strip()) for cell in row.strip().strip("|").split("|")]


def spans(text: str) -> list[Span]:
    found, end = list[Span](), 0
    text = _BUTTON.sub(r"[\1](", text)
    for match in _INLINE.finditer(text):
        found += _plain(text[end:match.start()])
        end = match.end()
        found += _styled(match)
    return _joined([*found, *_plain(text[end:])])


def _joined(given: Sequence[Span]) -> list[Span]:
    """Neighbours of one style are one."""
    whole = list[Span]()
    for one in given:
        if whole and replace(whole[-1], text="") == replace(one, text=""):
            whole[-1] = replace(one, text=whole[-1].text + one.text)
        else:
            whole.append(one)
    return whole


def _styled(match: re.Match[str]) -> list[Span]:
    kind = match.lastgroup or ""
    said = match[kind]
    if kind == "escaped":
        return [Span(said)]
    if kind == "code":
        return [Span(said, code=True)]
    if kind == "alt":
        return [Span(f"[{said or 'image'}]", italic=True)]
    if kind in ("link", "url"):
        return [Span(_bare(said), link=True)]
    inner = spans(said)
    return [Span(one.text, one.bold or kind.startswith("bold"), one.italic or kind.startswith("italic"), one.code,
                 one.link) for one in inner]


def _plain(text: str) -> list[Span]:
    said = _bare(text)
    return [Span(said)] if said else []


def _bare(text: str) -> str:
    return _ESCAPED.sub(r"\1", _TAG.sub("", text)).replace("**", "")
