"""At random: several workers at once, killed at any time, vendors in trouble, and the database away for a while."""

import time
from collections.abc import Callable, Iterator
from itertools import count
from random import Random

from sandbox.faults import Fault
from tests.faults.tally import Tally
from tests.faults.trial import Trial, away
from tests.faults.worker import PATIENCE_S

WORKERS = 3
SLOW_S = PATIENCE_S + 0.3  # for whoever waits for an answer, too long
TRIES = 4  # of workers, in each part of a trial
_CALLS = (("slack", "*"), ("ses", "SendEmail"), ("sns", "Publish"))


def rounds(new: Callable[..., Trial], chance: Random) -> Iterator[tuple[dict[str, Tally], int]]:
    """For ever: what became of a trial's notifications, and how many workers were killed in it."""
    for trial_number in count():
        # No trial's names are another's: what a slow vendor takes when its trial is over is not counted in the next.
        trial = new(*(f"svc-{trial_number}-{number}" for number in range(chance.randint(2, 8))))
        killed = 0
        for part in (trial.fail, trial.recover):
            part()
            trial.tick()
            killed += sum(_trouble(trial, chance) for _ in range(TRIES))
            trial.sandbox.faults.clear()
            time.sleep(SLOW_S)  # what a slow vendor still holds it takes now, not when the clock has gone on by minutes
            trial.drain(WORKERS)
        yield trial.tally(), killed


def _trouble(trial: Trial, chance: Random) -> int:
    """One go of all workers, a few seconds after the last; how many were killed."""
    trial.later()
    for _ in range(chance.randint(0, 3)):
        trial.sandbox.faults.add(_fault(chance))
    if chance.random() < 0.2:
        with away(trial.url):
            trial.run(workers=WORKERS)
        return 0
    deaths = [chance.uniform(0.02, 0.6) for _ in range(chance.randint(0, WORKERS))]
    return trial.run(workers=WORKERS, kill_after_s=deaths).count(-9)


def _fault(chance: Random) -> Fault:
    service, operation = chance.choice(_CALLS)
    ways: list[dict[str, object]] = [
        {"status": 429, "headers": {"Retry-After": "20"}}, {"status": 503}, {"status": 500}, {"cut": True},
        {"cut": True, "after": True}, {"partial": True}, {"delay_s": SLOW_S},
    ]
    return Fault(service, operation, skip=chance.randint(0, 6), **chance.choice(ways))  # type: ignore[arg-type]
