"""Alarms as boto3 sees them: kept and refused as the vendor does, and judged where data is missing."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.cloudwatch.alarm_state import judge
from sandbox.credentials import AWS_REGION
from sandbox.server import Sandbox
from tests.contract.sandbox.cloudwatch_server import NOW, Cloud

CASES = Path(os.environ.get("WATCHBILL_CASES", Path(__file__).parents[3] / "../shared"))
MISSING = CASES / "conformance/cloudwatch_mofn_cases.json"
TOPIC = f"arn:aws:sns:{AWS_REGION}:123456789012:watchbill-alerts"
READINGS = {"0": False, "X": True, "-": None}


def alarm(name: str = "dead", **given: Any) -> dict[str, Any]:
    return {"AlarmName": name, "Namespace": "Watchbill", "MetricName": "heartbeat", "Statistic": "SampleCount",
            "Period": 60, "EvaluationPeriods": 1, "Threshold": 1.0, "ComparisonOperator": "LessThanThreshold",
            "TreatMissingData": "breaching", "AlarmActions": [TOPIC], **given}


def described(cloud: Cloud, **asked: Any) -> list[dict[str, Any]]:
    return cloud.client.describe_alarms(**asked)["MetricAlarms"]  # type: ignore[no-any-return]


def refusal(cloud: Cloud, **given: Any) -> tuple[str, str]:
    request = {name: value for name, value in alarm(**given).items() if value is not None}
    with pytest.raises(ClientError) as refused:
        cloud.client.put_metric_alarm(**request)
    error = refused.value.response["Error"]
    return error["Code"], error["Message"]


def test_an_alarm_comes_back_as_it_was_put_with_its_name_in_the_cloud(cloud: Cloud):
    cloud.client.put_metric_alarm(**alarm(AlarmDescription="Nobody there", Tags=[{"Key": "by", "Value": "us"}]))

    [found] = described(cloud)

    arn = f"arn:aws:cloudwatch:{AWS_REGION}:123456789012:alarm:dead"
    assert {name: value for name, value in found.items() if not name.startswith("State") and "stamp" not in name} == {
        **alarm(), "AlarmDescription": "Nobody there", "AlarmArn": arn, "ActionsEnabled": True, "OKActions": [],
        "InsufficientDataActions": [], "Dimensions": []}
    assert cloud.client.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "by", "Value": "us"}]


def test_putting_it_again_replaces_all_but_its_state_and_tags(cloud: Cloud):
    cloud.client.put_metric_alarm(**alarm(AlarmDescription="Nobody there", TreatMissingData="ignore"))
    cloud.client.set_alarm_state(AlarmName="dead", StateValue="ALARM", StateReason="by hand")
    cloud.client.put_metric_alarm(**alarm(TreatMissingData="ignore", Period=120, Tags=[{"Key": "by", "Value": "us"}]))

    [found] = described(cloud)
    assert (found["Period"], found["StateValue"], "AlarmDescription" in found) == (120, "ALARM", False)
    assert cloud.client.list_tags_for_resource(ResourceARN=found["AlarmArn"])["Tags"] == []


def test_pages_names_prefixes_and_states_choose(cloud: Cloud):
    for number in range(53):
        cloud.client.put_metric_alarm(**alarm(f"a{number:02}", TreatMissingData="missing"))
    cloud.client.put_composite_alarm(AlarmName="both", AlarmRule='ALARM("a00") AND ALARM("a01")')

    first = cloud.client.describe_alarms()
    second = cloud.client.describe_alarms(NextToken=first["NextToken"])
    assert [len(page["MetricAlarms"]) for page in (first, second)] == [50, 3]
    assert "NextToken" not in second
    assert [one["AlarmName"] for one in described(cloud, AlarmNamePrefix="a5")] == ["a50", "a51", "a52"]
    assert [one["AlarmName"] for one in described(cloud, AlarmNames=["a07", "b"])] == ["a07"]
    assert described(cloud, StateValue="ALARM") == []
    [composite] = cloud.client.describe_alarms(AlarmTypes=["CompositeAlarm"])["CompositeAlarms"]
    assert composite["AlarmRule"] == 'ALARM("a00") AND ALARM("a01")'


def test_deleting_takes_all_or_nothing(cloud: Cloud):
    cloud.client.put_metric_alarm(**alarm())
    with pytest.raises(ClientError, match="ResourceNotFound"):
        cloud.client.delete_alarms(AlarmNames=["dead", "gone"])
    cloud.client.delete_alarms(AlarmNames=["dead"])
    assert described(cloud) == []


def test_what_the_vendor_refuses_is_refused(cloud: Cloud):
    found = {
        "statistic": refusal(cloud, Statistic=None), "both": refusal(cloud, ExtendedStatistic="p99"),
        "operator": refusal(cloud, ComparisonOperator="Below"), "period": refusal(cloud, Period=45),
        "span": refusal(cloud, Period=60, EvaluationPeriods=1441), "points": refusal(cloud, DatapointsToAlarm=2),
        "treat": refusal(cloud, TreatMissingData="alarm"), "arn": refusal(cloud, AlarmActions=["#alerts"]),
        "region": refusal(cloud, AlarmActions=[TOPIC.replace(AWS_REGION, "us-east-1")]),
        "metric": refusal(cloud, MetricName=None),
    }
    assert {name: code for name, (code, _) in found.items()} == dict.fromkeys(found, "ValidationError") | {
        "metric": "MissingParameter"}
    assert found["region"][1] == f"Invalid region us-east-1 specified. Only {AWS_REGION} is supported."
    assert found["arn"][1] == "Invalid arn syntax: #alerts"
    assert described(cloud) == []


def test_an_alarm_of_no_data_goes_off_once_the_last_points_are_too_old_and_ends_with_the_next(cloud: Cloud):
    cloud.client.put_metric_alarm(**alarm())
    cloud.store.put("Watchbill", "heartbeat", {}, [NOW - 60], [1.0])  # type: ignore[arg-type]

    states = []
    for minute in range(6):
        cloud.now = NOW + 60 * minute
        states.append(described(cloud)[0]["StateValue"])
    assert states == ["OK", "OK", "OK", "ALARM", "ALARM", "ALARM"]  # three periods are looked at for one

    cloud.store.put("Watchbill", "heartbeat", {}, [cloud.now], [1.0])  # type: ignore[arg-type]
    cloud.now += 60
    assert described(cloud)[0]["StateValue"] == "OK"


def test_what_an_alarm_does_is_told_to_its_topic_once(sandbox: Sandbox):
    from sandbox.clients import cloudwatch_client

    client = cloudwatch_client(sandbox.url)
    client.put_metric_alarm(**alarm())
    sandbox.judge_alarms()
    client.describe_alarms()
    sandbox.judge_alarms()

    [note] = sandbox.aws.topics.all()
    told = json.loads(note["message"])
    assert (note["topic_arn"], note["subject"]) == (TOPIC, f'ALARM: "dead" in {AWS_REGION}')
    assert (told["OldStateValue"], told["NewStateValue"]) == ("INSUFFICIENT_DATA", "ALARM")


@pytest.mark.cases
def test_missing_data_is_treated_as_in_the_vendors_examples():
    if not MISSING.is_file():
        pytest.skip(f"no cases in {MISSING}")
    for case in json.loads(MISSING.read_text())["cases"]:
        readings = [READINGS[one] for one in case["datapoints_oldest_first"]]
        found = {treat: judge(readings, case["evaluation_periods"], case["datapoints_to_alarm"], treat)
                 for treat in case["expected"]}
        assert found == case["expected"], case
