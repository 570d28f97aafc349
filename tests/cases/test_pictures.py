"""Dashboards of public projects, drawn: each from a lake that has something of every metric that they name."""

import json
import math
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from watchbill.dashboards import from_cloudwatch, from_datadog
from watchbill.flows.draw_dashboard import draw_dashboard, sheet_of
from watchbill.graphs.board.sheet import Amounts, Chart, Gap
from watchbill.graphs.lines.places import places
from watchbill.lake.series_table import as_table
from watchbill.model.dashboards import Dashboard, MetricWidget, walk
from watchbill.model.series import Series
from watchbill.model.windows import Window

pytestmark = pytest.mark.cases
ROOT = Path(__file__).parents[2]
CASES = ROOT / os.environ.get("WATCHBILL_CASES", "../shared") / "data/dashboards"
FILES = sorted(CASES.glob("*/*.json"))
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
WINDOW = Window(NOW - timedelta(hours=3), NOW)


class FullLake:
    """Two series for each metric line of a dashboard, where its dimensions leave a choice, else one."""

    def __init__(self, dashboard: Dashboard) -> None:
        self._series = list({one.key: one for one in _series(dashboard)}.values())

    def series_rows(self, source: str) -> pa.Table:
        return as_table([one for one in self._series if one.source == source])

    def points(self, source: str, keys: list[int], window: Window) -> pa.Table:
        minutes = min(1440, int(window.length.total_seconds()) // 60)
        rows = [(key, window.end - timedelta(minutes=minutes - at), 50 + key % 37 + 20 * math.sin(at / 25 + key % 11))
                for key in sorted(keys) for at in range(minutes)]
        keys_, times, values = zip(*rows, strict=True) if rows else ((), (), ())
        return pa.table({"series": pa.array(keys_, pa.int64()), "timestamp": pa.array(times, pa.timestamp("ms", "UTC")),
                         "value": pa.array(values, pa.float64())})


def _series(dashboard: Dashboard) -> Any:
    variables = {one.name: one.default for one in dashboard.variables}
    for _, widget in walk(dashboard):
        for line in widget.metrics if isinstance(widget, MetricWidget) else ():
            for place in list(places(line, widget.region, variables))[:1]:
                for number in range(2 if place.groups else 1):
                    dimensions = tuple((name, _value(value, number)) for name, value in place.wanted.dimensions.items())
                    yield Series(place.source, place.wanted.account or "123456789012",
                                 place.wanted.region or "eu-west-1", place.wanted.namespace, place.wanted.metric,
                                 place.wanted.statistic, 60, dimensions)


def _value(pattern: str | tuple[str, ...], number: int) -> str:
    first = pattern if isinstance(pattern, str) else next((one for one in pattern if not one.startswith("!")), "other")
    return f"other-{number}" if first.startswith("!") else first.replace("*", f"some-{number}")


def dashboard_of(file: Path) -> Dashboard:
    body = json.loads(file.read_text())
    if isinstance(body.get("DashboardBody"), str):
        body = json.loads(body["DashboardBody"])
    read = from_datadog.read if "layout_type" in body else from_cloudwatch.read
    return read(body, file.stem).dashboard


@pytest.mark.skipif(not FILES, reason=f"there are no dashboards in {CASES}")
def test_every_line_that_the_model_has_is_drawn():
    drawn = empty = 0
    for file in FILES:
        dashboard = dashboard_of(file)
        sheet, _ = sheet_of(dashboard, FullLake(dashboard), WINDOW)  # type: ignore[arg-type]
        widgets = [one for _, one in walk(dashboard) if isinstance(one, MetricWidget)]
        drawn += sum(isinstance(cell.content, Chart | Amounts) for cell in sheet.cells)
        gaps = [cell for cell in sheet.cells if isinstance(cell.content, Gap) and cell.content.why == "no data"]
        empty += len(gaps)
        assert len(widgets) == sum(isinstance(cell.content, Chart | Amounts) for cell in sheet.cells) + len(gaps)
        assert all(cell.content.detail for cell in gaps), file.name  # which says why
    assert empty <= 0.2 * (drawn + empty), f"{empty} of {drawn + empty} metric widgets are empty"


@pytest.mark.parametrize("file", FILES[::9], ids=lambda one: f"{one.parent.name}-{one.stem}")
def test_some_of_them_painted(file):
    dashboard = dashboard_of(file)
    assert draw_dashboard(dashboard, FullLake(dashboard), now=NOW, width=800).picture  # type: ignore[arg-type]
