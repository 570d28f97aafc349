"""What differs between two bodies, for a person."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from watchbill.dashboards.compare import LINES, difference, digest, normalise


def test_equal_bodies_differ_in_nothing() -> None:
    assert difference({"a": [1, {"b": 2}]}, {"a": [1.0, {"b": 2}]}) == []


def test_every_difference_is_a_line_with_its_place() -> None:
    held = {"title": "A", "widgets": [{"period": 300, "x": 0}, {"x": 1}, {"x": 2}], "gone": True}
    wanted = {"title": "B", "widgets": [{"period": 60, "x": 0}, {"x": 1, "y": None}], "new": ["ü"]}
    assert difference(held, wanted) == [
        "- gone: true",
        '+ new: ["ü"]',
        'title: "A" -> "B"',
        "widgets[0].period: 300 -> 60",
        "+ widgets[1].y: null",
        '- widgets[2]: {"x": 2}',
    ]


def test_a_long_value_is_shortened_and_many_lines_are_counted() -> None:
    assert difference({}, {"a": "x" * 500}) == ['+ a: "' + "x" * 118 + "…"]
    many = difference({}, {str(at): at for at in range(LINES + 10)})
    assert len(many) == LINES + 1
    assert many[-1] == "and 10 more"


def test_what_the_server_and_its_editor_add_is_no_difference() -> None:
    ours: dict[str, Any] = {"title": "A", "layout_type": "ordered", "widgets": [
        {"definition": {"type": "note", "content": "x"}, "layout": {"x": 0, "y": 0, "width": 1, "height": 1}}]}
    theirs = {
        "id": "abc", "title": "A", "description": None, "author_handle": "a@b.c", "author_name": None, "url": "/x",
        "created_at": "2026", "modified_at": "2026", "is_read_only": False, "layout_type": "ordered",
        "template_variables": [], "notify_list": None, "restricted_roles": [],
        "widgets": [{"id": 1, "definition": {"type": "note", "content": "x", "title_size": "16", "title_align": "left"},
                     "layout": {"x": 0, "y": 0, "width": 1, "height": 1}}],
    }
    assert normalise("datadog", theirs) == normalise("datadog", ours) == ours


def test_a_group_s_widgets_lose_their_ids_and_what_an_editor_writes_is_left_out() -> None:
    inner = {"definition": {"type": "timeseries", "requests": [{"q": "avg:a{*}", "display_type": "bars"}]}}
    saved = {"id": 7, "definition": {"type": "timeseries", "yaxis": {"scale": "linear", "min": "auto", "label": ""},
             "requests": [{"q": "avg:a{*}", "display_type": "bars", "style": {"palette": "dog_classic"}}]}}
    body = {"title": "A", "widgets": [{"definition": {"type": "group", "id": "kept", "widgets": [inner]}}]}
    theirs = {"title": "A", "widgets": [{"id": 1, "definition": {"type": "group", "id": "kept", "widgets": [saved]}}]}
    assert normalise("datadog", theirs) == normalise("datadog", body) == body


def test_what_cloudwatch_s_console_writes_out_is_no_difference() -> None:
    ours: dict[str, Any] = {"widgets": [{"type": "metric", "x": 0, "y": 0, "properties": {
        "region": "eu-west-1", "metrics": [["AWS/EC2", "CPUUtilization", "InstanceId", "i-1", {"stat": "Sum"}],
                                           ["AWS/EC2", "NetworkIn", "InstanceId", "i-1"],
                                           ["AWS/EC2", "NetworkIn", "InstanceId", "i-2"], [{"expression": "m1*2"}],
                                           ["AWS/EC2", "NetworkIn", "InstanceId", "i-3"]]}}]}
    theirs = {"periodOverride": "auto", "variables": [], "widgets": [
        {"type": "metric", "x": 0, "y": 0, "width": 6, "height": 6.0, "properties": {
            "region": "eu-west-1", "view": "timeSeries", "stacked": False,
            "metrics": [["AWS/EC2", "CPUUtilization", "InstanceId", "i-1", {"stat": "Sum", "visible": True}],
                        [".", "NetworkIn", ".", "."], ["...", "i-2", {}], [{"expression": "m1*2"}],
                        ["...", "i-3"]]}}]}
    assert normalise("cloudwatch", theirs) == normalise("cloudwatch", ours) == ours
    assert digest(normalise("cloudwatch", theirs)) == digest(ours)


def test_what_is_no_body_of_theirs_stays_as_it_is() -> None:
    odd = {"widgets": ["text", {"type": "metric", "properties": {"metrics": ["x", ["...", 1], [[], None]]}}], "a": None}
    assert normalise("cloudwatch", odd) == odd


CASES = Path(__file__).parents[3] / os.environ.get("WATCHBILL_CASES", "../shared")


@pytest.mark.cases
def test_what_was_sent_and_what_came_back_are_equal_in_every_recorded_round_trip() -> None:
    count = 0
    for path in sorted((CASES / "data" / "datadog-recorded").glob("*.json")):
        for call in json.loads(path.read_text())["interactions"]:
            body = call["request_body"]
            if call["path"] == "/api/v1/dashboard" and call["method"] == "POST" and call["status"] == 200:
                sent, answered = normalise("datadog", body), normalise("datadog", call["response_body"])
                assert difference(answered, sent) == [], path.name
                count += 1
    if not count:
        pytest.skip(f"no recorded round trips in {CASES}/data/datadog-recorded")
