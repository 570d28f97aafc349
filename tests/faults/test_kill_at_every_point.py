"""A worker is killed wherever it stands between "the condition is true" and "marked as sent"; it is tried again.

What lasts changes with a commit and with a vendor's yes only, so the points that differ are those around them; `make
soak` kills at all the others too.
"""

import os
from collections.abc import Callable
from functools import reduce
from operator import add
from pathlib import Path

import pytest

from tests.faults.tally import Tally, table
from tests.faults.trial import KILLED, Trial

NewTrial = Callable[..., Trial]
EVERY = bool(os.environ.get("WATCHBILL_EVERY_POINT"))
LASTING = ("COMMIT", "send", "taken")


@pytest.mark.parametrize("dying", ["fail", "recover"])
def test_nothing_is_lost_wherever_a_worker_dies(
    trial: NewTrial, dying: str, tmp_path: Path, request: pytest.FixtureRequest,
) -> None:
    passed = _points(trial(), dying, tmp_path / "points")
    chosen = [point for point in range(1, len(passed) + 1) if EVERY or passed[point - 1] in LASTING]
    if not EVERY and "postgres" in request.node.name:
        chosen = chosen[::2]  # each takes half a second
    sums: dict[str, Tally] = {}
    for point in chosen:
        one = trial()
        _story(one, dying, point)
        tallies = one.tally(late_s=0)
        for target, tally in tallies.items():
            assert (tally.lost, tally.twice) == (0, 0), f"killed at {passed[point - 1]} {point}\n{table(tallies)}"
            sums[target] = sums.get(target, Tally()) + tally
    total = reduce(add, sums.values())
    assert total.due == total.delivered == len(chosen) * 4 * 2
    # Only where the vendor had said yes and we had not recorded it, and never to the FIFO topic, which knows it again.
    assert total.after_death <= 3 * sum(name == "taken" for name in passed), table(sums)


def _story(trial: Trial, dying: str, point: int | None, points: Path | None = None) -> None:
    """Its first part, or its second, begins with a worker that is killed."""
    for part in ("fail", "recover"):
        getattr(trial, part)()
        trial.tick()
        if part == dying:
            assert trial.run(dies_at=point, points=points) == [KILLED if point else 0]
        trial.drain()


def _points(trial: Trial, dying: str, file: Path) -> list[str]:
    """Those of a worker that lives."""
    _story(trial, dying, None, file)
    return file.read_text().splitlines()
