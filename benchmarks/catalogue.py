"""Every benchmark by its name, in the order of the table."""

from benchmarks import cloudwatch, datadog, lake, rules

BENCHMARKS = {one.name: one for one in (cloudwatch.BENCHMARK, datadog.BENCHMARK, lake.LATEST, lake.ONE_SERIES,
                                        rules.BENCHMARK)}
