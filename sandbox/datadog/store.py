"""What the Datadog organisation holds: series of points, dashboards, limits. Filled by HTTP or directly.

A submitted point is kept with its own time and value; rolling up happens when it is asked for.
"""

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sandbox.datadog.limits import Limits

Floats = NDArray[np.float64]
Tags = frozenset[str]  # each "key:value", or a bare word


@dataclass
class Series:
    """Points of one metric and one set of tags, in time order; of points at one time the last is kept."""

    tags: Tags
    _parts: list[tuple[Floats, Floats]] = field(default_factory=list)

    def add(self, timestamps: Floats, values: Floats) -> None:
        self._parts.append((timestamps, values))

    def between(self, start_s: float, end_s: float) -> tuple[Floats, Floats]:
        """Points with start <= time < end."""
        timestamps, values = self._merged()
        low, high = np.searchsorted(timestamps, [start_s, end_s], side="left")
        return timestamps[low:high], values[low:high]

    def last_s(self) -> float:
        return float(self._merged()[0][-1])

    def _merged(self) -> tuple[Floats, Floats]:
        if len(self._parts) > 1:
            timestamps = np.concatenate([part[0] for part in self._parts])
            values = np.concatenate([part[1] for part in self._parts])
            order = np.argsort(timestamps, kind="stable")
            timestamps, values = timestamps[order], values[order]
            is_last = np.append(timestamps[1:] != timestamps[:-1], True)
            self._parts = [(timestamps[is_last], values[is_last])]
        return self._parts[0]


@dataclass
class Metric:
    kind: str = "gauge"  # gauge, count, rate, distribution
    unit: str | None = None
    interval_s: int = 10  # between points, as the agent flushes them
    series: dict[Tags, Series] = field(default_factory=dict)


class Store:
    """`metrics` by name, `dashboards` and `monitors` by id (newest last), `limits` by operation."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.limits = Limits(clock)
        self.metrics: dict[str, Metric] = {}
        self.dashboards: dict[str, dict[str, Any]] = {}
        self.monitors: dict[int, dict[str, Any]] = {}
        self.dropped = 0  # points submitted too late or too early, which the vendor drops in silence
        self.lock = threading.RLock()

    def reset(self) -> None:
        with self.lock:
            self.metrics.clear()
            self.dashboards.clear()
            self.monitors.clear()
            self.limits.reset()
            self.dropped = 0

    def put(
        self,
        metric: str,
        tags: Mapping[str, str],
        timestamps: ArrayLike,
        values: ArrayLike,
        unit: str | None = None,
        type: str = "gauge",  # noqa: A002  # the vendor's word
        interval_s: int = 10,
    ) -> None:
        """Add points of any age: `timestamps` in epoch seconds, as many `values`."""
        words = [f"{key}:{value}" for key, value in tags.items()]
        self.put_tagged(metric, words, timestamps, values, unit, type, interval_s)

    def put_tagged(
        self,
        metric: str,
        tags: Iterable[str],
        timestamps: ArrayLike,
        values: ArrayLike,
        unit: str | None,
        kind: str,
        interval_s: int,
    ) -> None:
        times, numbers = np.asarray(timestamps, np.float64), np.asarray(values, np.float64)
        if times.shape != numbers.shape:
            raise ValueError(f"{len(times)} timestamps, {len(numbers)} values")
        if not times.size:
            return
        key = frozenset(tag.lower() for tag in tags)
        with self.lock:
            held = self.metrics.setdefault(metric, Metric())
            held.kind, held.interval_s = kind, interval_s
            held.unit = unit or held.unit
            held.series.setdefault(key, Series(key)).add(times, numbers)
