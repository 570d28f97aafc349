"""Where a lake lies, what its files are called, and that its bytes follow from its points alone."""

from datetime import date, timedelta, timezone
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from pyarrow import fs

from tests.unit.lake.given import a_series, by_minute, minute, points, window
from watchbill.lake.lake import Lake
from watchbill.lake.layout import StoredFile, merge, read_path
from watchbill.model.failures import LakeError
from watchbill.model.windows import Window

ONE = a_series(service="checkout")
DAY = date(2026, 1, 31)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def write(home: Path, values: dict[float, float]) -> Lake:
    lake = Lake.open("data/lake", home=home)
    lake.write("cloudwatch", window(0, 5), "eu west", points((ONE, values)), [ONE], collected_at=minute(5))
    return lake


def test_the_same_points_in_another_order_are_the_same_bytes(tmp_path) -> None:
    write(tmp_path / "one", {0: 1.0, 1: 2.0})
    write(tmp_path / "two", {1: 2.0, 0: 1.0})
    first = contents(tmp_path / "one")
    assert first == contents(tmp_path / "two")
    assert len(first) == 3  # of points, of series, of the version


def test_files_are_called_after_day_window_and_share(tmp_path) -> None:
    write(tmp_path, {0: 1.0})
    [path] = tmp_path.glob("data/lake/points/source=cloudwatch/date=2026-01-31/*")
    assert path.name.startswith("20260131T120000Z-20260131T120500Z-eu%20west-")
    below = str(path.relative_to(tmp_path / "data/lake"))
    assert read_path(below, 7) == StoredFile(below, 7, DAY, window(0, 5), "eu west")


@pytest.mark.parametrize("name", [
    ".20260131T120000Z-20260131T120500Z-0-0123456789abcdef.parquet-1.tmp", "part-0.parquet",
    "compact-1.parquet",
])
def test_other_names_are_no_part_of_the_lake(name) -> None:
    assert read_path(f"points/source=cloudwatch/date=2026-01-31/{name}", 1) is None
    assert read_path(f"points/source=cloudwatch/{name}", 1) is None
    assert read_path(f"series/source=cloudwatch/{name}", 1) is None


def test_a_window_in_another_time_zone_lies_in_the_days_of_utc(tmp_path) -> None:
    seoul = timezone(timedelta(hours=9))
    local = Window(minute(0).astimezone(seoul), minute(5).astimezone(seoul))
    lake = Lake.open("lake", home=tmp_path)
    lake.write("cloudwatch", local, 0, points((ONE, {0: 1.0})), [ONE], collected_at=local.end)
    assert [path.name for path in tmp_path.glob("lake/points/*/*")] == ["date=2026-01-31"]
    assert by_minute(lake.read([ONE], local)) == {0: 1.0}
    assert lake.collected("cloudwatch", local)


def test_points_of_the_same_second_in_a_window_finer_than_a_second_keep_apart(tmp_path) -> None:
    lake = Lake.open("lake", home=tmp_path)
    given = points((ONE, {0: 1.0, 0.005: 2.0}))
    lake.write("cloudwatch", window(0, 5), 0, given, [ONE], collected_at=minute(5))
    edge = Window(minute(0), minute(0) + timedelta(microseconds=1))
    assert lake.count([ONE], window(0, 5)) == 2
    assert by_minute(lake.read([ONE], edge)) == {0: 1.0}


def test_a_compacted_day_takes_few_bytes_a_point(tmp_path) -> None:
    lake = Lake.open("lake", home=tmp_path)
    services = [a_series(service=str(number)) for number in range(50)]
    for start in range(0, 60, 5):
        values = {at: float(at % 7) for at in range(start, start + 5)}
        given = points(*((one, values) for one in services))
        lake.write("cloudwatch", window(start, start + 5), 0, given, services, collected_at=minute(start + 5))
    done = lake.compact("cloudwatch", DAY, now=minute(60))
    assert done.points == 3000
    assert done.bytes < 3 * done.points
    [path] = tmp_path.glob("lake/points/*/*/*")
    stored = pq.read_table(path)
    assert stored["series"].to_pylist() == sorted(stored["series"].to_pylist())


def test_an_absolute_folder_is_taken_as_it_is(tmp_path) -> None:
    lake = Lake.open(str(tmp_path / "elsewhere"), home=Path("/nowhere"))
    lake.write("cloudwatch", window(0, 5), 0, points(), [], collected_at=minute(5))
    assert (tmp_path / "elsewhere/points").is_dir()


@pytest.mark.parametrize(("url", "said"), [
    ("gs://bucket/lake", "not at gs://"), ("s3://", "s3://bucket/prefix"),
    ("s3://AKIA:hidden@bucket/lake", "credentials belong to its connection"),
])
def test_a_place_that_is_none_is_refused_without_repeating_secrets(tmp_path, url, said) -> None:
    with pytest.raises(LakeError, match=said) as refusal:
        Lake.open(url, home=tmp_path)
    assert "hidden" not in str(refusal.value)


def test_a_bucket_that_cannot_be_reached_is_a_lake_error_without_secrets(tmp_path) -> None:
    aws = {"access_key": "AKIAHIDDEN", "secret_key": "hidden", "region": "eu-west-1", "session_token": None,
           "endpoint_override": "http://127.0.0.1:1",
           "retry_strategy": fs.AwsStandardS3RetryStrategy(max_attempts=1)}
    lake = Lake.open("s3://lake/prefix", home=tmp_path, aws=lambda: aws)
    with pytest.raises(LakeError, match=r"lake/prefix/points/.* cannot be listed") as refusal:
        lake.read([ONE], window(0, 5))
    assert "hidden" not in str(refusal.value).lower()


def test_neighbouring_and_overlapping_windows_become_one() -> None:
    given = [window(5, 10), window(0, 5), window(20, 30), window(22, 25)]
    assert merge(given) == [window(0, 10), window(20, 30)]
