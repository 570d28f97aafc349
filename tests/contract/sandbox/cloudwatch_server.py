"""The sandbox's CloudWatch alone on a port of its own, spoken to by the real boto3."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import boto3
import numpy as np
import uvicorn
from botocore.config import Config

from sandbox.cloudwatch.accounts import Accounts
from sandbox.cloudwatch.app import create_app
from sandbox.credentials import AWS_ACCESS_KEY_ID, AWS_REGION, AWS_SECRET_ACCESS_KEY
from sandbox.faults import Faults
from sandbox.identities import Identities
from sandbox.permissions import Permissions

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC).timestamp()
DAY_S = 86_400


class Cloud:
    """The server, with a clock that a test may set."""

    def __init__(self, url: str) -> None:
        self.url, self.now = url, NOW
        self.accounts, self.permissions, self.faults = Accounts(), Permissions(), Faults()
        self.identities = Identities(lambda: self.now)
        self.store = self.accounts.of()
        self.client = self.connect()

    def connect(self, region: str = AWS_REGION, key: str = AWS_ACCESS_KEY_ID, **config: Any) -> Any:
        settings = Config(retries={"total_max_attempts": 1}, **config)
        return boto3.client("cloudwatch", endpoint_url=self.url, region_name=region, aws_access_key_id=key,
                            aws_secret_access_key=AWS_SECRET_ACCESS_KEY, config=settings)

    def reset(self) -> "Cloud":
        self.accounts.reset()
        self.identities.reset()
        self.permissions.allow(None, None, None)
        self.faults.reset()
        self.now = NOW
        return self

    def put(self, times: Any, values: Any, metric: str = "latency", **dimensions: str) -> None:
        """Raw values straight into the store, in the namespace `shop`."""
        self.store.put("shop", metric, dimensions, np.asarray(times, float), np.asarray(values, float))

    def read(self, *queries: dict[str, Any], start: float, end: float, **request: Any) -> dict[str, Any]:
        """One page of GetMetricData."""
        answer = self.client.get_metric_data(MetricDataQueries=list(queries), StartTime=moment(start),
                                             EndTime=moment(end), **request)
        answer.pop("ResponseMetadata")
        return answer  # type: ignore[no-any-return]

    def points(self, stat: str, start: float, end: float, period: int = 60, metric: str = "latency",
               **dimensions: str) -> list[tuple[float, float]]:
        """The points of one statistic, ascending, times as epoch seconds."""
        asked = query(stat=stat, period=period, metric=metric, **dimensions)
        answer = self.read(asked, start=start, end=end, ScanBy="TimestampAscending")
        result = answer["MetricDataResults"][0]
        assert result["StatusCode"] == "Complete"
        times = [time.timestamp() for time in result["Timestamps"]]
        return list(zip(times, result["Values"], strict=True))


def moment(epoch_s: float) -> datetime:
    return datetime.fromtimestamp(epoch_s, UTC)


def query(id: str = "q", stat: str = "Average", period: int = 60, metric: str = "latency",  # noqa: A002
          namespace: str = "shop", **dimensions: str) -> dict[str, Any]:
    named = [{"Name": name, "Value": value} for name, value in dimensions.items()]
    return {"Id": id, "MetricStat": {
        "Metric": {"Namespace": namespace, "MetricName": metric, "Dimensions": named},
        "Period": period, "Stat": stat,
    }}  # fmt: skip


@contextmanager
def serving() -> Iterator[Cloud]:
    listening = socket.create_server(("127.0.0.1", 0))
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # as in sandbox/server.py
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    cloud = Cloud(url)
    app = create_app(cloud.accounts, cloud.identities, cloud.permissions, cloud.faults, lambda: cloud.now)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.005)
    yield cloud
    server.should_exit = True
    thread.join()
