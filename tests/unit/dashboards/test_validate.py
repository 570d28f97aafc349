"""What is said before any call is made."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.dashboards.made import one, one_metric, shop
from watchbill.dashboards.grid import Place, arranged, coarse, overlapping
from watchbill.dashboards.to_datadog import to_datadog
from watchbill.dashboards.validate import validate
from watchbill.dashboards.validate.shapes import Problem
from watchbill.model.dashboards import Dashboard, TextWidget


def _text(x: int, y: int, width: int, height: int = 2) -> dict[str, Any]:
    return {"type": "text", "markdown": "-", "x": x, "y": y, "width": width, "height": height}


def _paths(dashboard: Dashboard, severity: str = "error") -> list[str]:
    return [each.field for each in validate(dashboard) if each.severity == severity]


def test_a_good_dashboard_has_no_findings() -> None:
    assert validate(shop()) == []


def test_widgets_that_lie_over_each_other_are_found_once() -> None:
    made = shop(widgets=[_text(0, 0, 12), _text(6, 1, 12), _text(0, 3, 12)])
    assert validate(made) == [Problem(("widgets", 1), "lies over widgets[0]", "move one of them", "warning")]


def test_widgets_too_narrow_for_datadog_are_found() -> None:
    made = shop(widgets=[_text(0, 0, 1), _text(1, 0, 1)])
    assert validate(made) == [
        Problem(("widgets", 1), "lies over widgets[0] on Datadog's 12 columns",
                "begin at an even column, and make both 2 wide at least", "warning")
    ]
    assert validate(made, "cloudwatch") == []


def test_a_log_widget_for_one_cloud_is_a_warning_for_the_other() -> None:
    made = one({"type": "log", "cloudwatch": {"log_groups": "/shop", "query": "fields @message"}})
    assert [str(each) for each in validate(made)] == [
        "widgets.0: is not shown in Datadog (write `datadog:` too, or `clouds: cloudwatch`)"
    ]
    assert _paths(made, "warning") == ["widgets.0"]
    assert validate(made, "cloudwatch") == []


def test_a_dashboard_for_one_cloud_says_nothing_of_the_other() -> None:
    made = one({"type": "log", "datadog": {"query": "status:error"}}, clouds="datadog")
    assert validate(made) == []
    assert validate(made, "cloudwatch") == []


def test_a_statistic_that_datadog_does_not_keep_needs_a_query_of_its_own() -> None:
    metric = {"namespace": "AWS/EC2", "metric": "NetworkIn", "statistic": "p100"}
    assert _paths(one_metric(metric)) == ["widgets.0.metrics.0"]
    assert _paths(one_metric(metric | {"datadog": "sum:x{*}"})) == []


def test_the_name_of_an_agents_metric_is_a_warning() -> None:
    assert _paths(one_metric({"namespace": "CWAgent", "metric": "cpu_usage_active"}), "warning") == [
        "widgets.0.metrics.0"]


def test_a_number_shows_one_line_in_datadog() -> None:
    metric = {"namespace": "shop", "metric": "errors"}
    many = one_metric(metric | {"dimensions": {"service": "*"}}, view="number")
    assert validate(one_metric(metric, view="number")) == []
    assert _paths(many, "warning") == ["widgets.0.view"]
    assert _paths(one({"type": "metric", "view": "number", "metrics": [metric, metric]}), "warning") == [
        "widgets.0.view"]
    assert to_datadog(many)["widgets"][0]["definition"]["type"] == "query_table"


def test_cloudwatch_cannot_search_for_quotes() -> None:
    metric = {"namespace": "shop", "metric": "er'rors"}
    assert _paths(one_metric(metric)) == []
    assert _paths(one_metric(metric | {"dimensions": {"service": "*"}})) == ["widgets.0.metrics.0"]


def test_more_metrics_than_a_cloudwatch_dashboard_takes_are_found() -> None:
    metrics = [{"namespace": "shop", "metric": "errors"}] * 500
    widgets = [{"type": "metric", "x": 0, "y": 6 * at, "width": 6, "metrics": metrics} for at in range(6)]
    assert _paths(shop(widgets=widgets)) == ["widgets"]


_CELLS = st.tuples(st.integers(0, 23), st.integers(0, 5), st.integers(2, 24), st.integers(1, 4))


@given(st.lists(_CELLS, max_size=6))
def test_widgets_at_even_columns_never_come_to_overlap_on_the_coarse_grid(
    cells: list[tuple[int, int, int, int]]
) -> None:
    widgets = [TextWidget.model_validate(_text(x // 2 * 2, y, min(width, 24 - x // 2 * 2), height))
               for x, y, width, height in cells]
    places = arranged(widgets)
    assert set(overlapping([coarse(each) for each in places])) <= set(overlapping(places))


@given(st.integers(0, 23), st.integers(1, 24))
def test_a_widget_stays_inside_the_coarse_grid(x: int, width: int) -> None:
    place = coarse(Place(x, 0, min(width, 24 - x), 2))
    assert place.x >= 0
    assert place.width >= 1
    assert place.x + place.width <= 12


def test_neighbours_of_odd_width_stay_neighbours() -> None:
    left, right = (coarse(Place(x, 0, width, 2)) for x, width in ((0, 9), (9, 15)))
    assert (left, right) == (Place(0, 0, 4, 2), Place(4, 0, 8, 2))
