"""A dashboard and a lake in; the cells of a picture, and values in words, out."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from watchbill.flows.draw_dashboard import draw_dashboard, sheet_of
from watchbill.graphs.board.sheet import Amounts, Chart, Gap, Prose
from watchbill.lake.lake import Lake
from watchbill.model.dashboards import Dashboard
from watchbill.model.series import Series
from watchbill.model.windows import Window

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = Window(NOW - timedelta(hours=1), NOW)
ERRORS = {"namespace": "shop", "metric": "errors", "statistic": "Sum"}


class Filled:
    """A lake, and what is put into it: a value for each minute of the hour."""

    def __init__(self, folder: Path) -> None:
        self.lake = Lake.open(str(folder), home=folder)

    def put(self, values: list[float | None], source: Any = "cloudwatch", namespace: str = "shop",
            metric: str = "errors", statistic: str = "Sum", unit: str = "Count", **dimensions: str) -> None:
        self.many([(values, dimensions)], source, namespace, metric, statistic, unit)

    def many(self, given: list[tuple[list[float | None], dict[str, str]]], source: Any = "cloudwatch",
             namespace: str = "shop", metric: str = "errors", statistic: str = "Sum", unit: str = "Count") -> None:
        series = [Series(source, "123456789012", "eu-west-1", namespace, metric, statistic, 60,
                         tuple(dimensions.items()), unit=unit) for _, dimensions in given]
        rows = [(one.key, HOUR.start + timedelta(minutes=at), value)
                for one, (values, _) in zip(series, given, strict=True)
                for at, value in enumerate(values) if value is not None]
        keys, times, values = zip(*rows, strict=True)
        points = pa.table({"series": pa.array(keys, pa.int64()),
                           "timestamp": pa.array(times, pa.timestamp("ms", "UTC")),
                           "value": pa.array(values, pa.float64())})
        self.lake.write(source, HOUR, f"{namespace}{metric}{statistic}{sorted(given[0][1])}", points, series,
                        collected_at=NOW)


@pytest.fixture
def filled(tmp_path: Path) -> Filled:
    return Filled(tmp_path)


def widget(*lines: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "metric", "title": "Errors", "period": "1m", "metrics": list(lines), **more}


def content(filled: Filled, *lines: dict[str, Any], variables: Any = (), **more: Any) -> Any:
    dashboard = Dashboard(id="d", title="d", variables=variables, widgets=[widget(*lines, **more)])
    sheet, _ = sheet_of(dashboard, filled.lake, HOUR)
    return sheet.cells[0].content


def test_a_star_is_a_line_for_each_value(filled):
    filled.put([1.0] * 60, service="checkout")
    filled.put([2.0] * 60, service="search")
    chart = content(filled, ERRORS | {"dimensions": {"service": "*"}})
    assert isinstance(chart, Chart)
    assert [(one.name, one.values, one.last) for one in chart.curves] == [
        ("checkout", [1.0] * 60, 1.0), ("search", [2.0] * 60, 2.0)]
    assert (chart.start, chart.step_s) == (HOUR.start, 60)


def test_an_expression_is_computed_and_its_inputs_may_be_invisible(filled):
    filled.put([2.0] * 60, service="checkout")
    filled.put([8.0] * 30 + [0.0] * 30, metric="requests", service="checkout")
    by = {"dimensions": {"service": "*"}, "visible": False}
    chart = content(filled, ERRORS | by | {"id": "e"}, ERRORS | by | {"id": "r", "metric": "requests"},
                    {"expression": "e / r * 100", "label": "error rate", "color": "#00aa22"})
    (line,) = chart.curves
    assert (line.name, line.colour, line.values) == ("error rate", "#00aa22", [25.0] * 30 + [None] * 30)


def test_periods_fold_by_the_statistic(filled):
    filled.put([1.0] * 60, service="a")
    chart = content(filled, ERRORS | {"dimensions": {"service": "a"}}, period="5m")
    assert chart.curves[0].values == [5.0] * 12


def test_a_line_of_a_longer_period_keeps_it_beside_others(filled):
    filled.put([1.0] * 60, service="a")
    line = ERRORS | {"dimensions": {"service": "a"}}
    chart = content(filled, line, line | {"period": "5m", "label": "slow"})
    assert chart.curves[1].values == ([5.0] + [None] * 4) * 12


def test_series_are_aggregated_across_what_is_not_asked_for(filled):
    filled.many([([1.0] * 60, {"service": "a", "zone": "1"}), ([3.0] * 60, {"service": "a", "zone": "2"}),
                 ([5.0] * 60, {"service": "b", "zone": "1"})])
    line = ERRORS | {"dimensions": {"service": "*"}, "aggregate_across": "sum"}
    assert [(one.name, one.last) for one in content(filled, line).curves] == [("a", 4.0), ("b", 5.0)]
    assert isinstance(content(filled, ERRORS | {"dimensions": {"service": "*"}}), Gap)


@pytest.mark.parametrize(("fill", "values"), [
    ("zero", [1.0, 0.0, 0.0, 4.0]), ("last", [1.0, 1.0, 1.0, 4.0]), ("linear", [1.0, 2.0, 3.0, 4.0]),
    (9, [1.0, 9.0, 9.0, 4.0]), ("none", [1.0, None, None, 4.0]), (None, [1.0, None, None, 4.0])])
def test_gaps_are_filled_as_asked_and_never_after_the_newest_point(filled, fill, values):
    filled.put([1.0, None, None, 4.0], service="a")
    line = ERRORS | {"dimensions": {"service": "a"}} | ({} if fill is None else {"fill": fill})
    assert content(filled, line).curves[0].values == values + [None] * 56


def test_a_rate_is_a_count_in_each_second(filled):
    filled.put([120.0] * 60, service="a")
    chart = content(filled, ERRORS | {"dimensions": {"service": "a"}, "rate": "second"})
    assert chart.curves[0].values == [2.0] * 60


def test_variables_stand_for_what_is_chosen(filled):
    filled.put([1.0] * 60, service="a")
    filled.put([2.0] * 60, service="b")
    line = ERRORS | {"dimensions": {"service": "$service"}}
    one = content(filled, line, variables=[{"name": "service", "default": "b"}])
    assert [each.last for each in one.curves] == [2.0]
    assert len(content(filled, line, variables=[{"name": "service"}]).curves) == 2


def test_a_title_names_what_is_chosen(filled):
    filled.put([1.0] * 60, service="a")
    variables = [{"name": "service", "default": "a"}, {"name": "zone"}]
    dashboard = Dashboard(id="d", title="d", variables=variables, widgets=[
        widget(ERRORS | {"dimensions": {"service": "$service"}}) | {"title": "Errors of $service in ${zone}"}])
    assert sheet_of(dashboard, filled.lake, HOUR)[0].cells[0].title == "Errors of a in *"


@pytest.mark.parametrize(("how", "value"), [("last", 4.0), ("avg", 2.5), ("sum", 10.0), ("min", 1.0), ("max", 4.0)])
def test_a_number_is_the_line_reduced(filled, how, value):
    filled.put([1.0, 2.0, 3.0, 4.0], service="a")
    shown = content(filled, ERRORS | {"dimensions": {"service": "a"}}, view="number", aggregate=how)
    assert isinstance(shown, Amounts)
    assert [one.value for one in shown.amounts] == [value]


def test_the_top_are_shown_and_the_others_counted(filled):
    for at in range(6):
        filled.put([float(at)] * 60, service=f"s{at}")
    shown = content(filled, ERRORS | {"dimensions": {"service": "*"}}, view="table", sort="desc", limit=2)
    assert [(one.name, one.value) for one in shown.amounts] == [("s5", 5.0), ("s4", 4.0)]
    assert shown.more == 4


def test_what_only_datadog_has_is_drawn_from_there(filled):
    filled.put([7.0] * 60, "datadog", "system", "cpu.user", "Average", "", host="web-1")
    line = {"namespace": "CWAgent", "metric": "cpu_usage_active", "dimensions": {"host": "*"},
            "datadog": "avg:system.cpu.user{*} by {host}"}
    assert [(one.name, one.last) for one in content(filled, line).curves] == [("web-1", 7.0)]


def test_a_widget_without_a_title_is_called_by_its_metrics(filled):
    untitled = {key: value for key, value in widget(ERRORS).items() if key != "title"}
    sheet, _ = sheet_of(Dashboard(id="d", title="d", widgets=[untitled]), filled.lake, HOUR)
    assert sheet.cells[0].title == "errors"


def test_a_widget_without_data_says_what_is_missing(filled):
    filled.put([1.0] * 60, service="a")
    assert content(filled, ERRORS | {"metric": "nothing"}) == Gap("no data", "shop/nothing is not in the lake")
    assert content(filled, ERRORS | {"statistic": "p99"}).detail == "shop/errors is in the lake as Sum only, not as p99"
    assert "with these dimensions" in content(filled, ERRORS | {"dimensions": {"host": "x"}}).detail


def test_every_kind_of_widget_has_its_cell_in_its_place(filled):
    dashboard = Dashboard(id="d", title="All", widgets=[
        {"type": "text", "markdown": "# Hi", "x": 0, "y": 0, "width": 24, "height": 2},
        {"type": "log", "title": "Logs", "cloudwatch": {"log_groups": "g", "query": "fields @message"}},
        {"type": "alarm", "title": "A", "cloudwatch": {"alarms": "arn:aws:cloudwatch:eu-west-1:1:alarm:High"}},
        {"type": "raw", "title": "R", "clouds": "datadog", "datadog": {"definition": {"type": "hostmap"}}},
        {"type": "group", "title": "G", "x": 0, "y": 20, "widgets": [
            {"type": "text", "markdown": "in", "x": 0, "y": 0}, {"type": "text", "markdown": "beside"}]}])
    sheet, values = sheet_of(dashboard, filled.lake, HOUR)
    assert [(one.x, one.y, one.width, one.height, one.content, one.title) for one in sheet.cells] == [
        (0, 0, 24, 2, Prose("# Hi"), ""),
        (0, 2, 6, 6, Gap("logs are not in the lake", "fields @message"), "Logs"),
        (6, 2, 6, 6, Gap("the state of alarms is shown in the cloud", "High"), "A"),
        (12, 2, 6, 6, Gap("drawn by Datadog alone: hostmap"), "R"),
        (0, 20, 24, 1, Prose(""), "G"), (0, 21, 6, 6, Prose("in"), ""), (6, 21, 6, 6, Prose("beside"), "")]
    assert sheet.cells[3].subtitle == "Datadog only"
    assert values == ()


def test_the_newest_values_are_told_in_words(filled):
    filled.put([1.0] * 60, service="a")
    filled.put([1200.0] * 60, service="b")
    dashboard = Dashboard(id="d", title="d", widgets=[widget(ERRORS | {"dimensions": {"service": "*"}})])
    drawn = draw_dashboard(dashboard, filled.lake, now=NOW, width=400)
    assert drawn.values == ("Errors: a 1, b 1.2k",)
    assert drawn.picture.startswith(b"\x89PNG")
    assert drawn.window == Window(NOW - timedelta(hours=3), NOW)


def test_five_hundred_series_are_quick_and_few_of_them_are_drawn(filled):
    filled.many([([float(at)] * 60, {"host": f"host-{at:03}"}) for at in range(500)])
    line = ERRORS | {"dimensions": {"host": "*"}}
    views = ["line", "area", "table", "bar", "pie", "number"]
    dashboard = Dashboard(id="d", title="d", widgets=[widget(line, view=view) for view in views])
    started = time.process_time()
    sheet, _ = sheet_of(dashboard, filled.lake, HOUR)
    draw_dashboard(dashboard, filled.lake, now=NOW)
    assert time.process_time() - started < 8
    lines, areas = sheet.cells[0].content, sheet.cells[1].content
    assert isinstance(lines, Chart)
    assert isinstance(areas, Chart)
    assert (len(lines.curves), lines.more, lines.curves[-1].name) == (60, 440, "host-499")
    assert (len(areas.curves), areas.curves[-1].name) == (21, "480 more")
    assert areas.curves[-1].values[0] == sum(range(480))
