"""Entries of include/metrics for the tests of the sources."""

from typing import Any

from watchbill.model.metrics import MetricEntry


def entry(**given: Any) -> MetricEntry:
    """`shop/errors` of checkout, every minute, unless said otherwise."""
    if "query" not in given:
        given = {"namespace": "shop", "metrics": ["errors"], "dimensions": {"service": "checkout"}, **given}
    return MetricEntry.model_validate(
        {"name": "shop", "sources": ["cloudwatch", "datadog"], "period": "1m", **given}
    )


def free(query: str, **given: Any) -> MetricEntry:
    return entry(query=query, sources="datadog", **given)
