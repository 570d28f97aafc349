"""Dashboards as boto3 sees them: kept, listed, deleted; and bodies checked as the vendor checks them."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.cloudwatch.dashboard_body import validate
from sandbox.cloudwatch.findings import Finding
from tests.contract.sandbox.cloudwatch_server import NOW, Cloud, moment

CPU = ["AWS/EC2", "CPUUtilization", "InstanceId", "i-0a1b"]
NO_SOURCE = "The metric widget should have specified a region and a data source or an alarm annotation"
CASES = Path(os.environ.get("WATCHBILL_CASES", Path(__file__).parents[3] / "../shared"))
REAL = sorted(CASES.glob("data/dashboards/cloudwatch/*.json"))


def put(cloud: Cloud, body: Any, name: str = "shop") -> list[dict[str, str]]:
    text = body if isinstance(body, str) else json.dumps(body)
    answer = cloud.client.put_dashboard(DashboardName=name, DashboardBody=text)
    return answer["DashboardValidationMessages"]  # type: ignore[no-any-return]


def metric(*rows: Any, **properties: Any) -> dict[str, Any]:
    return {"type": "metric", "properties": {"region": "eu-west-1", "metrics": list(rows), **properties}}


VARIABLE = {"type": "property", "property": "region", "id": "region", "inputType": "input"}


def found(*widgets: Any, **body: Any) -> list[tuple[str, str]]:
    findings = validate(json.dumps({"widgets": list(widgets), **body}))
    return [(finding.path, finding.message) for finding in findings]


def test_a_dashboard_comes_back_as_it_was_put(cloud: Cloud) -> None:
    body = '{ "widgets": [ ],  "start": "-PT6H" }'
    assert put(cloud, body) == []
    answer = cloud.client.get_dashboard(DashboardName="shop")
    answer.pop("ResponseMetadata")
    assert answer == {
        "DashboardArn": "arn:aws:cloudwatch::123456789012:dashboard/shop",
        "DashboardBody": body,
        "DashboardName": "shop",
    }


def test_dashboards_are_the_same_in_every_region(cloud: Cloud) -> None:
    put(cloud, {"widgets": []})
    other = cloud.connect(region="us-east-1")
    assert [entry["DashboardName"] for entry in other.list_dashboards()["DashboardEntries"]] == ["shop"]


def test_a_second_put_replaces_the_first(cloud: Cloud) -> None:
    put(cloud, {"widgets": []})
    cloud.now += 60
    put(cloud, {"widgets": [metric(CPU)]})
    [entry] = cloud.client.list_dashboards()["DashboardEntries"]
    assert entry == {
        "DashboardName": "shop",
        "DashboardArn": "arn:aws:cloudwatch::123456789012:dashboard/shop",
        "LastModified": moment(NOW + 60),
        "Size": len(json.dumps({"widgets": [metric(CPU)]})),
    }


def test_dashboards_are_listed_1000_a_page_and_by_prefix(cloud: Cloud) -> None:
    for number in range(1001):
        put(cloud, '{"widgets":[]}', f"d{number:04}")
    pages = list(cloud.client.get_paginator("list_dashboards").paginate())
    assert [len(page["DashboardEntries"]) for page in pages] == [1000, 1]
    names = [entry["DashboardName"] for page in pages for entry in page["DashboardEntries"]]
    assert names == [f"d{number:04}" for number in range(1001)]
    [page] = cloud.client.get_paginator("list_dashboards").paginate(DashboardNamePrefix="d099")
    assert len(page["DashboardEntries"]) == 10


def test_a_missing_dashboard_is_not_found(cloud: Cloud) -> None:
    with pytest.raises(cloud.client.exceptions.ResourceNotFound) as missing:
        cloud.client.get_dashboard(DashboardName="shop")
    assert missing.value.response["Error"]["Message"] == "Dashboard shop does not exist"
    assert missing.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404


def test_a_delete_removes_what_there_is_and_then_says_what_was_missing(cloud: Cloud) -> None:
    put(cloud, {"widgets": []}, "here")
    with pytest.raises(ClientError, match="Dashboard gone does not exist"):
        cloud.client.delete_dashboards(DashboardNames=["gone", "here"])
    assert cloud.client.list_dashboards()["DashboardEntries"] == []


def test_more_than_100_are_not_deleted_at_once(cloud: Cloud) -> None:
    put(cloud, {"widgets": []}, "here")
    with pytest.raises(cloud.client.exceptions.InvalidParameterValueException, match="between 1 and 100"):
        cloud.client.delete_dashboards(DashboardNames=["here"] * 101)
    assert len(cloud.client.list_dashboards()["DashboardEntries"]) == 1


@pytest.mark.parametrize("name", ["", "with space", "a.b", "ü", "x" * 256])
def test_names_take_letters_digits_dash_and_underscore(cloud: Cloud, name: str) -> None:
    with pytest.raises(ClientError, match="The value for field DashboardName contains invalid characters"):
        put(cloud, {"widgets": []}, name)
    put(cloud, {"widgets": []}, "A-z_9" * 51)


@pytest.mark.parametrize("body", ["", "{", "[]", "null"])
def test_a_body_that_is_no_json_object_is_refused(cloud: Cloud, body: str) -> None:
    with pytest.raises(ClientError, match="The field DashboardBody must be a valid JSON object"):
        put(cloud, body)


def test_errors_refuse_a_dashboard_with_their_paths(cloud: Cloud) -> None:
    with pytest.raises(ClientError) as refused:
        put(cloud, {"widgets": [{"type": "metric", "properties": {"view": "timeSeries"}}]})
    answer = refused.value.response
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert answer["Error"]["Code"] == "InvalidParameterInput"
    assert "The dashboard body is invalid, there are 3 validation errors:\n[\n" in answer["Error"]["Message"]
    assert answer["dashboardValidationMessages"] == [
        {"DataPath": "/widgets/0/properties", "Message": "Should have required property 'metrics'"},
        {"DataPath": "/widgets/0/properties",
         "Message": NO_SOURCE},
        {"DataPath": "/widgets/0/properties", "Message": "Should have required property 'annotations'"},
    ]  # fmt: skip
    assert cloud.client.list_dashboards()["DashboardEntries"] == []


def test_warnings_come_back_and_the_dashboard_is_kept(cloud: Cloud) -> None:
    log = {"type": "log", "properties": {"region": "eu-west-1", "query": "fields @message"}}
    messages = put(cloud, {"widgets": [{"type": "metricc", "properties": {}}, log]})
    assert messages == [
        {"DataPath": "/widgets/0/type", "Message": "Should be equal to one of the allowed values"},
        {"DataPath": "/widgets/1/properties/query", "Message": "Should name its log groups with SOURCE"},
    ]
    assert len(cloud.client.list_dashboards()["DashboardEntries"]) == 1


def test_a_dashboard_of_every_kind_is_clean() -> None:
    alarm = "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:errors"
    assert found(
        {**metric(CPU, ["...", "i-2"], [".", "NetworkIn", ".", "."]), "x": 0, "y": 0, "width": 24},
        metric([{"expression": "m1/2", "id": "e1", "label": "half", "color": "#1f77b4"}],
               [*CPU, {"id": "m1", "visible": False, "stat": "p99.9", "period": 30, "yAxis": "right"}],
               annotations={"horizontal": [{"value": 5, "label": "x"}, [{"value": 1}, {"value": 2}]],
                            "vertical": [{"value": "2026-03-10T12:00:00Z"}]},
               legend={"position": "right"}, stacked=True, period=300, stat="Average"),
        metric(CPU, view="gauge", yAxis={"left": {"min": 0, "max": 100}}),
        {"type": "metric", "properties": {"annotations": {"alarms": [alarm]}}},
        {"type": "text", "properties": {"markdown": "# hi", "background": "transparent"}},
        {"type": "log", "properties": {"region": "eu-west-1", "query": "SOURCE 'g' | fields @message"}},
        {"type": "alarm", "properties": {"alarms": [alarm]}},
        {"type": "custom", "properties": {"endpoint": "arn:aws:lambda:eu-west-1:123456789012:function:f"}},
        {"type": "chart", "properties": {"view": "line", "data": {"queries": []}}},
        start="-PT6H", end="PT0H", periodOverride="inherit",
        variables=[{"type": "property", "property": "region", "id": "region", "inputType": "input"}],
    ) == []  # fmt: skip


@pytest.mark.parametrize(
    ("widget", "path", "message"),
    [
        ("text", "", "Should be object"),
        ({}, "", "Should have required property 'type'"),
        ({"type": "text"}, "", "Should have required property 'properties'"),
        ({**metric(CPU), "x": 24, "y": 0}, "/x", "Should be <= 23"),
        ({**metric(CPU), "x": 0, "y": -1}, "/y", "Should be >= 0"),
        ({**metric(CPU), "width": 25}, "/width", "Should be <= 24"),
        ({**metric(CPU), "width": 0}, "/width", "Should be >= 1"),
        ({**metric(CPU), "width": 6.5}, "/width", "Should be integer"),
        ({**metric(CPU), "height": 1001}, "/height", "Should be <= 1000"),
        ({**metric(CPU), "x": 0}, "", "Should have property y when property x is present"),
        (metric(CPU, view="lines"), "/properties/view", "Should be equal to one of the allowed values"),
        (metric(CPU, view="gauge"), "/properties", "Should have required property 'yAxis'"),
        (metric(CPU, view="gauge", yAxis={"left": {"min": 0}}), "/properties/yAxis/left",
         "Should have required property 'max'"),
        (metric(CPU, yAxis={"left": {"min": "0"}}), "/properties/yAxis/left/min", "Should be number"),
        (metric(CPU, period=90), "/properties/period", "Should be multiple of 60"),
        (metric(CPU, annotations={"horizontal": [{"value": "5"}]}),
         "/properties/annotations/horizontal/0/value", "Should be number"),
        (metric(*[CPU] * 501), "/properties/metrics", "Should NOT have more than 500 items"),
        ({"type": "text", "properties": {}}, "/properties", "Should have required property 'markdown'"),
        ({"type": "alarm", "properties": {}}, "/properties", "Should have required property 'alarms'"),
        ({"type": "log", "properties": {"query": "SOURCE 'g'"}}, "/properties",
         "Should have required property 'region'"),
        (metric(["AWS/EC2"]), "/properties/metrics/0", "Should NOT have less than 2 items"),
        (metric(["AWS/EC2", "CPUUtilization", "InstanceId"]), "/properties/metrics/0",
         "Every dimension should have a name and a value"),
        (metric(["AWS/EC2", "CPUUtilization", {"InstanceId": "i-1"}]), "/properties/metrics/0",
         "Should NOT have more than 2 items"),
        (metric([*CPU, {"color": "red"}]), "/properties/metrics/0", "Should NOT have more than 4 items"),
        (metric(["AWS/EC2", "CPUUtilization", 5, "i-1"]), "/properties/metrics/0/2",
         "Invalid metric field type, only 'String' type is allowed"),
        (metric([".", "CPUUtilization"]), "/properties/metrics/0/0", "There is nothing above to repeat"),
        (metric([*CPU, {"id": "M1"}]), "/properties/metrics/0/4/id",
         "Should match pattern ^[a-z][a-zA-Z0-9_]*$"),
        (metric([*CPU, {"id": "m1"}], [*CPU, {"id": "m1"}]), "/properties/metrics/1/4/id",
         "Should have a unique id"),
        (metric([{"expression": "m1 / 2"}]), "/properties/metrics/0/0/expression", "Undefined variable m1"),
        (metric([{"expression": "SELECT AVG(a) FROM b"}], [{"expression": "select AVG(a) FROM b"}]),
         "/properties/metrics/1/0", "Should NOT have more than 1 Metrics Insights query"),
        (metric(CPU, annotations={"alarms": ["arn"]}), "/properties",
         "Should NOT have metrics and an alarm annotation at once"),
        (metric(CPU, annotations={"vertical": [{"value": "2026-11-23T12:00:00Z", "fill": "above"}]}),
         "/properties/annotations/vertical/0/fill", "Should be equal to one of the allowed values"),
        (metric(CPU, timezone="CET"), "/properties/timezone", "Should match pattern ^[+-]\\d{4}$"),
        (metric(CPU, table={"summaryColumns": ["P99"]}), "/properties/table/summaryColumns/0",
         "Should be equal to one of the allowed values"),
        ({"type": "log", "properties": {"region": "r", "query": "SOURCE 'g' | " * 51 + "fields @message"}},
         "/properties/query", "Should NOT have more than 50 log groups"),
        ({"type": "alarm", "properties": {"alarms": []}}, "/properties/alarms", "Should NOT have less than 1 items"),
        ({"type": "alarm", "properties": {"alarms": ["arn"], "states": ["RED"]}}, "/properties/states/0",
         "Should be equal to one of the allowed values"),
        ({"type": "explorer", "properties": {"metrics": [{"metricName": "a"}]}}, "/properties/metrics/0",
         "Should have required property 'resourceType'"),
    ],
)  # fmt: skip
def test_every_rule_names_its_place(widget: Any, path: str, message: str) -> None:
    assert (f"/widgets/0{path}", message) in found(widget)


def test_a_metric_widget_without_region_fails_threefold() -> None:
    widget = metric(CPU)
    del widget["properties"]["region"]
    assert found(widget) == [
        ("/widgets/0/properties", "Should have required property 'region'"),
        ("/widgets/0/properties", NO_SOURCE),
        ("/widgets/0/properties", "Should have required property 'annotations'"),
    ]  # fmt: skip


def test_metrics_that_are_no_rows_fail_each() -> None:
    assert found(metric("AWS/EC2", "CPUUtilization"))[:2] == [
        ("/widgets/0/properties/metrics/0", "Should be array"),
        ("/widgets/0/properties/metrics/0",
         'Field "metrics" has to be an array of array of strings, with an optional metricRenderer object as '
         "last element"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "finding"),
    [
        ({}, Finding("", "Should have required property 'widgets'")),
        ({"widgets": {}}, Finding("/widgets", "Should be array")),
        ({"widgets": [{"type": "text", "properties": {"markdown": ""}}] * 501},
         Finding("/widgets", "Should NOT have more than 500 items")),
        ({"widgets": [], "periodOverride": "always"},
         Finding("/periodOverride", "Should be equal to one of the allowed values")),
        ({"widgets": [], "variables": [{"type": "pattern", "id": "v", "inputType": "input"}]},
         Finding("/variables/0", "Should have required property 'pattern'")),
        ({"widgets": [], "variables": [VARIABLE | {"id": "a b"}]},
         Finding("/variables/0/id", "Should match pattern ^[0-9A-Za-z_-]{1,32}$")),
        ({"widgets": [], "variables": [VARIABLE | {"label": "x" * 31}]},
         Finding("/variables/0/label", "Should NOT be longer than 30 characters")),
        ({"widgets": [], "variables": [VARIABLE, VARIABLE]}, Finding("/variables/1/id", "Should have a unique id")),
        ({"widgets": [], "end": "2026-11-23T12:00:00Z"},
         Finding("", "Should have property start when property end is present")),
        ({"widgets": [], "start": "3h"},
         Finding("/start", "Should be an ISO 8601 moment, or a duration such as -PT3H")),
        ({"widgets": [metric(*[CPU] * 500)] * 6}, Finding("/widgets", "Should NOT have more than 2500 metrics")),
    ],
)  # fmt: skip
def test_the_body_itself_is_checked(body: dict, finding: Finding) -> None:
    assert validate(json.dumps(body)) == [finding]


@pytest.mark.cases
@pytest.mark.skipif(not REAL, reason="no real dashboards here")
@pytest.mark.parametrize("path", REAL, ids=lambda path: path.stem)
def test_a_real_dashboard_has_no_error(path: Path) -> None:
    assert [finding for finding in validate(path.read_text()) if finding.severity == "error"] == []


def test_tags_are_taken_of_a_new_dashboard_alone_and_later_by_tag_resource(cloud: Cloud) -> None:
    def put_tagged(value: str) -> None:
        cloud.client.put_dashboard(DashboardName="shop", DashboardBody='{"widgets": []}',
                                   Tags=[{"Key": "team", "Value": value}])

    arn = "arn:aws:cloudwatch::123456789012:dashboard/shop"
    put_tagged("a")
    put_tagged("b")
    assert cloud.client.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "team", "Value": "a"}]
    cloud.client.tag_resource(ResourceARN=arn, Tags=[{"Key": "team", "Value": "c"}, {"Key": "more", "Value": "1"}])
    assert cloud.client.list_tags_for_resource(ResourceARN=arn)["Tags"] == [
        {"Key": "team", "Value": "c"}, {"Key": "more", "Value": "1"}]
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        cloud.client.tag_resource(ResourceARN=f"{arn}-not", Tags=[{"Key": "team", "Value": "c"}])
