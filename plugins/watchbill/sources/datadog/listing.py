"""Names of the metrics that an organisation sends, by Datadog's list of active metrics."""

from datetime import datetime, timedelta
from typing import Any

from datadog_api_client import ApiClient
from datadog_api_client.v1.api.metrics_api import MetricsApi

from watchbill.sources.errors import Asked
from watchbill.sources.errors.datadog import explained, nonsense

A_DAY = timedelta(days=1)
"""Datadog's own list in its pages looks back so far."""


def active_metrics(client: ApiClient, site: str, connection: str, prefix: str, since: datetime) -> list[str]:
    """Those that begin so and had a point since then. Raises SourceError."""
    asked = Asked("Datadog", site, connection, "listing metrics", (prefix,))
    with explained(asked):
        api: Any = MetricsApi(client)  # type: ignore[no-untyped-call]
        names: Any = api.list_active_metrics(int(since.timestamp())).to_dict().get("metrics")
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise nonsense(asked, "it has no metrics")
    return sorted(name for name in names if name.startswith(prefix))
