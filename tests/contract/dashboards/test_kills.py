"""A sync is killed with SIGKILL where something has just lasted, through the real clients and with a real ledger.

WATCHBILL_EVERY_POINT takes every such point; without it, each write to a cloud and some of those to the ledger.
"""

import multiprocessing
import os
from collections import Counter
from pathlib import Path

import pytest

from sandbox.server import Sandbox
from tests.contract.dashboards.sync_worker import Job, work
from tests.contract.dashboards.test_sync_dashboards import clouds
from tests.unit.dashboards.made import SHOP
from tests.unit.dashboards.syncing import World
from watchbill.dashboards.ownership import owned
from watchbill.model.dashboards import Dashboard

KILLED = -9
EVERY = bool(os.environ.get("WATCHBILL_EVERY_POINT"))
TEXT = {"id": "shop", "title": "Shop", "widgets": [
    {"type": "text", "markdown": "x", "x": 0, "y": 0, "width": 6, "height": 2}]}
NEXT = {**TEXT, "title": "Newer"}
_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload(["tests.contract.dashboards.sync_worker"])


def run(job: Job) -> int | None:
    process = _PROCESSES.Process(target=work, args=(job,))
    process.start()
    process.join(60)
    return process.exitcode


def job(sandbox: Sandbox, folder: Path, *boards: dict[str, object], **options: object) -> Job:
    return Job(sandbox.url, f"sqlite:///{folder}/ledger.db", boards, **options)  # type: ignore[arg-type]


def kept(sandbox: Sandbox) -> Counter[tuple[str, str]]:
    """How many of each there are."""
    return Counter([("cloudwatch", name.removeprefix("watchbill-")) for name in sandbox.cloudwatch.dashboards]
                   + [("datadog", str(owned(each["description"], "watchbill")))
                      for each in sandbox.datadog.dashboards.values()])


@pytest.mark.parametrize("story", ["made", "changed", "deleted"])
def test_wherever_a_sync_is_killed_the_next_leaves_one_of_each(sandbox: Sandbox, tmp_path: Path, story: str) -> None:
    first = [] if story == "made" else [SHOP]
    then = [] if story == "deleted" else [TEXT]
    passed = _begin(sandbox, tmp_path / "alive", first, then, None)
    assert len(passed) > 4
    every = range(1, len(passed) + 1)
    for at in every if EVERY else [at for at in every if passed[at - 1] != "COMMIT" or at % 4 == 1]:
        folder = tmp_path / str(at)
        _begin(sandbox, folder, first, then, at)
        world = World(folder)
        world.clouds = clouds(sandbox)
        # The declaration may have changed again by then: what we wrote ourselves is nobody's edit all the same.
        newer = [NEXT] if then else []
        told = {change.action for change in world.plan(*map(Dashboard.model_validate, newer))}
        assert told <= {"create", "change", "delete", "unchanged"}, f"killed at {passed[at - 1]} {at}"
        assert run(job(sandbox, folder, *then)) == 0
        expected = Counter({(cloud, "shop"): 1 for cloud in ("cloudwatch", "datadog")} if then else {})
        assert kept(sandbox) == expected, f"killed at {passed[at - 1]} {at}"
        assert {change.action for change in world.plan(*map(Dashboard.model_validate, then))} <= {"unchanged"}


def _begin(sandbox: Sandbox, folder: Path, first: list[dict[str, object]], then: list[dict[str, object]],
           dies_at: int | None) -> list[str]:
    """A sync to its end, and a second one that is killed; the points that it passed, where it lived."""
    sandbox.reset()
    folder.mkdir()
    World(folder)
    if first:
        assert run(job(sandbox, folder, *first)) == 0
    points = folder / "points"
    ended = run(job(sandbox, folder, *then, dies_at=dies_at, points=points))
    assert ended == (KILLED if dies_at else 0)
    return points.read_text().splitlines() if points.exists() else []
