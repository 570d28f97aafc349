"""Noise without a generator's state: what is drawn depends on the seed and the counter alone.

So the same minute has the same values however a window is cut. Counters in, floats out, all as arrays.
"""

import zlib

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Counters = NDArray[np.int64]

_STEP = 0x9E3779B97F4A7C15  # of SplitMix64, as its two factors below
_MASK = 0xFFFFFFFFFFFFFFFF


def uniform(seed: int, stream: str, counters: Counters) -> Floats:
    """Evenly between 0 and 1, neither of them included."""
    start = (seed * _STEP + (zlib.crc32(stream.encode()) << 32)) & _MASK
    with np.errstate(over="ignore"):
        bits = (counters.astype(np.uint64) + np.uint64(1)) * np.uint64(_STEP) + np.uint64(start)
        bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        bits ^= bits >> np.uint64(31)
    floats: Floats = ((bits >> np.uint64(11)).astype(np.float64) + 0.5) / 2.0**53
    return floats


def normal(seed: int, stream: str, counters: Counters) -> Floats:
    """Around 0 with a deviation of 1, by Box and Muller."""
    radius = np.sqrt(-2 * np.log(uniform(seed, stream + "/radius", counters)))
    turned: Floats = radius * np.cos(2 * np.pi * uniform(seed, stream + "/angle", counters))
    return turned


def drift(seed: int, stream: str, timestamps: Floats, span_s: float) -> Floats:
    """Slow wandering between -1 and 1: a new direction every `span_s`, joined smoothly."""
    position = timestamps / span_s
    before = np.floor(position).astype(np.int64)
    share = position - before
    share = share * share * (3 - 2 * share)
    left, right = uniform(seed, stream, before), uniform(seed, stream, before + 1)
    wandered: Floats = 2 * (left + (right - left) * share) - 1
    return wandered
