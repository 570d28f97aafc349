"""What lies in a picture: colours in a box of it, and the names of its parts."""

import xml.etree.ElementTree as ET
from collections.abc import Mapping
from io import BytesIO

import numpy as np
from matplotlib.image import imread

from watchbill.graphs.board.geometry import Box, arrange
from watchbill.graphs.board.paint import paint
from watchbill.graphs.board.sheet import Sheet


def pixels(png: bytes) -> np.ndarray:
    return (imread(BytesIO(png)) * 255).round().astype(int)[:, :, :3]


def boxes(sheet: Sheet, width: int = 1200) -> Mapping[str, Box]:
    """By the titles of the cells."""
    return {cell.title: box for cell, box in arrange(sheet.cells, width).boxes}


def near(colour: str, found: np.ndarray, off: int = 100) -> np.ndarray:
    """Where the picture has it, or nearly so: edges are smoothed."""
    wanted = np.array([int(colour[at:at + 2], 16) for at in (1, 3, 5)])
    return np.abs(found - wanted).sum(axis=2) <= off


def count(png: bytes, colour: str, box: Box | None = None, off: int = 100) -> int:
    found = near(colour, pixels(png), off)
    if box is not None:
        found = found[int(box.y):int(box.bottom), int(box.x):int(box.right)]
    return int(found.sum())


def parts(sheet: Sheet) -> dict[str, int]:
    """How many of each kind of part the picture has."""
    found = dict[str, int]()
    for each in ET.fromstring(paint(sheet, "svg")).iter():
        if name := each.get("id", ""):
            found[name.rstrip("0123456789_")] = found.get(name.rstrip("0123456789_"), 0) + 1
    return found


def words(sheet: Sheet) -> str:
    """Every text in the picture: matplotlib says each in a comment beside its outlines."""
    return paint(sheet, "svg").decode()
