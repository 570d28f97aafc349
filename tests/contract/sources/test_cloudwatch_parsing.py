"""orjson inside botocore, held against botocore's own reading of the same bytes."""

import json
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from sandbox.faults import Fault
from sandbox.server import Sandbox
from tests.contract.sources.readings import epoch, minutes_ago
from tests.sandbox_fixtures import aws_client
from watchbill.model.series import Series
from watchbill.sources.cloudwatch.bodies import written_beforehand
from watchbill.sources.cloudwatch.parsing import milliseconds, read_by_orjson
from watchbill.sources.cloudwatch.questions import questions, written
from watchbill.sources.request import Query

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
        {"body": result(Timestamps=[60], Values=["NaN"])},
        {"body": result(Timestamps=[60, 120, 180], Values=["Infinity", "-Infinity", "NaN"])},
        {"body": '{"MetricDataResults": [{"Id": "m0", "Timestamps": [60, 120], "Values": [1e308, 12345678901234567890]}'
                 ']}'},
        {"body": result(Timestamps=[1_772_000_000, 1_771_999_940, 1_772_000_000], Values=[3, 2, 1])},
        {"body": result(Timestamps=[0, 0.001, 4_102_444_800.999], Values=[0, -0.0, 5e-324])},
        {"body": result()},
        {"body": result(Timestamps=[], Values=[], StatusCode="PartialData") | {"NextToken": "x"}},
        {"body": "{}"},
        {"body": "<html>a proxy</html>"},
    ],
    ids=str,
)
def test_both_readings_are_equal(sandbox: Sandbox, fault: dict[str, Any]) -> None:
    alone, by_orjson = both(sandbox, **fault)
    assert by_orjson == alone


@pytest.mark.parametrize("status", [400, 401, 403, 404, 408, 413, 429, 500, 502, 503, 504])
@pytest.mark.parametrize("body", [
    {"__type": "com.amazonaws.cloudwatch#ThrottlingException", "message": "Rate exceeded"},
    {"__type": "InternalServiceFault", "Message": "odd"}, result(Timestamps=[60], Values=[1.0]), "<html>a proxy</html>",
    "", "{}",
], ids=lambda body: str(body)[:20])
def test_both_make_the_same_of_an_error(sandbox: Sandbox, status: int, body: Any) -> None:
    client, said = aws_client(sandbox, "cloudwatch"), []
    sandbox.faults.add(Fault(*GET, status=status, body=body, times=2))
    for reading in (nullcontext(), read_by_orjson(client)):
        with reading, pytest.raises(ClientError) as told:
            asked(client)
        error = told.value.response
        said.append((str(told.value), error["Error"], error["ResponseMetadata"]["HTTPStatusCode"], error.keys()))
    assert said[0] == said[1]


def test_both_read_the_same_after_retries(sandbox: Sandbox) -> None:
    sandbox.cloudwatch.put("shop", "errors", {}, epoch(WINDOW), [number / 7 for number in range(30)])
    client, answers = aws_client(sandbox, "cloudwatch", config=Config(retries={
        "mode": "standard", "total_max_attempts": 4})), []
    for reading in (nullcontext(), read_by_orjson(client)):
        sandbox.faults.add(Fault(*GET, status=503, body="<html>busy</html>"))
        sandbox.faults.add(Fault(*GET, status=400, body={"__type": "ThrottlingException", "message": "slow down"}))
        sandbox.faults.add(Fault(*GET, cut=True))
        with reading:
            answers.append(asked(client))
    assert answers[0] == answers[1]
    assert answers[0]["ResponseMetadata"]["RetryAttempts"] == 3


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


def sent(client: Any) -> list[bytes]:
    """The bodies that go over the wire from now on."""
    bodies: list[bytes] = []
    client.meta.events.register("before-send.cloudwatch", lambda request, **_: bodies.append(request.body))
    return bodies


NAMES = ["errors", "with space", "größe 日本", "a\"b\\c/d", "\x7f\t\u2028", "\"MetricDataQueries\": []"]


@pytest.mark.parametrize("name", NAMES)
def test_a_question_is_written_as_botocore_writes_it(sandbox: Sandbox, name: str) -> None:
    series = Series("cloudwatch", "111122223333", "eu-west-1", name, name, "p99.9", 60, ((name, name),))
    asking = {"m0": Query("shop", series, linked=True), "m1": Query(
        "rate", series, f"SEARCH('{{{name}}}', 'Sum', 60) / a", ("service",), queries=(("a", series),)),
        "m2": Query("shop", series)}
    queries = [each for one, query in asking.items() for each in questions(one, query)]
    given = {"StartTime": WINDOW.start, "EndTime": WINDOW.end, "ScanBy": "TimestampAscending", "NextToken": name}
    client = aws_client(sandbox, "cloudwatch", config=Config(retries={"total_max_attempts": 1},
                                                             parameter_validation=False))
    bodies = sent(client)
    sandbox.faults.add(Fault(*GET, body={"MetricDataResults": []}, times=2))
    client.get_metric_data(MetricDataQueries=queries, **given)
    with written_beforehand(client, written(asking)) as left:
        client.get_metric_data(MetricDataQueries=left, **given)
    alone, beforehand = bodies
    assert json.loads(beforehand) == json.loads(alone)
    assert json.loads(alone)["MetricDataQueries"] == queries


def test_a_question_is_signed_and_repeated_as_it_is_written(sandbox: Sandbox) -> None:
    sandbox.cloudwatch.put("shop", "errors", {}, epoch(WINDOW), [1.0] * 30)
    client = aws_client(sandbox, "cloudwatch", config=Config(retries={"mode": "standard", "total_max_attempts": 4}))
    bodies = sent(client)
    for fault in ({"status": 503}, {"cut": True}, {"status": 429}):
        sandbox.faults.add(Fault(*GET, **fault))
    asking = {"m0": Query("shop", Series("cloudwatch", "1", "eu-west-1", "shop", "errors", "Sum", 60))}
    with written_beforehand(client, written(asking)) as left:
        page = client.get_metric_data(MetricDataQueries=left, StartTime=WINDOW.start, EndTime=WINDOW.end)
    assert page["MetricDataResults"][0]["Values"] == [1.0] * 30
    assert page["ResponseMetadata"]["RetryAttempts"] == 3
    assert len(bodies) == 4
    assert len(set(bodies)) == 1


def test_a_client_of_another_protocol_writes_by_itself() -> None:
    model = SimpleNamespace(resolved_protocol="query")
    client = SimpleNamespace(meta=SimpleNamespace(service_model=model, events=None))
    with written_beforehand(client, [b'{"Id": "m0"}']) as left:
        assert left == [{"Id": "m0"}]


def test_a_body_that_is_written_in_another_way_is_not_sent(sandbox: Sandbox) -> None:
    client = aws_client(sandbox, "cloudwatch")
    client.meta.events.register_first("before-call.cloudwatch.GetMetricData", lambda params, **_: params.update(
        body=b'{"MetricDataQueries":[]}'))
    with pytest.raises(RuntimeError, match="in another way"), written_beforehand(client, [b'{"Id": "m0"}']) as left:
        client.get_metric_data(MetricDataQueries=left, StartTime=WINDOW.start, EndTime=WINDOW.end)
    assert not sandbox.faults.calls
