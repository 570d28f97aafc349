"""What one account holds: metrics by region, and dashboards, which are the same in every region."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sandbox.cloudwatch.metrics import MetricKey, Metrics
from sandbox.cloudwatch.samples import Column, Samples
from sandbox.credentials import AWS_ACCOUNT, AWS_REGION


@dataclass(frozen=True)
class Dashboard:
    name: str
    body: str  # as it was put
    modified_at: float  # epoch seconds

    @property
    def arn(self) -> str:
        return f"arn:aws:cloudwatch::{AWS_ACCOUNT}:dashboard/{self.name}"


class Store:
    """Published to by PutMetricData and, by the million, by the story. Safe to use from any thread."""

    def __init__(self) -> None:
        self.dashboards: dict[str, Dashboard] = {}
        self._regions: dict[str, Metrics] = {}

    def reset(self) -> None:
        """Forget every metric and dashboard."""
        self.dashboards.clear()
        self._regions.clear()

    def metrics(self, region: str = AWS_REGION) -> Metrics:
        """The metrics of a region; a region not published to has none."""
        return self._regions.setdefault(region, Metrics())

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
        """Publish raw values in the sandbox's region, at epoch seconds in any order.

        Nothing is checked, and nothing is overwritten: two values at one time are two samples.
        """
        times = np.asarray(timestamps, dtype=np.float64)
        samples = Samples.of_values(times, np.asarray(values, dtype=np.float64))
        key = MetricKey.of(namespace, metric, dimensions)
        self.metrics().append(key, samples, unit, storage_resolution_s)
