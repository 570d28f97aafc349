"""What an account holds in a region: metrics, alarms, and its dashboards, which are the same in every region."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from sandbox.cloudwatch.alarm import Alarm
from sandbox.cloudwatch.metrics import MetricKey, Metrics
from sandbox.cloudwatch.samples import Column, Samples
from sandbox.credentials import AWS_ACCOUNT, AWS_REGION


@dataclass(frozen=True)
class Dashboard:
    name: str
    body: str  # as it was put
    modified_at: float  # epoch seconds
    account: str = AWS_ACCOUNT
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def arn(self) -> str:
        return f"arn:aws:cloudwatch::{self.account}:dashboard/{self.name}"


class Store:
    """Published to by PutMetricData and, by the million, by the story. Safe to use from any thread."""

    def __init__(self, account: str = AWS_ACCOUNT, region: str = AWS_REGION,
                 dashboards: dict[str, Dashboard] | None = None) -> None:
        self.account, self.region = account, region
        self.metrics = Metrics()
        self.dashboards: dict[str, Dashboard] = {} if dashboards is None else dashboards
        self.alarms: dict[str, Alarm] = {}

    def reset(self) -> None:
        """Forget every metric, alarm and dashboard."""
        self.dashboards.clear()
        self.alarms.clear()
        self.metrics.clear()

    def put(
        self,
        namespace: str,
        metric: str,
        dimensions: Mapping[str, str],
        timestamps: Column,
        values: Column,
        unit: str = "None",
        storage_resolution_s: int = 60,
    ) -> None:
        """Publish raw values, at epoch seconds in any order.

        Nothing is checked, and nothing is overwritten: two values at one time are two samples.
        """
        times = np.asarray(timestamps, dtype=np.float64)
        samples = Samples.of_values(times, np.asarray(values, dtype=np.float64))
        key = MetricKey.of(namespace, metric, dimensions)
        self.metrics.append(key, samples, unit, storage_resolution_s)
