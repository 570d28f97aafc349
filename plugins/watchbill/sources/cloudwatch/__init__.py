"""CloudWatch -> points: `plan` makes the requests, `fetch` answers one."""

from watchbill.sources.cloudwatch.answers import fetch
from watchbill.sources.cloudwatch.requests import plan

__all__ = ["fetch", "plan"]
