"""`python -m benchmarks.latency`: from the end of an interval to the message in Slack, over the running system.

A stack of its own (PostgreSQL, the small cloud, Airflow, tick of 60 s) collects a metric that goes up in a series of
its own at each tick, so that each tick has one new alert in a group of its own. What passes until Slack has it is cut
in three: the flows' own work, the rest of the tasks (a process, imports, connections), and Airflow between the tasks.
"""

import argparse
import json
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from sandbox.stack import interrupts, observe
from sandbox.stack.airflow import ROOT
from sandbox.stack.stack import TICK, Progress, Stack, wait_until
from tests.stack_parts import free_ports

TICK_S = TICK.total_seconds()
WARM_UP = 3  # ticks: the first tasks after a start cost seconds more
METRIC = {"name": "latency", "sources": "cloudwatch", "namespace": "latency", "metrics": "pulse", "statistics": "Sum",
          "period": "1m", "dimensions": {"n": "*"}}
RULE = {"alert": "Pulse", "labels": {"severity": "warning"}, "annotations": {"summary": "pulse {{ labels.n }}."},
        "condition": {"source": "cloudwatch", "namespace": "latency", "metric": "pulse", "statistic": "Sum",
                      "dimensions": {"n": "*"}, "window": "1m", "comparison": ">", "threshold": 0}}
CHAIN = (("collect_cloudwatch", ("plan_collection", "collect_metrics", "finish_collection")),
         ("evaluate_alerts", ("evaluate_rules", "deliver_notifications")))
WORK = {"collection_planned", "share_collected", "metrics_collected", "rules_evaluated", "notification_sent"}


@dataclass
class Tick:
    """Seconds."""

    end: str
    latency_s: float
    tasks_s: float  # in tasks of the chain, until Slack had it
    work_s: float  # of that, what the flows' events say they took
    spans_s: dict[str, tuple[float, float]]  # each task's start and end, after the interval's end

    @property
    def airflow_s(self) -> float:
        return self.latency_s - self.tasks_s


class Measured(Stack):
    """With rules and metrics of our own beside the project's."""

    group_wait = "0s"

    def _environment(self) -> dict[str, str]:
        include = Path(shutil.copytree(ROOT / "include", self.folder / "include"))
        (include / "metrics/latency.yaml").write_text(yaml.safe_dump({"metrics": [METRIC]}))
        (include / "rules/latency.yaml").write_text(yaml.safe_dump(
            {"groups": [{"name": "latency", "interval": "1m", "rules": [RULE]}]}))
        alerting = yaml.safe_load((include / "alerting.yaml").read_text())
        alerting["route"]["routes"].insert(0, {
            "matchers": ['alertname="Pulse"'], "receiver": "default", "group_by": ["alertname", "n"],
            "group_wait": self.group_wait, "group_interval": "1m"})
        (include / "alerting.yaml").write_text(yaml.safe_dump(alerting))
        return super()._environment() | {"WATCHBILL_INCLUDE": str(include)}


def measure(ticks: int, folder: Path, group_wait: str) -> list[Tick]:
    interrupts.listen()
    stack = Measured(Progress(), folder, free_ports())
    stack.group_wait = group_wait
    try:
        stack.start()
        ends = _plan(stack, ticks)
        stack.progress.say(f"{ticks} ticks until {ends[-1]:%H:%M}, after {WARM_UP} to warm up")
        left_s = (ends[-1] - datetime.now(UTC)).total_seconds() + 3 * TICK_S
        wait_until(lambda: len(_arrivals(stack)) == ticks, within_s=left_s, what="the last message", alive=stack.alive)
        time.sleep(5)  # until the last task has ended
        arrivals = _arrivals(stack)
        return [_tick(stack, end, arrivals[number]) for number, end in enumerate(ends)]
    finally:
        interrupts.ignore()
        stack.stop()


def _plan(stack: Stack, ticks: int) -> list[datetime]:
    """Puts a value above nothing into each series at its tick, and nothing before, so that it is listed."""
    first = datetime.now(UTC).replace(second=0, microsecond=0) + (WARM_UP + 1) * TICK
    ends = [first + number * TICK for number in range(ticks)]
    for number, end in enumerate(ends):
        at = np.array([time.time() - 600, (end - TICK / 2).timestamp()])
        stack.sandbox.cloudwatch.put("latency", "pulse", {"n": str(number)}, at, np.array([0.0, 1.0]))
    return ends


