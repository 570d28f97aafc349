"""A source that fails: a sentence in the task's log, what was collected kept, and one message in Slack."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sandbox import credentials
from sandbox.faults import Fault
from sandbox.server import Sandbox
from sandbox.story import Story
from tests.on_airflow.running import Airflow
from tests.on_airflow.shop import is_whole, open_shop
from watchbill.model.windows import Window, floor_time
from watchbill.on_airflow.hooks import aws

pytestmark = pytest.mark.server
TICK = timedelta(minutes=5)
CALLS = {"cloudwatch": ("cloudwatch", "GetMetricData"), "datadog": ("datadog", "POST /api/v2/query/timeseries")}
ASKED = {"cloudwatch": "CloudWatch in eu-west-1 (connection aws_default), GetMetricData for ",
         "datadog": "Datadog in datadoghq.com (connection datadog_default), timeseries query for "}


@pytest.fixture
def end() -> datetime:
    return floor_time(datetime.now(UTC), 300)


@pytest.fixture
def story(sandbox: Sandbox, end: datetime) -> Story:
    return open_shop(sandbox, end, days=2)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """boto3 asks once, and waits half a second for the answer."""
    monkeypatch.setitem(aws.READING, "retries", {"mode": "standard", "total_max_attempts": 1})
    monkeypatch.setitem(aws.READING, "read_timeout", 0.5)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(("source", "fault", "tries", "words"), [
    ("cloudwatch", {"status": 403, "body": {"__type": "AccessDenied", "message": "no"}}, 1,
     "AWS answered 403 AccessDenied: no"),
    ("cloudwatch", {"status": 429}, 3, "a quota increase may help"),
    ("cloudwatch", {"delay_s": 1}, 3, "no answer in time"),
    ("cloudwatch", {"body": "<html>a proxy</html>"}, 3, "the answer is not CloudWatch's"),
    ("datadog", {"status": 403, "body": {"errors": ["Forbidden"]}}, 1, "Forbidden. Correct the connection's API"),
    ("datadog", {"status": 429}, 3, "Datadog answered 429"),
    ("datadog", {"cut": True}, 3, "the connection broke"),
    ("datadog", {"body": "<html>a proxy</html>"}, 3, "the answer is not Datadog's"),
], ids=str)
def test_trouble_is_a_sentence_and_is_tried_again_only_where_that_can_help(
    airflow: Airflow, sandbox: Sandbox, story: Story, end: datetime,
    source: Any, fault: dict[str, Any], tries: int, words: str,
):
    sandbox.faults.add(Fault(*CALLS[source], **fault, times=None))

    run = airflow.run(f"collect_{source}", end, run_type="scheduled")

    assert run.tasks == {"plan_collection": "success", "collect_metrics[0]": "failed",
                         "finish_collection": "success", "finished": "success"}
    assert run.state == "failed"
    assert run.tries["collect_metrics[0]"] == tries
    told = run.error("collect_metrics[0]")
    assert told.startswith(f"SourceError: {ASKED[source]}")
    assert words in told
    assert "\n" not in told
    assert not is_whole(airflow.lake, source, Window(end - TICK, end))
    assert run.asset_events == []
    [message] = sandbox.slack.messages
    assert words in str(message.blocks) + str(message.attachments)


def test_a_refusal_in_the_planning_is_told_alike(airflow: Airflow, sandbox: Sandbox, story: Story, end: datetime):
    sandbox.faults.add(Fault("sts", status=403, body="<ErrorResponse><Error><Code>AccessDenied</Code><Message>no"
                             "</Message></Error></ErrorResponse>", times=None))

    run = airflow.run("collect_cloudwatch", end, run_type="scheduled")

    assert run.tasks["plan_collection"] == "failed"
    assert run.error("plan_collection").startswith("SourceError: STS in eu-west-1 (connection aws_default), ")
    assert "AccessDenied" in run.error("plan_collection")


def test_a_moment_of_trouble_is_nobodys_business(airflow: Airflow, sandbox: Sandbox, story: Story, end: datetime):
    sandbox.faults.add(Fault(*CALLS["datadog"], status=503))

    run = airflow.run("collect_datadog", end, run_type="scheduled")

    assert run.state == "success"
    assert run.tries["collect_metrics[0]"] == 2
    assert is_whole(airflow.lake, "datadog", Window(end - TICK, end))
    assert sandbox.slack.messages == []


def test_what_came_before_a_failure_stays_and_the_next_run_completes_it(
    airflow: Airflow, sandbox: Sandbox, story: Story, end: datetime,
):
    window = Window(end - timedelta(minutes=2000), end)  # more than Datadog answers at once: two requests
    conf = {**window.to_json(), "metrics": ["shop"]}
    sandbox.faults.add(Fault(*CALLS["datadog"], status=403, body={"errors": ["Forbidden"]}, skip=1))

    run = airflow.run("collect_datadog", conf=conf)

    assert run.state == "failed"
    assert airflow.lake.count(airflow.lake.series("datadog"), window) == 6 * 1500
    assert not is_whole(airflow.lake, "datadog", window)

    run = airflow.run("collect_datadog", conf={**window.to_json()})

    assert run.state == "success"
    assert airflow.lake.count(airflow.lake.series("datadog"), window) == 9 * 2000
    assert is_whole(airflow.lake, "datadog", window)


def test_no_key_is_in_the_message_whatever_the_vendor_says(airflow: Airflow, sandbox: Sandbox, story: Story, end):
    sandbox.faults.add(Fault(*CALLS["datadog"], status=403, body={
        "errors": [f"the key {credentials.DATADOG_API_KEY} may not"]}, times=None))

    airflow.run("collect_datadog", end, run_type="scheduled")

    [message] = sandbox.slack.messages
    assert "the key ***" in str(message.to_json())  # of secrets that begin alike, Airflow masks any
    assert credentials.DATADOG_API_KEY not in str(message.to_json())
