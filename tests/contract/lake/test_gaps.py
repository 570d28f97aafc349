"""Never collected, collected and the source had none, present: three states, wherever the lake lies."""

from datetime import date

from tests.unit.lake.given import MIDNIGHT, a_series, minute, points, window
from watchbill.lake.gaps import Gaps, Hole, Missing
from watchbill.lake.lake import Lake
from watchbill.model.series import Series

CHECKOUT, SEARCH = a_series(service="checkout"), a_series(service="search")
SLOW = a_series(metric="disk", period_s=300)
DAY = date(2026, 1, 31)
EVERY_MINUTE = {float(at): 1.0 for at in range(60)}


def collect(lake: Lake, start: float, end: float, *of: tuple[Series, dict[float, float]], whole: bool = True) -> None:
    """One share with the points that lie in the window, and the mark that there is no other."""
    given = points(*((one, {at: value for at, value in values.items() if start <= at < end}) for one, values in of))
    lake.write("cloudwatch", window(start, end), "a", given, [one for one, _ in of], collected_at=minute(end))
    if whole:
        lake.write("cloudwatch", window(start, end), "whole", points(), [], collected_at=minute(end))


def gaps(lake: Lake, start: float | None = None, end: float | None = None) -> Gaps:
    return lake.gaps("cloudwatch", "whole", None if start is None else minute(start),
                     None if end is None else minute(end))


def test_a_lake_that_lacks_nothing_has_no_gaps(lake: Lake) -> None:
    collect(lake, 0, 10, (CHECKOUT, EVERY_MINUTE), (SLOW, {0: 1.0, 5: 1.0}))
    assert gaps(lake) == Gaps("cloudwatch", window(0, 10), [window(0, 10)], present=12)


def test_what_was_never_collected_is_kept_apart_from_what_the_source_had_not(lake: Lake) -> None:
    collect(lake, 0, 5, (CHECKOUT, {0: 1.0, 1: 1.0, 4: 1.0}))
    collect(lake, 20, 25, (CHECKOUT, EVERY_MINUTE), (SEARCH, {}))
    for _ in range(2):
        found = gaps(lake)
        assert found.collected == [window(0, 5), window(20, 25)]
        assert found.holes == [Hole(window(5, 20), between=True)]
        assert sorted(found.missing, key=lambda gap: gap.window) == [
            Missing(SEARCH, window(0, 5), 5), Missing(CHECKOUT, window(2, 4), 2), Missing(SEARCH, window(20, 25), 5)]
        assert found.present == 8
        lake.compact("cloudwatch", DAY, now=minute(60))


def test_a_window_of_which_a_share_is_missing_is_not_collected(lake: Lake) -> None:
    collect(lake, 0, 5, (CHECKOUT, EVERY_MINUTE))
    collect(lake, 5, 10, (CHECKOUT, EVERY_MINUTE), whole=False)
    collect(lake, 10, 15, (CHECKOUT, EVERY_MINUTE))
    assert gaps(lake).holes == [Hole(window(5, 10), between=True)]
    assert gaps(lake).missing == []


def test_before_the_first_and_after_the_last_collection_is_no_hole_between(lake: Lake) -> None:
    collect(lake, 0, 5, (CHECKOUT, EVERY_MINUTE))
    assert gaps(lake, -5, 10).holes == [Hole(window(-5, 0), between=False), Hole(window(5, 10), between=False)]
    assert gaps(lake, 20).window is None
    assert gaps(lake, None, -20).window is None


def test_a_hole_is_one_though_only_its_inside_is_asked_about(lake: Lake) -> None:
    collect(lake, 0, 5, (CHECKOUT, EVERY_MINUTE))
    collect(lake, 20, 25, (CHECKOUT, EVERY_MINUTE))
    assert gaps(lake, 8, 12) == Gaps("cloudwatch", window(8, 12), [], [Hole(window(8, 12), between=True)])


def test_an_empty_lake_has_nothing_to_lack(lake: Lake) -> None:
    assert gaps(lake) == Gaps("cloudwatch", None)
    assert gaps(lake, 0, 5).holes == [Hole(window(0, 5), between=False)]


def test_a_period_is_due_when_it_is_over_and_a_span_goes_on_over_midnight(lake: Lake) -> None:
    collect(lake, 700, 738, (SLOW, {700: 1.0}), (CHECKOUT, {700: 1.0, 737: 1.0}))
    assert gaps(lake).missing == [
        Missing(SLOW, window(705, 735), 6),
        Missing(CHECKOUT, window(701, 737), 36),
    ]
    halves = [each.window for edges in ((None, 720), (720, None)) for each in gaps(lake, *edges).missing]
    assert halves == [window(705, 720), window(701, 720), window(720, 735), window(720, 737)]


def test_a_period_that_divides_no_day_is_looked_for_where_it_was_asked(lake: Lake) -> None:
    odd = a_series(metric="odd", period_s=420)
    start = (int(MIDNIGHT.timestamp()) // 420 * 420 + 420 * 100 - int(minute(0).timestamp())) / 60
    collect(lake, start, start + 28, (odd, {start: 1.0, start + 21: 1.0}))
    assert gaps(lake).missing == [Missing(odd, window(start + 7, start + 21), 2)]


def test_a_series_that_fell_silent_is_one_gap_over_all_days(lake: Lake) -> None:
    collect(lake, 0, 3 * 1440, (CHECKOUT, {0: 1.0}))
    assert gaps(lake).missing == [Missing(CHECKOUT, window(1, 3 * 1440), 3 * 1440 - 1)]


def test_what_has_vanished_is_there_and_so_is_a_zero_for_what_the_source_had_not(lake: Lake) -> None:
    """The first keeps its value; of the second the source itself makes a point (`nil_to_zero`)."""
    for at, values in ((5, EVERY_MINUTE), (6, {0.0: 0.0, 1.0: 1.0})):
        given = points((CHECKOUT, {at: value for at, value in values.items() if at < 5}))
        for own in (True, False):
            lake.update("cloudwatch", window(0, 5), "a", given, [CHECKOUT], collected_at=minute(at), own=own)
    lake.update("cloudwatch", window(0, 8), "a", points(), [SEARCH], collected_at=minute(8), own=True)
    lake.write("cloudwatch", window(0, 8), "whole", points(), [], collected_at=minute(8))
    for _ in range(2):
        assert gaps(lake).present == 5
        assert sorted(gaps(lake).missing, key=lambda gap: gap.window) == [
            Missing(SEARCH, window(0, 8), 8), Missing(CHECKOUT, window(5, 8), 3)]
        lake.compact("cloudwatch", DAY, now=minute(60))
