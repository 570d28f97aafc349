"""What differs between two bodies, by widget and field."""

from copy import deepcopy
from typing import Any

from hypothesis import given, settings

from tests.unit.dashboards.made import DASHBOARDS, shop
from watchbill.dashboards.compare import normalise
from watchbill.dashboards.live.differences import differences
from watchbill.dashboards.to_cloudwatch import to_cloudwatch
from watchbill.dashboards.to_datadog import to_datadog
from watchbill.model.dashboards import Dashboard
from watchbill.model.failures import DashboardError


def _cloudwatch() -> dict[str, Any]:
    return normalise("cloudwatch", to_cloudwatch(shop(), "eu-west-1"))


def _datadog() -> dict[str, Any]:
    return normalise("datadog", to_datadog(shop()))


def _said(cloud: Any, held: dict[str, Any], wanted: dict[str, Any]) -> list[str]:
    return [str(each) for each in differences(cloud, held, wanted)]


def test_a_field_is_named_with_its_widget() -> None:
    held, wanted = _cloudwatch(), _cloudwatch()
    held["widgets"][1]["properties"]["period"] = 300
    assert _said("cloudwatch", held, wanted) == ['~ "Errors" (metric): period: 300 -> 60']
    (found,) = differences("cloudwatch", held, wanted)
    assert found.to_json() == {"kind": "changed", "widget": '"Errors" (metric)', "field": "period", "before": 300,
                               "after": 60}


def test_a_widget_that_moved_is_the_same_widget() -> None:
    held, wanted = _datadog(), _datadog()
    wanted["widgets"] = [wanted["widgets"][at] for at in (0, 2, 1, 3, 4, 5)]
    wanted["widgets"][1] = deepcopy(wanted["widgets"][1])
    wanted["widgets"][1]["layout"]["x"] = 3
    assert _said("datadog", held, wanted) == [
        '~ "CPU" (timeseries): place: x 6, y 2, width 6, height 6 -> x 3, y 2, width 6, height 6',
        "~ order of widgets: [1, 2, 3, 4, 5, 6] -> [1, 3, 2, 4, 5, 6]",
    ]


def test_widgets_that_come_and_go_are_named() -> None:
    held, wanted = _datadog(), _datadog()
    del held["widgets"][2]
    held["widgets"].append({"definition": {"type": "note", "content": "# By hand\nmore"}, "layout": {"x": 0, "y": 99}})
    assert _said("datadog", held, wanted) == ['+ "CPU" (timeseries)', '- "By hand" (note)']


def test_what_belongs_to_the_dashboard_stands_alone() -> None:
    held, wanted = _datadog(), _datadog()
    held["title"], held["notify_list"] = "Old", ["a@b.c"]
    assert _said("datadog", held, wanted) == ['- notify_list: ["a@b.c"]', '~ title: "Old" -> "The shop"']


def test_a_renamed_widget_is_known_by_what_it_shows_or_where_it_lies() -> None:
    held, wanted = _datadog(), _datadog()
    held["widgets"][1]["definition"]["title"] = "Faults"
    assert _said("datadog", held, wanted) == ['~ "Errors" (timeseries): title: "Faults" -> "Errors"']


def test_a_widget_in_a_group_is_named_with_the_group() -> None:
    inner = {"definition": {"type": "note", "content": "a"}}
    group = {"definition": {"type": "group", "title": "Rows", "widgets": [inner]}}
    other = {"definition": {"type": "group", "title": "Rows", "widgets": [
        {"definition": {"type": "note", "content": "a", "font_size": "18"}}]}}
    assert _said("datadog", {"widgets": [group]}, {"widgets": [other]}) == [
        '+ "Rows" (group) › "a" (note): font_size: "18"']


def test_a_metric_is_read_as_a_whole() -> None:
    held, wanted = _cloudwatch(), _cloudwatch()
    held["widgets"][2]["properties"]["metrics"][0][3] = "i-2"
    (said,) = _said("cloudwatch", held, wanted)
    assert said.startswith('~ "CPU" (metric): metrics[0]: ["AWS/EC2", "CPUUtilization", "InstanceId", "i-2"')


def test_what_is_no_widget_is_shown_as_it_is() -> None:
    assert _said("cloudwatch", {"widgets": ["x", 1]}, {"widgets": [{"type": "text"}]}) == [
        "+ widget 1 (text)", "- widget 1 (?)", "- widget 2 (?)"]


@given(DASHBOARDS, DASHBOARDS)
@settings(max_examples=60, deadline=None)
def test_two_bodies_that_differ_differ_in_something(one: Dashboard, other: Dashboard) -> None:
    for cloud, render in (("cloudwatch", lambda each: to_cloudwatch(each, "eu-west-1")), ("datadog", to_datadog)):
        try:
            held, wanted = (normalise(cloud, render(each)) for each in (one, other))  # type: ignore[arg-type]
        except DashboardError:
            continue
        assert bool(differences(cloud, held, wanted)) == (held != wanted)  # type: ignore[arg-type]
        assert differences(cloud, held, held) == []  # type: ignore[arg-type]
