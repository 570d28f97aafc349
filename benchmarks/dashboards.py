"""A plan of five hundred dashboards with nothing to do, over HTTP: with what the ledger remembers, and without it.

The clouds are the small ones of the sandbox, in a process of their own; what they are asked is counted.
"""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from benchmarks.benchmark import Benchmark, Given, Side, Size, Work

NOW = datetime(2026, 3, 2, tzinfo=UTC)
KEPT = "kept.db"
LISTS, GETS = ("ListDashboards", "GET /api/v1/dashboard"), ("GetDashboard", "GET /api/v1/dashboard/{id}")


def declared(size: Size) -> list[Any]:
    from watchbill.model.dashboards import Dashboard

    return [Dashboard.model_validate({"id": f"board-{board}", "title": "The same title", "widgets": [
        {"type": "metric", "title": f"Widget {at}", "x": at % 4 * 6, "y": at // 4 * 6, "metrics": [
            {"namespace": "shop", "metric": "errors", "dimensions": {"service": f"web-{at}"}, "statistic": "Sum"},
            {"namespace": "shop", "metric": "latency", "dimensions": {"service": "*"}, "statistic": "p99"}]}
        for at in range(size["widgets"])]}) for board in range(size["dashboards"])]


def clouds(url: str) -> dict[Any, Any]:
    """Through the real clients."""
    import boto3
    from datadog_api_client import ApiClient, Configuration

    from sandbox import credentials
    from watchbill.dashboards.live.cloudwatch import CloudWatchCloud
    from watchbill.dashboards.live.datadog import DatadogCloud
    from watchbill.model.places import Place

    cloudwatch = boto3.client("cloudwatch", endpoint_url=f"{url}/cloudwatch", region_name=credentials.AWS_REGION,
                              aws_access_key_id=credentials.AWS_ACCESS_KEY_ID,
                              aws_secret_access_key=credentials.AWS_SECRET_ACCESS_KEY)
    configuration = Configuration(host=f"{url}/datadog")
    configuration.api_key["apiKeyAuth"] = credentials.DATADOG_API_KEY
    configuration.api_key["appKeyAuth"] = credentials.DATADOG_APPLICATION_KEY
    return {Place("cloudwatch", "aws_default"): CloudWatchCloud(cloudwatch),
            Place("datadog", "datadog_default"): DatadogCloud(ApiClient(configuration))}


@contextmanager
def _stage(folder: Path, size: Size) -> Iterator[Given]:
    """Both clouds with all of them, and the ledger that was kept meanwhile."""
    from sandbox.datadog.limits import Limit
    from sandbox.server import Sandbox
    from watchbill.flows.apply_dashboards import Terms
    from watchbill.flows.sync_dashboards import sync_dashboards
    from watchbill.model.settings import DashboardSettings

    with Sandbox() as sandbox:
        sandbox.datadog.limits.set("*", Limit(1_000_000, 10))  # waiting is not what is measured
        ledger, memory = _memory(folder / KEPT)
        with redirect_stdout(StringIO()):  # the events; a stage says one line
            found = sync_dashboards(declared(size), clouds(sandbox.url), memory, DashboardSettings(), Terms())
        ledger.close()
        if any(one.action != "create" for one in found.synced):
            raise ValueError("not all of them were made")
        yield {"url": sandbox.url, "ledger": str(folder / KEPT), **size}


def _memory(file: Path) -> tuple[Any, Any]:
    from watchbill.alerts.ledger import Ledger
    from watchbill.flows.dashboard_memory import Memory

    ledger = Ledger.open(f"sqlite:///{file}")
    ledger.migrate()
    return ledger, Memory(ledger, holder="benchmark", clock=lambda: NOW)


def _plan(*, lost: bool) -> Side:
    def side(given: Given, folder: Path) -> Work:
        from watchbill.flows.plan_dashboards import plan_dashboards
        from watchbill.model.settings import DashboardSettings

        boards, places = declared(given), clouds(given["url"])
        shutil.copy(given["ledger"], folder / KEPT)
        opened = [_memory(folder / (f"lost-{number}.db" if lost else KEPT)) for number in range(2)]  # one for each turn
        counts: list[dict[str, int]] = []
        unchanged: list[int] = []

        def turn(number: int) -> int:
            before = asked(given["url"])
            found = plan_dashboards(boards, places, opened[number][1], DashboardSettings())
            counts.append({name: count - before.get(name, 0) for name, count in asked(given["url"]).items()})
            unchanged.append(sum(change.action == "unchanged" for change in found))
            return len(found) * given["widgets"]

        def outcome() -> str:
            for ledger, _ in opened:
                ledger.close()
            return f"{unchanged[-1]} unchanged"

        def facts() -> dict[str, str]:
            return {"list calls": str(sum(counts[-1].get(name, 0) for name in LISTS)),
                    "gets": str(sum(counts[-1].get(name, 0) for name in GETS)),
                    "other calls": str(sum(count for name, count in counts[-1].items() if name not in LISTS + GETS))}

        return Work(turn, 1, outcome, facts=facts)
    return side


def asked(url: str) -> dict[str, int]:
    """How often each operation was, of both clouds."""
    with urlopen(f"{url}/_sandbox/calls") as answer:
        found = json.load(answer)
    return {name: count for cloud in ("cloudwatch", "datadog") for name, count in found.get(cloud, {}).items()}


BENCHMARK = Benchmark(
    "dashboards", "Dashboards: a plan with nothing to do, 500 dashboards of 20 widgets on both clouds",
    "a plan of both clouds; its points are widgets", stage=_stage, baseline="with the ledger",
    sides={"with the ledger": _plan(lost=False), "the ledger lost": _plan(lost=True)},
    full={"dashboards": 500, "widgets": 20}, tiny={"dashboards": 3, "widgets": 2})
