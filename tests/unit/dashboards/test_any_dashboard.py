"""Whatever can be declared is rendered, laid out and taken by both clouds, or it is told why not."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sandbox.cloudwatch.dashboard_body import validate as refused
from sandbox.datadog.dashboard_rules import check
from watchbill.dashboards.grid import arranged, coarse, overlapping
from watchbill.dashboards.lost import Lost
from watchbill.dashboards.to_cloudwatch import to_cloudwatch
from watchbill.dashboards.to_datadog import to_datadog
from watchbill.model.dashboards import Dashboard, GroupWidget, MetricWidget, walk

_VALUES = st.sampled_from(["checkout", "*", "web-*", "!test", "$service", "web-$service", "a(b)\\c"]) | st.lists(
    st.sampled_from(["a", "b", "!c"]), min_size=1, max_size=3, unique=True)
_METRIC = st.fixed_dictionaries(
    {"namespace": st.sampled_from(["shop", "AWS/EC2", "My App"]), "metric": st.sampled_from(["errors", "CPU Usage"])},
    optional={
        "dimensions": st.dictionaries(st.sampled_from(["service", "InstanceId", "The Host"]), _VALUES, max_size=3),
        "statistic": st.sampled_from(["Sum", "Average", "p99", "tm90", "SampleCount"]),
        "aggregate_across": st.sampled_from(["none", "avg", "sum", "min", "max", "count"]),
        "fill": st.sampled_from(["zero", "last", "linear", "none", 0, 7]),
        "rate": st.sampled_from(["second", "minute", "hour"]),
        "period": st.sampled_from(["1m", "1h"]),
        "label": st.sampled_from(["errors", "${PROP('Dim.service')}"]),
        "color": st.sampled_from(["red", "#123456", "#abc"]),
        "axis": st.sampled_from(["left", "right"]),
        "clouds": st.sampled_from(["cloudwatch", "datadog"]),
        "cloudwatch": st.just("SUM(METRICS())"),
        "datadog": st.just("avg:system.load.1{*}"),
    })
_EXPRESSIONS = st.sampled_from([
    "m0", "m0 + m1", "100 * m0 / (m1 - m0)", "abs(m0)", "sum(m0, m1)", "max(m0)", "max(m0, 5)", "fill(m0, 0)",
    "fill(m1, 3)", "m0 / period(m0)", "anomaly(m0)", "rate(m0) - diff(m1)", "m0 ** 2", "ln(m1)", "m0 % 2", "floor(m0)",
])


def _lines(metrics: list[dict[str, Any]], expressions: list[str]) -> list[dict[str, Any]]:
    return [one | {"id": f"m{at}"} for at, one in enumerate(metrics)] + [{"expression": one} for one in expressions]


_TIME = {"thresholds": st.lists(st.fixed_dictionaries(
    {"value": st.integers(0, 5)}, optional={"to": st.integers(6, 9), "fill": st.sampled_from(["above", "below"]),
                                            "axis": st.sampled_from(["left", "right"]), "color": st.just("#00ff00")}),
    max_size=2)}
_LOOKS = {"sort": st.sampled_from(["asc", "desc"]), "limit": st.integers(1, 20), "start": st.sampled_from(["1h", "3d"]),
          "aggregate": st.sampled_from(["last", "avg", "sum", "min", "max"]), "period": st.sampled_from(["1m", "5m"]),
          "legend": st.sampled_from(["right", "bottom", "hidden"])}


def _metric_widgets(views: list[str], more: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    lines = st.builds(_lines, st.lists(_METRIC, min_size=2, max_size=3), st.lists(_EXPRESSIONS, max_size=2))
    return st.fixed_dictionaries(
        {"type": st.just("metric"), "metrics": lines, "view": st.sampled_from(views)}, optional=_LOOKS | more)


_AXIS = {"axis": st.just({"left": {"min": 0, "max": 10}, "right": {"label": "x", "scale": "log"}})}
_MEMBERS = st.one_of(
    _metric_widgets(["line", "area"], _TIME | _AXIS),
    _metric_widgets(["bar", "table", "pie", "number"], {}),
    _metric_widgets(["gauge"], {}).map(lambda made: made | {"axis": {"left": {"min": 0, "max": 1}}}),
    st.just({"type": "text", "title": "For $service", "markdown": "Here"}),
    st.just({"type": "log", "cloudwatch": {"log_groups": "/a", "query": "stats count(*) by bin(1m)", "view": "line"}}),
    st.just({"type": "log", "datadog": {"query": "a", "view": "line", "compute": {}, "group_by": {"facet": "b"}}}),
    st.just({"type": "alarm", "datadog": {"monitors": 42}, "view": "graph"}),
)
_SIZES = st.fixed_dictionaries({}, optional={"width": st.integers(1, 24), "height": st.integers(1, 9)})
_WIDGETS = st.lists(st.builds(lambda one, size: one | size, st.one_of(
    _MEMBERS, st.builds(lambda title, inside: {"type": "group", "title": title, "widgets": inside},
                        st.sampled_from(["", "Group"]), st.lists(_MEMBERS, max_size=3))), _SIZES), max_size=5)
_DASHBOARDS = st.builds(lambda widgets: Dashboard.model_validate({
    "id": "any", "title": "Any", "widgets": widgets, "variables": [{"name": "service", "dimension": "service"}]}),
    _WIDGETS)


def _told(lost: Lost) -> bool:
    return any(not one.is_absent for one in lost.losses if one.kind == "impossible")


@given(_DASHBOARDS)
def test_both_clouds_take_it_or_it_is_told_why_not(made: Dashboard) -> None:
    in_cloudwatch, in_datadog = Lost(), Lost()
    cloudwatch, datadog = to_cloudwatch(made, "eu-west-1", in_cloudwatch), to_datadog(made, in_datadog)
    if not _told(in_cloudwatch):
        assert [one for one in refused(json.dumps(cloudwatch)) if one.severity == "error"] == []
    if not _told(in_datadog):
        check(datadog)
    for lost in (in_cloudwatch, in_datadog):
        assert all(one.reason for one in lost.losses)


@given(_DASHBOARDS)
def test_every_visible_line_is_shown_by_each_cloud_or_told(made: Dashboard) -> None:
    for cloud in ("cloudwatch", "datadog"):
        lost = Lost()
        _ = to_cloudwatch(made, "eu-west-1", lost) if cloud == "cloudwatch" else to_datadog(made, lost)
        for path, widget in walk(made):
            if isinstance(widget, MetricWidget):
                alone = made.model_copy(update={"widgets": (widget,)})
                body = to_cloudwatch(alone, "eu-west-1", Lost()) if cloud == "cloudwatch" else to_datadog(alone, Lost())
                missing = {one.path for one in lost.losses if one.kind == "impossible"}
                gone = {(*path, "metrics", at) for at in range(len(widget.metrics))
                        if any(one[:len(path) + 2] == (*path, "metrics", at) for one in missing)}
                lines = [at for at, line in enumerate(widget.metrics) if line in widget.lines(cloud)]
                shown = _count(body["widgets"], cloud)
                assert shown >= len(lines) - len(gone), (cloud, widget)


def _count(widgets: list[dict[str, Any]], cloud: str) -> int:
    if cloud == "cloudwatch":
        return sum(len(one["properties"]["metrics"]) for one in widgets)
    return sum(len(request["formulas"]) for one in widgets for request in one["definition"]["requests"])


@given(_DASHBOARDS)
def test_what_lays_itself_out_never_overlaps(made: Dashboard) -> None:
    for widgets, columns in [(made.widgets, 24)] + [
            (one.widgets, one.width) for one in made.widgets if isinstance(one, GroupWidget)]:
        places = arranged(widgets, columns)
        assert list(overlapping(places)) == []
        assert all(place.right <= columns for place in places)
        assert all(coarse(place).x >= 0 and coarse(place).right <= 12 for place in places)
