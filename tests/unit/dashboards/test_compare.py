"""What differs between two bodies, for a person."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from watchbill.dashboards.compare import LINES, difference, without_defaults


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
    assert without_defaults(theirs) == without_defaults(ours) == ours


CASES = Path(os.environ.get("WATCHBILL_CASES", "../shared"))


@pytest.mark.cases
def test_what_was_sent_and_what_came_back_are_equal_in_every_recorded_round_trip() -> None:
    if not CASES.is_dir():
        pytest.skip(f"no cases at {CASES}")
    count = 0
    for path in sorted((CASES / "data" / "datadog-recorded").glob("*.json")):
        for call in json.loads(path.read_text())["interactions"]:
            body = call["request_body"]
            if call["path"] == "/api/v1/dashboard" and call["method"] == "POST" and call["status"] == 200:
                sent, answered = without_defaults(body), without_defaults(call["response_body"])
                assert difference(answered, sent) == [], path.name
                count += 1
    assert count
