"""Which statistics of how many metrics go into which request: the fewest billed metrics, then the fewest calls.

Pure arithmetic between entries and requests: numbers of metrics and points enter, a tiling leaves. AWS bills
each metric of a request once for up to five of its statistics, however long the window is. So a metric is
cut into as few parts as can be, and parts are put together to fill requests.
"""

from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from watchbill.sources.billing import BILLED_TOGETHER

# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
MOST_QUERIES = 500
MOST_POINTS = 100_800

_MOST_MIXES = 4096  # ways of cutting that are tried, where metrics have six statistics or more

Cut = tuple[int, ...]
"""How the statistics of one metric are parted: 7 as (5, 2) or (4, 3)."""

T = TypeVar("T")


@dataclass(frozen=True)
class Packing:
    """Requests over one span of time."""

    cuts: Mapping[int, Sequence[tuple[Cut, int]]]  # by how many statistics a metric has: (cut, how many metrics)
    fills: Sequence[tuple[Mapping[int, int], int]]  # (how many parts of each size, how many requests like this)

    @property
    def calls(self) -> int:
        return sum(times for _, times in self.fills)

    @property
    def billed_metrics(self) -> int:
        return sum(len(cut) * count for cuts in self.cuts.values() for cut, count in cuts)

    def deal(self, metrics: Sequence[Sequence[T]]) -> Iterator[tuple[T, ...]]:
        """The statistics of each metric -> those of each request."""
        cuts = {size: (cut for cut, count in cuts for _ in range(count)) for size, cuts in self.cuts.items()}
        parts: dict[int, deque[tuple[T, ...]]] = {}
        for metric in metrics:
            rest = iter(metric)
            for size in next(cuts[len(metric)]):
                parts.setdefault(size, deque()).append(tuple(islice(rest, size)))
        for fill, times in self.fills:
            for _ in range(times):
                yield tuple(one for size, count in fill.items() for _ in range(count)
                            for one in parts[size].popleft())


def series_a_request(points: int) -> int:
    """k = min(500, ⌊100800/n⌋) for n points a series, at least one."""
    return max(1, min(MOST_QUERIES, MOST_POINTS // max(1, points)))


def tile(points: int, metrics: Mapping[int, int]) -> list[tuple[int, Packing]]:
    """Spans of time, in periods and in order, with the requests of each.

    `points`: of a series, more than a request may hold included. `metrics`: how many have so many statistics.
    Where a request does not hold five statistics for the whole time, time or the statistics have to be cut, and
    each cut is billed. Tried are spans in which a request is full with 5, 4, 3, 2 and 1 of a metric.
    """
    lengths = dict.fromkeys(_spans(points, MOST_POINTS // tall) for tall in range(BILLED_TOGETHER, 0, -1))
    return min((_tiled(each, metrics) for each in lengths), key=_price)


def _spans(points: int, longest: int) -> tuple[int, ...]:
    """Full ones and the rest: one that is not full could hold more metrics, and so spare a call."""
    whole, rest = divmod(points, longest)
    return (longest,) * whole + ((rest,) if rest else ())


def _tiled(lengths: Sequence[int], metrics: Mapping[int, int]) -> list[tuple[int, Packing]]:
    packings = {length: pack(metrics, series_a_request(length)) for length in set(lengths)}
    return [(length, packings[length]) for length in lengths]


def _price(tiling: Sequence[tuple[int, Packing]]) -> tuple[int, int]:
    return (sum(packing.billed_metrics for _, packing in tiling), sum(packing.calls for _, packing in tiling))


def pack(metrics: Mapping[int, int], most: int) -> Packing:
    """Metrics in as few parts as can be, the parts in as few requests of `most` statistics as we can find.

    Six statistics or more may be cut in several ways, 7 as 5 + 2 or 4 + 3; some mix of them wastes least.
    """
    fewest = -(-sum(size * count for size, count in metrics.items()) // most)
    best: Packing | None = None
    for cuts in _mixes(metrics, min(most, BILLED_TOGETHER)):
        found = Packing(cuts, list(_filled(_parts(cuts), most)))
        if best is None or found.calls < best.calls:
            best = found
        if best.calls == fewest:
            break
    return best or Packing({}, [])


def _parts(cuts: Mapping[int, Sequence[tuple[Cut, int]]]) -> Counter[int]:
    parts: Counter[int] = Counter()
    for each in cuts.values():
        for cut, count in each:
            for size in cut:
                parts[size] += count
    return +parts


def _mixes(metrics: Mapping[int, int], tallest: int) -> Iterator[dict[int, list[tuple[Cut, int]]]]:
    """From all cut most unevenly to all cut most evenly."""
    ways = {size: _ways(size, tallest) for size in metrics}
    steps = max(((len(ways[size]) - 1) * count for size, count in metrics.items()), default=0)
    for step in range(0, steps + 1, -(-steps // _MOST_MIXES) or 1):
        yield {size: _mixed(ways[size], count, step / (steps or 1)) for size, count in metrics.items()}


def _ways(size: int, tallest: int) -> list[Cut]:
    """The fewest parts of at most `tallest`, of which the last two may share evenly."""
    count = -(-size // tallest)
    if count == 1:
        return [(size,)]
    last_two = size - tallest * (count - 2)
    return [(tallest,) * (count - 2) + (last_two - last, last)
            for last in range(last_two - tallest, last_two // 2 + 1)]


def _mixed(ways: Sequence[Cut], count: int, evenness: float) -> list[tuple[Cut, int]]:
    """A way for each of `count` metrics: at most two, neighbours in `ways`."""
    way, further = divmod(round(evenness * (len(ways) - 1) * count), count)
    return [(ways[way], count - further), *([(ways[way + 1], further)] if further else [])]


def _filled(parts: Counter[int], most: int) -> Iterator[tuple[dict[int, int], int]]:
    """One request after the other as full as can be, as often as there are parts for it."""
    left = Counter(parts)
    while left:
        fill = _fullest(left, most)
        times = min(left[size] // count for size, count in fill.items())
        left = +(left - Counter({size: count * times for size, count in fill.items()}))
        yield fill, times


def _fullest(left: Mapping[int, int], most: int) -> dict[int, int]:
    """Large parts come first: small ones still fit in later."""
    sizes = sorted(left, reverse=True)
    best: tuple[int, ...] = ()
    least_room = most + 1
    for room, counts in _fills(sizes, left, most):
        if room < least_room:
            best, least_room = counts, room
        if not room:
            break
    return {size: count for size, count in zip(sizes, best, strict=True) if count}


def _fills(sizes: Sequence[int], left: Mapping[int, int], room: int) -> Iterator[tuple[int, Cut]]:
    """(room that stays, how many of each size). Five fewer of one size make room for as much as any other brings."""
    if not sizes:
        yield room, ()
        return
    most = min(left[sizes[0]], room // sizes[0])
    for count in range(most, max(-1, most - BILLED_TOGETHER - 1), -1):
        for rest, counts in _fills(sizes[1:], left, room - count * sizes[0]):
            yield rest, (count, *counts)
