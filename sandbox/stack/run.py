"""`make run` and `make run-once`: one incident of a simulated shop, from the first metric to the last message."""

import json
import os
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sandbox.stack import interrupts, observe, processes
from sandbox.stack.airflow import ROOT, USER
from sandbox.stack.inherited import inherited
from sandbox.stack.ports import ports_from
from sandbox.stack.postgres import Postgres
from sandbox.stack.processes import CannotStart
from sandbox.stack.stack import FOLDER, Progress, Stack, wait_until
from sandbox.stack.summary import ALERT, Summary

INCIDENT = timedelta(minutes=2)
BACKFILL = timedelta(hours=2)
DAGS = len(list((ROOT / "dags").glob("*.py")))
DOWN_S = 30


def run(*, once: bool, folder: Path = FOLDER) -> int:
    """The exit code. Whatever was started has ended when this returns."""
    interrupts.listen()
    progress = Progress()
    try:
        stack = Stack(progress, folder, ports_from(os.environ))
    except CannotStart as error:
        progress.say(f"FAILED: {error}")
        return 1
    ours = inherited(os.environ)
    os.environ.clear()
    os.environ.update(ours)
    try:
        return _run(stack, once=once)
    except CannotStart as error:
        interrupts.ignore()
        progress.say(f"FAILED: {error}")
        return 1
    except KeyboardInterrupt:
        interrupts.ignore()
        progress.say("Stopping")
        return 130 if once else 0
    finally:
        interrupts.ignore()
        stack.stop()


def _run(stack: Stack, *, once: bool) -> int:
    summary = Summary()
    stack.start()
    with Memory(stack) as memory:
        play(stack, summary)
        summary.peak_memory_bytes = memory.peak_bytes
        summary.seconds = round(stack.progress.seconds, 1)
        summary.check(stack)
        _finish(stack, summary)
        if not once:
            stack.progress.say("All of it goes on until you press Ctrl-C")
            while True:
                interrupts.check()
                stack.alive()
                time.sleep(1)
    return 0 if summary.passed else 1


def _finish(stack: Stack, summary: Summary) -> None:
    (stack.folder / "summary.json").write_text(json.dumps(summary.to_json(), indent=2) + "\n")
    stack.progress.show(summary.text())


def play(stack: Stack, summary: Summary) -> None:
    """Calm, an incident, a recovery; a backfill and two syncs beside it. Raises CannotStart."""
    api, say = stack.api, stack.progress.say
    wait_until(lambda: api.get("/dags")["total_entries"] >= DAGS, within_s=60, what="Airflow to read the DAGs",
               alive=stack.alive)
    synced = [api.trigger("sync_dashboards")]
    say(f"Airflow is up: {api.url} (user {USER}, password {stack.password}); waiting for the first collection")
    start = datetime.now(UTC).replace(second=0, microsecond=0)
    stack.life.story.incident(start, INCIDENT)
    say(f"An incident begins: the shop's checkout fails from {start:%H:%M} to {start + INCIDENT:%H:%M} UTC")
    home = stack.folder / "airflow"
    wait_until(lambda: len(observe.sources(home)) == 2, within_s=120, what="both sources to be collected",
               alive=stack.alive)
    for source, found in observe.sources(home).items():
        say(f"{source}: {found['points']} points with {found['calls']} calls")
    wait_until(lambda: _all(stack, "firing"), within_s=180, what="the alert on all three channels", alive=stack.alive)
    summary.seconds_to_first_alert = round(stack.progress.seconds, 1)
    say(f"{ALERT} fires: told in Slack, by mail and by SNS")

    end = stack.life.history.end.replace(second=0, microsecond=0)
    say(f"Backfilling the {BACKFILL.seconds // 3600} hours before {end:%H:%M} UTC, and syncing the dashboards again")
    backfills = {source: api.trigger("backfill_metrics", {
        "source": source, "start": (end - BACKFILL).isoformat(), "end": end.isoformat(), "metrics": ["shop"],
    }) for source in ("cloudwatch", "datadog")}
    synced.append(api.trigger("sync_dashboards"))
    for dag_id, run_id in [*(("backfill_metrics", each) for each in backfills.values()),
                           *(("sync_dashboards", each) for each in synced)]:
        summary.runs[f"{dag_id} {run_id}"] = api.wait_for_run(dag_id, run_id, within_s=120)
    summary.collect(stack)
    stack.progress.show(summary.text())
    say("Waiting for the recovery")
    wait_until(lambda: _all(stack, "resolved"), within_s=300, what="the recovery on all three channels",
               alive=stack.alive)
    say(f"{ALERT} is resolved: told in Slack, by mail and by SNS")
    summary.collect(stack)


def _all(stack: Stack, status: str) -> bool:
    return all(status in told for told in observe.told(stack.sandbox, ALERT).values())


def down(folder: Path = FOLDER) -> int:
    """Ends a run, or what an earlier one left behind."""
    runner = processes.runner(folder)
    if runner:
        processes.stop([runner], grace_s=DOWN_S)  # it ends all that it started
        print(f"Ended the run of process {runner.pid}")
    left = processes.end(folder)
    Postgres(folder.resolve()).clean()
    if left or not runner:
        print(f"Ended {left} processes of an earlier run" if left else "Nothing of an earlier run is left")
    return 0


class Memory:
    """Samples what all processes of the run hold together, this one included."""

    def __init__(self, stack: Stack, every_s: float = 5) -> None:
        self.peak_bytes = 0
        self._stack = stack
        self._every_s = every_s
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)

    def _sample(self) -> None:
        while not self._ended.wait(self._every_s):
            self.peak_bytes = max(self.peak_bytes, processes.memory_bytes(self._stack.folder))

    def __enter__(self) -> "Memory":
        self._thread.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self._ended.set()
        self._thread.join()
