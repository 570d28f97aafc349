"""CloudWatch GetMetricData -> Parquet: our source and lake beside boto3 as it comes, and beside the least there is.

All write what each answer holds at once.
"""

from datetime import datetime
from pathlib import Path

from benchmarks.benchmark import Benchmark, Given, Side, Work
from benchmarks.cloudwatch_answers import OURS, client, questions, series, stage, window


def watchbill(given: Given, folder: Path) -> Work:
    """As a task of collect_cloudwatch does it: fetch a request, write it to the lake."""
    from benchmarks.collecting import collecting
    from benchmarks.parquet import kept

    return Work(collecting(given, folder), given["requests"], lambda: kept(folder / "lake" / "points"))


def boto3(given: Given, folder: Path) -> Work:
    """As the vendor's page shows it: every timestamp a datetime, the results joined into lists."""
    from benchmarks.parquet import kept, write

    stock, every = client(given["url"]), series(given)
    keys = {f"m{number}": one.key for number, one in enumerate(every)}
    asked = questions(every)

    def turn(number: int) -> int:
        span = window(given, number)
        found: list[int] = []
        times: list[datetime] = []
        values: list[float] = []
        pages = stock.get_paginator("get_metric_data").paginate(
            MetricDataQueries=asked, StartTime=span.start, EndTime=span.end, ScanBy="TimestampAscending")
        for page in pages:
            for result in page["MetricDataResults"]:
                found += [keys[result["Id"]]] * len(result["Timestamps"])
                times += result["Timestamps"]
                values += result["Values"]
        write(folder / f"{number}.parquet", found, times, values, span.end)
        return len(values)

    return Work(turn, given["requests"], lambda: kept(folder))


def floor(given: Given, folder: Path) -> Work:
    """A bare HTTP connection, orjson, Arrow and zstd: unsigned, unchecked, and nothing that goes wrong is noticed."""
    from http.client import HTTPConnection

    import orjson
    import pyarrow as pa

    from benchmarks.parquet import SCHEMA, kept, write_table

    connection = HTTPConnection(given["url"].removeprefix("http://"))
    every = series(given)
    keys = {f"m{number}": one.key.to_bytes(8, "little") for number, one in enumerate(every)}
    asked = questions(every)

    def turn(number: int) -> int:
        span = window(given, number)
        connection.request("POST", "/", orjson.dumps({"MetricDataQueries": asked, "EndTime": span.end.timestamp(),
                                                      "StartTime": span.start.timestamp()}))
        results = orjson.loads(connection.getresponse().read())["MetricDataResults"]
        found = b"".join(keys[one["Id"]] * len(one["Values"]) for one in results)
        times = pa.array([time for one in results for time in one["Timestamps"]], pa.float64()).cast(pa.int64())
        values = pa.array([value for one in results for value in one["Values"]], pa.float64())
        columns = [pa.Array.from_buffers(pa.int64(), len(values), [None, pa.py_buffer(found)]),
                   times.cast(pa.timestamp("s", "UTC")).cast(SCHEMA.field("timestamp").type), values]
        write_table(folder / f"{number}.parquet", columns, span.end)
        return len(values)

    return Work(turn, given["requests"], lambda: kept(folder))


def _collected(times: int) -> Side:
    """So many times the requests, one after the other."""
    def side(given: Given, folder: Path) -> Work:
        from benchmarks.collecting import collecting

        return Work(collecting(given, folder), times * given["requests"], lambda: "collected")
    return side


def live(given: Given, _: Path) -> Work:
    """One request of a new process, as its plan comes to the task; the client is there, and nothing was asked yet."""
    import json

    from watchbill.model.targets import Target
    from watchbill.sources import cloudwatch
    from watchbill.sources.request import Query, Request

    reader = client(given["url"], **OURS)
    planned = Request(Target("cloudwatch", "aws_default"), window(given, 0),
                      tuple(Query("ec2", one) for one in series(given)))
    request = Request.from_json(json.loads(json.dumps(planned.to_json())))
    return Work(lambda _: len(cloudwatch.fetch(reader, request).points), 1, lambda: "fetched", warm_up=False)


def live_boto3(given: Given, _: Path) -> Work:
    stock, asked, span = client(given["url"]), questions(series(given)), window(given, 0)

    def turn(_: int) -> int:
        page = stock.get_metric_data(MetricDataQueries=asked, StartTime=span.start, EndTime=span.end)
        return sum(len(result["Values"]) for result in page["MetricDataResults"])

    return Work(turn, 1, lambda: "fetched", warm_up=False)


HISTORY = Benchmark(
    "cloudwatch", "CloudWatch GetMetricData → Parquet", "a request of 500 metrics × 200 points", baseline="boto3",
    sides={"boto3": boto3, "watchbill": watchbill, "floor": floor}, stage=stage,
    full={"series": 500, "minutes": 200, "requests": 5}, tiny={"series": 3, "minutes": 4, "requests": 2})

LIVE = Benchmark(
    "cloudwatch-live", "CloudWatch, the first request of a process", "a request of 500 metrics × 5 points",
    baseline="boto3", sides={"boto3": live_boto3, "watchbill": live}, stage=stage,
    full={"series": 500, "minutes": 5}, tiny={"series": 3, "minutes": 5})

MEMORY = Benchmark(
    "cloudwatch-memory", "CloudWatch → lake, ever more points", "a request of 500 metrics × 200 points",
    baseline="1M points", sides={"1M points": _collected(1), "10M points": _collected(10)}, stage=stage,
    full={"series": 500, "minutes": 200, "requests": 10}, tiny={"series": 3, "minutes": 4, "requests": 1}, grows=True)
