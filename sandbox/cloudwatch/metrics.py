"""The metrics of a region: a sorted run of samples for each metric, unit and resolution.

Samples enter in any order, a few or a million; those of a time range leave.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from sandbox.cloudwatch.samples import Samples

Dimensions = tuple[tuple[str, str], ...]


class MetricKey(NamedTuple):
    """A metric's identity. Other dimensions are another metric."""

    namespace: str
    metric: str
    dimensions: Dimensions  # sorted by name

    @classmethod
    def of(cls, namespace: str, metric: str, dimensions: Mapping[str, str]) -> "MetricKey":
        return cls(namespace, metric, tuple(sorted(dimensions.items())))


@dataclass
class _Run:
    """A run of samples; what was appended since the last reading waits unsorted."""

    samples: Samples = field(default_factory=lambda: Samples.joined([]))
    waiting: list[Samples] = field(default_factory=list)

    def merged(self) -> Samples:
        if self.waiting:
            self.samples = Samples.joined([self.samples, *self.waiting])
            self.waiting.clear()
        return self.samples


class Metrics:
    """The metrics of one region. Safe to use from any thread."""

    def __init__(self) -> None:
        self._runs: dict[MetricKey, dict[tuple[str, int], _Run]] = {}
        self._newest: dict[MetricKey, float] = {}
        self._sorted: list[MetricKey] | None = None
        self._lock = threading.Lock()

    def clear(self) -> None:
        with self._lock:
            self._runs.clear()
            self._newest.clear()
            self._sorted = None

    def append(self, key: MetricKey, samples: Samples, unit: str, storage_resolution_s: int) -> None:
        """Keep samples at their resolution: whole seconds where it is 1, whole minutes otherwise."""
        if not len(samples.times):
            return
        step = 1.0 if storage_resolution_s == 1 else 60.0
        times = np.floor(samples.times / step) * step
        order = np.argsort(times, kind="stable")
        rows = Samples(*(column[order] for column in samples._replace(times=times)))
        with self._lock:
            if key not in self._runs:
                self._runs[key] = {}
                self._sorted = None
            self._runs[key].setdefault((unit, int(step)), _Run()).waiting.append(rows)
            self._newest[key] = max(self._newest.get(key, rows.times[-1]), rows.times[-1])

    def listed(self) -> list[tuple[MetricKey, float]]:
        """Every metric in order of its name, with its newest timestamp."""
        with self._lock:
            if self._sorted is None:
                self._sorted = sorted(self._runs)
            return [(key, self._newest[key]) for key in self._sorted]

    def samples(self, key: MetricKey, start: float, end: float, *, unit: str | None = None,
                high_resolution_only: bool = False) -> Samples:
        """What was published for exactly this metric, `start` inclusive, `end` exclusive."""
        with self._lock:
            runs = [
                run.merged().between(start, end)
                for (of_unit, step), run in self._runs.get(key, {}).items()
                if unit in (None, of_unit) and (step == 1 or not high_resolution_only)
            ]
        return Samples.joined(runs)

    def units(self, key: MetricKey) -> list[str]:
        with self._lock:
            return list(dict.fromkeys(unit for unit, _ in self._runs.get(key, {})))

    def count(self) -> int:
        """How many samples are stored."""
        with self._lock:
            return sum(len(run.merged().times) for runs in self._runs.values() for run in runs.values())
