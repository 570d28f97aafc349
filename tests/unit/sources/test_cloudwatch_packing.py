"""Plans at the minimum: first of what AWS bills, then of calls, against formulas and a brute force of their own."""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from itertools import product

import pytest

from tests.unit.sources.entries import entry
from tests.unit.sources.plans import CLIENT, NOW, billed, requests
from watchbill.model.targets import Target
from watchbill.model.windows import Window
from watchbill.sources.cloudwatch import packing, plan
from watchbill.sources.cloudwatch.packing import pack, tile

DAY_S = 86_400


def up(total: int, each: int) -> int:
    return -(-total // each)


def series_a_request(points: int) -> int:
    return min(500, 100_800 // points)


def expected(metrics: int, statistics: int, points: int) -> tuple[int, int]:
    """(billed metrics, calls) by the formulas, for points of which a request holds at least four series.

    Billed = M·⌈S/5⌉, and calls = ⌈M·S/k⌉ where no metric has to be billed twice for it.
    """
    k = series_a_request(points)
    if statistics == 7 and k < 7:  # cut as 5 + 2 and 4 + 3, which do not fill requests of four, five or six
        return 2 * metrics, up(metrics * {4: 8, 5: 6, 6: 5}[k], 4)
    if statistics > 5:
        return 2 * metrics, up(metrics * statistics, k)
    if k < statistics:  # five of 15 days: a full request of 14 days each, and the rest together
        return 2 * metrics, metrics + up(metrics, series_a_request(points - 20_160) // 5)
    return metrics, up(metrics, k // statistics)


def legal_points(chosen: random.Random) -> tuple[int, int]:
    """(points a series, period) of a range that CloudWatch still has in this period."""
    period_s, longest_s = chosen.choice([
        (1, 10_800), (5, 10_800), (30, 10_800), (60, 15 * DAY_S), (60, 15 * DAY_S), (120, 15 * DAY_S),
        (300, 63 * DAY_S), (300, 63 * DAY_S), (900, 63 * DAY_S), (3600, 455 * DAY_S), (86_400, 455 * DAY_S)])
    longest = longest_s // period_s
    return chosen.choice([chosen.randint(1, longest), longest, min(longest, chosen.randint(1, 400))]), period_s


def random_plans() -> Iterator[tuple[int, int, int, int]]:
    chosen = random.Random(20_260_301)
    for _ in range(1000):
        metrics = chosen.choice([chosen.randint(1, 4), chosen.randint(1, 40), chosen.randint(1, 400)])
        yield (metrics, chosen.randint(1, 7), *legal_points(chosen))


def test_a_thousand_random_plans_are_billed_and_called_as_little_as_can_be():
    brute = met = 0
    for metrics, statistics, points, period_s in random_plans():
        planned = requests(metrics, statistics, points, period_s)
        found = billed(planned), len(planned)
        assert found == expected(metrics, statistics, points), (metrics, statistics, points, period_s)
        k = series_a_request(points)
        assert len(planned) >= up(metrics * statistics * points, 100_800)
        sizes = [(len(each.queries), each.window.points(period_s)) for each in planned]
        assert all(series <= 500 and series * length <= 100_800 for series, length in sizes)
        assert sum(series * length for series, length in sizes) == metrics * statistics * points
        met += len(planned) == up(metrics * statistics, k) and billed(planned) == metrics * up(statistics, 5)
        if metrics <= 4 and k >= 5:
            brute += 1
            assert len(planned) == fewest((statistics,) * metrics, k)
    assert brute > 200  # were small enough
    assert met > 700  # both formulas at once; in the others one of them has to give


@cache
def fewest(metrics: tuple[int, ...], most: int) -> int:
    """Every way to cut every metric into the fewest parts, and the best of all ways to put the parts together."""
    ways = [list(cuts(size, min(5, most))) for size in metrics]
    return min(bins(tuple(sorted(part for cut in each for part in cut)), most) for each in product(*ways))


def cuts(size: int, most: int) -> Iterator[tuple[int, ...]]:
    for cut in product(range(1, most + 1), repeat=up(size, most)):
        if sum(cut) == size and list(cut) == sorted(cut):
            yield cut


@cache
def bins(parts: tuple[int, ...], most: int) -> int:
    """Of every subset of the parts: the fewest requests, and of those the emptiest last one."""
    best = {0: (1, 0)}
    for subset in range(1, 1 << len(parts)):
        found = []
        for number, part in enumerate(parts):
            if subset >> number & 1:
                count, full = best[subset & ~(1 << number)]
                found.append((count, full + part) if full + part <= most else (count + 1, part))
        best[subset] = min(found)
    return best[len(best) - 1][0]


def test_metrics_with_any_statistics_are_packed_as_a_brute_force_packs_them():
    chosen = random.Random(7)
    for _ in range(500):
        metrics = tuple(sorted(chosen.randint(1, 7) for _ in range(chosen.randint(1, 4))))
        most = chosen.randint(4, 16)
        packed = pack(Counter(metrics), most)
        assert packed.billed_metrics == sum(up(size, min(5, most)) for size in metrics)
        assert packed.calls == fewest(metrics, most), (metrics, most)


def test_many_metrics_with_any_statistics_waste_next_to_nothing():
    chosen = random.Random(11)
    for _ in range(100):
        metrics = Counter({size: chosen.randint(1, 500) for size in range(1, 8)})
        most = chosen.randint(10, 500)
        least = up(sum(size * count for size, count in metrics.items()), most)
        assert pack(metrics, most).calls <= least + 1


@pytest.mark.parametrize("statistics", range(1, 8))
@pytest.mark.parametrize("points", [20_161, 25_200, 25_201, 33_601, 50_400, 50_401, 100_800, 100_801, 151_200, 403_200])
def test_a_range_longer_than_a_request_is_cut_in_time_as_few_times_as_can_be(statistics: int, points: int):
    metrics = 12
    planned = requests(metrics, statistics, points, 60, start=NOW)
    assert all(len(each.queries) <= 500 and each.points <= 100_800 for each in planned)
    assert sum(each.points for each in planned) == metrics * statistics * points
    if statistics <= 5:  # no request holds more than 100,800 points of a metric, and each but the last is full
        assert billed(planned) == metrics * up(statistics * points, 100_800)
    for chunks in range(1, up(points, 14_400) + 1):
        k = series_a_request(up(points, chunks))
        if k:
            assert billed(planned) <= metrics * chunks * up(statistics, min(5, k))
    for query in {query.series: query for each in planned for query in each.queries}:
        spans = sorted(each.window for each in planned if query in {one.series for one in each.queries})
        assert [span.start for span in spans] == [NOW, *(span.end for span in spans[:-1])]
        assert sum(span.points(60) for span in spans) == points


def test_nothing_is_cheaper_in_any_other_tiling_of_a_small_world(monkeypatch: pytest.MonkeyPatch):
    """Four points a request, four statistics billed as one; any series may be cut at any time, and anyhow packed."""
    monkeypatch.setattr(packing, "MOST_POINTS", 4)
    monkeypatch.setattr(packing, "BILLED_TOGETHER", 4)
    for metrics, statistics, points in [(1, 1, 6), (1, 2, 5), (2, 1, 6), (3, 1, 5), (1, 2, 6), (1, 4, 3), (2, 2, 3)]:
        tiling = tile(points, {statistics: metrics})
        assert sum(length for length, _ in tiling) == points
        found = (sum(each.billed_metrics for _, each in tiling), sum(each.calls for _, each in tiling))
        assert found == cheapest(metrics, statistics, points), (metrics, statistics, points)


def cheapest(metrics: int, statistics: int, points: int) -> tuple[int, int]:
    """(billed metrics, calls) of the best of all: each series cut anywhere, each span packed in every way."""
    spans = [cut for cut in all_spans(0, points) if all(end - start <= 4 for start, end in cut)]
    found = []
    for chosen in product(spans, repeat=metrics * statistics):
        together: dict[tuple[int, int], list[int]] = {}
        for number, cut in enumerate(chosen):
            for span in cut:
                together.setdefault(span, []).append(number // statistics)
        prices = [price(tuple(owners), 4 // (end - start)) for (start, end), owners in together.items()]
        found.append((sum(one for one, _ in prices), sum(calls for _, calls in prices)))
    return min(found)


def all_spans(start: int, end: int) -> Iterator[tuple[tuple[int, int], ...]]:
    if start == end:
        yield ()
    for middle in range(start + 1, end + 1):
        for rest in all_spans(middle, end):
            yield ((start, middle), *rest)


@cache
def price(owners: tuple[int, ...], most: int) -> tuple[int, int]:
    """(billed, calls) for one span: each of its series goes into any of the requests."""
    found = []
    for places in product(range(len(owners)), repeat=len(owners)):
        full = Counter(places)
        if max(full.values()) <= most:
            pairs = Counter(zip(places, owners, strict=True))
            found.append((sum(up(count, 4) for count in pairs.values()), len(full)))
    return min(found)


def test_the_whole_of_what_cloudwatch_keeps_of_a_thousand_metrics_is_493_calls_and_3_cents():
    ages = [(0, 15, 60), (15, 63, 300), (63, 455, 3600)]
    planned = [each for young, old, period_s in ages
               for each in requests(1000, 1, (old - young) * DAY_S // period_s, period_s,
                                    start=NOW - timedelta(days=old))]
    assert (len(planned), billed(planned)) == (493, 3000)


def test_two_entries_that_want_one_metric_are_billed_once():
    names = [f"m{number}" for number in range(400)]
    entries = [entry(metrics=names, statistics="Sum"), entry(name="also", metrics=names, statistics="p99")]
    planned = plan(CLIENT, entries, Target("cloudwatch", "aws_default"), "1", "eu-west-1",
                   Window(NOW - timedelta(hours=1), NOW), NOW)
    assert (len(planned), billed(planned)) == (2, 400)
