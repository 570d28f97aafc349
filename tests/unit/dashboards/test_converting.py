"""What becomes of widgets on their way to the other cloud."""

from typing import Any

from watchbill.dashboards.convert.conversion import Converted, Report, totals
from watchbill.flows.convert_dashboard import Conversion, convert_dashboard


def placed(definition: dict[str, Any], row: int = 0) -> dict[str, Any]:
    return {"definition": definition, "layout": {"x": 0, "y": 2 * row, "width": 4, "height": 2}}


def converted(*definitions: dict[str, Any], **more: Any) -> Conversion:
    widgets = [placed(one, row) for row, one in enumerate(definitions)]
    return convert_dashboard({"title": "Shop", "layout_type": "ordered", "widgets": widgets, **more},
                             "cloudwatch", "shop")


def verdicts(found: Conversion) -> list[tuple[str, tuple[str, ...]]]:
    return [(one.verdict, one.lost) for one in found.report.widgets]


def timeseries(*queries: str) -> dict[str, Any]:
    return {"type": "timeseries", "requests": [{"q": query} for query in queries]}


def test_a_text_and_a_plain_metric_are_whole():
    found = converted({"type": "note", "content": "Hello"}, timeseries("avg:shop.load{env:prod}"))
    assert verdicts(found) == [("whole", ()), ("whole", ())]
    assert [one["type"] for one in found.body["widgets"]] == ["text", "metric"]


def test_nothing_says_that_a_sync_keeps_what_was_converted():
    """It would be pruned, once somebody has posted it by hand."""
    body = {"widgets": [{"type": "text", "x": 0, "y": 0, "width": 6, "height": 2, "properties": {"markdown": "Hi"}}]}
    declared = {"id": "shop", "title": "Shop", "description": "How it does", "widgets": [
        {"type": "text", "markdown": "Hi"}]}
    assert "description" not in convert_dashboard(body, "datadog", "shop").body
    assert convert_dashboard(declared, "datadog", "shop").body["description"] == "How it does"
    assert "watchbill" not in str(convert_dashboard(declared, "cloudwatch", "shop").body).lower()


def test_a_widget_with_a_line_that_only_datadog_can_say_is_impossible_and_left_out():
    found = converted(timeseries("avg:shop.load{*}", "week_before(avg:shop.sold{*})"))
    assert verdicts(found) == [("impossible", ("week_before() is Datadog's own",))]
    assert found.body["widgets"] == []


def test_a_comparison_goes_alone_where_its_metric_stays():
    found = converted(timeseries("avg:shop.load{*}", "week_before(avg:shop.load{*})"))
    assert verdicts(found) == [
        ("lossy", ("leaves out week_before(avg:shop.load{*}): week_before() is Datadog's own",))]
    assert len(found.body["widgets"][0]["properties"]["metrics"]) == 1


def test_what_is_neither_metric_nor_log_nor_text_is_counted_apart():
    rum = {"type": "query_value", "requests": [{"queries": [{
        "data_source": "rum", "name": "a", "search": {"query": "@type:view"}, "compute": {"aggregation": "count"}}]}]}
    found = converted(rum, {"type": "image", "url": "https://example.com"})
    assert verdicts(found) == [
        ("impossible", ("shows Datadog's rum, which CloudWatch does not have",)),
        ("raw", ("is of a kind that is Datadog's own (image)",))]
    counts = totals([found.report])
    assert (counts.judged, counts.share("whole"), dict(counts.others)) == (0, 1.0, {"impossible": 1, "raw": 1})


def test_all_log_groups_are_searched_where_none_is_named_and_that_is_told():
    found = converted({"type": "log_stream", "query": "service:web"})
    assert found.report.lost == ("its log widgets search all log groups: name them (--log-group)",)


def test_groups_keep_their_heading_and_what_is_possible():
    inside = [placed({"type": "note", "content": "Hello"}), placed({"type": "image", "url": "https://example.com"}, 1)]
    found = converted({"type": "group", "title": "All", "layout_type": "ordered", "widgets": inside})
    assert [one.path for one in found.report.widgets] == ["widgets.0", "widgets.0.widgets.0", "widgets.0.widgets.1"]
    assert [one["properties"] for one in found.body["widgets"]] == [{"markdown": "## All"}, {"markdown": "Hello"}]


def test_what_is_usual_is_a_band_around_its_line():
    found = converted(timeseries("anomalies(avg:shop.load{*}, 'basic', 3)"))
    assert [row[-1]["expression"] for row in found.body["widgets"][0]["properties"]["metrics"]] == [
        'SELECT AVG("load") FROM "shop"',
        "AVG(SEARCH('Namespace=\"shop\" MetricName=\"load\"', 'Average', 300))",
        "ANOMALY_DETECTION_BAND(m1, 3)"]
    assert found.report.widgets[0].verdict == "lossy"


def test_bands_around_many_lines_go_and_the_lines_stay():
    found = converted(timeseries("anomalies(avg:shop.load{*} by {host}, 'basic', 3)"))
    assert [row[-1]["expression"] for row in found.body["widgets"][0]["properties"]["metrics"]] == [
        'SELECT AVG("load") FROM "shop" GROUP BY "host"']
    assert found.report.widgets[0].verdict == "lossy"


def test_reasons_are_counted_once_a_widget_in_the_order_in_which_they_were_met():
    lost = [tuple("fedcba"), tuple("aa"), ("f", "g")]
    widgets = tuple(Converted(f"widgets.{at}", "timeseries", "metric", "", "lossy", each)
                    for at, each in enumerate(lost))
    found = totals([Report("shop", "datadog", "cloudwatch", widgets)])
    assert list(found.to_json()["reasons"].items()) == [
        ("f", 2), ("a", 2), ("e", 1), ("d", 1), ("c", 1), ("b", 1), ("g", 1)]
