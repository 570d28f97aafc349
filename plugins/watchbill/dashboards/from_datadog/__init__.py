"""The body of a Datadog dashboard -> the model of it, and what the model does not say."""

from watchbill.dashboards.from_datadog.body import read

__all__ = ["read"]
