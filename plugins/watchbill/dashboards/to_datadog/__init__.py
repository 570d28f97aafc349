"""A Dashboard -> the body of Datadog's dashboards API, and what is lost on the way."""

from watchbill.dashboards.to_datadog.body import to_datadog

__all__ = ["to_datadog"]
