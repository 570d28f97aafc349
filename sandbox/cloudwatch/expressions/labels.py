"""Labels of results: the vendor's own for a metric, and dynamic ones, `${PROP('Dim.InstanceId')} ${MAX}`.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/graph-dynamic-labels.html; of the values of points
those without a time in them.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from sandbox.cloudwatch.expressions.series import Series
from sandbox.cloudwatch.samples import Column

MOST_STATISTICS = 5
_DYNAMIC = re.compile(r"\$\{\s*(?:PROP\(\s*'(?P<property>[^']*)'\s*\)|(?P<value>[A-Z_]+))\s*\}")
_VALUES: dict[str, Callable[[Column], float]] = {
    "AVG": np.mean, "MAX": np.max, "MIN": np.min, "SUM": np.sum, "DATAPOINT_COUNT": len,
    "FIRST": lambda values: values[0], "LAST": lambda values: values[-1],
    "FIRST_LAST_RANGE": lambda values: values[-1] - values[0], "MIN_MAX_RANGE": np.ptp,
}  # fmt: skip


def check(label: str) -> None:
    """Raises ValueError for more than a label may hold."""
    values = [found["value"] for found in _DYNAMIC.finditer(label) if found["value"]]
    unknown = [value for value in values if value not in _VALUES and value != "LABEL"]
    if unknown:
        raise ValueError(f"the dynamic label value {unknown[0]} is not known")
    if values.count("LABEL") > 1:
        raise ValueError("${LABEL} can be used once in a label")
    if len(values) - values.count("LABEL") > MOST_STATISTICS:
        raise ValueError(f"a label holds at most {MOST_STATISTICS} dynamic statistical values")


def is_dynamic(label: str) -> bool:
    return _DYNAMIC.search(label) is not None


def filled(label: str, series: Series) -> str:
    """A dynamic label for one series; a property that the series has not is empty."""

    def text(found: re.Match[str]) -> str:
        if found["property"] is not None:
            return series.properties.get(found["property"], "")
        if found["value"] == "LABEL":
            return series.label
        return f"{float(_VALUES[found['value']](series.values)):g}" if len(series.values) else "--"

    return _DYNAMIC.sub(text, label)


def told_apart(found: Sequence[Series]) -> list[Series]:
    """Metrics with the default labels of a search: what differs between them, or else their names."""
    names = list(dict.fromkeys(name for series in found for name in series.properties if name.startswith("Dim.")))
    names += ["MetricName", "AccountId"]
    differing = [name for name in names if len({series.properties.get(name) for series in found}) > 1]
    return [
        replace(series, label=" ".join(filter(None, (series.properties.get(name) for name in differing)))
                or series.properties["MetricName"])
        for series in found
    ]  # fmt: skip
