"""What the benchmarks of CloudWatch ask, and what is answered: 500 metrics a request, of a minute each."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.answers import serving
from benchmarks.benchmark import Given, Size
from watchbill.model.series import Series
from watchbill.model.windows import Window

START = datetime(2026, 3, 2, tzinfo=UTC)
_MINUTE = timedelta(minutes=1)


@contextmanager
def stage(_: Path, size: Size) -> Iterator[Given]:
    """A full page for each request: of each metric a point a minute, from the StartTime that is asked for."""
    chance = Random(7)
    results = [{"Id": f"m{number}", "Label": f"i-{number:04}", "Timestamps": "times", "StatusCode": "Complete",
                "Values": [chance.gauss(50, 15) for _ in range(size["minutes"])]} for number in range(size["series"])]
    page = json.dumps({"MetricDataResults": results, "Messages": []}, separators=(",", ":")).encode()

    def answer(start_s: int) -> bytes:
        times = json.dumps([start_s + 60.0 * minute for minute in range(size["minutes"])], separators=(",", ":"))
        return page.replace(b'"times"', times.encode())

    with serving(answer, r'"StartTime": ?(\d+)', "application/x-amz-json-1.0") as url:
        yield {"url": url, **size}


def window(size: Size, turn: int) -> Window:
    start = START + turn * size["minutes"] * _MINUTE
    return Window(start, start + size["minutes"] * _MINUTE)


def series(size: Size, first: int = 0) -> list[Series]:
    return [Series("cloudwatch", "123456789012", "eu-west-1", "AWS/EC2", "CPUUtilization", "Average", 60,
                   (("InstanceId", f"i-{number:06}"),), "Percent") for number in range(first, first + size["series"])]


def client(url: str, **settings: Any) -> Any:
    """boto3's, with the retries that Watchbill has; and as it comes but for that, unless `settings` say otherwise."""
    import boto3
    from botocore.config import Config

    return boto3.client("cloudwatch", endpoint_url=url, region_name="eu-west-1", aws_access_key_id="benchmark",
                        aws_secret_access_key="benchmark",
                        config=Config(retries={"mode": "standard", "total_max_attempts": 4}, **settings))


def questions(every: Sequence[Series]) -> list[dict[str, Any]]:
    return [{"Id": f"m{number}", "MetricStat": {
        "Metric": {"Namespace": one.namespace, "MetricName": one.metric,
                   "Dimensions": [{"Name": name, "Value": value} for name, value in one.dimensions]},
        "Period": one.period_s, "Stat": one.statistic}} for number, one in enumerate(every)]


OURS = {"parameter_validation": False, "user_agent": "Watchbill"}
"""What the hook sets beside: see READING in plugins/watchbill/on_airflow/hooks/aws.py, which loads Airflow."""
