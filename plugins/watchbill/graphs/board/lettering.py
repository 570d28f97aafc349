"""Text from outside as a picture can show it: one line, no signs that a font lacks, as wide as there is room.

Widths are in pixels. Fonts are matplotlib's own, and those of the machine only for signs that these have not.
"""

import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import Any

FAMILY = "DejaVu Sans"  # comes with matplotlib: a picture looks alike everywhere
MONO = "DejaVu Sans Mono"
ELSE = ("Noto Sans CJK SC", "Noto Sans CJK JP", "Noto Sans", "WenQuanYi Zen Hei", "Droid Sans Fallback", "Noto Emoji")
"""Where the machine has them, for signs that ours has not."""
_ABSENT = "\u25a1"  # □
_MEASURED = 100  # pixels, scaled to what is asked for
_LIMIT = 20_000  # characters that are looked at, of anything
_JOINERS = ("\u200d", "\ufe0e", "\ufe0f")


def families() -> list[str]:
    """Ours, then those of the machine that may help out."""
    return [FAMILY, *_found_elsewhere()]


def one_line(text: str, limit: int = 400) -> str:
    return cut(" ".join(clean(text[:100 * limit]).split()), limit)


def clean(text: str) -> str:
    """What a font can show and XML can carry; line breaks stay."""
    whole = text[:_LIMIT].encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    shown = "".join(_sign(one) for one in whole.replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    "))
    return shown if len(text) <= _LIMIT else shown + "…"


def cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[:limit - 1].rstrip() + "…"


def width(text: str, size: float, *, bold: bool = False, mono: bool = False) -> float:
    return sum(_advance(sign, bold, mono) for sign in text) * size


def fitted(text: str, size: float, room: float, *, bold: bool = False, mono: bool = False) -> str:
    """The longest beginning with `…` that is no wider than the room."""
    if width(text, size, bold=bold, mono=mono) <= room:
        return text
    left = room - width("…", size, bold=bold, mono=mono)
    kept = 0
    for sign in text:
        left -= _advance(sign, bold, mono) * size
        if left < 0:
            break
        kept += 1
    return text[:kept].rstrip() + "…" if kept else ""


def wrapped(text: str, size: float, room: float, most: int) -> list[str]:
    """At most so many lines, the last with `…` where there is more."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and width(longer, size) > room:
            lines.append(word)
        else:
            lines[-1] = longer
    kept = lines[:most]
    if kept and len(lines) > most:
        kept[-1] = fitted(f"{kept[-1]} …", size, room)
    return [fitted(one, size, room) for one in kept if one]


@cache
def _sign(sign: str) -> str:
    if sign == "\n":
        return sign
    if sign in _JOINERS:
        return ""
    kind = unicodedata.category(sign)
    if kind in ("Cc", "Cf", "Cn", "Co", "Zl", "Zp") or (not sign.isprintable() and kind != "Zs"):
        return " "
    if any(font.get_char_index(ord(sign)) for font in _fonts(False, False)):
        return sign
    # A missing picture says little; a missing letter must not go unseen.
    return "" if kind in ("So", "Sk", "Mn", "Me") else _ABSENT


@cache
def _advance(sign: str, bold: bool, mono: bool) -> float:
    """Of one pixel's size."""
    for font in _fonts(bold, mono):
        if font.get_char_index(ord(sign)):
            return float(font.load_char(ord(sign), flags=_unhinted()).linearHoriAdvance) / 65536 / _MEASURED
    return 0.6


@cache
def _unhinted() -> Any:
    from matplotlib.ft2font import LoadFlags

    return LoadFlags.NO_HINTING


@cache
def _fonts(bold: bool, mono: bool) -> tuple[Any, ...]:
    return tuple(_opened(bold, mono))


def _opened(bold: bool, mono: bool) -> Iterator[Any]:
    from matplotlib.font_manager import FontProperties, findfont
    from matplotlib.ft2font import FT2Font

    for family in [MONO if mono else FAMILY, *_found_elsewhere()]:
        path = findfont(FontProperties(family=[family], weight="bold" if bold else "normal"), fallback_to_default=False)
        font = FT2Font(str(path))
        font.set_size(_MEASURED, 72)
        yield font


@cache
def _found_elsewhere() -> tuple[str, ...]:
    from matplotlib.font_manager import fontManager

    known = {font.name for font in fontManager.ttflist}
    return tuple(name for name in ELSE if name in known)
