"""A strict Datadog: metrics in and out (v1 and v2), dashboards (v1), keys and rate limits."""
