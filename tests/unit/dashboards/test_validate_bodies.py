"""Bodies as users and importers write them: what is checked is never trusted to have any shape."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchbill.dashboards.validate import check_body
from watchbill.model.clouds import Cloud

_WORDS = st.sampled_from([
    "type", "x", "y", "layout", "definition", "properties", "requests", "queries", "metrics", "name", "widgets",
    "group", "timeseries", "metric", "query_value", "expression", "id", "$a", "m1 / m2", "tags",
    "template_variables", "defaults", "annotations", "alarms", ""])
_JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-5, 700), st.floats(allow_nan=False), _WORDS),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(_WORDS, inner, max_size=5)), max_leaves=25)
_WIDGETS = st.lists(st.fixed_dictionaries({}, optional={
    "type": st.sampled_from(["metric", "text", "log", "alarm", "explorer", "custom", "chart"]) | _JSON,
    "properties": st.dictionaries(_WORDS, _JSON, max_size=6) | _JSON,
    "definition": st.dictionaries(_WORDS, _JSON, max_size=6).map(lambda held: {"type": "timeseries", **held}) | _JSON,
    "layout": _JSON, "x": _JSON, "y": _JSON, "width": _JSON, "height": _JSON,
}), max_size=4)
_BODIES = _JSON | st.builds(lambda more, widgets: {**more, "widgets": widgets},
                            st.dictionaries(_WORDS, _JSON, max_size=5), _WIDGETS)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(["cloudwatch", "datadog"]), _BODIES)
def test_no_body_is_too_odd_to_be_checked_and_every_problem_has_its_words(cloud: Cloud, body: Any) -> None:
    for problem in check_body(cloud, body):
        assert problem.problem
        assert problem.severity in ("error", "warning")


NOTE = {"definition": {"type": "note", "content": "hello"}}
BOARD = {"title": "Shop", "layout_type": "ordered", "widgets": [NOTE]}


@pytest.mark.parametrize(("changes", "told"), [
    ({}, []),
    ({"title": None}, ["title: should be text, not `null`"]),
    ({"widgets": [{**NOTE, "layout": {"x": 0, "y": 0, "width": 13, "height": 1}}]},
     ["widgets.0.layout.width: x 0 and width 13 reach past column 12 (make it 12 wide at most)"]),
    ({"reflow_type": "fixed"},
     ["widgets.0.layout: is missing: reflow_type fixed needs a place for every widget "
      "(add layout: {x, y, width, height})"]),
    ({"layout_type": "free"},
     ["widgets.0.layout: is missing: layout_type free needs a place for every widget "
      "(add layout: {x, y, width, height})"]),
    ({"tags": ["env:a"]}, ["tags.0: Invalid tag format. Valid tag keys are: team. (write team:name)"]),
    ({"widgets": [{"definition": {"type": "group", "layout_type": "ordered", "widgets": [
        {"definition": {"type": "group", "layout_type": "ordered", "widgets": []}}]}}]},
     ["widgets.0.definition.widgets.0.definition.type: a group cannot hold a group (move its widgets out)"]),
    ({"widgets": [{"definition": {"type": "timeseries", "requests": [
        {"style": {"palete": "cool"}, "q": "avg:x{*}"}]}}]},
     ["widgets.0.definition.requests.0.style.palete: unknown key (did you mean palette?)"]),
])
def test_datadogs_rules_are_told_with_their_place(changes: dict[str, Any], told: list[str]) -> None:
    assert [str(each) for each in check_body("datadog", BOARD | changes)] == told


def test_a_key_deep_inside_that_resembles_nothing_may_be_the_editors_and_only_warns() -> None:
    request = {"q": "avg:x{*}", "style": {"shimmer": True}}
    body = BOARD | {"widgets": [{"definition": {"type": "timeseries", "requests": [request]}}]}
    [found] = check_body("datadog", body)
    assert (found.severity, found.field) == ("warning", "widgets.0.definition.requests.0.style.shimmer")
