"""A CloudWatch dashboard body -> the model of it, and what the model does not say."""

from watchbill.dashboards.from_cloudwatch.body import read

__all__ = ["read"]
