"""A process that syncs, and may kill itself at any point on its way: after each write to a cloud or to the ledger.

What enters is a Job; what leaves is what it did to the clouds and the ledger until it died.
"""

import logging
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import structlog
from datadog_api_client import ApiClient, Configuration
from sqlalchemy import Engine, event

from sandbox import credentials
from watchbill.alerts.ledger import Ledger
from watchbill.dashboards.live.cloudwatch import CloudWatchCloud
from watchbill.dashboards.live.datadog import DatadogCloud
from watchbill.flows.apply_dashboards import Terms
from watchbill.flows.dashboard_memory import Memory
from watchbill.flows.sync_dashboards import sync_dashboards
from watchbill.model.dashboards import Dashboard
from watchbill.model.places import Place
from watchbill.model.settings import DashboardSettings


@dataclass(frozen=True)
class Job:
    url: str
    ledger: str
    boards: tuple[dict[str, Any], ...]
    dies_at: int | None = None
    points: Path | None = None
    holder: str = "task"  # a task that is tried again has its name again


def work(job: Job) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    passed: list[str] = []

    def point(name: str) -> None:
        passed.append(name)
        if len(passed) == job.dies_at:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "commit", lambda _: point("COMMIT"))
    memory = Memory(Ledger.open(job.ledger), holder=job.holder, clock=lambda: datetime.now(UTC))
    boards = [Dashboard.model_validate(each) for each in job.boards]
    sync_dashboards(boards, _clouds(job.url, point), memory, DashboardSettings(), Terms(side="keep", whole=False))
    if job.points:
        job.points.write_text("\n".join(passed))


def _clouds(url: str, point: Callable[[str], None]) -> dict[Place, Any]:
    cloudwatch = boto3.client("cloudwatch", endpoint_url=f"{url}/cloudwatch", region_name=credentials.AWS_REGION,
                              aws_access_key_id=credentials.AWS_ACCESS_KEY_ID,
                              aws_secret_access_key=credentials.AWS_SECRET_ACCESS_KEY)
    configuration = Configuration(host=f"{url}/datadog")
    configuration.api_key |= {"apiKeyAuth": credentials.DATADOG_API_KEY,
                              "appKeyAuth": credentials.DATADOG_APPLICATION_KEY}
    datadog = DatadogCloud(ApiClient(configuration), wait=lambda _: None)
    _watch(cloudwatch, ("put_dashboard", "delete_dashboards", "tag_resource"), point)
    _watch(datadog._calls, ("create", "update", "delete"), point)
    return {Place("cloudwatch", "aws_default"): CloudWatchCloud(cloudwatch),
            Place("datadog", "datadog_default"): datadog}


def _watch(client: Any, names: tuple[str, ...], point: Callable[[str], None]) -> None:
    """A point after each call, when the cloud has done it and we have not noted it."""
    for name in names:
        setattr(client, name, _watched(getattr(client, name), name, point))


def _watched(call: Callable[..., Any], name: str, point: Callable[[str], None]) -> Callable[..., Any]:
    def watched(*args: Any, **options: Any) -> Any:
        answer = call(*args, **options)
        point(name)
        return answer

    return watched
