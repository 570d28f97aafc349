"""Tending drops what is too old and compacts the rest, as often as it is run."""

from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests.unit.lake.given import MIDNIGHT, a_series, minute, points, window
from tests.unit.lake.test_faults import sound
from watchbill.declare.load import load_settings
from watchbill.flows.tend_lake import tend_lake
from watchbill.lake.lake import Lake
from watchbill.model.failures import DeclarationError

ONE = a_series(service="checkout")
NOW = MIDNIGHT + timedelta(days=3, hours=1)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Three days, 30 January to 1 February, each in two files."""
    for day in (-1, 0, 1):
        for start in (day * 1440, day * 1440 + 5):
            sound(tmp_path).write("cloudwatch", window(start, start + 5), 0, points((ONE, {start: 1.0})), [ONE],
                                  collected_at=minute(start + 5))
    return sound(tmp_path)


def test_days_older_than_the_retention_go_before_the_others_are_compacted(lake: Lake) -> None:
    with capture_logs() as logs:
        report = tend_lake(lake, now=NOW, retention=timedelta(days=2))
    assert report == {"days": ["cloudwatch 2026-02-01"], "series_files_replaced": 0,
                      "expired": ["2026-01-30", "2026-01-31"]}
    assert logs == [{"event": "lake_tended", "log_level": "info", **report}]
    assert lake.count([ONE], window(-3000, 3000)) == 2
    assert tend_lake(lake, now=NOW, retention=timedelta(days=2)) == {
        "days": [], "series_files_replaced": 0, "expired": []}


def test_without_a_retention_everything_is_kept(lake: Lake) -> None:
    assert tend_lake(lake, now=NOW)["expired"] == []
    assert lake.count([ONE], window(-3000, 3000)) == 6


def test_retention_is_declared_in_days_or_by_a_variable(tmp_path: Path) -> None:
    assert load_settings(tmp_path, {}).lake.retention is None
    (tmp_path / "watchbill.yaml").write_text("lake:\n  retention: 400d\n")
    assert load_settings(tmp_path, {}).lake.retention == timedelta(days=400)
    assert load_settings(tmp_path, {"WATCHBILL__LAKE__RETENTION": "30d"}).lake.retention == timedelta(days=30)


@pytest.mark.parametrize(("text", "said"), [("5m", "days go whole: keep at least 1d"), ("soon", "is no duration")])
def test_a_retention_that_would_keep_nothing_is_refused_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "watchbill.yaml").write_text(f"lake:\n  retention: {text}\n")
    with pytest.raises(DeclarationError, match=rf"watchbill\.yaml:2: lake\.retention: .*{said}"):
        load_settings(tmp_path, {})
