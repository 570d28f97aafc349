"""Colours of a picture: those of lines can be told apart by the colour-blind too, and red is left to thresholds."""

import re

INK, SOFT, FAINT = "#1f2430", "#5b6472", "#98a1ae"
PAPER, CELL, BORDER, GRID = "#f3f4f7", "#ffffff", "#dde1e7", "#e8ebf0"
LINK = "#2563c9"
LINES = ("#3366cc", "#e08a00", "#2a9d6f", "#8a4fbf", "#0f9fb5", "#b5651d", "#d6589f", "#6b7280",
         "#7aa6f0", "#8fb339", "#4b4f9c", "#c9a227")
REST = "#c3c9d2"
SEVERITIES = {"info": "#3b82c4", "warning": "#d98e04", "error": "#d4501e", "critical": "#c7222a"}
_HEX = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})")


def line_colour(place: int, own: str = "") -> str:
    """The line's own, where it is one; else the next of ours."""
    return own if _HEX.fullmatch(own) else LINES[place % len(LINES)]
