"""One live tick of CloudWatch with ever more series, by the flow itself: what it takes, and what it would cost.

Each request asks for 201 points a series, as many as cost no call more.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any

from benchmarks.benchmark import Benchmark, Given, Side, Work
from benchmarks.cloudwatch_answers import OURS, client, series, stage, window

_TICKS_A_MONTH = timedelta(days=30) // timedelta(minutes=5)


def _tick(times: int) -> Side:
    """So many times the series."""
    def side(given: Given, folder: Path) -> Work:
        from watchbill.flows.collect_metrics import collect_share, spent
        from watchbill.lake.lake import Lake
        from watchbill.model.targets import Target
        from watchbill.sources import cloudwatch
        from watchbill.sources.request import Query, Request
        from watchbill.sources.shares import MOST_REQUESTS

        class Reader:
            """What on_airflow's CloudWatchReader is without Airflow."""

            client = client(given["url"], **OURS)

            def plan(self, *_: object) -> list[Request]:
                raise NotImplementedError

            def fetch(self, request: Request) -> Any:
                return cloudwatch.fetch(self.client, request)

        reader, lake, span = Reader(), Lake.open("lake", home=folder), window(given, 0)
        reports: list[dict[str, Any]] = []

        def turn(_: int) -> int:
            requests = times * given["requests"]
            for first in range(0, requests, MOST_REQUESTS):  # a share is there when its task is, and not before
                share = [Request(Target("cloudwatch", "aws_default"), span, tuple(
                    Query("ec2", one) for one in series(given, number * given["series"]))).to_json()
                         for number in range(first, min(first + MOST_REQUESTS, requests))]
                report = collect_share({"live": True, "requests": share}, lambda _: reader, lake, now=span.end)
                reports.append({**report, "keys": []})
            return sum(report["points"] for report in reports)

        def facts() -> dict[str, str]:
            total = spent(reports)
            return {"calls": f"{total['calls']:,}", "$ a tick": f"{total['dollars']:.3f}",
                    "$ a month": f"{total['dollars'] * _TICKS_A_MONTH:,.0f}"}

        return Work(turn, 1, lambda: "collected", warm_up=False, facts=facts)
    return side


BENCHMARK = Benchmark(
    "growth", "CloudWatch → lake, one live tick of ever more series", "a tick of 201 points a series",
    baseline="1,000 series", stage=stage, grows=True,
    sides={"1,000 series": _tick(1), "10,000 series": _tick(10), "100,000 series": _tick(100)},
    full={"series": 500, "minutes": 201, "requests": 2}, tiny={"series": 3, "minutes": 4, "requests": 1})
