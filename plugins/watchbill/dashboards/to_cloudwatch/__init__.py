"""A Dashboard -> CloudWatch's dashboard body, and what is lost on the way."""

from watchbill.dashboards.to_cloudwatch.body import to_cloudwatch

__all__ = ["to_cloudwatch"]
