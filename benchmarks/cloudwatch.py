"""CloudWatch GetMetricData -> Parquet: our source and lake beside boto3 as it comes.

Both use the same client with the same settings and write what each answer holds at once.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.answers import serving
from benchmarks.benchmark import Benchmark, Given, Size, Work
from watchbill.model.series import Series
from watchbill.model.targets import Target
from watchbill.model.windows import Window

_START = datetime(2026, 3, 2, tzinfo=UTC)
_MINUTE = timedelta(minutes=1)


@contextmanager
def stage(_: Path, size: Size) -> Iterator[Given]:
    """A full page for each request: 500 metrics, 200 points each, and the answer is chosen by its StartTime."""
    chance = Random(7)
    answers = {int(_window(size, turn).start.timestamp()): _answer(size, turn, chance)
               for turn in range(size["requests"] + 1)}
    with serving(answers, r'"StartTime": ?(\d+)', "application/x-amz-json-1.0") as url:
        yield {"url": url, **size}


def _answer(size: Size, turn: int, chance: Random) -> bytes:
    start_s = _window(size, turn).start.timestamp()
    times = [start_s + 60 * minute for minute in range(size["minutes"])]
    results = [{"Id": f"m{number}", "Label": f"i-{number:04}", "Timestamps": times, "StatusCode": "Complete",
                "Values": [chance.gauss(50, 15) for _ in times]} for number in range(size["series"])]
    return json.dumps({"MetricDataResults": results, "Messages": []}, separators=(",", ":")).encode()


def _window(size: Size, turn: int) -> Window:
    start = _START + turn * size["minutes"] * _MINUTE
    return Window(start, start + size["minutes"] * _MINUTE)


def _series(size: Size) -> list[Series]:
    return [Series("cloudwatch", "123456789012", "eu-west-1", "AWS/EC2", "CPUUtilization", "Average", 60,
                   (("InstanceId", f"i-{number:04}"),), "Percent") for number in range(size["series"])]


def _client(url: str) -> Any:
    import boto3
    from botocore.config import Config

    return boto3.client("cloudwatch", endpoint_url=url, region_name="eu-west-1", aws_access_key_id="benchmark",
                        aws_secret_access_key="benchmark",
                        config=Config(retries={"mode": "standard", "total_max_attempts": 4}))


def watchbill(given: Given, folder: Path) -> Work:
    """As a task of collect_cloudwatch does it: fetch a request, write it to the lake."""
    from benchmarks.parquet import kept
    from watchbill.lake.lake import Lake
    from watchbill.sources import cloudwatch
    from watchbill.sources.request import Query, Request

    client, lake = _client(given["url"]), Lake.open("lake", home=folder)
    queries = tuple(Query("ec2", series) for series in _series(given))

    def turn(number: int) -> int:
        window = _window(given, number)
        request = Request(Target("cloudwatch", "aws_default"), window, queries)
        fetched = cloudwatch.fetch(client, request)
        lake.write("cloudwatch", window, request.id, fetched.points, fetched.series, collected_at=window.end)
        return len(fetched.points)

    return Work(turn, given["requests"], lambda: kept(folder / "lake" / "points"))


def boto3(given: Given, folder: Path) -> Work:
    """As the vendor's page shows it: every timestamp a datetime, the results joined into lists."""
    from benchmarks.parquet import kept, write

    client, every = _client(given["url"]), _series(given)
    keys = {f"m{number}": series.key for number, series in enumerate(every)}
    queries = [{"Id": f"m{number}", "MetricStat": {
        "Metric": {"Namespace": series.namespace, "MetricName": series.metric,
                   "Dimensions": [{"Name": name, "Value": value} for name, value in series.dimensions]},
        "Period": series.period_s, "Stat": series.statistic}} for number, series in enumerate(every)]

    def turn(number: int) -> int:
        window = _window(given, number)
        series: list[int] = []
        times: list[datetime] = []
        values: list[float] = []
        pages = client.get_paginator("get_metric_data").paginate(
            MetricDataQueries=queries, StartTime=window.start, EndTime=window.end, ScanBy="TimestampAscending")
        for page in pages:
            for result in page["MetricDataResults"]:
                series += [keys[result["Id"]]] * len(result["Timestamps"])
                times += result["Timestamps"]
                values += result["Values"]
        write(folder / f"{number}.parquet", series, times, values, window.end)
        return len(values)

    return Work(turn, given["requests"], lambda: kept(folder))


BENCHMARK = Benchmark(
    "cloudwatch", "CloudWatch GetMetricData → Parquet", "a request of 500 metrics × 200 points", baseline="boto3",
    sides={"boto3": boto3, "watchbill": watchbill}, stage=stage,
    full={"series": 500, "minutes": 200, "requests": 2}, tiny={"series": 3, "minutes": 4, "requests": 2})
