"""Every benchmark by its name, in the order of the table."""

from benchmarks import cloudwatch, dashboards, dashboards_check, datadog, growth, lake, notifications, rules

BENCHMARKS = {one.name: one for one in (
    cloudwatch.HISTORY, cloudwatch.LIVE, cloudwatch.MEMORY, datadog.BENCHMARK, growth.BENCHMARK, lake.LATEST,
    lake.LATEST_COMPACTED, lake.ONE_SERIES, rules.BENCHMARK, rules.GROWTH, notifications.BENCHMARK,
    dashboards.BENCHMARK, dashboards_check.BENCHMARK)}
