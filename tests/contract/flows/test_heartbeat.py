"""The heartbeat against CloudWatch as boto3 sees it: an alarm that is kept as declared and finds a dead scheduler."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sandbox.clients import cloudwatch_client
from sandbox.credentials import SNS_TOPIC_ARN
from sandbox.server import Sandbox
from watchbill.flows.heartbeat import alarm, beat, sync_alarm
from watchbill.model.failures import WatchbillError
from watchbill.model.settings import HeartbeatSettings, Settings

START = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
HEART = HeartbeatSettings(topic_arn=SNS_TOPIC_ARN)
TICK = timedelta(minutes=1)
SETTINGS = Settings(tick=TICK)


class Clock:
    now = START

    def __call__(self) -> float:
        return self.now.timestamp()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def cloud(clock: Clock) -> Iterator[Sandbox]:
    with Sandbox(clock=clock) as running:
        yield running


@pytest.fixture
def client(cloud: Sandbox) -> Any:
    return cloudwatch_client(cloud.url)


def state(client: Any) -> str:
    [found] = client.describe_alarms(AlarmNames=["watchbill-heartbeat"])["MetricAlarms"]
    return str(found["StateValue"])


def test_an_alarm_is_created_left_alone_and_put_back(client: Any) -> None:
    wanted = alarm(SETTINGS, HEART)
    assert [sync_alarm(client, wanted), sync_alarm(client, wanted)] == ["create", "unchanged"]

    client.put_metric_alarm(**wanted | {"Threshold": 0.0, "AlarmActions": []})
    assert [sync_alarm(client, wanted), sync_alarm(client, wanted)] == ["update", "unchanged"]
    assert sync_alarm(client, alarm(Settings(tick=timedelta(minutes=5)), HEART)) == "update"


def test_an_alarm_of_somebody_elses_is_left_alone(client: Any) -> None:
    wanted = alarm(SETTINGS, HEART)
    client.put_metric_alarm(**wanted | {"AlarmDescription": "Ours since 2019"})
    with pytest.raises(WatchbillError, match="not Watchbill's"):
        sync_alarm(client, wanted)
    [found] = client.describe_alarms()["MetricAlarms"]
    assert found["AlarmDescription"] == "Ours since 2019"


@pytest.mark.parametrize(("tick", "period_s", "periods"), [
    (timedelta(seconds=30), 60, 3), (timedelta(minutes=5), 300, 3), (timedelta(hours=12), 43_200, 3),
    (timedelta(days=1), 86_400, 3)])
def test_every_tick_makes_an_alarm_that_cloudwatch_takes(client: Any, tick: timedelta, period_s: int,
                                                         periods: int) -> None:
    wanted = alarm(Settings(tick=tick), HEART)
    assert (wanted["Period"], wanted["EvaluationPeriods"]) == (period_s, periods)
    assert sync_alarm(client, wanted) == "create"


def test_a_dead_scheduler_is_found_told_and_its_return_too(cloud: Sandbox, client: Any, clock: Clock) -> None:
    sync_alarm(client, alarm(SETTINGS, HEART))
    states = []
    for minute in range(40):
        clock.now = START + minute * TICK
        if minute < 20 or minute >= 35:  # in between nothing runs
            beat(client, HEART)
        cloud.judge_alarms()
        states.append(state(client))

    assert set(states[2:20]) == {"OK"}
    assert 20 + 3 <= states.index("ALARM", 5) <= 20 + 6
    assert states[-1] == "OK"
    told = [json.loads(note["message"])["NewStateValue"] for note in cloud.aws.topics.all()]
    assert told[-2:] == ["ALARM", "OK"]
    assert {note["topic_arn"] for note in cloud.aws.topics.all()} == {SNS_TOPIC_ARN}


def test_two_deployments_in_one_account_have_each_its_own(cloud: Sandbox, client: Any, clock: Clock) -> None:
    other = HeartbeatSettings(topic_arn=SNS_TOPIC_ARN, deployment="staging")
    for each in (HEART, other):
        sync_alarm(client, alarm(SETTINGS, each))
    for minute in range(10):
        clock.now = START + minute * TICK
        beat(client, other)
    found = {one["AlarmName"]: one["StateValue"] for one in client.describe_alarms()["MetricAlarms"]}
    assert found == {"staging-heartbeat": "OK", "watchbill-heartbeat": "ALARM"}
