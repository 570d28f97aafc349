"""What a declaration of a dashboard may say."""

from typing import Any

import pytest
from pydantic import ValidationError

from tests.unit.dashboards.made import SHOP, one, one_metric, shop

METRIC = {"namespace": "shop", "metric": "errors"}


def test_a_dashboard_goes_to_both_clouds_unless_it_says_otherwise() -> None:
    assert shop().clouds == ("cloudwatch", "datadog")
    assert shop(clouds="datadog").clouds == ("datadog",)


def test_a_metric_widget_is_a_line_over_five_minutes() -> None:
    (widget,) = one_metric(METRIC).widgets
    assert (widget.view, widget.period_s, widget.height) == ("line", 300, 6)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"type": "metric", "metrics": []}, "write at least one"),
        ({"type": "metric", "metrics": [METRIC], "x": 20}, "reach past column 24: make it at most 4 wide"),
        ({"type": "metric", "metrics": [METRIC], "y": -1}, "greater than or equal to 0"),
        ({"type": "metric", "metrics": [METRIC], "period": "7s"}, "periods of 1s, 5s, 10s, 20s, 30s"),
        ({"type": "metric", "metrics": [METRIC | {"statistic": "Median"}]}, "'Median' is no statistic"),
        ({"type": "metric", "metrics": [METRIC], "view": "pie", "thresholds": [{"value": 1}]}, "no thresholds"),
        ({"type": "metric", "metrics": [METRIC], "thresholds": [{"value": float("nan")}]}, "finite number"),
        ({"type": "metric", "metrics": [METRIC], "colour": "red"}, "Extra inputs are not permitted"),
        ({"type": "log"}, "write `cloudwatch:` (log_groups, query), `datadog:` (query, indexes) or both"),
        ({"type": "log", "cloudwatch": {"log_groups": "a' | x", "query": "y"}}, "should match pattern"),
        ({"type": "text"}, "Field required"),
        ({"type": "text", "markdown": "-", "y": None}, "`y` is missing: write x and y, or neither"),
        ({"type": "text", "markdown": "-", "start": "1h"}, "`start` is of widgets that show a time"),
        ({"type": "metric", "metrics": [METRIC], "view": "gauge"}, "a gauge reaches from left.min to left.max"),
        ({"type": "metric", "metrics": [METRIC], "view": "bar", "annotations": [{"at": "2026-11-23T12:00:00Z"}]},
         "view bar has no time"),
        ({"type": "metric", "metrics": [METRIC], "annotations": [{"at": "2026-11-23T12:00:00"}]}, "timezone"),
        ({"type": "metric", "metrics": [METRIC], "thresholds": [{"value": 2, "to": 1}]}, "`to` 1 is not above"),
        ({"type": "metric", "metrics": [METRIC], "axis": {"left": {"min": 1, "max": 1}}}, "`max` 1 is not above"),
        ({"type": "metric", "metrics": [METRIC | {"visible": False}]}, "all invisible"),
        ({"type": "metric", "metrics": [METRIC | {"color": "reddish"}]}, "is no color; write blue, orange"),
        ({"type": "metric", "metrics": [METRIC | {"id": "A"}]}, "'A' is no id"),
        ({"type": "metric", "metrics": [{"namespace": "shop"}]}, "`metric` is missing: a metric has both"),
        ({"type": "metric", "metrics": [{"label": "x"}]}, "write a `namespace` and a `metric`, or an `expression`"),
        ({"type": "metric", "metrics": [METRIC | {"expression": "a"}]}, "give the metric a line and an `id`"),
        ({"type": "metric", "metrics": [{"expression": "a +"}]}, "`expression` is no arithmetic"),
        ({"type": "metric", "metrics": [{"expression": "top(a)"}]}, "knows no function top; there are abs"),
        ({"type": "metric", "metrics": [METRIC | {"id": "a"}, METRIC | {"id": "a"}]}, "`id` a is the 1. line's"),
        ({"type": "metric", "metrics": [METRIC, {"expression": "a * 2"}]}, "names a, but no line has that `id`"),
        ({"type": "metric", "metrics": [{"expression": "b", "id": "a"}, {"expression": "a", "id": "b"}]},
         "`expression` computes with itself"),
        ({"type": "alarm"}, "write `cloudwatch:` (alarms), `datadog:` (monitors) or both"),
        ({"type": "alarm", "datadog": {"monitors": "a"}, "view": "graph"}, "shows one monitor: name its id"),
        ({"type": "raw", "datadog": {"type": "note"}}, "`datadog` needs a `definition`"),
        ({"type": "group", "widgets": [{"type": "group"}]}, "does not match any of the expected tags"),
        ({"type": "pie"}, "does not match any of the expected tags"),
    ],
)
def test_what_no_cloud_could_show_is_refused(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError) as caught:
        one(wrong)
    assert said in str(caught.value)


@pytest.mark.parametrize("wrong", [{"id": "my shop"}, {"id": ""}, {"title": ""}, {"clouds": []}, {"name": "x"}])
def test_a_dashboard_has_a_plain_id_a_title_and_a_cloud(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        type(shop()).model_validate(SHOP | wrong)
