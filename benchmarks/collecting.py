"""How the benchmarks collect from CloudWatch: as a task does, request by request, each to the lake before the next."""

from collections.abc import Callable
from pathlib import Path

from benchmarks.benchmark import Given
from benchmarks.cloudwatch_answers import OURS, client, series, window
from watchbill.lake.lake import Lake
from watchbill.model.targets import Target
from watchbill.sources import cloudwatch
from watchbill.sources.request import Query, Request


def collecting(given: Given, folder: Path) -> Callable[[int], int]:
    """A turn: one request of history, into the lake in `folder`."""
    reader, lake = client(given["url"], **OURS), Lake.open("lake", home=folder)
    queries = tuple(Query("ec2", one) for one in series(given))

    def turn(number: int) -> int:
        span = window(given, number)
        request = Request(Target("cloudwatch", "aws_default"), span, queries)
        fetched = cloudwatch.fetch(reader, request)
        lake.write("cloudwatch", span, request.id, fetched.points, fetched.series, collected_at=span.end)
        return len(fetched.points)

    return turn
