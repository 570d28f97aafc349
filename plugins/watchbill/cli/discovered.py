"""Metrics that a cloud has -> entries of include/metrics, ready to be written."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from watchbill.cli.printing import counted, shown
from watchbill.model.series import CONNECTIONS

_MOST_NAMED = 3
# Daily, and a day or two late: docs.aws.amazon.com/AmazonS3/latest/userguide/metrics-dimensions.html
_STORAGE = {"period": "1d", "delay": "3d"}

Metric = tuple[str, tuple[tuple[str, str], ...]]
"""Its name and its dimensions."""


@dataclass(frozen=True)
class Discovered:
    entry: dict[str, Any]  # as it is written in YAML
    series: int
    examples: list[str]  # of dimensions


def cloudwatch_entries(metrics: Iterable[Metric], namespace: str, conn_id: str, region: str,
                       linked: bool) -> list[Discovered]:
    """One for all metrics with the same names of dimensions."""
    groups: dict[tuple[str, ...], list[Metric]] = {}
    for metric in metrics:
        groups.setdefault(tuple(name for name, _ in metric[1]), []).append(metric)
    names = _Names()
    return [Discovered(_entry(names.free(" ".join([namespace, *dimensions])), namespace, dimensions, found, conn_id,
                              region, linked), len(found), _examples(found))
            for dimensions, found in sorted(groups.items())]


def _entry(name: str, namespace: str, dimensions: Sequence[str], found: Sequence[Metric], conn_id: str, region: str,
           linked: bool) -> dict[str, Any]:
    entry: dict[str, Any] = {"name": name, "sources": "cloudwatch"}
    if conn_id != CONNECTIONS["cloudwatch"]:
        entry["connections"] = {"cloudwatch": conn_id}
    if region:
        entry["regions"] = region
    if linked:
        entry["linked_accounts"] = True
    entry |= {"namespace": namespace, "metrics": sorted({metric for metric, _ in found})}
    if dimensions:
        entry["dimensions"] = dict.fromkeys(dimensions, "*")
    is_storage = namespace == "AWS/S3" and "StorageType" in dimensions
    return entry | (_STORAGE if is_storage else {"period": "1m"})


def _examples(found: Sequence[Metric]) -> list[str]:
    texts = dict.fromkeys(" ".join(f"{name}={value}" for name, value in dimensions) for _, dimensions in found)
    return [text for text in texts if text][:_MOST_NAMED]


def datadog_entries(metrics: Sequence[str], conn_id: str) -> list[Discovered]:
    """One for each metric, averaged over everything that sends it."""
    names = _Names()
    elsewhere = {} if conn_id == CONNECTIONS["datadog"] else {"connections": {"datadog": conn_id}}
    return [Discovered({"name": names.free(f"{metric} datadog"), "sources": "datadog", **elsewhere,
                        "query": f"avg:{metric}{{*}}", "period": "1m"}, 1, []) for metric in metrics]


class _Names:
    """Names of entries, each given once."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def free(self, text: str) -> str:
        base = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "metrics"
        name, number = base, 1
        while name in self._taken:
            number += 1
            name = f"{base}-{number}"
        self._taken.add(name)
        return name


def written(found: Iterable[Discovered]) -> str:
    """A file of metrics/."""
    lines = ["metrics:"]
    for one in found:
        examples = f", as {'; '.join(one.examples)}" if one.examples else ""
        lines.append(f"  # {counted(one.series, 'metric')}{shown(examples)}")
        text = yaml.safe_dump(one.entry, sort_keys=False, default_flow_style=None, allow_unicode=True, width=110)
        first, *rest = text.splitlines()
        lines += [f"  - {first}", *(f"    {line}" for line in rest), ""]
    return "\n".join(lines)
