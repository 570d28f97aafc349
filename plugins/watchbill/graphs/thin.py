"""Less of the same picture: which of many lines come first, and which of a line's points stay: no peak is lost."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from watchbill.graphs.graph import Line, Zone

HOLE = 2.5  # a step this many times as long as the usual one breaks the line


@dataclass(frozen=True)
class Path:
    """A line's points without holes in it: pieces of (epoch seconds, value)."""

    name: str
    pieces: Sequence[Sequence[tuple[float, float]]]


def farthest_first(lines: Sequence[Line], zones: Sequence[Zone]) -> list[Line]:
    """Those that reach deepest into a zone, or come nearest to one, before the others; without zones the highest."""
    return sorted(lines, key=lambda line: -_reach(line, zones))


def path(line: Line, points: int) -> Path:
    """Of every bucket the lowest and the highest point: about `points` of them."""
    found = _points(line)
    return Path(line.name, [_thin(piece, points) for piece in _pieces(found)] if found else [])


def _points(line: Line) -> list[tuple[float, float]]:
    pairs = zip(line.timestamps, line.values, strict=True)
    return [(float(at), float(value)) for at, value in pairs if value is not None and math.isfinite(value)]


def _reach(line: Line, zones: Sequence[Zone]) -> float:
    values = [value for value in line.values if value is not None and math.isfinite(value)]
    if not values:
        return -math.inf
    lowest, highest = min(values), max(values)
    return max((_into(zone, lowest, highest) for zone in zones), default=highest)


def _into(zone: Zone, lowest: float, highest: float) -> float:
    """How far the values go past the zone's border; below 0: how far they stay away."""
    over = [highest - zone.low] if zone.low is not None else []
    under = [zone.high - lowest] if zone.high is not None else []
    return min([*over, *under], default=0.0)


def _pieces(points: Sequence[tuple[float, float]]) -> list[list[tuple[float, float]]]:
    steps = [after[0] - before[0] for before, after in pairwise(points)]
    longest = HOLE * median(steps) if steps else math.inf
    pieces = [[points[0]]]
    for step, point in zip(steps, points[1:], strict=True):
        if step > longest:
            pieces.append([])
        pieces[-1].append(point)
    return pieces


def _thin(piece: Sequence[tuple[float, float]], points: int) -> list[tuple[float, float]]:
    if len(piece) <= points:
        return list(piece)
    size = math.ceil(len(piece) / (points // 2))
    kept: list[tuple[float, float]] = []
    for start in range(0, len(piece), size):
        bucket = piece[start:start + size]
        lowest, highest = min(bucket, key=lambda one: one[1]), max(bucket, key=lambda one: one[1])
        kept += sorted({lowest, highest})
    return kept
