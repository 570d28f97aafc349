"""Any schedule of overlapping collections and compactions reads back like a plain dict."""

from collections.abc import Callable

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.contract.lake.conftest import Place, open_at
from tests.unit.lake.given import MIDNIGHT, NOON, a_series, minute, rows, table, window
from watchbill.lake.lake import Lake
from watchbill.model.windows import Window

SERIES = [a_series(service="checkout"), a_series(service="search")]
NIGHT = range(710, 730)  # 23:50 to 00:10: two days

Point = tuple[int, int]  # series, minute
moments = st.integers(NIGHT[0], NIGHT[-1] + 1)
values = st.sampled_from([-1.0, 0.5, 1.0, 2.0])


@st.composite
def collections(draw: st.DrawFn) -> tuple[str, int, int, int, int, dict[Point, float]]:
    """collect, start, end, share, collected_at, points."""
    start, end = sorted((draw(moments), draw(moments)))
    inside = st.tuples(st.integers(0, 1), st.integers(start, max(start, end - 1)))
    found = draw(st.dictionaries(inside, values, max_size=6)) if start < end else {}
    return "collect", start, end, draw(st.integers(0, 1)), draw(st.integers(730, 734)), found


compactions = st.tuples(st.just("compact"), st.integers(0, 1))
schedules = st.lists(st.one_of(collections(), collections(), compactions), max_size=10)


def follow(lake: Lake, schedule: list) -> tuple[dict[Point, tuple[int, float]], set[int]]:
    """Does it all, beside a dict that says what must come out: the newest, and of those the greatest."""
    expected: dict[Point, tuple[int, float]] = {}
    covered: set[int] = set()
    for verb, *what in schedule:
        if verb == "compact":
            day = MIDNIGHT.toordinal() + what[0]
            lake.compact("cloudwatch", MIDNIGHT.date().fromordinal(day), now=minute(800))
            continue
        start, end, share, at, found = what
        points = table((SERIES[index].key, minute(when), value) for (index, when), value in found.items())
        lake.write("cloudwatch", window(start, end), share, points, SERIES, collected_at=minute(at))
        covered.update(range(start, end))
        for point, value in found.items():
            expected[point] = max(expected.get(point, (0, 0.0)), (at, value))
    return expected, covered


def check(lake: Lake, schedule: list) -> None:
    expected, covered = follow(lake, schedule)
    wanted = sorted((SERIES[index].key, minute(when), value)
                    for (index, when), (_, value) in expected.items())
    whole = window(NIGHT[0], NIGHT[-1] + 1)
    assert rows(lake.read(SERIES, whole)) == wanted
    half = Window(whole.start, minute(720))
    assert rows(lake.read(SERIES[:1], half)) == [
        row for row in wanted if row[0] == SERIES[0].key and row[1] < half.end]
    told = lake.sql("SELECT dimensions['service'] AS service, timestamp, value FROM points").to_pylist()
    service = {one.key: dict(one.dimensions)["service"] for one in SERIES}
    assert sorted((row["service"], row["timestamp"], row["value"]) for row in told) == sorted(
        (service[key], when, value) for key, when, value in wanted)
    assert lake.stats()[0]["points"] == len(wanted)
    assert covered == {
        at for part in lake.coverage("cloudwatch", whole)
        for at in range(int((part.start - NOON).total_seconds() // 60),
                        int((part.end - NOON).total_seconds() // 60))}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(schedule=schedules)
def test_any_schedule_of_collections_and_compactions_reads_back_like_a_dict(
        new_place: Callable[[], Place], schedule: list) -> None:
    check(open_at(new_place()), schedule)
