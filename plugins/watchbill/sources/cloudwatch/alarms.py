"""All alarms of a region, by DescribeAlarms, which is free: a client in, its answer as one out."""

from typing import Any

from watchbill.sources.errors import Asked
from watchbill.sources.errors.cloudwatch import explained

_KINDS = ("MetricAlarms", "CompositeAlarms")


def all_alarms(client: Any, connection: str, region: str) -> dict[str, list[Any]]:
    """As the vendor tells them, metric alarms and composite ones. Raises SourceError."""
    about = Asked("CloudWatch", region, connection, "DescribeAlarms", ())
    found: dict[str, list[Any]] = {kind: [] for kind in _KINDS}
    with explained(about):
        pages = client.get_paginator("describe_alarms").paginate(AlarmTypes=["MetricAlarm", "CompositeAlarm"])
        for page in pages:
            for kind in _KINDS:
                found[kind] += page.get(kind, [])
    return found
