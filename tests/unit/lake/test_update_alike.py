"""What an answer and the lake say alike is left out before they are joined: that never changes what is written."""

from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
from hypothesis import example, given
from hypothesis import strategies as st

from tests.unit.lake.given import a_series, minute
from watchbill.lake import update as updating
from watchbill.lake.lake import Lake
from watchbill.lake.points import newest
from watchbill.lake.schema import STORED

VALUES = st.sampled_from([1.0, 2.0, float("nan")])
PLACES = st.tuples(st.integers(0, 2), st.integers(0, 4))
NOW = datetime(2026, 1, 31, tzinfo=UTC)
Held = dict[tuple[int, int], tuple[float, bool, int]]


def stored(rows: Held) -> pa.Table:
    now_ms = int(NOW.timestamp() * 1000)
    found = [(series, 60_000 * at, value, now_ms + late, gone) for (series, at), (value, gone, late) in rows.items()]
    columns = [list(column) for column in zip(*found, strict=True)] or [[]] * len(STORED)
    arrays = [pa.array(column, pa.int64() if pa.types.is_timestamp(kind) else kind).cast(kind)
              for column, kind in zip(columns, STORED.types, strict=True)]
    return newest(pa.table(arrays, schema=STORED))


@given(answer=st.dictionaries(PLACES, VALUES), held=st.dictionaries(PLACES, st.tuples(
    VALUES, st.booleans(), st.sampled_from([-1, 0, 1]))))
@example(answer={(0, 0): 1.0, (0, 1): 2.0, (1, 0): 1.0}, held={(0, 0): (1.0, False, -1), (1, 0): (2.0, True, -1)})
def test_leaving_out_what_is_alike_changes_nothing(answer: dict[tuple[int, int], float], held: Held) -> None:
    told = stored({place: (value, False, 0) for place, value in answer.items()})
    found, joined = (do(told, stored(held), NOW) for do in (updating._difference, updating._joined))
    assert str(found.rows.to_pylist()) == str(joined.rows.to_pylist())  # NaN is not equal to itself
    assert (found.new, found.changed, found.vanished) == (joined.new, joined.changed, joined.vanished)


def test_a_tick_that_adds_to_the_end_of_every_series_joins_only_that_end() -> None:
    held = stored({(series, at): (1.0, False, -1) for series in range(3) for at in range(4)})
    answer = stored({(series, at): (1.0, False, 0) for series in range(3) for at in range(5)})
    left, there = updating._unlike(answer, held)
    assert (left["timestamp"].cast(pa.int64()).to_pylist(), len(there)) == ([240_000] * 3, 0)


def test_a_name_that_another_process_took_away_is_written_again(tmp_path: Path) -> None:
    lake, one = Lake.open("lake", home=tmp_path), a_series(service="checkout")
    assert lake._known.add("cloudwatch", [one], minute(0)) > 0
    assert lake._known.add("cloudwatch", [one], minute(1)) == 0
    for file in (tmp_path / "lake" / "series").rglob("*.parquet"):
        file.unlink()
    assert lake._known.add("cloudwatch", [one], minute(2)) > 0
    assert lake.series("cloudwatch") == [one]
