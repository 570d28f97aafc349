"""One series brought to the times of its sisters: a gap gets values that nobody sent, as the vendor invents them.

https://docs.datadoghq.com/metrics/guide/interpolation-the-fill-modifier-explained/; the vendor also looks at what lies
before and after the window that is asked for, this one does not.
"""

import numpy as np
from numpy.typing import NDArray

from sandbox.datadog.query import MetricQuery
from sandbox.datadog.store import Floats, Metric

Buckets = NDArray[np.int64]


def fill_method(metric: Metric, query: MetricQuery) -> str:
    """As the query says; else linear, or null for counts asked with `as_count` or `as_rate`, which a gauge ignores."""
    if metric.kind == "distribution":  # its points are merged over time and series at once
        return "null"
    return query.fill or ("null" if query.modifier and metric.kind != "gauge" else "linear")


def interpolated(
    buckets: Buckets, values: Floats, shared: Buckets, method: str, reach: int
) -> tuple[Buckets, Floats]:
    """Values for those of the `shared` buckets that lie up to `reach` of them after a real one; all ascend.

    `linear` needs a real one on both sides, `last` and `zero` only before; `null` leaves all as it is.
    """
    missing = np.setdiff1d(shared, buckets)
    if method == "null" or not missing.size or not buckets.size:
        return buckets, values
    before = np.searchsorted(buckets, missing) - 1
    known = (before >= 0) & (missing - buckets[before] <= reach)
    if method == "linear":
        known &= before + 1 < buckets.size
    missing, before = missing[known], before[known]
    made = {
        "linear": np.interp(missing, buckets, values),
        "last": values[before],
        "zero": np.zeros(missing.size),
    }[method]
    order = np.argsort(np.concatenate([buckets, missing]))
    return np.concatenate([buckets, missing])[order], np.concatenate([values, made])[order]
