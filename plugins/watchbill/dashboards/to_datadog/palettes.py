"""Colors of lines, levels and values -> Datadog's palettes, which have names."""

from watchbill.dashboards.lost import Lost
from watchbill.model.dashboards.lines import COLORS

_NAMES = {"blue": "blue", "orange": "orange", "green": "green", "red": "red", "purple": "purple", "yellow": "warm",
          "grey": "grey"}


def palette(color: str, lost: Lost) -> str:
    """The one of that name, or the nearest."""
    if color in _NAMES:
        return _NAMES[color]
    near = nearest(color)
    if COLORS[near].lower() != color.lower():
        lost.lossy("color", reason=f"Datadog draws {color} as {_NAMES[near]}")
    return _NAMES[near]


def nearest(color: str) -> str:
    wanted = _rgb(color)
    return min(COLORS, key=lambda name: sum((a - b) ** 2 for a, b in zip(_rgb(COLORS[name]), wanted, strict=True)))


def _rgb(color: str) -> tuple[int, int, int]:
    digits = color.lstrip("#")
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:6], 16)
