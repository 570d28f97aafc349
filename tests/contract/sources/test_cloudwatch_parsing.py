"""orjson inside botocore, held against botocore's own reading of the same bytes."""

from typing import Any

import pytest

from sandbox.faults import Fault
from sandbox.server import Sandbox
from tests.contract.sources.readings import epoch, minutes_ago
from tests.sandbox_fixtures import aws_client
from watchbill.sources.cloudwatch.parsing import milliseconds, read_by_orjson

GET = ("cloudwatch", "GetMetricData")
WINDOW = minutes_ago(60, 30)


def asked(client: Any) -> dict[str, Any]:
    queries = [
        {
            "Id": f"m{number}",
            "MetricStat": {
                "Metric": {"Namespace": "shop", "MetricName": metric, "Dimensions": []},
                "Period": 60,
                "Stat": statistic,
            },
        }
        for number, (metric, statistic) in enumerate([("errors", "Sum"), ("errors", "p99"), ("none", "Sum")])
    ]
    answer: dict[str, Any] = client.get_metric_data(
        MetricDataQueries=queries, StartTime=WINDOW.start, EndTime=WINDOW.end
    )
    for result in answer.get("MetricDataResults", ()):
        result["Timestamps"] = milliseconds(result.get("Timestamps", ()))
    metadata = answer["ResponseMetadata"]
    metadata["HTTPHeaders"] = sorted(metadata["HTTPHeaders"])
    metadata.pop("RequestId", None)
    return answer


def both(sandbox: Sandbox, **fault: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """What botocore alone and botocore with orjson make of the same answer."""
    sandbox.cloudwatch.put("shop", "errors", {}, epoch(WINDOW), [number / 7 for number in range(30)])
    client = aws_client(sandbox, "cloudwatch")
    if fault:
        sandbox.faults.add(Fault(*GET, times=2, **fault))
    alone = asked(client)
    with read_by_orjson(client):
        return alone, asked(client)


def result(**members: Any) -> dict[str, Any]:
    return {"MetricDataResults": [{"Id": "m0", "StatusCode": "Complete", **members}]}


@pytest.mark.parametrize(
    "fault",
    [
        {},
        {"partial": True},
        {"partial": True, "body": "InternalError"},
        {"partial": True, "body": "Forbidden"},
        {"body": result(Timestamps=[60, 120.5], Values=[1, 2.5], Label="é")},
        {"body": result(Timestamps=["2026-03-01T10:00:00Z"], Values=[1.0])},
        {"body": '{"MetricDataResults": [{"Id": "m0", "Timestamps": [1.772e9], "Values": [1e-300, -0.0]}]}'},
        {
            "body": {
                **result(Timestamps=[], Values=[]),
                "Messages": [{"Code": "a", "Value": "b"}],
                "NextToken": "n",
            }
        },
        {"body": {"MetricDataResults": []}},
        {"body": "{}"},
        {"body": "<html>a proxy</html>"},
    ],
    ids=str,
)
def test_both_readings_are_equal(sandbox: Sandbox, fault: dict[str, Any]) -> None:
    alone, by_orjson = both(sandbox, **fault)
    assert by_orjson == alone


def test_the_client_reads_by_itself_again_afterwards(sandbox: Sandbox) -> None:
    client = aws_client(sandbox, "cloudwatch")
    sandbox.cloudwatch.put("shop", "errors", {}, epoch(WINDOW), [1.0] * 30)
    with read_by_orjson(client):
        pass
    body = {"status_code": 200, "body": b'{"MetricDataResults": []}', "headers": {}}
    custom: dict[str, Any] = {}
    event = "before-parse.cloudwatch.GetMetricData"
    client.meta.events.emit(event, response_dict=body, customized_response_dict=custom)
    assert custom == {}
    assert asked(client)["MetricDataResults"]
