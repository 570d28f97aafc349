"""This machine as the vendors' agents would report it: the sandbox's own live input.

Snapshots of the machine in; every few seconds a batch to CloudWatch, named as the CloudWatch agent names
its metrics, and one to Datadog, named as the Datadog agent does. A cloud that is away gets its batches later.
"""

import socket
import time
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import structlog
from datadog_api_client.v2.api.metrics_api import MetricsApi
from datadog_api_client.v2.model.metric_payload import MetricPayload
from datadog_api_client.v2.model.metric_series import MetricSeries

from sandbox.clients import FAILURES, datadog_series, is_refusal, reason
from sandbox.machine import Snapshot, cpu_shares, grown, read_machine
from sandbox.ticker import Ticker

EVERY_S = 5
KEPT = 240  # batches for a cloud that is away: 20 minutes

log = structlog.get_logger("sandbox")


def cloudwatch_data(before: Snapshot, after: Snapshot, host: str) -> list[dict[str, Any]]:
    """MetricData as the CloudWatch agent puts it: of high resolution, as it collects more than once a minute.

    Names, units and dimensions: "Metrics collected by the CloudWatch agent" in the CloudWatch User Guide.
    """
    rows: list[tuple[str, float, str, dict[str, str]]] = []
    shares = cpu_shares(before, after)
    if shares:
        rows.append(("cpu_usage_active", 100 - shares["idle"], "Percent", {"cpu": "cpu-total"}))
    rows.append(("mem_used_percent", 100 * (1 - after.memory_usable / after.memory_total), "Percent", {}))
    rows += [("disk_used_percent", 100 * disk.used_share, "Percent",
              {"path": disk.path, "device": disk.name, "fstype": disk.fstype})
             for disk in after.disks]
    rows += [("net_bytes_recv", count, "Bytes", {"interface": name})
             for name, count in grown(before.received, after.received).items()]
    rows += [("net_bytes_sent", count, "Bytes", {"interface": name})
             for name, count in grown(before.sent, after.sent).items()]
    at = datetime.fromtimestamp(int(after.at), UTC)
    return [{"MetricName": metric, "Dimensions": _dimensions(host=host, **more), "Timestamp": at,
             "Value": float(value), "Unit": unit, "StorageResolution": 1}
            for metric, value, unit, more in rows]


def _dimensions(**dimensions: str) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in dimensions.items()]


def datadog_data(before: Snapshot, after: Snapshot, host: str) -> list[MetricSeries]:
    """Series as the Datadog agent submits them: CPU in percent, shares as fractions, traffic a second."""
    rows: list[tuple[str, float, str, dict[str, str]]] = []
    shares = cpu_shares(before, after)
    if shares:
        kernel = sum(shares.get(state, 0) for state in ("system", "irq", "softirq"))
        rows += [("system.cpu.user", shares["user"] + shares.get("nice", 0), "percent", {}),
                 ("system.cpu.system", kernel, "percent", {}),
                 ("system.cpu.iowait", shares.get("iowait", 0), "percent", {}),
                 ("system.cpu.stolen", shares.get("steal", 0), "percent", {}),
                 ("system.cpu.idle", shares["idle"], "percent", {})]
    rows.append(("system.mem.pct_usable", after.memory_usable / after.memory_total, "fraction", {}))
    rows += [("system.disk.in_use", disk.used_share, "fraction",
              {"device": disk.device, "device_name": disk.name}) for disk in after.disks]
    passed_s = after.at - before.at
    rows += [("system.net.bytes_rcvd", count / passed_s, "byte/second", {"device": name})
             for name, count in grown(before.received, after.received).items()]
    rows += [("system.net.bytes_sent", count / passed_s, "byte/second", {"device": name})
             for name, count in grown(before.sent, after.sent).items()]
    return [datadog_series(metric, [(after.at, value)], tags=tags, host=host,
                           unit=unit, type="gauge", interval_s=EVERY_S) for metric, value, unit, tags in rows]


class Outlet:
    """The way to one cloud: sends batches in order and keeps what it could not send, the newest `kept`."""

    def __init__(self, cloud: str, send: Callable[[Any], object], kept: int = KEPT) -> None:
        self._cloud = cloud
        self._send = send
        self._away = False
        self.waiting: deque[Any] = deque(maxlen=kept)

    def put(self, batch: Any) -> None:
        """Send what waits and then this. One line says that the cloud is away, one that it is back."""
        self.waiting.append(batch)
        while self.waiting:
            try:
                self._send(self.waiting[0])
            except FAILURES as error:
                if not is_refusal(error):
                    self._is_away(error)
                    return
                log.warning("metrics_refused", cloud=self._cloud, error=reason(error))
            self.waiting.popleft()
        if self._away:
            log.info("metrics_sent_again", cloud=self._cloud)
            self._away = False

    def _is_away(self, error: Exception) -> None:
        if not self._away:
            log.warning("metrics_not_sent", cloud=self._cloud, error=reason(error))
        self._away = True


class Agent:
    """Reports this machine every few seconds, in a thread of its own."""

    def __init__(self, cloudwatch: Any, datadog: MetricsApi, *, host: str | None = None,
                 every_s: float = EVERY_S, clock: Callable[[], float] = time.time,
                 read: Callable[[float], Snapshot] = read_machine) -> None:
        self._host = host or socket.gethostname()
        self._clock = clock
        self._read = read
        self._before: Snapshot | None = None
        self.cloudwatch = Outlet(
            "cloudwatch", lambda data: cloudwatch.put_metric_data(Namespace="CWAgent", MetricData=data))
        self.datadog = Outlet("datadog", lambda series: datadog.submit_metrics(MetricPayload(series=series)))
        self._ticker = Ticker("sandbox-agent", self.step, every_s)

    def step(self) -> None:
        """Read the machine and report what happened since the last reading; the first one reports nothing."""
        before, self._before = self._before, self._read(self._clock())
        if before is not None and self._before.at > before.at:
            self.cloudwatch.put(cloudwatch_data(before, self._before, self._host))
            self.datadog.put(datadog_data(before, self._before, self._host))

    def start(self) -> None:
        self._ticker.start()

    def stop(self) -> None:
        self._ticker.stop()
