"""A dashboard for the tests of dashboards, here and against the sandbox, and every other one that can be declared."""

from typing import Any

from hypothesis import strategies as st

from watchbill.model.dashboards import Dashboard

SHOP: dict[str, Any] = {
    "id": "shop",
    "title": "The shop",
    "description": "How checkout does",
    "widgets": [
        {"type": "text", "title": "Checkout", "x": 0, "y": 0, "width": 24, "height": 2, "markdown": "See *runbook*."},
        {
            "type": "metric", "title": "Errors", "x": 0, "y": 2, "width": 12, "period": "1m",
            "metrics": [
                {"namespace": "shop", "metric": "errors", "dimensions": {"service": "checkout"}, "statistic": "Sum",
                 "label": "checkout"},
                {"namespace": "shop", "metric": "errors", "dimensions": {"service": "*"}, "statistic": "Sum"},
            ],
            "thresholds": [{"value": 50, "label": "page", "severity": "critical"}],
        },
        {
            "type": "metric", "title": "CPU", "x": 12, "y": 2, "width": 12, "view": "area", "region": "us-east-1",
            "metrics": [{"namespace": "AWS/EC2", "metric": "CPUUtilization", "dimensions": {"InstanceId": "i-1"},
                         "statistic": "Maximum"}],
        },
        {
            "type": "metric", "x": 0, "y": 8, "width": 5, "view": "number",
            "metrics": [{"namespace": "CWAgent", "metric": "cpu_usage_active", "dimensions": {"host": "web-1"},
                         "datadog": "avg:system.cpu.user{host:web-1}"}],
        },
        {
            "type": "metric", "x": 5, "y": 8, "width": 7, "view": "bar",
            "metrics": [{"namespace": "shop", "metric": "latency", "dimensions": {"service": "*"},
                         "statistic": "p99"}],
        },
        {
            "type": "log", "title": "Failures", "x": 12, "y": 8, "width": 12,
            "cloudwatch": {"log_groups": ["/shop/checkout", "/shop/search"],
                           "query": "filter level = 'ERROR' | sort @timestamp desc"},
            "datadog": {"query": "service:checkout status:error", "indexes": ["main"]},
        },
    ],
}


def shop(**changes: Any) -> Dashboard:
    return Dashboard.model_validate(SHOP | changes)


def one(widget: dict[str, Any], **changes: Any) -> Dashboard:
    """A dashboard of one widget."""
    return shop(widgets=[{"x": 0, "y": 0, "width": 6} | widget], **changes)


def one_metric(metric: dict[str, Any], **changes: Any) -> Dashboard:
    return one({"type": "metric", "metrics": [metric]} | changes)


# Without what has a meaning of its own in a value or a row (what stands above), or none in a SEARCH.
_WORDS = st.text(st.characters(categories=("L", "N", "P", "S", "Zs"), exclude_characters="'\"{}!*$"),
                 min_size=1, max_size=20).filter(lambda word: word not in (".", "..."))
_METRICS = st.builds(
    lambda namespace, metric, dimensions, statistic: {
        "namespace": namespace, "metric": metric, "dimensions": dimensions, "statistic": statistic},
    st.sampled_from(["AWS/EC2", "AWS/ECS", "AWS/ApplicationELB", "shop", "My App/Orders"]), _WORDS,
    st.dictionaries(_WORDS, st.one_of(_WORDS, st.just("*")), max_size=3),
    st.sampled_from(["Average", "Sum", "Minimum", "Maximum", "p50", "p99.9"]),
)
_KINDS = st.one_of(
    st.builds(lambda text: {"type": "text", "markdown": text}, _WORDS),
    st.builds(lambda text: {"type": "log", "datadog": {"query": text}}, _WORDS),
    st.builds(lambda text: {"type": "log", "cloudwatch": {"log_groups": "/shop", "query": text}}, _WORDS),
    st.builds(
        lambda metrics, view, levels: {"type": "metric", "metrics": metrics, "view": view}
        | ({"thresholds": levels} if view in ("line", "area") else {}),
        st.lists(_METRICS, min_size=1, max_size=3), st.sampled_from(["line", "area", "bar", "number"]),
        st.lists(st.builds(lambda value, label: {"value": value, "label": label},
                           st.floats(allow_nan=False, allow_infinity=False), _WORDS), max_size=2),
    ),
)


def _placed(kinds: list[dict[str, Any]], cells: list[tuple[int, int, int]]) -> Dashboard:
    """Widgets below each other, so that none lies over another."""
    places = [{"x": x, "width": min(width, 24 - x), "height": height} for x, width, height in cells]
    heights = [sum(place["height"] for place in places[:at]) for at in range(len(places))]
    return shop(widgets=[kind | place | {"y": y} for kind, place, y in zip(kinds, places, heights, strict=False)])


DASHBOARDS = st.builds(
    _placed, st.lists(_KINDS, max_size=5),
    st.lists(st.tuples(st.integers(0, 23), st.integers(1, 24), st.integers(1, 9)), min_size=5, max_size=5),
)
"""Any that the model takes and no two widgets of which overlap."""
