"""Samples in, one value for each period out: CloudWatch's statistics, computed on the raw samples.

Percentiles are nearest-rank: the lowest sample that at least N per cent of all do not exceed. A period with
a statistic set of unequal samples has none, nor has a range with a negative sample, as the vendor says.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
"""

import re
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sandbox.cloudwatch.samples import Column, Samples

Indices = NDArray[np.intp]
Points = tuple[Column, Column]
"""Times of the periods' starts in epoch seconds, ascending, and a value for each."""

SIMPLE = ("SampleCount", "Average", "Sum", "Minimum", "Maximum")
_RANKED = re.compile(r"(p|tm|tc|ts|wm)(100|\d{1,2}(?:\.\d{1,10})?)")

_SUMMED: dict[str, Callable[[Samples, Indices], Column]] = {
    "SampleCount": lambda samples, starts: np.add.reduceat(samples.number, starts),
    "Sum": lambda samples, starts: np.add.reduceat(samples.total, starts),
    "Minimum": lambda samples, starts: np.minimum.reduceat(samples.low, starts),
    "Maximum": lambda samples, starts: np.maximum.reduceat(samples.high, starts),
    "Average": lambda samples, starts: (
        np.add.reduceat(samples.total, starts) / np.add.reduceat(samples.number, starts)
    ),
}


def is_extended(statistic: str) -> bool:
    return _RANKED.fullmatch(statistic) is not None


def is_statistic(statistic: str) -> bool:
    return statistic in SIMPLE or is_extended(statistic)


def aggregate(samples: Samples, statistic: str, period_s: int) -> Points:
    """One point for each period, aligned to the epoch, that holds a sample."""
    if not len(samples.times):
        return np.empty(0), np.empty(0)
    if statistic in _SUMMED:
        buckets = np.floor(samples.times / period_s)
        starts = _starts(buckets)
        return buckets[starts] * period_s, _SUMMED[statistic](samples, starts)
    return _ranked(samples, statistic, period_s)


def _starts(buckets: Column) -> Indices:
    """Where each run of equal numbers begins."""
    return np.flatnonzero(np.r_[True, buckets[1:] != buckets[:-1]])


def _ranked(samples: Samples, statistic: str, period_s: int) -> Points:
    found = _RANKED.fullmatch(statistic)
    if found is None:
        raise ValueError(f"{statistic} is no statistic")
    if samples.low.min() < 0:
        return np.empty(0), np.empty(0)
    buckets = np.floor(samples.times / period_s)
    order = np.lexsort((samples.low, buckets))
    buckets, values, counts = buckets[order], samples.low[order], samples.number[order]
    starts = _starts(buckets)
    result = _rank(found[1], float(found[2]) / 100, values, counts, starts)
    known = np.logical_and.reduceat((samples.low == samples.high)[order], starts)
    return buckets[starts][known] * period_s, result[known]


def _rank(kind: str, share: float, values: Column, counts: Column, starts: Indices) -> Column:
    """The percentile at `share`, or what the samples up to it come to; `values` sorted within each period."""
    seen = np.cumsum(counts)
    before = seen[starts] - counts[starts]
    wanted = share * np.add.reduceat(counts, starts)
    at = np.maximum(np.searchsorted(seen, before + wanted - 1e-9 * (1 + wanted)), starts)
    limits = values[at]
    if kind == "p":
        return limits
    limit = np.repeat(limits, np.diff(np.r_[starts, len(values)]))
    if kind == "wm":
        clipped = np.add.reduceat(np.minimum(values, limit) * counts, starts)
        return clipped / np.add.reduceat(counts, starts)
    kept = np.where(values <= limit, counts, 0.0)
    number, total = np.add.reduceat(kept, starts), np.add.reduceat(kept * values, starts)
    return {"tc": number, "ts": total, "tm": total / number}[kind]
