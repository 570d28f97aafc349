"""Datadog -> points: `plan` makes the requests, `fetch` answers one."""

from watchbill.sources.datadog.answers import fetch
from watchbill.sources.datadog.requests import plan

__all__ = ["fetch", "plan"]
