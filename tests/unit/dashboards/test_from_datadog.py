"""A dashboard of Datadog as our model: what its words become, and that nothing of it is lost."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchbill.dashboards import from_datadog
from watchbill.dashboards.compare import normalise
from watchbill.dashboards.ownership import unmarked
from watchbill.dashboards.reading import Origin, Unsaid
from watchbill.dashboards.to_datadog import to_datadog
from watchbill.dashboards.validate import check_body
from watchbill.flows.convert_dashboard import convert_dashboard
from watchbill.model.dashboards import GroupWidget, LogWidget, MetricWidget, RawWidget, TextWidget, Variable
from watchbill.model.failures import DashboardError


def board(*widgets: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"title": "Shop", "layout_type": "ordered", "reflow_type": "fixed", "widgets": list(widgets), **more}


def placed(definition: dict[str, Any], x: int = 0, y: int = 0, width: int = 4, height: int = 2) -> dict[str, Any]:
    return {"definition": definition, "layout": {"x": x, "y": y, "width": width, "height": height}}


def read(definition: dict[str, Any], **more: Any) -> tuple[Any, Origin]:
    found = from_datadog.read(board(placed(definition), **more), "shop")
    return found.dashboard.widgets[0], found.origins["widgets.0"]


def lines(widget: MetricWidget) -> list[dict[str, Any]]:
    return [line.model_dump(exclude_defaults=True) for line in widget.metrics]


def timeseries(*queries: str, **more: Any) -> dict[str, Any]:
    return {"type": "timeseries", "requests": [{"q": query} for query in queries], **more}


def same(body: dict[str, Any]) -> bool:
    def compared(given: dict[str, Any]) -> dict[str, Any]:
        normal = normalise("datadog", given)
        return normal | {"description": unmarked(normal.get("description", ""))}

    return compared(to_datadog(from_datadog.read(body, "shop").dashboard)) == compared(body)


def test_an_older_query_is_a_line_with_its_words():
    widget, origin = read(timeseries("sum:shop.errors{env:prod,!host:a,$region} by {host}.as_count().rollup(sum, 60)"),
                          template_variables=[{"name": "region", "prefix": "region", "default": "*"}])
    assert isinstance(widget, MetricWidget)
    assert (widget.period, widget.view) == (timedelta(minutes=1), "line")
    assert lines(widget) == [{
        "namespace": "shop", "metric": "errors", "statistic": "Sum", "aggregate_across": "sum",
        "dimensions": {"env": "prod", "host": ("*", "!a"), "region": "$region"},
        "datadog": "sum:shop.errors{env:prod,!host:a,$region} by {host}.as_count().rollup(sum, 60)",
    }]
    assert origin == Origin("timeseries", "metric")


def test_a_formula_computes_with_invisible_lines():
    widget, _ = read({"type": "query_value", "requests": [{
        "response_format": "scalar",
        "queries": [
            {"data_source": "metrics", "name": "a", "query": "sum:shop.errors{*}.as_count()", "aggregator": "sum"},
            {"data_source": "metrics", "name": "b", "query": "sum:shop.requests{*}.as_count()", "aggregator": "sum"}],
        "formulas": [{"formula": "a / b * 100", "alias": "Failed"}]}]})
    errors = {"namespace": "shop", "metric": "errors", "statistic": "Sum", "aggregate_across": "sum",
              "datadog": "sum:shop.errors{*}.as_count()"}
    assert (widget.view, widget.aggregate) == ("number", "sum")
    assert lines(widget) == [
        {"id": "m1", **errors, "visible": False},
        {"id": "m2", **errors, "metric": "requests", "datadog": "sum:shop.requests{*}.as_count()", "visible": False},
        {"expression": "m1 / m2 * 100", "label": "Failed",
         "datadog": "sum:shop.errors{*}.as_count() / sum:shop.requests{*}.as_count() * 100"},
    ]


def test_metrics_of_aws_lead_back_to_their_own_names():
    widget, origin = read(timeseries("max:aws.ec2.cpuutilization.maximum{$env} by {host}"),
                          template_variables=[{"name": "env", "prefix": "env", "default": "*"}])
    assert lines(widget) == [{
        "namespace": "AWS/EC2", "metric": "CPUUtilization", "statistic": "Maximum",
        "dimensions": {"InstanceId": "*"}, "datadog": "max:aws.ec2.cpuutilization.maximum{$env} by {host}"}]
    assert origin.unsaid == (Unsaid("lossy", "does not follow $env: AWS/EC2 has no dimension env"),)


def test_the_largest_lines_are_a_sort_and_a_limit():
    widget, _ = read({"type": "toplist", "requests": [{"q": "top(avg:shop.load{*} by {host}, 5, 'max', 'desc')"}]})
    assert (widget.view, widget.sort, widget.limit, widget.aggregate) == ("bar", "desc", 5, "max")


def test_a_line_that_only_datadog_can_compute_says_why():
    _, origin = read(timeseries("avg:shop.load{*}", "week_before(avg:shop.sold{*})"))
    assert origin.broken == {1: "week_before() is Datadog's own"}


def test_a_line_that_only_datadog_can_compute_is_spared_where_its_metric_is_shown_beside_it():
    widget, origin = read(timeseries("avg:shop.load{*}", "week_before(avg:shop.load{*})"))
    assert [(line.metric, line.clouds) for line in widget.metrics] == [("load", ()), ("", ("datadog",))]
    assert origin.broken == {}
    assert origin.unsaid == (Unsaid(
        "lossy", "leaves out week_before(avg:shop.load{*}): week_before() is Datadog's own"),)


def test_levels_axes_and_spans_are_ours():
    widget, _ = read(timeseries(
        "avg:shop.load{*}", time={"live_span": "4h"}, yaxis={"min": "0", "max": "100", "label": "%"},
        markers=[{"value": "y = 80", "display_type": "warning dashed", "label": " high "},
                 {"value": "90 < y < 100", "display_type": "error bold"}]))
    assert widget.start == timedelta(hours=4)
    assert [mark.model_dump(exclude_defaults=True) for mark in widget.thresholds] == [
        {"value": 80.0, "label": "high"}, {"value": 90.0, "to": 100.0, "severity": "error"}]
    assert (widget.axis.left.min, widget.axis.left.max, widget.axis.left.label) == (0, 100, "%")


def test_what_a_reader_would_miss_is_told():
    _, origin = read(timeseries("avg:shop.load{*}", custom_links=[{"label": "a", "link": "b"}], title_size="13",
                                events=[{"q": "deploy"}]))
    assert origin.unsaid == (Unsaid("lossy", "leaves out the events laid over it"),
                             Unsaid("style", "leaves out its links"))


def test_logs_are_a_question():
    widget, origin = read({"type": "toplist", "requests": [{
        "response_format": "scalar", "formulas": [{"formula": "query1", "limit": {"count": 5, "order": "desc"}}],
        "queries": [{"data_source": "logs", "name": "query1", "search": {"query": "service:shop"}, "indexes": ["*"],
                     "compute": {"aggregation": "count"},
                     "group_by": [{"facet": "@path", "limit": 5, "sort": {"aggregation": "count", "order": "desc"}}]}],
    }]})
    assert isinstance(widget, LogWidget)
    assert widget.datadog is not None
    assert widget.datadog.model_dump(exclude_defaults=True) == {
        "query": "service:shop", "view": "bar", "compute": ({},), "group_by": ({"facet": "@path", "limit": 5},)}
    assert origin == Origin("toplist", "log")


def test_groups_hold_widgets_and_notes_are_texts():
    body = board(placed({"type": "group", "layout_type": "ordered", "title": "All", "background_color": "blue",
                         "widgets": [placed({"type": "note", "content": "# Hello", "font_size": "18"}, width=6)]},
                        width=12, height=4))
    found = from_datadog.read(body, "shop")
    group = found.dashboard.widgets[0]
    assert isinstance(group, GroupWidget)
    assert isinstance(group.widgets[0], TextWidget)
    assert group.widgets[0].markdown == "# Hello"
    assert found.origins == {"widgets.0": Origin("group", "other"), "widgets.0.widgets.0": Origin("note", "text")}
    assert same(body)


def test_a_widget_of_a_kind_that_is_datadogs_own_is_carried():
    body = board(placed({"type": "image", "url": "https://example.com/a.png", "sizing": "cover"}))
    widget = from_datadog.read(body, "shop").dashboard.widgets[0]
    assert isinstance(widget, RawWidget)
    assert widget.datadog == {"definition": body["widgets"][0]["definition"]}
    assert same(body)


def test_variables_are_read_and_those_without_a_tag_have_no_dimension():
    found = from_datadog.read(board(template_variables=[
        {"name": "env", "prefix": "env", "defaults": ["prod"], "available_values": ["prod", "test"]},
        {"name": "scope", "prefix": "*", "default": "*"}]), "shop")
    assert found.dashboard.variables == (
        Variable(name="env", dimension="env", default=("prod",), values=("prod", "test")), Variable(name="scope"))


@pytest.mark.parametrize("body", [
    board(),
    board(description="Of the shop.  \n", tags=["team:shop"], notify_list=["a@example.com"]),
    board(description="long " * 500, title="t" * 300),
    board({"definition": {"type": "note", "content": "a"}}, {"definition": {"type": "note", "content": "b"}}),
    board(placed({"type": "note", "content": "a"}), placed({"type": "note", "content": "b"}, y=1)),
    board(placed({"type": "note", "content": "a"}, x=100, width=60), layout_type="free", reflow_type=None),
    board(placed({"type": "note", "content": "a"}, x=-1, width=14)),
    board(placed({"type": "nobody knows"}), {"definition": {"type": "timeseries", "requests": []}}),
])
def test_every_body_is_the_same_after_it_was_read(body: dict[str, Any]):
    assert same(body)


@pytest.mark.parametrize("body", [
    {"widgets": [], "start": "-PT1H"}, {"layout_type": "ordered", "widgets": {}}, board("text"), board({"id": 1})])
def test_what_is_no_dashboard_is_refused(body: dict[str, Any]):
    with pytest.raises(DashboardError, match="no dashboard of Datadog"):
        from_datadog.read(body, "shop")


@pytest.mark.parametrize("formulas", [[None], 7, "a", {"formula": "a"}])
def test_formulas_that_are_none_are_carried_as_they_are(formulas: Any):
    for queries in ([], [{"name": "a", "data_source": "metrics", "query": "avg:a.b{*}"}],
                    [{"name": ["a"], "data_source": "logs"}]):
        widget, _ = read({"type": "timeseries", "requests": [{"formulas": formulas, "queries": queries}]})
        assert isinstance(widget, RawWidget)


def test_what_the_api_asks_for_stays_though_it_is_empty():
    stream = {"type": "list_stream", "requests": [{"columns": [], "response_format": "event_list", "query": {
        "data_source": "logs_stream", "query_string": "", "indexes": []}}], "title": None}
    [widget] = to_datadog(from_datadog.read(board(placed(stream)), "shop").dashboard)["widgets"]
    assert widget["definition"] == {key: part for key, part in stream.items() if key != "title"}


_json = st.recursive(st.none() | st.booleans() | st.integers(-5, 300) | st.text("ab$*:{}1 ", max_size=6),
                     lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
                         st.sampled_from(["q", "queries", "formula", "formulas", "query", "search", "compute", "title",
                                          "limit", "style", "count", "group_by", "data_source", "facet"]),
                         inner, max_size=3), max_leaves=8)
_queries = st.sampled_from([
    "avg:a.b{*}", "sum:a.b{$x,!c:d} by {c}.as_count()", "top(a.b{*} by {c}, 3, 'last', 'asc')", "a.b{e:f*}/2",
    "p99:a.b{c:$x.value}", "week_before(avg:a.b{*}), avg:aws.ec2.cpuutilization{host:i} by {host}.rollup(max, 90)",
    "100 * (avg:a.b{*} - avg:a.c{*})", "cumsum(default_zero(avg:a.b{d:e OR d:f}))", "no query", "max:alone{*}"])
_requests = st.fixed_dictionaries({"q": _queries}, optional={
    "display_type": st.sampled_from(["line", "area", "bars"]), "style": _json, "metadata": _json.filter(
        lambda value: value is None), "on_right_yaxis": st.booleans()})
_definitions = st.fixed_dictionaries(
    {"type": st.sampled_from(["timeseries", "toplist", "query_value", "note", "heatmap", "hostmap", "list_stream"]),
     "requests": st.lists(_requests, max_size=3) | st.lists(_json, max_size=2) | _json},
    optional={"title": st.text(max_size=5), "markers": st.lists(_json, max_size=2), "yaxis": _json, "time": _json,
              "content": st.text(max_size=5), "custom_links": _json})
_layouts = st.fixed_dictionaries({name: st.integers(0, 14) for name in ("x", "y", "width", "height")})


@settings(max_examples=100, deadline=None)
@given(st.lists(st.fixed_dictionaries({"definition": _definitions}, optional={"layout": _layouts}), max_size=3))
def test_any_body_is_converted_into_one_that_cloudwatch_takes(widgets: list[dict[str, Any]]):
    made = convert_dashboard(board(*widgets, template_variables=[{"name": "x", "prefix": "c", "default": "*"}]),
                             "cloudwatch", "shop")
    assert [one for one in check_body("cloudwatch", made.body) if one.severity == "error"] == []


@settings(max_examples=150, deadline=None)
@given(st.lists(st.fixed_dictionaries({"definition": _definitions}, optional={"layout": _layouts}), max_size=4),
       st.sampled_from(["ordered", "free"]))
def test_any_body_is_the_same_after_it_was_read(widgets: list[dict[str, Any]], layout_type: str):
    assert same(board(*widgets, layout_type=layout_type,
                      template_variables=[{"name": "x", "prefix": "c", "default": "*"}]))
