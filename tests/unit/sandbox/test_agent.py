"""The machine's own metrics: named and counted as the vendors' agents do, and kept while a cloud is away."""

import time
from datetime import UTC, datetime

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from structlog.testing import capture_logs
from urllib3.exceptions import ProtocolError

from sandbox.agent import Agent, Outlet, cloudwatch_data, datadog_data
from sandbox.machine import Disk, Snapshot, read_machine

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
AWAY = EndpointConnectionError(endpoint_url="http://127.0.0.1:1/cloudwatch")


def snapshot(after_s, *, busy_s=0.0, received=1000):
    """A machine of one CPU that was idle but for `busy_s`, half of it in its own kernel."""
    cpu = {"user": busy_s / 2, "nice": 0.0, "system": busy_s / 2, "idle": after_s - busy_s, "iowait": 0.0,
           "irq": 0.0, "softirq": 0.0, "steal": 0.0, "guest": busy_s / 2, "guest_nice": 0.0}
    return Snapshot(NOON.timestamp() + after_s, cpu, 8000, 6000, (Disk("/", "/dev/vda1", "ext4", 0.25),),
                    {"eth0": received}, {"eth0": 2 * received})


BEFORE, AFTER = snapshot(0), snapshot(10, busy_s=4, received=6000)


def test_cloudwatch_gets_what_the_cloudwatch_agent_would_put():
    def datum(metric, value, unit, **dimensions):
        return {"MetricName": metric, "Value": value, "Unit": unit, "StorageResolution": 1,
                "Timestamp": datetime(2026, 3, 2, 12, 0, 10, tzinfo=UTC),
                "Dimensions": [{"Name": name, "Value": held} for name, held in dimensions.items()]}

    assert cloudwatch_data(BEFORE, AFTER, "box") == [
        datum("cpu_usage_active", pytest.approx(40.0), "Percent", host="box", cpu="cpu-total"),
        datum("mem_used_percent", 25.0, "Percent", host="box"),
        datum("disk_used_percent", 25.0, "Percent", host="box", path="/", device="vda1", fstype="ext4"),
        datum("net_bytes_recv", 5000.0, "Bytes", host="box", interface="eth0"),
        datum("net_bytes_sent", 10000.0, "Bytes", host="box", interface="eth0"),
    ]


def test_datadog_gets_what_the_datadog_agent_would_submit():
    def series(metric, value, unit, tags=()):
        at = int(NOON.timestamp()) + 10
        return {"metric": metric, "type": 3, "interval": 5, "unit": unit, "tags": list(tags),
                "points": [{"timestamp": at, "value": value}], "resources": [{"name": "box", "type": "host"}]}

    disk = ("device:/dev/vda1", "device_name:vda1")
    assert [sent.to_dict() for sent in datadog_data(BEFORE, AFTER, "box")] == [
        series("system.cpu.user", pytest.approx(20.0), "percent"),
        series("system.cpu.system", pytest.approx(20.0), "percent"),
        series("system.cpu.iowait", 0.0, "percent"),
        series("system.cpu.stolen", 0.0, "percent"),
        series("system.cpu.idle", pytest.approx(60.0), "percent"),
        series("system.mem.pct_usable", 0.75, "fraction"),
        series("system.disk.in_use", 0.25, "fraction", disk),
        series("system.net.bytes_rcvd", 500.0, "byte/second", ["device:eth0"]),
        series("system.net.bytes_sent", 1000.0, "byte/second", ["device:eth0"]),
    ]


def test_a_counter_that_began_anew_is_not_reported_as_traffic():
    data = cloudwatch_data(BEFORE, snapshot(10, received=5), "box")
    assert not [datum for datum in data if datum["MetricName"].startswith("net_")]


def test_this_machine_can_be_read():
    before = read_machine(time.time())
    data = cloudwatch_data(before, read_machine(before.at + 5), "box")
    by_name = {datum["MetricName"]: datum["Value"] for datum in data}
    assert 0 < by_name["mem_used_percent"] < 100
    assert 0 < by_name["disk_used_percent"] <= 100
    assert [disk.path for disk in before.disks][:1] == ["/"]


class Cloud:
    """Takes batches, unless it has an error to raise."""

    def __init__(self):
        self.taken = []
        self.error = None

    def send(self, batch):
        if self.error:
            raise self.error
        self.taken.append(batch)


def test_batches_wait_for_a_cloud_that_is_away_and_arrive_in_order():
    cloud = Cloud()
    outlet = Outlet("cloudwatch", cloud.send)
    with capture_logs() as lines:
        outlet.put(1)
        throttled = _answered(400, "ThrottlingException")
        for cloud.error in (AWAY, ProtocolError("cut"), _answered(503), throttled):
            outlet.put(len(outlet.waiting) + 2)
        cloud.error = None
        outlet.put(6)
        outlet.put(7)
    assert cloud.taken == [1, 2, 3, 4, 5, 6, 7]
    assert [line["event"] for line in lines] == ["metrics_not_sent", "metrics_sent_again"]


def test_the_oldest_batches_go_when_too_many_wait():
    cloud = Cloud()
    outlet = Outlet("cloudwatch", cloud.send, kept=3)
    cloud.error = AWAY
    for batch in range(10):
        outlet.put(batch)
    cloud.error = None
    outlet.put(10)
    assert cloud.taken == [8, 9, 10]


def test_a_batch_that_is_refused_does_not_hold_up_the_next():
    cloud = Cloud()
    outlet = Outlet("cloudwatch", cloud.send)
    with capture_logs() as lines:
        cloud.error = _answered(400)
        outlet.put(1)
        cloud.error = None
        outlet.put(2)
    assert cloud.taken == [2]
    assert [line["event"] for line in lines] == ["metrics_refused"]


class TwoClouds:
    """Both clients in one: takes what the agent calls them with."""

    def __init__(self):
        self.cloudwatch, self.datadog = [], []

    def put_metric_data(self, Namespace, MetricData):  # noqa: N803
        self.cloudwatch.append((Namespace, MetricData))

    def submit_metrics(self, body):
        self.datadog.append(body)


def test_the_agent_reports_from_its_second_reading_on():
    clouds, snapshots = TwoClouds(), iter([BEFORE, AFTER, snapshot(15, busy_s=5, received=7000)])
    agent = Agent(clouds, clouds, host="box", clock=lambda: 0, read=lambda _: next(snapshots))
    agent.step()
    assert clouds.cloudwatch == clouds.datadog == []
    agent.step()
    agent.step()
    assert [namespace for namespace, _ in clouds.cloudwatch] == ["CWAgent", "CWAgent"]
    assert clouds.cloudwatch[0][1] == cloudwatch_data(BEFORE, AFTER, "box")
    assert [body.series[0].metric for body in clouds.datadog] == ["system.cpu.user"] * 2


def test_a_started_agent_reports_until_it_is_stopped():
    clouds = TwoClouds()
    agent = Agent(clouds, clouds, host="box", every_s=0.01)
    agent.start()
    deadline = time.monotonic() + 10
    while len(clouds.datadog) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    agent.stop()
    reported = len(clouds.datadog)
    time.sleep(0.05)
    assert reported == len(clouds.datadog) >= 2


def _answered(status, code="InvalidParameterValue"):
    answer = {"ResponseMetadata": {"HTTPStatusCode": status}, "Error": {"Code": code}}
    return ClientError(answer, "PutMetricData")