def _arrivals(stack: Stack) -> dict[int, float]:
    """When Slack took the first message about each pulse."""
    found: dict[int, float] = {}
    for message in stack.sandbox.slack.messages:
        if "pulse " in message.posted and "RESOLVED" not in message.posted:
            number = int(message.posted.split("pulse ", 1)[1].split(".", 1)[0])
            found.setdefault(number, float(message.ts))
    return found


def _tick(stack: Stack, end: datetime, arrived: float) -> Tick:
    spans, began = _spans(stack, end, arrived), end.timestamp()
    tasks_s = sum(min(last, arrived) - first for first, last in spans.values() if first < arrived)
    return Tick(end.isoformat(), round(arrived - began, 3), round(tasks_s, 3),
                round(_work(stack, spans.values(), arrived), 3),
                {name: (round(first - began, 2), round(last - began, 2)) for name, (first, last) in spans.items()})


def _spans(stack: Stack, end: datetime, arrived: float) -> dict[str, tuple[float, float]]:
    """Of the tasks that the message went through; mapped ones as one, from the first's start to the last's end."""
    found = {}
    for dag_id, names in CHAIN:
        runs = [run for run in stack.api.get(f"/dags/{dag_id}/dagRuns", limit=100, order_by="-run_after")["dag_runs"]
                if _is_of(run, end, arrived, scheduled=dag_id != "evaluate_alerts")]
        for spans in (_of_run(stack, dag_id, run["dag_run_id"], names) for run in runs):
            sent = spans.get("deliver_notifications")
            if dag_id != "evaluate_alerts" or (sent and sent[0] <= arrived <= sent[1]):  # two may go on at once
                found |= spans
                break
    return found


def _of_run(stack: Stack, dag_id: str, run_id: str, names: Iterable[str]) -> dict[str, tuple[float, float]]:
    instances = stack.api.get(f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances", limit=100)["task_instances"]
    found = {}
    for name in names:
        own = [each for each in instances if each["task_id"] == name and each["start_date"] and each["end_date"]]
        if own:
            found[name] = (min(_epoch(each["start_date"]) for each in own),
                           max(_epoch(each["end_date"]) for each in own))
    return found


def _is_of(run: dict[str, Any], end: datetime, arrived: float, *, scheduled: bool) -> bool:
    if scheduled:
        return run["run_type"] == "scheduled" and run["data_interval_end"] is not None and (
            datetime.fromisoformat(run["data_interval_end"]) == end)
    return bool(run["start_date"] and run["end_date"]) and (
        _epoch(run["start_date"]) <= arrived <= _epoch(run["end_date"]))


def _work(stack: Stack, spans: Collection[tuple[float, float]], arrived: float) -> float:
    """What events within the tasks of the chain say that they took."""
    total = 0.0
    for event in observe.events(stack.folder / "airflow"):
        at = _epoch(event["timestamp"])
        mine = any(first <= at <= min(last, arrived + 0.5) for first, last in spans)
        if event["event"] in WORK and mine and event.get("source", "cloudwatch") == "cloudwatch":
            total += event.get("duration_s") or 0.0
    return total


def _epoch(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def summary(ticks: list[Tick]) -> dict[str, dict[str, float]]:
    """Median and 95th percentile, in seconds."""
    columns = {"latency": [one.latency_s for one in ticks], "airflow between tasks": [one.airflow_s for one in ticks],
               "in tasks": [one.tasks_s for one in ticks], "of that, the flows": [one.work_s for one in ticks]}
    return {name: {"median_s": round(statistics.median(values), 2),
                   "p95_s": round(float(np.percentile(values, 95)), 2)} for name, values in columns.items()}


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.latency", description=__doc__)
    parser.add_argument("--ticks", type=int, default=20, help="of 60 s each, after three to warm up")
    parser.add_argument("--group-wait", default="0s", help="of the route; below the tick it does not wait")
    parser.add_argument("--json", action="store_true", help="with every tick, rather than a table")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="watchbill-latency-") as folder:
        ticks = measure(options.ticks, Path(folder) / "run", options.group_wait)
    found = summary(ticks)
    if options.json:
        print(json.dumps({"tick_s": TICK_S, "group_wait": options.group_wait, "summary": found,
                          "ticks": [asdict(one) | {"airflow_s": round(one.airflow_s, 3)} for one in ticks]}, indent=2))
        return 0
    print(f"\nFrom the end of an interval to Slack: {len(ticks)} ticks of {TICK_S:.0f} s, delay 0 s, "
          f"group_wait {options.group_wait}")
    for name, row in found.items():
        print(f"  {name:<22} median {row['median_s']:6.2f} s   p95 {row['p95_s']:6.2f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
